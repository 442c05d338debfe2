"""PostgreSQL restarted, cut off, silent, full, read-only and failed over, beneath a server that goes on by itself:
what it acknowledged stays, and of what nobody can know it says so."""

import contextlib
import os
import tempfile
import time
import unittest

from clients import ROOMY, Crowd, Player, Site
from history import OK, UNKNOWN, Checker, what_remains
from postgres import FOLDER, Database, OnPostgres, OwnServer, make_key, sql
from postgres_proxy import Cut, Proxy
from support import Client, fresh_email, fresh_phone, together, until

DRAINED = 30        # seconds until nothing waits any more: a letter in hand is let go after eight


class Url:
    """Stands for a database that is reached this way."""

    def __init__(self, url):
        self.url = url


class Outage(unittest.TestCase):
    def open(self, url, **settings):
        """A site on the database of this URL."""
        folder = self.enterContext(tempfile.TemporaryDirectory(prefix="onboard-"))
        make_key(folder)
        return Site(self.enterContext(OnPostgres(Url(url), folder, **ROOMY | settings)))

    def judge(self, site):
        process = site.server.process
        until(lambda: Client(site.server).get("/readyz").status == 200, 20, "a server that is ready again")
        until(lambda: "waiting" not in site.server.must("outbox", "list"), DRAINED, "an empty outbox")
        violations = Checker(site.history.operations, what_remains(site.server)).violations()
        self.assertEqual([], [str(violation) for violation in violations[:5]], f"{len(violations)} violations")
        self.assertIs(site.server.process, process)
        self.assertIsNone(process.poll(), "it went on by itself")

    @contextlib.contextmanager
    def load(self, site):
        """Clients who go on whatever happens; afterwards their history is judged."""
        crowd = Crowd(site, 1)
        try:
            self.some_more(site)
            yield
            self.some_more(site)
        finally:
            crowd.end()
        self.judge(site)

    def some_more(self, site, count=40):
        """Waits for so many more operations that end well."""
        def well():
            return sum(operation.outcome == OK for operation in list(site.history.operations))
        before = well()
        until(lambda: well() >= before + count, 30, "operations that end well")

    def doubts(self, site):
        return [operation for operation in site.history.operations if operation.outcome == UNKNOWN]

    def assert_doubtful(self, operation):
        self.assertEqual((operation.outcome, operation.told.get("status"), operation.told.get("retry_after")),
                         (UNKNOWN, 503, "1"), operation)


