"""Databases in files of every release, with people in them, brought to the schema of today."""

import contextlib
import pathlib
import sqlite3
import subprocess
import tempfile
import unittest

from migrated import Upgraded, releases
from support import BINARY, Outcome, Server, environment, unsound


def command(folder, *words):
    done = subprocess.run([BINARY, *words, "--database", f"sqlite:{folder}/onboard.db"], cwd=folder, timeout=60,
                          env=environment({}), stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return Outcome(done.returncode, done.stdout, done.stderr)


def counts(folder):
    """How many rows each table has, and the number of the schema."""
    with contextlib.closing(sqlite3.connect(f"file:{folder}/onboard.db?mode=ro", uri=True)) as database:
        tables = [name for name, in database.execute("select name from sqlite_master where type = 'table'")]
        found = {table: database.execute(f"select count(*) from {table}").fetchone()[0] for table in tables}
        return found, database.execute("pragma user_version").fetchone()[0]


class FromEveryRelease(unittest.TestCase, Upgraded):
    @contextlib.contextmanager
    def restored(self, release):
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(f"{folder}/onboard.db").touch(0o600)
            with contextlib.closing(sqlite3.connect(f"{folder}/onboard.db")) as database:
                database.executescript(release.dump.read_text())
            release.write_key(folder)
            yield folder

    def test_everybody_is_there_and_gets_in(self):
        for release in releases("sqlite"):
            with self.subTest(release.name), self.restored(release) as folder, Server(folder=folder) as server:
                self.check_people(server, release)
                self.check_doors(server, release)
                self.assertEqual(server.stop(), 0)
                self.assertEqual(unsound(folder), [])

    def test_no_row_is_lost_on_the_way(self):
        for release in releases("sqlite"):
            with self.subTest(release.name), self.restored(release) as folder:
                before, version = counts(folder)
                outcome = command(folder, "migrate")
                self.assertEqual(outcome.code, 0, outcome)
                after, now = counts(folder)
                self.assertEqual({table: after.get(table) for table in before}, before)
                self.assertGreaterEqual(now, version)
                self.assertIn(f"schema, {now}.", outcome.out)
                self.assertEqual(unsound(folder), [])

    def test_a_command_beside_an_older_database_says_what_to_do_and_changes_nothing(self):
        for release in releases("sqlite"):
            with self.subTest(release.name), self.restored(release) as folder:
                before, version = counts(folder)
                outcome = command(folder, "user", "show", "ada@example.com")
                if outcome.code == 0:       # it is of the schema of today
                    continue
                self.assertEqual(outcome.code, 1)
                self.assertIn("onboard-server migrate", outcome.err)
                self.assertEqual(counts(folder), (before, version))

    def test_a_step_that_was_taken_stays_as_it_was(self):
        """A database whose first step was another one is not taken for an older one of ours."""
        for release in releases("sqlite"):
            with self.subTest(release.name), self.restored(release) as folder:
                with contextlib.closing(sqlite3.connect(f"{folder}/onboard.db")) as database:
                    database.execute("drop index outbox_due")
                    database.commit()
                outcome = command(folder, "migrate")
                self.assertEqual(outcome.code, 1)
                self.assertIn("altered", outcome.err)


if __name__ == "__main__":
    unittest.main()
