"""The server on PostgreSQL, killed after everything it sends and whatever it is answered, and at random."""

import unittest

import kills
from postgres import Database, OnPostgres, make_key, sql


class KilledOnPostgres(kills.Kills, unittest.TestCase):
    fates = (kills.KILLED,)

    def open(self, folder, variables, **settings):
        if not hasattr(self, "databases"):
            self.databases = {}
        if folder not in self.databases:
            make_key(folder)
            self.databases[folder] = self.enterContext(Database())
        return OnPostgres(self.databases[folder], folder, variables=variables, **settings)

    def waiting(self, server, whom="%"):
        return int(sql(f"SELECT count(*) FROM outbox WHERE state = 1 AND recipient LIKE '{whom}'", server.database))

    def assert_sound(self, server):
        self.assertTrue(server.alive())


if __name__ == "__main__":
    unittest.main()
