"""Copies of the database that are made beside a running server, and what is held of one person: handed out, erased."""

import contextlib
import json
import pathlib
import shutil
import sqlite3
import subprocess
import tempfile
import threading
import unittest

import everything
from support import BINARY, Case, Client, Server, environment, fresh_email, person, unsound

# What tells of people until it has expired, and is forgotten then.
FLEETING = {"codes", "code_tries", "code_sends", "repeated_requests"}


class Backup(Case):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.copy = self.folder / "onboard.db"

    def test_a_copy_that_is_made_under_load_has_everybody_who_was_acknowledged_before(self):
        acknowledged, over = [], threading.Event()

        def come():
            while not over.is_set():
                email = fresh_email("load")
                if self.login(person(email=email)).status == 201:
                    acknowledged.append(email)
        callers = [threading.Thread(target=come) for _ in range(8)]
        for caller in callers:
            caller.start()
        try:
            while len(acknowledged) < 200:
                self.created()
            before = list(acknowledged)
            self.server.must("backup", str(self.copy))
        finally:
            over.set()
            for caller in callers:
                caller.join()
        self.assertEqual([file.name for file in self.folder.iterdir()], ["onboard.db"])
        self.assertEqual(self.copy.stat().st_mode & 0o7777, 0o600)
        self.assertEqual(unsound(self.folder), [])
        with contextlib.closing(sqlite3.connect(f"file:{self.copy}?immutable=1", uri=True)) as database:
            there = {email for email, in database.execute("select email from accounts")}
        self.assertEqual(set(before) - there, set())
        self.assertEqual(unsound(self.server.folder), [])
        self.assertIn("as it was written", self.server.must("audit", "verify"))

    def test_a_server_starts_on_a_copy_and_knows_everybody(self):
        user = person()
        url = self.created(user)
        self.server.must("backup", str(self.copy))
        shutil.copy(self.server.folder / "onboard.key", self.folder)
        with Server(folder=self.folder) as restored:
            self.assertEqual(restored.login(self.alpha, user).status, 200)
            self.assertEqual(restored.redeem(self.alpha, url).status, 200)
            self.assertIn("as it was written", restored.must("audit", "verify"))

    def test_no_file_is_overwritten(self):
        self.copy.write_text("mine")
        outcome = self.server.command("backup", str(self.copy))
        self.assertEqual(outcome.code, 1)
        self.assertEqual(len(outcome.err.splitlines()), 1, outcome)
        self.assertEqual(self.copy.read_text(), "mine")
        self.assertEqual(len(list(self.folder.iterdir())), 1)

    def test_what_is_not_there_is_not_copied(self):
        for words in (("backup", str(self.copy), "--database", f"sqlite:{self.folder}/missing.db"),
                      ("backup", "/nowhere/copy.db", "--database", self.server.database)):
            done = subprocess.run([BINARY, *words], cwd=self.folder, env=environment({}), capture_output=True,
                                  text=True, stdin=subprocess.DEVNULL)
            self.assertEqual(done.returncode, 1, done)
            self.assertEqual(len(done.stderr.splitlines()), 1, done)
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_for_postgresql_it_names_the_tool(self):
        done = subprocess.run([BINARY, "backup", str(self.copy), "--database", "postgresql://me:Hunter2@h/db"],
                              env=environment({}), capture_output=True, text=True, stdin=subprocess.DEVNULL)
        self.assertEqual(done.returncode, 1)
        self.assertIn("pg_dump", done.stderr)
        self.assertNotIn("Hunter2", done.stderr)


class OnePerson(unittest.TestCase):
    """What is held of one who was here on a day on all wires."""

    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Server(**everything.SETTINGS))
        cls.day = everything.Day(cls.server)

    def test_a_person_is_handed_out_and_then_erased(self):
        people = {}     # by who they are, since some have an address and a number
        for one in self.day.people:
            told = json.loads(self.server.must("user", "export", one))
            shown = json.loads(self.server.must("user", "show", one, "--json"))
            self.assertEqual({name: told[name] for name in shown}, shown)
            self.assertIn("account_opened", [entry["event"] for entry in told["history"]])
            self.assertEqual(told["history"][-1]["event"], "account_disclosed")
            people.setdefault(told["id"], {})[one] = json.dumps(told)
        self.assertGreater(len(people), 3)
        for identity, known in people.items():
            strangers = {other for whose, names in people.items() if whose != identity for other in names}
            for told in known.values():
                self.assertEqual({other for other in strangers if other in told}, set())
                for what, secret in self.day.secrets.items():
                    self.assertNotIn(secret, told, what)

        for names in people.values():
            one, *_ = names
            self.assertEqual(self.server.must("user", "erase", one), f"{one} is erased.\n")
            for name in names:
                self.assertEqual(self.server.command("user", "show", name).code, 1)
        for table, rows in self.server.rows().items():
            if table not in FLEETING:
                self.assertEqual(everything.found(self.day.personal, repr(rows).encode()), [], table)
        self.assertIn("as it was written", self.server.must("audit", "verify"))
        events = [entry["event"] for entry in json.loads(self.server.must("audit", "list", "--last", "1000", "--json"))]
        self.assertEqual(events.count("account_erased"), len(people))

        # Nobody's browser is signed in any more.
        for name, value in self.day.secrets.items():
            if name.startswith("cookie onboard "):
                browser = Client(self.server)
                browser.cookies["onboard"] = value
                self.assertEqual(browser.get("/session").status, 401, name)

    def test_nobody_is_handed_out_or_erased_who_is_not_there(self):
        for word in ("export", "erase"):
            outcome = self.server.command("user", word, "nobody@example.org")
            self.assertEqual((outcome.code, len(outcome.err.splitlines())), (1, 1), outcome)
            self.assertEqual(self.server.command("user", word).code, 2)


if __name__ == "__main__":
    unittest.main()
