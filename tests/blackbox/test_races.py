"""Sixty-four at once: the database decides who is first, and tells everybody else."""

import collections
import unittest

from support import LOGIN, REDEEM, Case, Client, bearer, code_in, fresh_email, person, together, token_of

MANY = 64


class Races(Case):
    def ready(self, number):
        return Client(self.server).connect()

    def logins(self, users, tokens=None, **headers):
        """One user.login each, all at the same moment."""
        more = {name.replace("_", "-"): value for name, value in headers.items()}

        def log_in(number, client):
            token = tokens[number] if tokens else self.alpha
            return client.post(LOGIN, {"user": users[number]}, bearer(token) | more)
        return together(len(users), log_in, self.ready)

    def people(self, urls, token=None):
        return {self.redeemed(url, token)["id"] for url in urls}

    def assert_counts(self, answers, **expected):
        found = collections.Counter(f"_{answer.status}" for answer in answers)
        self.assertEqual(dict(found), expected, [answer for answer in answers if answer.status >= 400][:2])

    def test_one_new_address_in_many_spellings_is_one_person(self):
        for _ in range(3):
            email = fresh_email("ma\u212a.gro\u00df")
            spellings = [email, email.upper(), f"  {email} ", email.title(), email.replace("\u212a", "k"),
                         email.replace("\u00df", "SS"), email.replace("example", "EXAMPLE"),
                         f"{email}\t".strip()]
            answers = self.logins([person(email=spellings[number % len(spellings)])
                                   for number in range(MANY)])
            self.assert_counts(answers, _201=1, _200=MANY - 1)
            self.assertEqual(len({answer.url for answer in answers}), MANY)
            self.assertEqual(len(self.people(answer.url for answer in answers)), 1)

    def test_one_link_has_one_winner_among_browsers(self):
        for _ in range(3):
            url = self.created()
            answers = together(MANY, lambda number, client: client.get(url), self.ready)
            self.assert_counts(answers, _303=1, _410=MANY - 1)
            self.assertEqual(sum(bool(answer.cookies) for answer in answers), 1)

    def test_one_link_has_one_winner_among_applications(self):
        for _ in range(3):
            token = token_of(self.created())
            answers = together(MANY, lambda number,
                               client: client.post(REDEEM, {"token": token}, bearer(self.alpha)),
                               self.ready)
            self.assert_counts(answers, _200=1, _410=MANY - 1)

    def test_one_link_has_one_winner_among_browsers_and_applications(self):
        url = self.created()

        def follow(number, client):
            if number % 2:
                return client.get(url)
            return client.post(REDEEM, {"token": token_of(url)}, bearer(self.alpha))
        answers = together(MANY, follow, self.ready)
        self.assertEqual(sum(answer.status in (200, 303) for answer in answers), 1)
        self.assertEqual(sum(answer.status == 410 for answer in answers), MANY - 1)

    def test_one_idempotency_key_runs_once(self):
        for number in range(3):
            user = person()
            answers = self.logins([user] * MANY, Idempotency_Key=f"race-{number}")
            self.assert_counts(answers, _201=MANY)
            replayed = collections.Counter(answer["Idempotency-Replayed"] for answer in answers)
            self.assertEqual(replayed, {None: 1, "true": MANY - 1})
            self.assertEqual(len({answer.url for answer in answers}), MANY)
            self.assertEqual(len(self.people(answer.url for answer in answers)), 1)

    def test_one_idempotency_key_with_two_bodies_lets_one_of_them_through(self):
        users = [person(), person()]
        answers = self.logins([users[number % 2] for number in range(MANY)], Idempotency_Key="two-bodies")
        self.assert_counts(answers, _201=MANY // 2, _422=MANY // 2)
        self.assertEqual(len({number % 2 for number, answer in enumerate(answers) if answer.status == 201}),
                         1)
        self.assertEqual(sorted(self.login(user).status for user in users), [200, 201])

    def test_one_person_id_for_many_new_addresses_has_one_owner(self):
        users = [person(partner_PersonID="P-race") for _ in range(MANY)]
        answers = self.logins(users)
        self.assert_counts(answers, _201=1, _409=MANY - 1)
        again = [self.login({name: user[name] for name in user if name != "partner_PersonID"}).status
                 for user in users]
        self.assertEqual(collections.Counter(again), {200: 1, 201: MANY - 1},
                         "a refusal left something behind")

    def test_two_partners_with_one_new_address_make_one_person(self):
        beta, plan = self.second_partner("beta", link_existing="trust")
        user = person()
        answers = self.logins([user | {"bikePlanCode": ("PLAN-A", plan)[number % 2]}
                               for number in range(MANY)],
                              [(self.alpha, beta)[number % 2] for number in range(MANY)])
        found = collections.Counter(answer.status for answer in answers)
        self.assertEqual(found, {201: 1, 200: MANY - 1})
        # alpha asks for a code by default, so only its own people come back without one.
        self.assertEqual(len(self.people([answer.url for answer in answers[1::2]], beta)), 1)

    def test_many_new_people_at_once_are_all_there(self):
        users = [person(lastName=f"Number {number}") for number in range(MANY)]
        answers = self.logins(users)
        self.assert_counts(answers, _201=MANY)
        for user, answer in zip(users, answers):
            self.assertEqual(self.redeemed(answer.url)["email"], user["email"])

    def test_an_update_is_taken_whole(self):
        user = person()
        url = self.created(user)
        self.logins([user | {"firstName": f"F{number}", "lastName": f"L{number}",
                             "personnelNumber": str(number)}
                     for number in range(MANY)])
        found = self.redeemed(url)
        number = found["personnelNumber"]
        self.assertEqual((found["firstName"], found["lastName"]), (f"F{number}", f"L{number}"))

    def confirming(self, code_of):
        """One code form posted many times at once, with what code_of(number, right code) says."""
        beta, plan = self.second_partner("beta")
        user = person()
        self.created(user)
        count = len(self.server.mails())
        browser = Client(self.server)
        browser.get(self.updated(user | {"bikePlanCode": plan}, beta))
        page = browser.get("/otp")
        code = code_in(self.server.wait_for_mail(count + 1)[-1])

        def post(number, client):
            client.cookies = dict(browser.cookies)
            return client.submit(page, text=code_of(number, code))
        return together(MANY, post, self.ready), browser, page, code

    def test_one_code_has_one_winner(self):
        answers, *_ = self.confirming(lambda number, code: code)
        home = [answer for answer in answers if answer["Location"] == f"{self.server.url}/home"]
        self.assertEqual(len(home), 1)

    def test_guesses_made_at_once_are_all_counted(self):
        answers, browser, page, code = self.confirming(lambda number,
                                                       code: f"{(int(code) + 1 + number) % 10**6:06}")
        self.assertEqual({answer.status // 100 for answer in answers}, {4})
        browser.submit(page, text=code)
        self.assert_not_signed_in(browser)

    def test_signing_out_once_is_enough_whoever_else_is_asking(self):
        browser = self.signed_in(self.created())
        page, cookies = browser.get("/home"), dict(browser.cookies)

        def ready(number):
            client = Client(self.server)
            client.cookies = dict(cookies)
            return client.connect()
        together(MANY, lambda number, client: client.submit(page) if number == 0 else client.get("/session"),
                 ready)
        late = Client(self.server)
        late.cookies = cookies
        self.assert_not_signed_in(late)


if __name__ == "__main__":
    unittest.main()