class CutOff(Outage):
    """The wire to the database is ours to cut."""

    def setUp(self):
        self.database = self.enterContext(Database())
        self.proxy = self.enterContext(Proxy(FOLDER))
        self.site = self.open(self.database.url.replace(f"host={FOLDER}", f"host=127.0.0.1&port={self.proxy.port}"))
        self.player = Player(self.site)

    def operations(self):
        """One of everything that writes, ready to be asked for, by its name; each may be asked for again."""
        player, site = self.player, self.site

        def known():
            email = fresh_email()
            player.login(email)
            return email

        def linked():
            email = fresh_email()
            return player.login(email).told["link"], email
        once, email, others = fresh_email(), known(), [fresh_email() for _ in range(3)]
        redeemed, followed = linked(), linked()
        invited, mailed = site.invited(player)
        phone, code = site.coded(player)
        forgetful, texted = known(), fresh_phone()
        return {
            "login": lambda: player.login(once, f"key-of-{once}"),
            "login of somebody known": lambda: player.login(email),
            "create": lambda: player.create(others, f"key-of-{others[0]}"),
            "redeem": lambda: player.redeem(*redeemed),
            "follow": lambda: player.follow(*followed),
            "forgot": lambda: player.forgot(forgetful),
            "set_password": lambda: player.set_password(mailed, invited),
            "send_code": lambda: player.send_code(texted),
            "sign_up": lambda: player.sign_up(phone, code)}

    def asked(self, ask, cut):
        """What an operation says whose first commit is cut, at a time when nothing else commits."""
        until(lambda: "waiting" not in self.site.server.must("outbox", "list"), DRAINED, "an empty outbox")
        self.proxy.next_commit = cut
        return ask()

    def test_a_commit_whose_answer_is_lost_is_told_as_doubt_and_a_repetition_finds_out(self):
        for name, ask in self.operations().items():
            with self.subTest(name):
                self.assert_doubtful(self.asked(ask, Cut.AFTER))
                self.assertNotEqual(ask().outcome, UNKNOWN)
        self.judge(self.site)

    def test_a_commit_that_never_arrived_is_told_as_doubt_and_did_not_happen(self):
        for name, ask in self.operations().items():
            with self.subTest(name):
                self.assert_doubtful(self.asked(ask, Cut.BEFORE))
                self.assertEqual(ask().outcome, OK)
        self.judge(self.site)

    def test_connections_that_are_cut_and_reset_under_load_are_opened_again(self):
        with self.load(self.site):
            for number in range(10):
                self.proxy.cut_all(reset=number % 2 == 1)
                self.some_more(self.site, 10)
        self.assertTrue(self.doubts(self.site))

    def test_commits_that_are_cut_under_load_lose_nothing(self):
        with self.load(self.site):
            for number in range(20):
                self.proxy.next_commit = Cut.AFTER if number % 2 else Cut.BEFORE
                until(lambda: self.proxy.next_commit is None, what="a commit")
        self.assertGreaterEqual(len(self.doubts(self.site)), 10)

    def test_a_database_that_falls_silent_keeps_nobody_for_ever(self):
        link, email = self.player.login(fresh_email()).told["link"], fresh_email()
        self.proxy.hold()
        began = time.monotonic()
        asked = (lambda: self.player.login(email), lambda: self.player.follow(link, email), self.ready, self.alive)
        login, follow, ready, (alive, waited) = together(4, lambda number, _: asked[number]())
        self.assertLess(time.monotonic() - began, 60)
        self.assertTrue(alive)
        self.assertLess(waited, 5, "sockets waited for the database")
        self.assert_doubtful(login)
        self.assert_doubtful(follow)
        self.assertEqual(ready, 503)
        self.proxy.flow()
        until(lambda: self.ready() == 200, 20, "a server that is ready again")
        self.assertEqual(self.player.login(email).outcome, OK)
        self.judge(self.site)

    def alive(self):
        """Whether it always says that it is, while the others wait; and how long that took at most."""
        waits, until_then = [], time.monotonic() + 3
        while time.monotonic() < until_then:
            began = time.monotonic()
            if not self.site.server.alive():
                return False, 0
            waits.append(time.monotonic() - began)
        return True, max(waits)

    def ready(self):
        return Client(self.site.server).get("/readyz").status


