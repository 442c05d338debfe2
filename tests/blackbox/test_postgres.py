"""The server on PostgreSQL: several of them on one database, a site that moves there, and what stops the start."""

import pathlib
import subprocess
import tempfile
import unittest

from everything import SETTINGS, Day, found
from postgres import Database, OnPostgres, make_key
from support import BINARY, Client, Server, environment, person, together, try_to_serve


class PostgresTest(unittest.TestCase):
    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory(prefix="onboard-"))
        self.database = self.enterContext(Database())

    def serve(self, **settings):
        return self.enterContext(OnPostgres(self.database, self.folder, **settings))

    def two_servers(self):
        make_key(self.folder)
        first, second = self.serve(), self.serve()
        token = first.partner("acme", "partner", "redeem")
        first.plan("PLAN-A", "acme")
        return first, second, token

    def command(self, *words):
        return subprocess.run([BINARY, *words], cwd=self.folder, env=environment({}), stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=60)

    def test_two_servers_on_one_database_are_one_site(self):
        first, second, token = self.two_servers()
        user = person()
        made = first.login(token, user, Idempotency_Key="one")
        self.assertEqual(made.status, 201)
        again = second.login(token, user, Idempotency_Key="one")
        self.assertEqual(again.status, 201, "the repetition of what made the person")
        self.assertEqual(second.login(token, user).status, 200)

        self.assertEqual(second.redeem(token, made.json["loginUrl"]).status, 200)
        self.assertNotEqual(first.redeem(token, made.json["loginUrl"]).status, 200, "it is used up everywhere")

        link = first.login(token, user).json["loginUrl"]
        second.must("user", "block", user["email"])
        self.assertNotEqual(first.redeem(token, link).status, 200)
        self.assertNotEqual(first.login(token, user).status, 200)

    def test_of_many_calls_to_two_servers_one_creates_the_person(self):
        first, second, token = self.two_servers()
        user = person()
        answers = together(16, lambda number, _: (first, second)[number % 2].login(token, user).status)
        self.assertEqual(sorted(answers), [200] * 15 + [201])

    def test_a_server_whose_connections_end_goes_on(self):
        first, _, token = self.two_servers()
        self.assertEqual(first.login(token, person()).status, 201)
        self.database.end_connections()
        self.assertEqual(first.login(token, person()).status, 201)
        self.assertEqual(Client(first).get("/readyz").status, 200)

    def test_no_secret_of_a_day_on_all_wires_is_in_a_dump(self):
        make_key(self.folder)
        server, dumps = self.serve(**SETTINGS), []
        day = Day(server, lambda: dumps.append(self.database.dump()))
        server.stop()
        self.assertIn(day.people[0].encode(), dumps[-1])
        for place in (b"\n".join(dumps), "\n".join(server.lines).encode()):
            self.assertEqual(found(day.secrets, place), [])

    def test_without_its_key_nothing_starts_and_none_is_made(self):
        outcome = try_to_serve(self.folder, database=self.database.url)
        self.assertEqual(outcome.code, 1, outcome)
        self.assertIn("head -c 32 /dev/urandom", outcome.err)
        self.assertEqual(list(pathlib.Path(self.folder).glob("*.key")), [])

    def test_what_cannot_be_reached_stops_the_start_in_one_line_without_the_password(self):
        make_key(self.folder)
        outcome = try_to_serve(self.folder, database="postgresql://me:Hunter2secret@127.0.0.1:1/nowhere")
        self.assertEqual(outcome.code, 1, outcome)
        self.assertNotIn("Hunter2secret", outcome.out + outcome.err)
        self.assertEqual(outcome.err.count("\n"), 1, outcome)

    def test_only_what_may_make_tables_does(self):
        make_key(self.folder)
        self.assertEqual(self.command("partner", "list", "--database", self.database.url).returncode, 1)
        done = self.command("migrate", "--database", self.database.url)
        self.assertEqual(done.returncode, 0, done)
        self.assertNotIn("Hunter2secret", done.stdout + done.stderr)
        self.assertEqual(self.command("partner", "list", "--database", self.database.url).returncode, 0)

    def test_a_site_that_moves_goes_on_with_all_its_tokens_and_links(self):
        move = ("migrate", "--from", f"sqlite:{self.folder}/onboard.db", "--to", self.database.url)
        with Server(folder=self.folder) as before:
            token = before.partner("acme", "partner", "redeem")
            before.plan("PLAN-A", "acme")
            user = person()
            link = before.login(token, user).json["loginUrl"]
            refused = self.command(*move)
            self.assertEqual(refused.returncode, 1, "the server still works on the file")
            self.assertIn("another server", refused.stderr)
            before.stop()

        moved = self.command(*move)
        self.assertEqual(moved.returncode, 0, moved)
        self.assertRegex(moved.stdout, r"(?m)^accounts +1$")
        self.assertIn("secret file", moved.stdout)
        self.assertNotIn("Hunter2secret", moved.stdout + moved.stderr)
        self.assertEqual(self.command(*move).returncode, 1, "there is something in it now")

        after = self.serve()
        self.assertEqual(after.redeem(token, link).status, 200)
        self.assertEqual(after.login(token, user).status, 200)
        self.assertEqual(after.login(token, person()).status, 201)


if __name__ == "__main__":
    unittest.main()
