"""A disk that is full, broken or read-only, and a database that somebody else holds, beneath a server that goes on:
it says that it cannot, loses nothing, and needs nobody to come back."""

import errno
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import types
import unittest

from clients import ROOMY, Crowd, Player, Site
from history import OK, UNKNOWN, Checker, what_remains
from kills import LIBRARY, MOST_STEPS
from storage_steps import (IS_REFUSED, IS_REFUSED_FROM_NOW_ON, LOSES_POWER, POST, SYNCS, TRUNCATIONS, WRITES,
                           StorageSteps)
from support import BINARY, Client, Server, environment, fresh_email, fresh_phone, unsound, until

NAMES = {errno.ENOSPC: "full", errno.EIO: "broken", errno.EROFS: "read-only"}
LATER = 60          # seconds until a letter is surely tried again
DRAINED = 30        # seconds until nothing waits any more: a letter in hand is let go after eight

# Holds a database until its input ends.
HOLDER = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("begin exclusive")
print("held", flush=True)
sys.stdin.read()
"""


class Trouble(unittest.TestCase):
    def setUp(self):
        board = self.enterContext(tempfile.NamedTemporaryFile(prefix="onboard-steps-"))
        self.steps = StorageSteps(LIBRARY, board.name, power=True)
        folder = self.enterContext(tempfile.TemporaryDirectory(prefix="onboard-"))
        self.server = self.enterContext(Server(folder=folder, **ROOMY))
        self.site = Site(self.server)
        self.player = Player(self.site)
        self.server.variables = self.steps.environment
        self.server.restart()

    def judge(self):
        """Once with the server as it is, and once after a loss of power: what a broken disk forgot was no promise."""
        process = self.server.process
        self.assertIsNone(process.poll(), "it went on by itself")
        self.judge_what_remains()
        self.steps.arm(1, LOSES_POWER, SYNCS, seed=1)
        self.player.login(fresh_email())
        until(lambda: process.poll() is not None, what="the loss of power")
        self.steps.disarm()
        self.server.kill9()
        self.server.start()
        self.judge_what_remains()

    def judge_what_remains(self):
        until(lambda: not self.waiting(), DRAINED, "an empty outbox")
        violations = Checker(self.site.history.operations, what_remains(self.server)).violations()
        self.assertEqual([], [str(violation) for violation in violations[:5]], f"{len(violations)} violations")
        self.assertEqual(unsound(self.server.folder), [])

    def waiting(self):
        return len(self.server.rows("outbox")["outbox"])

    def signed_in(self):
        """A session, and whose it is."""
        email = fresh_email()
        return self.player.follow(self.player.login(email).told["link"], email).told["session"], email

    def assert_doubtful(self, operation):
        self.assertEqual((operation.outcome, operation.told.get("status"), operation.told.get("retry_after")),
                         (UNKNOWN, 503, "1"), operation)

    def assert_reads(self, session):
        """What needs no write is answered."""
        self.assertEqual(self.player.session(*session).outcome, OK)
        for path in ("/healthz", "/readyz"):
            self.assertEqual(Client(self.server).get(path).status, 200)


class Refused(Trouble):
    """Steps of the storage that are refused."""

    def operations(self):
        """Makers of one operation each, ready to be asked for and asked for again."""
        player, site = self.player, self.site

        def log_in():
            email = fresh_email()
            return lambda: player.login(email, f"key-of-{email}")

        def create():
            emails = [fresh_email() for _ in range(3)]
            return lambda: player.create(emails, f"key-of-{emails[0]}")

        def use_link(use):
            email = fresh_email()
            link = player.login(email).told["link"]
            return lambda: use(link, email)

        def text():
            phone = fresh_phone()
            return lambda: player.send_code(phone)

        def sign_up():
            phone, code = site.coded(player)
            return lambda: player.sign_up(phone, code)
        return (log_in, create, lambda: use_link(player.redeem), lambda: use_link(player.follow), text, sign_up)

    def test_any_step_that_is_refused_once_is_told_as_doubt_or_does_not_matter(self):
        for error, kinds in ((errno.ENOSPC, WRITES), (errno.EIO, SYNCS | TRUNCATIONS)):
            doubts = 0
            for prepare in self.operations():
                for number in range(1, MOST_STEPS):
                    ask = prepare()
                    self.steps.arm(number, IS_REFUSED, kinds, error)
                    operation = ask()
                    self.steps.disarm()
                    if operation.outcome == UNKNOWN:
                        self.assert_doubtful(operation)
                        self.assertEqual(ask().outcome, OK)
                        doubts += 1
                    else:
                        self.assertEqual(operation.outcome, OK)
                    if not self.steps.broke:
                        break
            self.assertGreater(doubts, len(self.operations()) // 2, NAMES[error])
        self.judge()

    def test_a_disk_that_goes_on_refusing_stops_what_writes_alone_until_it_is_mended(self):
        for error, kinds in ((errno.ENOSPC, WRITES), (errno.EROFS, WRITES | TRUNCATIONS), (errno.EIO, SYNCS)):
            with self.subTest(NAMES[error]):
                session = self.signed_in()
                crowd = Crowd(self.site, 1)
                try:
                    self.some(OK)
                    self.steps.arm(1, IS_REFUSED_FROM_NOW_ON, kinds, error)
                    self.some(UNKNOWN)
                    self.assert_doubtful(self.player.login(fresh_email()))
                    self.assert_reads(session)
                    self.steps.disarm()
                    self.some(OK)
                finally:
                    crowd.end()
        self.judge()

    def some(self, outcome, count=20):
        """Waits for so many more operations that end like this."""
        def there():
            return sum(operation.outcome == outcome for operation in list(self.site.history.operations))
        before = there()
        until(lambda: there() >= before + count, 20, f"{outcome} operations")

    def test_a_letter_that_finds_no_room_waits_with_its_reason_and_leaves_when_there_is_some(self):
        self.steps.arm(1, IS_REFUSED_FROM_NOW_ON, POST, errno.ENOSPC)
        emails = [fresh_email() for _ in range(3)]
        self.assertEqual(self.player.create(emails).outcome, OK)
        until(lambda: self.server.must("outbox", "list").count("No space left") == 3, what="three letters that wait")
        self.assertEqual(self.server.mails(), [])
        self.steps.disarm()
        until(lambda: len(self.server.mails()) == 3, LATER, "the letters")
        self.judge()


class Held(Trouble):
    def test_while_another_process_holds_the_database_it_says_so_and_reads_and_goes_on_when_that_is_killed(self):
        session = self.signed_in()
        with subprocess.Popen([sys.executable, "-c", HOLDER, str(self.server.folder / "onboard.db")],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
            self.assertEqual(holder.stdout.readline(), b"held\n")
            self.assert_doubtful(self.player.login(fresh_email()))
            self.assert_reads(session)
            holder.kill()
        self.assertEqual(self.player.login(fresh_email()).outcome, OK)
        self.judge_what_remains()


class Folders(Trouble):
    def test_a_folder_of_letters_or_texts_that_was_removed_is_made_again(self):
        self.player.create([fresh_email()])
        self.player.send_code(fresh_phone())
        until(lambda: self.server.mails() and self.server.texts(), what="a letter and a text")
        shutil.rmtree(self.server.mail)
        shutil.rmtree(self.server.folder / "outgoing")
        self.player.create([fresh_email()])
        self.player.send_code(fresh_phone())
        until(lambda: self.server.mails() and self.server.texts(), what="a letter and a text again")


class Limited(Trouble):
    def test_a_limit_to_the_size_of_files_is_a_full_disk_and_no_death(self):
        session, crowd = self.signed_in(), Crowd(self.site, 1)
        process = self.server.process
        try:
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
            until(lambda: self.player.login(fresh_email()).told.get("status") == 503, what="a refusal")
            self.assert_reads(session)
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            until(lambda: self.player.login(fresh_email()).outcome == OK, what="room")
        finally:
            crowd.end()
        self.judge()


class FullLog(unittest.TestCase):
    def test_a_log_whose_disk_is_full_stops_nothing(self):
        with tempfile.TemporaryDirectory(prefix="onboard-") as folder, Server(folder=folder) as server:
            site = Site(server)
            server.stop()
            with open("/dev/full", "w", encoding="ascii") as full, subprocess.Popen(
                    [BINARY, "serve", "--database", server.database, "--listen", "127.0.0.1:0"], cwd=folder,
                    env=environment(server.settings | {"log": "debug"}), stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE, stderr=full, text=True) as process:
                url = process.stdout.readline().removeprefix("listening on ").strip()
                host, port = url.removeprefix("http://").split(":")
                site.server = types.SimpleNamespace(address=(host, int(port)), url=url)
                for _ in range(50):
                    self.assertEqual(Player(site).login(fresh_email()).outcome, OK)
                process.send_signal(signal.SIGTERM)
                self.assertEqual(process.wait(20), 0)


if __name__ == "__main__":
    unittest.main()
