"""An answer leaves when what it says is on the disk, and not before; and many answers share a sync. The server runs
on a disk that counts its syncs, takes its time over them, and can be told to hold them back."""

import contextlib
import json
import os
import pathlib
import select
import sqlite3
import subprocess
import sys
import tempfile
import unittest

from support import BINARY, LOGIN, REDEEM, Client, Server, bearer, person, token_of, until

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from slow_disk import SlowDisk  # noqa: E402

BUILD = pathlib.Path(BINARY).resolve().parents[1]
LOAD = os.environ.get("LOAD") or str(BUILD / "tests/benchmark/load")
LIBRARY = os.environ.get("SLOW_DISK_LIBRARY") or str(BUILD / "tests/slow_disk.so")
SLOW = 2000     # microseconds a sync: an ordinary disk, and slow enough for the figures to depend on it alone


class OnSlowDisk(unittest.TestCase):
    def setUp(self):
        board = self.enterContext(tempfile.NamedTemporaryFile(prefix="onboard-disk-"))
        self.disk = SlowDisk(LIBRARY, board.name)
        self.server = self.enterContext(Server(variables=self.disk.environment))
        self.alpha = self.server.partner("alpha", "partner", "redeem")
        self.server.plan("PLAN-A", "alpha")

    @contextlib.contextmanager
    def no_sync(self):
        """While this lasts, no sync comes back."""
        self.disk.close_gate()
        try:
            yield
        finally:
            self.disk.open_gate()
            until(lambda: self.disk.waiting == 0, what="the syncs that waited")

    def send(self, method, target, body=None, **headers):
        """A request on a connection of its own, sent and not waited for."""
        text = json.dumps(body) if body is not None else ""
        lines = [f"{method} {target} HTTP/1.1", "Host: localhost", f"Content-Length: {len(text)}"]
        if body is not None:
            lines += ["Content-Type: application/json", f"Authorization: Bearer {self.alpha}"]
        line = self.server.open("\r\n".join([*lines, "", text]).encode())
        self.addCleanup(line.close)
        return line

    def send_login(self, user=None):
        return self.send("POST", LOGIN, {"user": user or person()})

    def link(self):
        answer = self.server.login(self.alpha, person())
        self.assertEqual(answer.status, 201, answer)
        return answer.url

    def wait_for_a_sync(self):
        until(lambda: self.disk.waiting > 0, what="a sync that waits")

    def assert_silent(self, lines, seconds=0.5):
        readable, _, _ = select.select(lines, [], [], seconds)
        self.assertEqual(len(readable), 0, "a byte came before the sync that covers it")

    def statuses(self, lines):
        """The status of the answer that each connection gets."""
        def status(line):
            received = b""
            while b"\r\n" not in received:
                some = line.recv(65536)
                self.assertTrue(some, f"closed after {received!r}")
                received += some
            return int(received.split()[1])
        return [status(line) for line in lines]


class Answers(OnSlowDisk):
    def test_no_answer_leaves_before_its_sync(self):
        redeemed, followed = self.link(), self.link()
        asked = [("user.login", lambda: self.send_login(), 201),
                 ("redeem", lambda: self.send("POST", REDEEM, {"token": token_of(redeemed)}), 200),
                 ("a link", lambda: self.send("GET", f"/login/{token_of(followed)}"), 303)]
        for what, send, status in asked:
            with self.subTest(what):
                with self.no_sync():
                    line = send()
                    self.wait_for_a_sync()
                    self.assert_silent([line])
                self.assertEqual(self.statuses([line]), [status])

    def test_no_answer_of_many_leaves_before_its_sync(self):
        with self.no_sync():
            lines = [self.send_login() for _ in range(64)]
            self.wait_for_a_sync()
            self.assert_silent(lines)
        self.assertEqual(self.statuses(lines), [201] * 64)

    def test_reading_goes_on_while_a_sync_waits(self):
        browser = Client(self.server)
        self.assertEqual(browser.get(self.link()).status, 303)
        with self.no_sync():
            line = self.send_login()
            self.wait_for_a_sync()
            for _ in range(20):
                self.assertEqual(browser.get("/session").status, 200)
                self.assertEqual(browser.get("/healthz").status, 200)
                self.assertEqual(browser.get("/readyz").status, 200)
            self.assert_silent([line], 0)
        self.assertEqual(self.statuses([line]), [201])

    def test_nobody_reads_what_is_not_on_the_disk_yet(self):
        user = person()

        def seen():
            file = f"file:{self.server.folder}/onboard.db?mode=ro"
            with contextlib.closing(sqlite3.connect(file, uri=True)) as database:
                rows = database.execute("SELECT count(*) FROM accounts WHERE email = ?", [user["email"]])
                return rows.fetchone()[0]
        with self.no_sync():
            line = self.send_login(user)
            self.wait_for_a_sync()
            self.assertEqual(seen(), 0)
        self.assertEqual(self.statuses([line]), [201])
        self.assertEqual(seen(), 1)

    def test_a_kill_while_a_sync_waits_costs_nothing_that_was_answered(self):
        told = [self.link() for _ in range(5)]
        user = person()
        self.disk.close_gate()
        lines = [self.send_login(user)] + [self.send_login() for _ in range(20)]
        self.wait_for_a_sync()
        self.assert_silent(lines, 0)
        self.server.kill9()
        self.disk.open_gate()
        self.server.restart()
        for url in told:
            self.assertEqual(self.server.redeem(self.alpha, url).status, 200, "it was acknowledged")
        self.assertIn(self.server.login(self.alpha, user).status, (200, 201))


class Syncs(OnSlowDisk):
    def per_login(self, connections, count):
        body = json.dumps({"user": person(email="{email}")})
        before = self.disk.syncs
        done = subprocess.run([LOAD, "--port", str(self.server.address[1]), "--connections", str(connections),
                               "--count", str(count), "--first", str(self.first), "--method", "POST",
                               "--path", LOGIN, "--body", body, "--expect", "201",
                               "--header", f"Authorization: {bearer(self.alpha)['Authorization']}",
                               "--header", "Content-Type: application/json"],
                              text=True, capture_output=True, timeout=60)
        self.assertEqual(done.returncode, 0, done)
        self.assertEqual(json.loads(done.stdout)["answers"], count)
        self.first += count
        return (self.disk.syncs - before) / count

    def test_many_logins_share_a_sync(self):
        self.first = 1
        self.disk.delay = SLOW
        self.per_login(64, 1000)    # warm
        bounds = ((1, 300, 1, 1.1), (16, 2000, 1 / 16, 0.10), (64, 6000, 1 / 64, 0.035))
        for connections, count, least, most in bounds:
            with self.subTest(connections=connections):
                figure = self.per_login(connections, count)
                if not least <= figure <= most:
                    figure = self.per_login(connections, count)     # something else may have run beside it
                self.assertGreaterEqual(figure, least)
                self.assertLessEqual(figure, most)


if __name__ == "__main__":
    unittest.main()
