"""A server that dies at every step towards its storage, then at random ones under load, and what must be left. The
tests are the same for every database: test_kills.py has them on SQLite, test_kills_postgres.py on PostgreSQL.

KILL_ROUNDS says how many random rounds there are, KILL_SEED which."""

import contextlib
import itertools
import os
import pathlib
import random
import sys
import tempfile

from clients import ROOMY, Crowd, Player, Site
from history import OK, UNKNOWN, Checker, fates, what_remains
from support import BINARY, StartFailed, fresh_email, fresh_phone, until

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import storage_steps  # noqa: E402

LIBRARY = os.environ.get("STORAGE_STEPS_LIBRARY") or str(
    pathlib.Path(BINARY).resolve().parents[1] / "tests/storage_steps.so")
ROUNDS = int(os.environ.get("KILL_ROUNDS", "60"))
SEED = int(os.environ.get("KILL_SEED", "1"))
ROUNDS_OF_A_SITE = 250      # then it is judged, and the next is begun
MOST_STEPS = 400            # of any operation
DRAINED = 30                # seconds until nothing waits any more: a letter in hand is let go after eight

# How a server ends, and at which steps. A loss of power spares any part of what was not synced, so that it need not
# be tried between two writes.
KILLED = (storage_steps.DIES_AFTER, storage_steps.ALL)
CUT_OFF = (storage_steps.LOSES_POWER, storage_steps.SYNCS | storage_steps.TRUNCATIONS | storage_steps.POST)


