"""The commands, while the server runs and while it does not."""

import contextlib
import json
import sqlite3
import unittest

from support import REDEEM, Case, Client, Server, bearer, fresh_email, person, token_of


class Commands(Case):
    def refused(self, *words, code=1):
        """The command ends so, with one line that says why."""
        outcome = self.server.command(*words)
        self.assertEqual(outcome.code, code, f"{words}: {outcome}")
        self.assertEqual(len(outcome.err.strip().splitlines()), 1, outcome)
        self.assertNotIn("terminate", outcome.err)

    def listing(self, *words):
        return json.loads(self.server.must(*words, "--json"))


class Partners(Commands):
    def test_the_token_is_alone_on_the_last_line(self):
        out = self.server.must("partner", "add", "tokened")
        token = out.splitlines()[-1]
        self.assertRegex(token, r"^[!-~]{40,}$")
        self.assertEqual(self.login(token=token).status, 422)      # known, and the plan is not theirs
        self.assertNotIn(token, self.server.must("partner",
                                                 "list") + json.dumps(self.listing("partner", "list")))

    def test_a_new_partner_is_known_to_the_running_server(self):
        token, plan = self.second_partner("beta")
        self.created(person(bikePlanCode=plan), token)

    def test_a_name_is_taken_once(self):
        self.server.partner("taken")
        self.refused("partner", "add", "taken")

    def test_a_name_is_a_name(self):
        for name in ("", " ", "a\nb", "x" * 1000):
            with self.subTest(name[:10]):
                self.assertIn(self.server.command("partner", "add", name).code, (1, 2))

    def test_an_unknown_right_or_rule_is_wrong_usage(self):
        for words in (["--right", "everything"], ["--right", ""], ["--link-existing", "perhaps"]):
            self.assertEqual(self.server.command("partner", "add", "never", *words).code, 2)
        self.assertNotIn("never", self.server.must("partner", "list"))

    def test_rights_are_exactly_those_given(self):
        redeemer = self.server.partner("redeemer", "redeem")
        url = self.created()
        self.assertEqual(self.login(token=redeemer).status, 403)
        self.assertEqual(self.server.redeem(redeemer, url).status, 200)

    def test_they_are_listed(self):
        self.server.partner("listed", "partner", "redeem", link_existing="refuse")
        text = self.server.must("partner", "list")
        self.assertIn("alpha", text)
        self.assertIn("listed", text)
        entries = self.listing("partner", "list")
        [entry] = [entry for entry in entries if "listed" in entry.values()]
        for word in ("partner", "redeem", "refuse"):
            self.assertIn(word, json.dumps(entry))

    def test_two_tokens_and_then_the_newer(self):
        first = self.server.partner("rotated", "redeem")
        second = self.server.must("partner", "rotate", "rotated").splitlines()[-1]
        self.assertEqual([self.server.redeem(token, "/x").status for token in (first, second)], [404, 404])
        self.server.must("partner", "revoke", "rotated", "--oldest")
        self.assertEqual([self.server.redeem(token, "/x").status for token in (first, second)], [401, 404])
        third = self.server.must("partner", "rotate", "rotated").splitlines()[-1]
        self.assertEqual([self.server.redeem(token, "/x").status for token in (second, third)], [404, 404])
        self.server.must("partner", "revoke", "rotated")
        self.assertEqual([self.server.redeem(token, "/x").status for token in (second, third)], [401, 401])

    def test_a_revoked_partner_can_come_back_by_a_new_token(self):
        self.server.partner("returning", "redeem")
        self.server.must("partner", "revoke", "returning")
        token = self.server.must("partner", "rotate", "returning").splitlines()[-1]
        self.assertEqual(self.server.redeem(token, "/x").status, 404)

    def test_people_of_a_revoked_partner_stay(self):
        token, plan = self.second_partner("gone")
        user = person(bikePlanCode=plan)
        url = self.created(user, token)
        self.server.must("partner", "revoke", plan.removeprefix("PLAN-"))
        self.assertEqual(self.server.must("user", "show", user["email"]).count("Johansson"), 1)
        self.assertEqual(self.login(user, token).status, 401)
        self.assertIn(Client(self.server).get(url).status, (303, 410))

    def test_an_unknown_partner_is_refused(self):
        for verb in ("rotate", "revoke"):
            self.refused("partner", verb, "nobody")


