"""The judge of histories: it lets pass what can be true, and finds every kind of breach."""

import dataclasses
import unittest

from history import OK, REFUSED, UNKNOWN, Checker, History, Remains

JANE, PHONE = "jane@example.com", "+4915112345678"


def account(email=JANE, **more):
    return {"id": 1, "email": email, "email_key": email, "phone_key": None, "status": 1} | more


def letter(name="a", to=JANE, kind="welcome-set-password", **more):
    return {"id": name, "message_id": f"<{name}@example.com>", "kind": kind, "to": [to]} | more


def waiting(name="a", to=JANE, kind="welcome-set-password", state="dead", reason="no such mailbox"):
    return {"id": name, "to": to, "kind": kind, "state": state, "reason": reason}


class Told:
    """A history that is made up, one operation after the other."""

    def __init__(self):
        self.history, self.now = History(), 0

    def __call__(self, name, outcome=OK, told=None, **arguments):
        operation = self.history.begin(0, name, **arguments)
        operation.begin, self.now = self.now, self.now + 2
        operation.outcome = outcome
        if outcome != UNKNOWN:
            operation.end = operation.begin + 1
        operation.told = {"status": {OK: 200, REFUSED: 422}.get(outcome, 0)} | (told or {})
        if outcome == UNKNOWN and not told:
            operation.told = {}
        return operation

    def login(self, outcome=OK, email=JANE, status=201, link="link", key=None, life=100):
        told = {"status": status, "link": link, "life": life} if outcome == OK else None
        return self("login", outcome, told, email=email, key=key)

    def create(self, outcome=OK, email=JANE, status=201, key=None):
        told = {"results": [status]} if outcome == OK else None
        return self("create", outcome, told, emails=[email], key=key)

    def use(self, name="redeem", outcome=OK, link="link", email=JANE, status=410, **more):
        told = {"status": status} if outcome == REFUSED else None
        return self(name, outcome, told, link=link, email=email, **more)