class Restarted(Outage):
    def test_restarts_and_crashes_under_load_lose_nothing(self):
        database = self.enterContext(OwnServer("outage"))
        site = self.open(database.url)
        with self.load(site):
            for _ in range(3):
                database.restart()
                self.some_more(site, 20)
                database.crash()
                until(lambda: Client(site.server).get("/readyz").status == 503, what="a server that is not ready")
                self.assertTrue(site.server.alive())
                database.resume()
                self.some_more(site, 20)
        self.assertTrue(self.doubts(site))

    def pair(self):
        """A server, its standby, and a site that knows both."""
        primary = self.enterContext(OwnServer("primary"))
        standby = self.enterContext(OwnServer("standby", primary))
        site = self.open(f"postgresql:///postgres?host={primary.folder},{standby.folder}&user=onboard")
        return primary, standby, site

    def keep_in_step(self, primary):
        """Nothing is acknowledged from now on that the standby does not have."""
        primary.sql("ALTER SYSTEM SET synchronous_standby_names = '*'")
        primary.sql("SELECT pg_reload_conf()")
        until(lambda: primary.sql("SELECT sync_state FROM pg_stat_replication") == "sync",
              what="a synchronous standby")

    def test_a_standby_that_takes_over_under_load_has_all_that_was_acknowledged(self):
        primary, standby, site = self.pair()
        self.keep_in_step(primary)
        with self.load(site):
            primary.crash()
            standby.promote()
            self.some_more(site)
        self.assertTrue(self.doubts(site))
        self.assertGreater(int(standby.sql("SELECT count(*) FROM accounts")), 40)

    def test_a_standby_that_was_behind_when_it_took_over_is_found_out(self):
        primary, standby, site = self.pair()
        Player(site).login(fresh_email())
        until(lambda: primary.sql("SELECT replay_lsn >= pg_current_wal_lsn() FROM pg_stat_replication") == "t",
              what="a standby that has it, too")
        standby.crash()
        for _ in range(5):
            self.assertEqual(Player(site).login(fresh_email()).outcome, OK)
        primary.crash()
        standby.resume()
        standby.promote()
        until(lambda: Client(site.server).get("/readyz").status == 200, 20, "a server that is ready again")
        site.server.database = standby.url
        violations = Checker(site.history.operations, what_remains(site.server)).violations()
        self.assertEqual(sum(violation.invariant == "INV-03" for violation in violations), 5)

    def test_a_primary_that_comes_back_when_its_standby_has_taken_over_is_left_alone(self):
        primary, standby, site = self.pair()
        self.keep_in_step(primary)

        def people(server):
            return int(server.sql("SELECT count(*) FROM accounts"))
        with self.load(site):
            primary.crash()
            standby.promote()
            self.some_more(site)
        primary.resume()
        primary.sql("ALTER SYSTEM RESET synchronous_standby_names")
        primary.sql("SELECT pg_reload_conf()")
        self.assertEqual(primary.sql("SELECT pg_is_in_recovery()"), "f", "it would take whatever it is told")
        before = people(primary)
        standby.crash()
        self.assert_doubtful(Player(site).login(fresh_email()))
        self.assertEqual(Client(site.server).get("/readyz").status, 503)
        self.assertEqual(people(primary), before)
        self.assertIn("replaced", "".join(site.server.lines))
        primary.crash()
        standby.resume()
        with self.load(site):
            self.some_more(site)
        self.assertGreater(people(standby), before)

    def test_a_database_that_only_reads_is_told_so_until_it_writes_again(self):
        database = self.enterContext(OwnServer("readonly"))
        site = self.open(database.url)

        def told_to(setting):
            database.sql(f"ALTER SYSTEM SET default_transaction_read_only = {setting}")
            database.sql("SELECT pg_reload_conf()")
        with self.load(site):
            told_to("on")
            until(lambda: Client(site.server).get("/readyz").status == 503, what="a server that is not ready")
            self.assert_doubtful(Player(site).login(fresh_email()))
            told_to("off")
            self.some_more(site)

    def test_while_there_is_no_connection_to_be_had_it_says_so_and_goes_on_when_there_is(self):
        role = f"crowded_{os.getpid()}"
        sql(f"CREATE ROLE {role} LOGIN")
        self.addCleanup(sql, f"DROP ROLE {role}")
        database = self.enterContext(Database())
        sql(f"ALTER DATABASE {database.name} OWNER TO {role}")
        site = self.open(database.url.replace("user=onboard", f"user={role}"))
        player, email = Player(site), fresh_email()
        sql(f"ALTER ROLE {role} CONNECTION LIMIT 0")
        database.end_connections()
        self.assert_doubtful(player.login(email))
        self.assertTrue(site.server.alive())
        self.assertEqual(Client(site.server).get("/readyz").status, 503)
        sql(f"ALTER ROLE {role} CONNECTION LIMIT -1")
        until(lambda: player.login(email).outcome == OK, what="a connection")
        self.judge(site)


if __name__ == "__main__":
    unittest.main()