class Plans(Commands):
    def test_a_partner_may_have_several(self):
        self.server.plan("PLAN-S1", "alpha")
        self.server.plan("PLAN-S2", "alpha")
        for code in ("PLAN-S1", "PLAN-S2", "PLAN-A"):
            self.created(person(bikePlanCode=code))

    def test_a_code_is_taken_once(self):
        self.server.plan("PLAN-T", "alpha")
        self.refused("plan", "add", "PLAN-T", "--partner", "alpha")
        self.server.partner("other")
        self.refused("plan", "add", "PLAN-T", "--partner", "other")

    def test_an_unknown_partner_or_plan_is_refused(self):
        self.refused("plan", "add", "PLAN-U", "--partner", "nobody")
        self.refused("plan", "close", "PLAN-NONE")

    def test_a_code_is_printable_and_not_too_long(self):
        for code in ("", "x" * 65, "a\nb"):
            with self.subTest(code[:5]):
                self.assertIn(self.server.command("plan", "add", code, "--partner", "alpha").code, (1, 2))
        self.server.plan("x" * 64, "alpha")
        self.created(person(bikePlanCode="x" * 64))

    def test_they_are_listed_with_their_partner_and_state(self):
        self.server.plan("PLAN-OPEN", "alpha")
        self.server.plan("PLAN-SHUT", "alpha")
        self.server.must("plan", "close", "PLAN-SHUT")
        text = self.server.must("plan", "list")
        for word in ("PLAN-OPEN", "PLAN-SHUT", "alpha"):
            self.assertIn(word, text)
        found = {code: entry for entry in self.listing("plan", "list") for code in ("PLAN-OPEN", "PLAN-SHUT")
                 if code in entry.values()}
        self.assertIn("alpha", found["PLAN-OPEN"].values())
        for entry in found.values():
            entry.popitem()
        self.assertEqual(set(found), {"PLAN-OPEN", "PLAN-SHUT"})

    def test_a_closed_plan_keeps_its_people(self):
        self.server.plan("PLAN-C", "alpha")
        user = person(bikePlanCode="PLAN-C")
        url = self.created(user)
        self.server.must("plan", "close", "PLAN-C")
        self.signed_in(url)
        self.assertEqual(self.login(user | {"bikePlanCode": "PLAN-A"}).status, 200)


class People(Commands):
    def test_a_person_is_shown_whole(self):
        user = person(firstName="Ada", lastName="Peeters", contractType="clerk", personnelNumber="N-77",
                      partner_PersonID="P-show", partner_additionalData={"costCentre": "X-99"}, language="NL")
        self.created(user)
        text = self.server.must("user", "show", f" {user['email'].upper()} ")
        for word in ("Ada", "Peeters", "clerk", "N-77", "P-show", "X-99", "PLAN-A", "alpha", user["email"]):
            self.assertIn(word, text)

    def test_an_unknown_person_is_refused(self):
        for verb in ("show", "block", "unblock", "delete"):
            self.refused("user", verb, fresh_email())
            self.assertIn(self.server.command("user", verb, "nonsense").code, (1, 2))

    def test_blocking_holds_for_the_next_request(self):
        user = person()
        url = self.created(user)
        self.server.must("user", "block", user["email"])
        self.assert_refused(self.login(user), 403)
        browser = Client(self.server)
        self.assertNotEqual(browser.get(url).status, 303)
        self.assert_not_signed_in(browser)
        self.server.must("user", "unblock", user["email"])
        self.updated(user)

    def test_somebody_blocked_is_shown_as_such(self):
        user = person()
        self.created(user)
        before = self.server.must("user", "show", user["email"])
        self.server.must("user", "block", user["email"])
        after = self.server.must("user", "show", user["email"])
        self.assertNotEqual(before, after)
        self.assertIn("blocked", after.lower())

    def test_deleting_leaves_a_tombstone_and_no_data(self):
        user = person(lastName="Marker-Last", partner_additionalData={"x": "Marker-Data"})
        browser = self.signed_in(self.created(user))
        self.server.must("user", "delete", user["email"])
        self.assert_not_signed_in(browser)
        self.assert_refused(self.login(user), 403)
        shown = self.server.command("user", "show", user["email"])
        self.assertNotIn("Marker", shown.out)
        self.assertIn(shown.code, (0, 1))

    def test_deleting_is_for_good(self):
        user = person()
        self.created(user)
        self.server.must("user", "delete", user["email"])
        self.server.command("user", "unblock", user["email"])
        self.assert_refused(self.login(user), 403)

    def test_blocking_somebody_stops_an_application_too(self):
        user = person()
        url = self.created(user)
        self.server.must("user", "block", user["email"])
        answer = Client(self.server).post(REDEEM, {"token": token_of(url)}, bearer(self.alpha))
        self.assertIn(answer.status, (403, 404, 410))