class Kills:
    """What a TestCase is to be besides. It has `fates`; `open(folder, variables, **settings)`, a server on a database
    of that folder's own; `waiting(server, whom)`, how many letters wait for somebody or for anybody; and
    `assert_sound(server)`."""

    def setUp(self):
        self.site, self.steps = self.begin()
        self.player = Player(self.site)

    def begin(self, **settings):
        """A site whose server can be broken at any step."""
        board = self.enterContext(tempfile.NamedTemporaryFile(prefix="onboard-steps-"))
        steps = storage_steps.StorageSteps(LIBRARY, board.name, power=CUT_OFF in self.fates)
        folder = self.enterContext(tempfile.TemporaryDirectory(prefix="onboard-"))
        server = self.enterContext(self.open(folder, {}, **ROOMY | settings))
        site = Site(server)
        server.variables = steps.environment
        server.restart()
        return site, steps

    def died(self):
        """Whether the server has come to the step that is its last; it is started again then."""
        server = self.site.server
        self.steps.disarm()
        if not self.steps.broke:
            return False
        until(lambda: server.process.poll() is not None, what="its death")
        self.assertEqual(server.process.returncode, -9, server.lines[-5:])
        server.kill9()
        server.start()
        return True

    def numbers(self):
        """1, 2, 3, and so on. Whoever takes them ends when a step of that number is not taken any more."""
        for number in range(1, MOST_STEPS):
            yield number
        self.fail("it takes more and more steps")

    def at_every_step(self, prepare):
        """Does something with the server dying at its first step, its second, and so on to its last. `prepare` makes
        what does it; whoever got no answer asks again."""
        for fate, kinds in self.fates:
            for number in self.numbers():
                act = prepare()
                self.steps.arm(number, fate, kinds, seed=number)
                finished = act()
                if not self.died():
                    last = self.site.history.operations[-1]
                    self.assertEqual(last.outcome, OK, last)
                    break
                self.assertTrue(finished or act(), "a server that was started again does not answer")
            self.assertGreater(number, 1, "no step was counted")

    def operation(self, prepare):
        """The same for one operation of the wire. A server that is too busy for it says so, and is asked again."""
        def prepared():
            ask = prepare()

            def act():
                while (operation := ask()).told.get("status") == 503:
                    pass
                return operation.outcome != UNKNOWN
            return act
        self.at_every_step(prepared)

    def judge(self, site, steps):
        """Faults are over: all is delivered, and what clients were told is compared with what there is."""
        steps.disarm()
        site.server.restart()
        until(lambda: not self.waiting(site.server), DRAINED, "an empty outbox")
        remains = what_remains(site.server)
        violations = Checker(site.history.operations, remains).violations()
        self.assertEqual([], [str(violation) for violation in violations[:5]], f"{len(violations)}, seed {SEED}")
        self.assert_sound(site.server)
        return remains

    def assert_both_fates(self, site, remains):
        """Some whose answer was lost were made and some were not, or the kills came at no interesting moment."""
        done, not_done = fates(site.history.operations, remains)
        self.assertGreater(done, 0)
        self.assertGreater(not_done, 0)

    # At every step of one operation.

    def test_at_every_step_of_what_partners_do(self):
        player, keys = self.player, itertools.count()

        def log_in():
            email, key = fresh_email(), f"login-{next(keys)}"
            return lambda: player.login(email, key)

        def log_in_again():
            email = fresh_email()
            player.login(email)
            return lambda: player.login(email)

        def create():
            emails, key = [fresh_email() for _ in range(3)], f"create-{next(keys)}"
            return lambda: player.create(emails, key)

        def use_link(use):
            email = fresh_email()
            link = player.login(email).told["link"]
            return lambda: use(link, email)

        for prepare in (log_in, log_in_again, create, lambda: use_link(player.redeem),
                        lambda: use_link(player.follow)):
            self.operation(prepare)
        remains = self.judge(self.site, self.steps)
        operations = self.site.history.operations
        self.assertTrue([operation for operation in operations if operation.outcome == UNKNOWN])
        self.assertEqual({row["email_key"] for row in remains.accounts},
                         {email for operation in operations for email in Checker.emails_of(operation)},
                         "everybody asked until they had an answer")

    def test_at_every_step_of_what_people_do(self):
        player, site = self.player, self.site

        def forget():
            email, _ = site.invited(player)
            return lambda: player.forgot(email)

        def set_password():
            email, link = site.invited(player)
            return lambda: player.set_password(link, email)

        def sign_in():     # somebody new each time: what is cut off stays counted as a guess
            email, link = site.invited(player)
            self.assertEqual(player.set_password(link, email).outcome, OK)
            return lambda: player.sign_in(email)

        def text():
            phone = fresh_phone()
            return lambda: player.send_code(phone)

        def sign_up():
            phone, code = site.coded(player)
            return lambda: player.sign_up(phone, code)

        for prepare in (forget, set_password, sign_in, text, sign_up):
            self.operation(prepare)
        self.judge(site, self.steps)

    def test_at_every_step_of_a_delivery(self):
        server = self.site.server
        for fate, kinds in self.fates:
            for number in self.numbers():
                email = fresh_email()
                self.steps.arm(number, fate, kinds & ~storage_steps.WRITES, seed=number)
                self.player.create([email])     # a delivery may begin before the answer is here
                until(lambda: server.process.poll() is not None or not self.waiting(server, email), what="a delivery")
                if not self.died():
                    break
            self.assertGreater(number, 5)
        self.judge(self.site, self.steps)

    def test_at_every_step_of_a_stop_and_of_the_start_behind_it(self):
        server = self.site.server
        for fate, kinds in self.fates:
            for number in self.numbers():
                for _ in range(3):
                    self.player.login(fresh_email())
                self.steps.arm(number, fate, kinds, seed=number)
                if server.stop() == 0:
                    self.steps.disarm()
                    server.start()
                    break
                with contextlib.suppress(StartFailed):      # or the start has fewer steps
                    self.steps.arm(number, fate, kinds, seed=number)
                    server.start()
                    server.kill9()
                self.steps.disarm()
                server.start()
            self.assertGreater(number, 1)
        self.judge(self.site, self.steps)

    def test_at_every_step_of_a_first_start(self):
        self.site.server.kill9()        # its steps would count, too
        for fate, kinds in self.fates:
            for number in self.numbers():
                folder = self.enterContext(tempfile.TemporaryDirectory(prefix="onboard-"))
                self.steps.arm(number, fate, kinds, seed=number)
                try:
                    with self.open(folder, self.steps.environment):
                        break
                except StartFailed:
                    self.steps.disarm()
                    with self.open(folder, self.steps.environment) as server:
                        self.assertTrue(server.alive())
                        self.assert_sound(server)
            self.assertGreater(number, 3)

    # At random, under load.

    def test_at_random_steps_under_load(self):
        dice = random.Random(SEED)
        site, steps = self.begin(login_link_seconds=2)
        for number in range(ROUNDS):
            if number and number % ROUNDS_OF_A_SITE == 0:
                self.assert_both_fates(site, self.judge(site, steps))
                site.server.kill9()
                site, steps = self.begin(login_link_seconds=2)
            self.round(site, steps, dice)
        self.assert_both_fates(site, self.judge(site, steps))

    def round(self, site, steps, dice):
        """Load, until the server dies at a step that nobody chose."""
        server, before = site.server, len(site.history.operations)
        crowd = Crowd(site, dice.randrange(2**32))
        try:
            most = dice.choice((5, 30, 100))
            until(lambda: len(site.history.operations) - before >= dice.randrange(most), what="load")
            if dice.randrange(4):
                steps.arm(dice.randrange(1, 60), *dice.choice(self.fates), seed=dice.randrange(2**32))
                until(lambda: server.process.poll() is not None, what="a step that is the last")
            else:
                server.process.kill()
        finally:
            server.process.kill()
            crowd.end()
        steps.disarm()
        server.kill9()
        if site.emails and not dice.randrange(10):
            Player(site).block(dice.choice(site.emails[-100:]))
        server.start()