class TheJudge(unittest.TestCase):
    def setUp(self):
        self.told, self.remains = Told(), Remains()

    def found(self):
        return {violation.invariant for violation in
                Checker(self.told.history.operations, self.remains).violations()}

    def assert_clean(self):
        checker = Checker(self.told.history.operations, self.remains)
        self.assertEqual([], [str(violation) for violation in checker.violations()])

    def test_what_went_well_passes(self):
        self.told.login()
        self.told.use("follow")
        self.told.use("redeem", REFUSED)
        self.told.login(REFUSED, "nobody@example.com")
        self.told.create(email="john@example.com")
        self.told("forgot", email="john@example.com")
        self.told.create(email="john@example.com", status=200)
        self.told("send_code", phone=PHONE)
        self.told("sign_up", told={"is_new": True}, phone=PHONE, code="123456")
        self.remains = Remains(
            accounts=[account(), account("john@example.com", id=2), account(None, id=3, phone_key=PHONE)],
            letters=[letter(to="john@example.com"), letter("b", "john@example.com", "reset-password"),
                     letter("c", "john@example.com", "already-have-account")],
            texts=[{"id": "d", "to": PHONE}])
        self.assert_clean()

    def test_what_is_unknown_may_have_happened_or_not(self):
        def doubts():
            self.told.login(UNKNOWN)
            self.told.create(UNKNOWN, "john@example.com")
            self.told.use(outcome=UNKNOWN)
            self.told("send_code", UNKNOWN, phone=PHONE)
            self.told("sign_up", UNKNOWN, phone=PHONE, code="123456")
            self.told("block", UNKNOWN, email=JANE)
        doubts()
        self.assert_clean()
        self.remains = Remains(
            accounts=[account(status=2), account("john@example.com", id=2), account(None, id=3, phone_key=PHONE)],
            letters=[letter(to="john@example.com")], texts=[{"id": "d", "to": PHONE}])
        self.assert_clean()

    def test_a_link_whose_use_is_unknown_may_be_refused_later_and_may_not(self):
        self.told.login()
        self.told.use(outcome=UNKNOWN)
        self.told.use(outcome=REFUSED)
        self.remains.accounts = [account()]
        self.assert_clean()

    def test_a_repetition_under_one_key_makes_nobody_twice(self):
        self.told.login(key="one")
        self.told.login(key="one", link="another")
        self.remains.accounts = [account()]
        self.assert_clean()

    def test_a_repetition_under_one_key_may_come_late_and_is_told_what_came_of_the_first(self):
        for outcome in (OK, UNKNOWN):
            self.told.login(outcome, key="one")
            self.told.login(status=200, link="another")
            self.told.login(key="one", link="a third")
            self.remains.accounts = [account()]
            self.assert_clean()
            self.told = Told()

    def test_two_accounts_of_one_address(self):
        self.told.login()
        self.remains.accounts = [account(), account(id=2)]
        self.assertEqual(self.found(), {"INV-01"})

    def test_two_who_were_told_they_made_the_same_person(self):
        first, second = self.told.login(), self.told.login(link="another")
        second.begin = first.begin
        self.remains.accounts = [account()]
        self.assertEqual(self.found(), {"INV-01"})

    def test_two_accounts_of_one_number_or_one_person_id(self):
        self.told("sign_up", told={"is_new": True}, phone=PHONE, code="123456")
        self.remains.accounts = [account(None, phone_key=PHONE), account(None, id=2, phone_key=PHONE)]
        self.assertEqual(self.found(), {"INV-02"})
        self.remains.accounts.pop()
        self.assert_clean()
        self.remains.enrolments = [{"account": number, "partner": 1, "person_id": "A1"} for number in (1, 2)]
        self.assertEqual(self.found(), {"INV-02"})

    def test_somebody_new_twice_under_one_number(self):
        for code in ("123456", "654321"):
            self.told("sign_up", told={"is_new": True}, phone=PHONE, code=code)
        self.remains.accounts = [account(None, phone_key=PHONE)]
        self.assertEqual(self.found(), {"INV-02"})

    def test_an_acknowledged_person_who_is_not_there(self):
        for name in ("login", "create"):
            getattr(self.told, name)()
            self.assertIn("INV-03", self.found())
            self.told = Told()
        self.told("sign_up", told={"is_new": True}, phone=PHONE, code="123456")
        self.assertEqual(self.found(), {"INV-03"})

    def test_an_acknowledged_person_who_was_made_again(self):
        self.told.login(status=200)
        self.told.login(link="another")
        self.remains.accounts = [account()]
        self.assertEqual(self.found(), {"INV-03"})

    def test_an_acknowledged_link_block_or_password_that_is_not_there(self):
        self.remains.accounts = [account()]
        self.told.login()
        self.told.use(outcome=REFUSED, status=404)
        self.assertEqual(self.found(), {"INV-03"})
        self.told = Told()
        self.told.login()
        self.told("block", email=JANE)
        self.assertEqual(self.found(), {"INV-03"})
        self.told = Told()
        self.told.login()
        self.told.use("set_password", link="mailed", password="old")
        self.assertEqual(self.found(), {"INV-03"})
        self.remains.passwords = [{"account": 1}]
        self.assert_clean()
        self.told("sign_in", REFUSED, email=JANE, password="old")
        self.assertEqual(self.found(), {"INV-03"})

    def test_a_password_that_nobody_set(self):
        self.told.login()
        self.told("sign_in", email=JANE, password="old")
        self.remains.accounts = [account()]
        self.assertEqual(self.found(), {"INV-03"})

    def test_a_refusal_that_left_somebody(self):
        for name in ("login", "create"):
            getattr(self.told, name)(REFUSED)
            self.remains.accounts = [account()]
            self.assertIn("INV-04", self.found())
            self.told = Told()
        self.told("sign_up", REFUSED, phone=PHONE, code="123456")
        self.remains.accounts = [account(None, phone_key=PHONE)]
        self.assertEqual(self.found(), {"INV-04"})

    def test_what_is_good_once_and_was_taken_twice(self):
        self.remains = Remains(accounts=[account(), account(None, id=2, phone_key=PHONE)],
                               passwords=[{"account": 1}])
        for first, second in (("redeem", "follow"), ("follow", "follow"), ("set_password", "set_password")):
            with self.subTest(first + second):
                self.told = Told()
                self.told.login(link="other")
                for name in (first, second):
                    self.told.use(name, **{"password": "old"} if name == "set_password" else {})
                self.told("sign_up", UNKNOWN, phone=PHONE, code="123456")
                self.assertEqual(self.found(), {"INV-05"})
        self.told = Told()
        self.told.login()
        for _ in range(2):
            self.told("sign_up", told={"is_new": False}, phone=PHONE, code="123456")
        self.assertEqual(self.found(), {"INV-05"})

    def test_a_link_that_was_taken_too_late(self):
        self.told.login(life=3)
        self.remains.accounts = [account()]
        self.told("forgot", UNKNOWN, email=JANE)
        self.told("forgot", UNKNOWN, email=JANE)
        self.told.use()
        self.assertEqual(self.found(), {"INV-06"})

    def test_a_link_or_a_session_that_outlived_its_end(self):
        self.remains = Remains(accounts=[account(status=2)])
        self.told.login()
        self.told("block", email=JANE)
        self.told.use()
        self.assertEqual(self.found(), {"INV-06"})
        self.told = Told()
        self.told.login()
        self.told("follow", told={"session": "cookie"}, link="link", email=JANE)
        self.told("block", email=JANE)
        self.assert_clean()
        self.told("session", session="cookie", email=JANE)
        self.assertEqual(self.found(), {"INV-06"})

    def test_a_registration_without_its_letter_and_one_with_two(self):
        self.told.create()
        self.remains.accounts = [account()]
        self.assertEqual(self.found(), {"INV-11"})
        self.remains.letters = [letter("a"), letter("b")]
        self.assertEqual(self.found(), {"INV-11"})
        self.remains.letters.pop()
        self.assert_clean()

    def test_a_person_whose_making_is_unknown_and_who_is_there_has_a_letter(self):
        self.told.create(UNKNOWN)
        self.remains.accounts = [account()]
        self.assertEqual(self.found(), {"INV-11"})
        self.remains.outbox = [waiting()]
        self.assert_clean()

    def test_a_request_without_its_letter_and_one_with_two(self):
        self.told.login()
        self.told("forgot", email=JANE)
        self.remains.accounts = [account()]
        self.assertEqual(self.found(), {"INV-11"})
        self.remains.letters = [letter(name, kind="reset-password") for name in "ab"]
        self.assertEqual(self.found(), {"INV-11"})
        self.told = Told()
        self.told("send_code", phone=PHONE)
        self.remains = Remains()
        self.assertEqual(self.found(), {"INV-11"})
        self.remains.texts = [{"id": name, "to": PHONE} for name in "ab"]
        self.assertEqual(self.found(), {"INV-11"})

    def test_a_letter_that_was_given_up_for_no_reason(self):
        self.told.create()
        self.remains = Remains(accounts=[account()], outbox=[waiting(reason="")])
        self.assertEqual(self.found(), {"INV-12"})

    def test_copies_that_differ_and_letters_to_several(self):
        self.told.create()
        self.remains.accounts = [account()]
        for letters in ([letter(message_id="<b@example.com>")],
                        [letter(), letter(to="john@example.com", message_id="<a@example.com>")],
                        [letter(to=JANE) | {"to": [JANE, "john@example.com"]}]):
            self.remains.letters = letters
            self.assertIn("INV-13", self.found())

    def test_a_letter_or_a_text_that_nobody_caused(self):
        self.told.create(UNKNOWN)
        self.remains.letters = [letter()]
        self.assertEqual(self.found(), {"INV-14"})
        self.told.create(UNKNOWN, "john@example.com")
        self.remains = Remains(accounts=[account()], letters=[letter(), letter("b", kind="reset-password")])
        self.assertIn("INV-14", self.found())
        self.remains = Remains(texts=[{"id": "a", "to": PHONE}])
        self.assertEqual(self.found(), {"INV-14"})

    def test_doubt_that_is_told_as_something_else(self):
        self.told("login", UNKNOWN, {"status": 500}, email=JANE)
        self.assertEqual(self.found(), {"INV-20"})
        self.told = Told()
        self.told("login", UNKNOWN, {"status": 503, "retry_after": None}, email=JANE)
        self.assertEqual(self.found(), {"INV-20"})
        self.told.history.operations[0].told["retry_after"] = "1"
        self.assert_clean()

    def test_a_key_that_was_answered_in_two_ways(self):
        self.told.login(key="one")
        self.told.login(key="one", status=200, link="another")
        self.remains.accounts = [account()]
        self.assertEqual(self.found(), {"INV-20"})

    def test_a_server_that_does_not_come_back(self):
        self.told.create()
        self.remains = Remains(accounts=[account()], outbox=[waiting(state="waiting")])
        self.assertEqual(self.found(), {"INV-27"})
        self.remains = dataclasses.replace(self.remains, outbox=[waiting()], ready=False)
        self.assertEqual(self.found(), {"INV-27"})


if __name__ == "__main__":
    unittest.main()
