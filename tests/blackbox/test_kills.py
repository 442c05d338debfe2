"""The server on SQLite, killed or cut off from its power at every step, and at random ones."""

import contextlib
import sqlite3
import unittest

import kills
from history import Checker, what_remains
from storage_steps import LOSES_POWER, SYNCS
from support import Server, fresh_email, unsound


class OnSqlite(kills.Kills, unittest.TestCase):
    fates = (kills.KILLED, kills.CUT_OFF)

    def open(self, folder, variables, **settings):
        return Server(folder=folder, variables=variables, **settings)

    def waiting(self, server, whom="%"):
        file = f"file:{server.folder}/onboard.db?mode=ro"
        with contextlib.closing(sqlite3.connect(file, uri=True, timeout=10)) as database:
            rows = database.execute("select count(*) from outbox where state = 1 and recipient like ?", [whom])
            return rows.fetchone()[0]

    def assert_sound(self, server):
        self.assertEqual(unsound(server.folder), [])

    def test_a_disk_that_only_says_that_it_syncs_is_found_out(self):
        self.steps.lie()
        for _ in range(20):
            self.player.login(fresh_email())
        self.steps.arm(1, LOSES_POWER, SYNCS, seed=1)
        self.player.login(fresh_email())
        self.assertTrue(self.died())
        violations = Checker(self.site.history.operations, what_remains(self.site.server)).violations()
        self.assertIn("INV-03", {violation.invariant for violation in violations})


if __name__ == "__main__":
    unittest.main()
