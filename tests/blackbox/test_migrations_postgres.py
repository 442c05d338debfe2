"""Databases in PostgreSQL of every release, with people in them, brought to the schema of today."""

import contextlib
import subprocess
import tempfile
import unittest

from migrated import Upgraded, releases
from postgres import Database, OnPostgres, sql
from support import BINARY, Outcome, environment


def command(database, folder, *words):
    done = subprocess.run([BINARY, *words, "--database", database.url], cwd=folder, timeout=60, env=environment({}),
                          stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return Outcome(done.returncode, done.stdout, done.stderr)


class FromEveryRelease(unittest.TestCase, Upgraded):
    @contextlib.contextmanager
    def restored(self, release):
        with tempfile.TemporaryDirectory() as folder, Database() as database:
            done = subprocess.run(["psql", "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--dbname",
                                   database.url, "--file", str(release.dump)], stdin=subprocess.DEVNULL,
                                  capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)
            release.write_key(folder)
            yield folder, database

    def test_everybody_is_there_and_gets_in(self):
        for release in releases("postgres"):
            with self.subTest(release.name), self.restored(release) as (folder, database):
                with OnPostgres(database, folder) as server:
                    self.check_people(server, release)
                    self.check_doors(server, release)
                    self.assertEqual(server.stop(), 0)

    def test_every_step_is_on_record_with_its_checksum(self):
        for release in releases("postgres"):
            with self.subTest(release.name), self.restored(release) as (folder, database):
                self.assertEqual(command(database, folder, "migrate").code, 0)
                steps = sql("SELECT string_agg(number || ':' || coalesce(checksum, '-'), ' ' ORDER BY number)"
                            " FROM onboard_migrations", database.url).split()
                self.assertEqual(steps[0], "1:-")       # schema 1 kept none
                for number, step in enumerate(steps[1:], 2):
                    self.assertRegex(step, rf"^{number}:[0-9]+$")

    def test_a_database_that_took_another_step_of_that_number_is_refused(self):
        release = releases("postgres")[-1]
        with self.restored(release) as (folder, database):
            self.assertEqual(command(database, folder, "migrate").code, 0)
            sql("UPDATE onboard_migrations SET checksum = '1' WHERE checksum IS NOT NULL", database.url)
            for words in (("migrate",), ("user", "show", "ada@example.com")):
                outcome = command(database, folder, *words)
                self.assertEqual(outcome.code, 1, outcome)
                self.assertIn("was not this program's", outcome.err)


if __name__ == "__main__":
    unittest.main()