class Alone(unittest.TestCase):
    def test_a_database_can_be_made_ready_before_the_first_start(self):
        with Server() as model:
            model.stop()
            for file in model.folder.glob("onboard.*"):
                file.unlink()
            model.must("migrate")
            model.must("migrate")
            token = model.partner("alpha", "partner", "redeem")
            model.plan("PLAN-A", "alpha")
            model.start()
            self.assertEqual(model.login(token, person()).status, 201)

    def test_commands_work_while_the_server_is_down(self):
        with Server() as server:
            server.stop()
            token = server.partner("alpha", "partner", "redeem")
            server.plan("PLAN-A", "alpha")
            self.assertIn("alpha", server.must("partner", "list"))
            server.start()
            user = person()
            self.assertEqual(server.login(token, user).status, 201)
            server.stop()
            server.must("user", "block", user["email"])
            server.start()
            self.assertEqual(server.login(token, user).status, 403)

    def test_commands_and_requests_do_not_get_in_each_others_way(self):
        with Server() as server:
            token = server.partner("alpha")
            server.plan("PLAN-A", "alpha")
            for number in range(10):
                self.assertEqual(server.login(token, person()).status, 201)
                server.plan(f"PLAN-{number}", "alpha")
                self.assertEqual(server.login(token, person(bikePlanCode=f"PLAN-{number}")).status, 201)

    def test_lists_of_nothing_are_lists(self):
        with Server() as server:
            for what in ("partner", "plan"):
                self.assertEqual(json.loads(server.must(what, "list", "--json")), [])
                server.must(what, "list")

    def test_the_server_tells_that_it_lives_and_is_ready(self):
        with Server() as server:
            for path in ("/healthz", "/readyz"):
                answer = Client(server).get(path)
                self.assertEqual(answer.status, 200)
                self.assertEqual(Client(server).post(path, {}).status, 405)

    def test_the_first_line_says_where_it_listens(self):
        with Server() as server:
            self.assertRegex(server.url, r"^http://127\.0\.0\.1:[1-9]\d+$")

    def test_a_fixed_port_is_used(self):
        with Server() as server:
            port = server.address[1]
        with Server(listen=f"127.0.0.1:{port}") as server:
            self.assertEqual(server.address[1], port)
            self.assertTrue(server.alive())
            # The port is free again at once, connections of the last run notwithstanding.
            server.restart()
            self.assertTrue(server.alive())


class Audit(Commands):
    def tamper(self, sql):
        """Changes the file behind the server's back, with what stands in the way put back afterwards."""
        with contextlib.closing(sqlite3.connect(self.server.folder / "onboard.db")) as database:
            triggers = database.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
            for name, _ in triggers:
                database.execute(f"DROP TRIGGER {name}")
            self.assertGreater(database.execute(sql).rowcount, 0)
            for _, text in triggers:
                database.execute(text)
            database.commit()

    def test_what_happened_is_listed_and_stands(self):
        before = int(self.server.must("audit", "verify").split(":")[1].split()[0])
        browser = self.signed_in(self.created())
        browser.submit(browser.get("/home"))
        events = [entry["event"] for entry in self.listing("audit", "list", "--last", "4")]
        self.assertEqual(events, ["account_opened", "login_link_issued", "session_opened", "session_ended"])
        self.assertIn("session_ended", self.server.must("audit", "list"))
        after = int(self.server.must("audit", "verify").split(":")[1].split()[0])
        self.assertEqual(after, before + 4)

    def test_whatever_is_changed_behind_the_servers_back_is_found(self):
        with Server() as server:
            self.server, shared = server, self.server
            try:
                server.partner("gamma")
                server.partner("delta")
                server.must("audit", "verify")
                self.tamper("UPDATE audit_entries SET partner = 1 WHERE partner = 2 AND number = 3")
                outcome = server.command("audit", "verify")
                self.assertEqual(outcome.code, 1)
                self.assertIn("strand 1, entry 3: the entry was changed", outcome.err)
                self.tamper("DELETE FROM audit_entries WHERE number >= 3")
                self.refused("audit", "verify")
            finally:
                self.server = shared



if __name__ == "__main__":
    unittest.main()
