"""What an answer gives away of who is here: nothing beyond what docs/contracts.md says that it tells.

Answers are compared whole: status, fields in their order, cookies, body. Only what the asker sent, the time, and what
is drawn at random is blotted out, and its length is not."""

import functools
import html
import itertools
import re
import unittest
import urllib.parse

import state_portal
from support import (ABSENT, CREATE, LOGIN, REDEEM, Case, Client, Server, bearer, code_in_text, fresh_phone, link_in,
                     person, token_of)
from test_sso import ROOMY, basic, opt_in_code

PASSWORD, OTHER = "velvet otter plays 7 quiet drums", "nine copper kites over a long lake"
AGREED = {"agb": True, "dataprotection": True}
WRONG = "12345x"        # is nobody's code
STATE = "https://state.example"
MAILED = ("member", "without a password", "another partner's", "blocked", "deleted")
TEXTED = ("member", "with an address", "another site's", "blocked", "deleted")
LEAVING = {"blocked": "block", "deleted": "delete"}     # state -> the command that leads there

# The time of an answer, and what somebody drew: tokens, cookies, UUIDs.
VARYING = re.compile(rb'(?<=\r\nDate: )[^\r]+|(?<="ts":")[^"]+|[\w-]{32,}')

_numbers = itertools.count(1)


def address():
    """An address that nobody else has, as long as any other."""
    return f"p{next(_numbers):05}@example.com"


def damaged(token):
    """Another token of the same length."""
    return token[:-1] + ("A" if token[-1] != "A" else "E")


def blotted(found):
    return b"~" * len(found[0])


class Here:
    """A server, and everybody who could be meant: people of two partners and two sites in every state."""

    def __init__(self):
        self.server = Server(**ROOMY)
        unittest.addModuleCleanup(self.server.__exit__)
        self.alpha, self.beta = (self.server.partner(name, "partner", "redeem") for name in ("alpha", "beta"))
        for code, partner in (("PLAN-A", "alpha"), ("PLAN-B", "beta")):
            self.server.plan(code, partner)
        self.site, self.other_site = (self.server.partner(name, "sso") for name in ("site", "other-site"))
        self.portal = self.server.partner("portal", "sunbird")
        self.server.must("channel", "add", "kerala")
        self.key = state_portal.key("rsa")
        self.server.must("issuer", "add", STATE, "--public-key", str(self.key.public), "--channel", "kerala")
        self.emails = {kind: address() for kind in MAILED}
        self.phones = {kind: fresh_phone() for kind in TEXTED}
        self.bring_by_mail()
        self.bring_by_telephone()
        for people in (self.emails, self.phones):
            self.leave(people)

    def leave(self, people):
        """Blocks and deletes whom these states are about: state -> address or number."""
        for state, command in LEAVING.items():
            self.server.must("user", command, people[state])

    def bring_by_mail(self):
        for kind, email in self.emails.items():
            if kind == "without a password":
                self.server.login(self.alpha, person(email=email))
            elif kind == "another partner's":
                self.server.create(self.beta, person(email=email, bikePlanCode="PLAN-B"))
            else:
                self.server.create(self.alpha, person(email=email))
        for mail in self.server.delivered():
            self.set_password(link_in(mail))

    def set_password(self, link):
        browser = Client(self.server)
        answer = browser.submit(browser.get(link), password=PASSWORD)
        assert answer.status == 303, answer

    def replace_password(self, email):
        """Through a link that somebody asks for."""
        browser = Client(self.server)
        browser.submit(browser.get("/forgot-password"), email=email)
        self.set_password(link_in(self.letters(email)[-1]))

    def bring_by_telephone(self):
        for phone in self.phones.values():
            Client(self.server).post("/sso/sms", {"telephone": phone})
        self.server.delivered()
        for kind, phone in self.phones.items():
            self.sign_in_by_telephone(phone, self.other_site if kind == "another site's" else self.site)
        email, phone = address(), self.phones["with an address"]
        self.want_address(phone, email)
        Client(self.server).request("PATCH", "/sso/email-optin", {"c": opt_in_code(self.letters(email)[-1])})
        self.emails["with a number"] = email

    def sign_in_by_telephone(self, phone, site):
        """The auth code of somebody who has been texted a code."""
        code = code_in_text(self.server.texts(phone)[-1])
        answer = Client(self.server).post("/sso/auth", {"telephone": phone, "code": code} | AGREED, bearer(site))
        assert answer.status == 201, answer
        return answer.json["authCode"]

    def want_address(self, phone, email):
        answer = Client(self.server).request("PATCH", "/sso/email", {"telephone": phone, "email": email},
                                             bearer(self.site))
        assert answer.status == 200, answer

    def letters(self, email):
        return [mail for mail in self.server.delivered() if mail["To"] == email]


here = functools.cache(Here)    # one for all classes, made when it is asked for first


class Disclosure(Case):
    """Who may be meant, what they are answered, and whether it is the same."""

    @classmethod
    def setUpClass(cls):
        for name, what in vars(here()).items():
            setattr(cls, name, what)

    def ask(self, phone):
        self.assertEqual(Client(self.server).post("/sso/sms", {"telephone": phone}).status, 201)

    def code_to(self, phone):
        self.ask(phone)
        self.server.delivered()
        return code_in_text(self.server.texts(phone)[-1])

    def everybody(self, people, stranger):
        """Who -> address or number, a stranger and another one among them."""
        return people | {"a stranger": stranger(), "another stranger": stranger()}

    def by_mail(self):
        return self.everybody(self.emails, address)

    def by_telephone(self):
        return self.everybody(self.phones, fresh_phone)

    def answer(self, method, target, body=None, own=(), **fields):
        """The octets of an answer, with what is the asker's own blotted out. Fields are those of the request."""
        fields = {name.replace("_", "-"): text for name, text in fields.items()}
        client = Client(self.server, X_Request_Id="asked", X_msgid="asked")
        return self.octets(client.request(method, target, body, fields), own)

    def submitted(self, browser, page, own=(), **answers):
        """The same of a form that is filled in."""
        return self.octets(browser.submit(page, **answers), own)

    @staticmethod
    def octets(answer, own):
        lines = [f"HTTP/1.1 {answer.status}", *(f"{name}: {text}" for name, text in answer.headers.items()), "", ""]
        octets = "\r\n".join(lines).encode() + answer.body
        for text in own:
            for spelling in {text, html.escape(text)}:
                octets = octets.replace(spelling.encode(), b"~" * len(spelling))
        return VARYING.sub(blotted, octets)

    def alike(self, status, answers):
        """However many ask, they are told the same."""
        self.assertGreater(len(answers), 1)
        (first, told), *others = answers.items()
        self.assertTrue(told.startswith(f"HTTP/1.1 {status}\r\n".encode()), f"{first}: {told}")
        for who, answer in others:
            self.assertEqual(answer, told, f"{who} beside {first}")

    def alike_to_each(self, status, people, ask):
        """The same for everybody; `ask` takes an address or number and makes the octets of an answer."""
        self.alike(status, {who: ask(key) for who, key in people.items()})


class AboutPasswords(Disclosure):
    def entering(self, page, email, password):
        return self.submitted(self.browser, page, [email], email=email, password=password)

    def test_a_password_that_does_not_fit_is_answered_alike_whoever_is_meant(self):
        self.browser = Client(self.server)
        page = self.browser.get("/sign-in")
        people = self.by_mail()
        tries = [(who, password) for who in people for password in (OTHER, "x" * 2000, "x\0")]
        tries += [(who, PASSWORD) for who in LEAVING]
        self.alike(401, {(who, password): self.entering(page, people[who], password) for who, password in tries})

    def test_the_session_of_somebody_opens_no_other_answer(self):
        self.browser = self.signed_in(self.created(person(email=address())))
        page = self.browser.get("/sign-in")
        people = {"somebody": self.emails["member"], "a stranger": address()}
        self.alike_to_each(401, people, lambda email: self.entering(page, email, OTHER))

    def test_asking_for_a_link_is_answered_alike_whoever_is_meant(self):
        browser = Client(self.server)
        page = browser.get("/forgot-password")
        people = self.by_mail() | {"in capitals": self.emails["member"].capitalize()}
        for _ in range(2):
            self.alike_to_each(200, people, lambda email: self.submitted(browser, page, [email], email=email))

    def test_a_link_that_is_gone_says_not_why(self):
        emails = {state: address() for state in ("used", "replaced", *LEAVING)}
        self.server.create(self.alpha, [person(email=email) for email in emails.values()])
        links = {state: link_in(here().letters(email)[-1]) for state, email in emails.items()}
        here().set_password(links["used"])
        here().leave(emails)
        here().replace_password(emails["replaced"])
        self.alike_to_each(410, links, lambda link: self.answer("GET", link))

    def test_a_link_nobody_was_mailed_is_not_found_however_it_is_made_up(self):
        email = address()
        self.server.create(self.alpha, person(email=email))
        link = token_of(link_in(here().letters(email)[-1]))
        made_up = {"damaged": damaged(link), "cut": link[:-1], "drawn": "Q" * len(link),
                   "of another kind": token_of(self.created(person(email=address())))}
        self.alike_to_each(404, made_up, lambda text: self.answer("GET", f"/set-password/{text}"))


class AboutLinks(Disclosure):
    def gone(self):
        """Links that were good, by what became of them."""
        emails = {state: address() for state in ("used", "ended by a password", *LEAVING)}
        links = {state: self.created(person(email=email)) for state, email in emails.items()}
        self.signed_in(links["used"])
        here().leave(emails)
        here().replace_password(emails["ended by a password"])
        return links

    def made_up(self):
        """Tokens that nobody was given."""
        token = token_of(self.created(person(email=address())))
        return {"damaged": damaged(token), "cut": token[:-1], "drawn": "Q" * len(token), "a partner's": self.alpha}

    def test_a_browser_is_told_of_a_link_that_is_gone_or_none_and_not_why(self):
        self.alike_to_each(410, self.gone(), lambda url: self.answer("GET", url))
        self.alike_to_each(404, self.made_up(), lambda token: self.answer("GET", f"/login/{token}"))

    def test_looking_at_a_link_tells_not_whether_it_is_one(self):
        links = {state: token_of(url) for state, url in self.gone().items()} | self.made_up()
        links["good"] = token_of(self.created(person(email=address())))
        self.alike_to_each(200, links, lambda token: self.answer("HEAD", f"/login/{token}"))
        self.alike_to_each(204, links, lambda token: self.answer("GET", f"/login/{token}", Sec_Purpose="prefetch"))

    def test_an_application_is_told_of_a_link_that_is_gone_or_none_and_not_why(self):
        def redeemed(token):
            return self.answer("POST", REDEEM, {"token": token}, **bearer(self.alpha))
        self.alike_to_each(410, self.gone(), lambda url: redeemed(token_of(url)))
        self.alike_to_each(404, self.made_up(), redeemed)

    def test_a_session_that_ended_is_like_one_that_never_was(self):
        emails = {state: address() for state in ("signed out", *LEAVING)}
        browsers = {state: self.signed_in(self.created(person(email=email))) for state, email in emails.items()}
        cookies = {state: browser.cookies["onboard"] for state, browser in browsers.items()}
        browsers["signed out"].submit(browsers["signed out"].get("/home"))
        here().leave(emails)
        cookies |= {"drawn": "Q" * len(cookies["blocked"]), "none": ""}
        for target in ("/session", "/home"):
            self.alike_to_each(401, cookies, lambda cookie: self.answer("GET", target, Cookie=f"onboard={cookie}"))

    def test_nobody_is_shown_a_form_for_a_code_that_none_waits_for(self):
        pending = self.made_up() | {"good without a code": token_of(self.created(person(email=address())))}
        self.alike_to_each(404, pending, lambda token: self.answer("GET", "/otp", Cookie=f"onboard-pending={token}"))


class AboutPartners(Disclosure):
    def sent(self, email, token=None, plan="PLAN-A"):
        user = person(email=email, bikePlanCode=plan)
        return self.answer("POST", LOGIN, {"user": user}, [email], **bearer(token or self.alpha))

    def registered(self, email, token=None, plan="PLAN-A"):
        user = person(email=email, bikePlanCode=plan)
        return self.answer("POST", CREATE, {"user": user}, [email], **bearer(token or self.alpha))

    def test_a_partner_that_sends_somebody_learns_not_whose_customer_they_are(self):
        kinds = ("member", "without a password", "another partner's", "with a number")
        known = {who: self.emails[who] for who in kinds}
        self.alike_to_each(200, known, self.sent)
        self.alike_to_each(200, known, lambda email: self.sent(email, self.beta, "PLAN-B"))
        self.alike_to_each(200, known, self.registered)
        self.alike(201, {"a stranger": self.sent(address()), "another": self.sent(address(), self.beta, "PLAN-B"),
                         "an address that waits": self.sent(self.waiting())})

    def waiting(self):
        """An address that somebody asked for and did not confirm."""
        email = address()
        here().want_address(self.phones["member"], email)
        return email

    def test_who_may_not_be_signed_in_is_refused_alike_by_every_partner(self):
        for state in LEAVING:
            email = self.emails[state]
            for call in (self.sent, self.registered):
                self.alike(403, {"its own": call(email), "another's": call(email, self.beta, "PLAN-B")})

    def test_a_plan_that_is_not_the_callers_is_like_none(self):
        self.server.plan("PLAN-C", "alpha")
        self.server.must("plan", "close", "PLAN-C")
        plans = {"closed": "PLAN-C", "another's": "PLAN-B", "none": "PLAN-Q"}
        for email in (self.emails["member"], address()):
            self.alike_to_each(422, plans, lambda plan: self.sent(email, plan=plan))

    def test_credentials_that_do_not_work_are_answered_alike(self):
        ended = self.server.partner("ended", "partner", "sso", "sunbird")
        self.server.must("partner", "revoke", "ended")
        tokens = {"ended": ended, "damaged": self.alpha[:-1] + "!", "none of ours": "x" * len(self.alpha),
                  "a link's": token_of(self.created(person(email=address())))}
        for method, target in (("POST", LOGIN), ("POST", CREATE), ("POST", REDEEM), ("POST", "/sso/user/status"),
                               ("POST", "/v2/user/create"), ("GET", "/v1/user/exists/phone/015112345678")):
            self.alike_to_each(401, tokens, lambda token: self.answer(method, target, **bearer(token)))
        pairs = {"a right name": ("site", "x" * len(self.site)), "no such name": ("nobody", self.site),
                 "another's token": ("site", self.other_site), "of one that ended": ("ended", ended)}
        self.alike_to_each(401, pairs, lambda pair: self.answer("POST", "/sso/user/status", **basic(*pair)))
        self.alike_to_each(401, pairs, self.granted)

    def granted(self, pair):
        form = {"grant_type": "client_credentials", "client_id": pair[0], "client_secret": pair[1]}
        return self.octets(Client(self.server, X_Request_Id="asked").post("/oauth", form=form), pair)


class AboutTelephones(Disclosure):
    def sso(self, method, path, body, own=(), token=None):
        return self.answer(method, f"/sso/{path}", body, own, **bearer(token or self.site))

    def test_asking_for_a_code_is_answered_alike_whoever_is_meant(self):
        for fields in ({}, {"Accept_Language": "fr"}, bearer(self.site)):
            self.alike_to_each(201, self.by_telephone(), lambda phone: self.answer(
                "POST", "/sso/sms", {"telephone": phone}, [phone], **fields))

    def test_what_is_texted_is_the_same_whoever_is_meant(self):
        people = self.by_telephone()
        for phone in people.values():
            self.ask(phone)
        self.server.delivered()
        texts = [self.server.texts(phone)[-1]["text"] for phone in people.values()]
        self.assertEqual(len({text.replace(code_in_text({"text": text}), "CODE") for text in texts}), 1)

    def test_a_wrong_code_is_answered_alike_whoever_is_meant_and_whether_one_is_under_way(self):
        people = self.by_telephone()
        people["somebody who waits for a code"] = waiting = fresh_phone()
        self.ask(waiting)
        for path, more in (("code", {}), ("auth", {}), ("auth", AGREED)):
            self.alike_to_each(400, people, lambda phone: self.sso(
                "POST", path, {"telephone": phone, "code": WRONG} | more, [phone]))

    def test_guesses_run_out_alike_whoever_is_meant(self):
        people = {"somebody": fresh_phone(), "a stranger": fresh_phone()}
        self.code_to(people["somebody"])
        here().sign_in_by_telephone(people["somebody"], self.site)
        for _ in range(7):
            self.alike_to_each(400, people, lambda phone: self.sso(
                "POST", "code", {"telephone": phone, "code": WRONG}, [phone]))

    def test_a_pair_of_number_and_auth_code_is_good_or_not_and_nothing_is_said_of_why(self):
        phone = fresh_phone()
        self.code_to(phone)
        good = here().sign_in_by_telephone(phone, self.site)
        drawn = "Q" * len(good)
        pairs = {(who, code): (number, code) for who, number in self.by_telephone().items() for code in (good, drawn)}
        pairs["damaged"] = (phone, damaged(good))

        def shown(pair, token=None):
            return self.sso("POST", "user", {"username": pair[0], "authCode": pair[1]}, pair, token)

        def shown_by_get(pair, token=None):
            query = urllib.parse.urlencode({"username": pair[0], "authCode": pair[1]})
            return self.answer("GET", f"/sso/user?{query}", None, pair, **bearer(token or self.site))
        for ask in (shown, shown_by_get):
            self.alike(404, {"right, elsewhere": ask((phone, good), self.other_site)} |
                       {why: ask(pair) for why, pair in pairs.items()})

    def test_asking_for_somebody_elses_address_is_answered_alike(self):
        wanted = self.by_mail()
        wanted.pop("with a number")     # who has it may be told so
        for phone in (self.phones["member"], self.phones["with an address"]):
            def asked(email):
                return self.sso("PATCH", "email", {"telephone": phone, "email": email}, [phone, email])

            def asked_and_told(email):
                asked(email)
                return self.sso("PATCH", "email-status", {"telephone": phone, "email": email}, [phone, email])
            for _ in range(2):
                self.alike_to_each(200, wanted, asked)
            self.alike_to_each(200, wanted, asked_and_told)

    def test_a_number_that_is_nobodys_any_more_is_like_a_strangers(self):
        email = address()
        phones = {"deleted": self.phones["deleted"], "a stranger": fresh_phone()}
        self.alike_to_each(404, phones, lambda phone: self.sso(
            "PATCH", "email", {"telephone": phone, "email": email}, [phone, email]))

    def test_the_state_of_an_address_is_told_of_a_pair_that_is_one_and_of_no_other(self):
        emails, phones = self.by_mail(), self.by_telephone()
        emails["waits elsewhere"] = waiting = address()
        self.sso("PATCH", "email", {"telephone": phones["another site's"], "email": waiting}, token=self.other_site)
        pairs = {(who, whose): (phone, email) for who, phone in phones.items() for whose, email in emails.items()
                 if (who, whose) not in (("with an address", "with a number"), ("another site's", "waits elsewhere"))}
        self.alike_to_each(404, pairs, lambda pair: self.answer(
            "PATCH", "/sso/email-status", {"telephone": pair[0], "email": pair[1]}, pair))

    def test_a_token_that_confirms_no_address_is_not_told_why(self):
        phones = {state: fresh_phone() for state in ("used", "replaced", *LEAVING)}
        emails = {state: address() for state in phones}
        for phone in phones.values():
            self.ask(phone)
        self.server.delivered()
        for state, phone in phones.items():
            here().sign_in_by_telephone(phone, self.site)
            here().want_address(phone, emails[state])
        tokens = {state: opt_in_code(here().letters(email)[-1]) for state, email in emails.items()}
        self.assertEqual(Client(self.server).request("PATCH", "/sso/email-optin", {"c": tokens["used"]}).status, 200)
        here().want_address(phones["replaced"], address())
        here().leave(phones)
        tokens["drawn"] = "Q" * len(tokens["used"])
        self.alike_to_each(404, tokens, lambda token: self.answer("PATCH", "/sso/email-optin", {"c": token}))
        self.alike_to_each(404, tokens, lambda token: self.answer("GET", f"/email-optin/{token}"))

    def test_who_left_is_as_little_registered_as_a_stranger(self):
        people = self.by_telephone()
        for group in (("blocked", "deleted", "a stranger"), ("member", "another site's", "with an address")):
            self.alike_to_each(201, {who: people[who] for who in group}, lambda phone: self.sso(
                "POST", "user/status", {"user": [phone]}, [phone]))


class AboutLimits(Disclosure):
    """Who asks too often is told so, and nothing else."""

    def test_the_second_text_of_an_hour_is_put_off_alike_whoever_is_meant(self):
        with Server(otp_pause_seconds=3600) as server:
            site = server.partner("site", "sso")
            phones = {"somebody": fresh_phone(), "a stranger": fresh_phone()}
            Client(server).post("/sso/sms", {"telephone": phones["somebody"]})
            code = code_in_text(server.wait_for_texts()[0])
            body = {"telephone": phones["somebody"], "code": code} | AGREED
            answer = Client(server).post("/sso/auth", body, bearer(site))
            self.assertEqual(answer.status, 201, answer)
            Client(server).post("/sso/sms", {"telephone": phones["a stranger"]})
            told = {}
            for who, phone in phones.items():
                answer = Client(server, X_Request_Id="asked").post("/sso/sms", {"telephone": phone})
                self.assertIn(int(answer["Retry-After"]), range(1, 3601))
                answer.headers.replace_header("Retry-After", "3600")
                told[who] = self.octets(answer, [phone])
            self.alike(429, told)


class AboutSignUps(Disclosure):
    def sunbird(self, method, path, request=None, own=()):
        return self.answer(method, path, request and {"request": request}, own, **bearer(self.portal))

    def test_a_contact_is_somebodys_or_nobodys_and_nothing_is_said_of_whose(self):
        emails, phones = self.by_mail(), self.by_telephone()
        for kind, people, taken in (
                ("email", emails, ("member", "without a password", "another partner's", "with a number", "deleted")),
                ("phone", phones, ("member", "another site's", "with an address", "deleted"))):
            for status, whom in ((400, taken), (200, ("a stranger", "another stranger"))):
                self.alike_to_each(status, {who: people[who] for who in whom}, lambda key: self.sunbird(
                    "POST", "/v1/otp/generate", {"key": key, "type": kind}, [key]))
            self.alike_to_each(400, {who: people[who] for who in taken}, lambda key: self.sunbird(
                "POST", "/v2/user/create", {"firstName": "Asha", kind: key, "OTP": WRONG}, [key]))

    def test_a_code_where_none_is_under_way_is_answered_alike_whoever_is_meant(self):
        for kind, people in (("email", self.by_mail()), ("phone", self.by_telephone())):
            self.alike_to_each(400, people, lambda key: self.sunbird(
                "POST", "/v1/otp/verify", {"key": key, "type": kind, "otp": WRONG}, [key]))

    def test_who_was_deleted_is_not_here_any_more(self):
        for kind, people in (("email", self.by_mail()), ("phone", self.by_telephone())):
            for group in (("deleted", "a stranger"), ("member", "blocked")):
                self.alike_to_each(200, {who: people[who] for who in group}, lambda key: self.sunbird(
                    "GET", f"/v1/user/exists/{kind}/{urllib.parse.quote(key)}", own=[key]))


class AboutThePortal(Disclosure):
    """What the browser of somebody sees whom a state's portal sends here for the first time."""

    def said(self, phone, **changes):
        subject = f"teacher-{next(_numbers):05}"
        return state_portal.claims(STATE, self.server.url, phone_number=phone, sub=subject, **changes)

    def followed(self, browser, said, by=None):
        return self.octets(browser.get(f"{state_portal.PATH}?token={state_portal.token(said, by or self.key)}",
                                       X_Request_Id="asked"), [])

    def test_a_number_of_somebody_here_is_met_like_a_strangers(self):
        people = self.by_telephone()
        browsers = {who: Client(self.server, X_Request_Id="asked") for who in people}
        self.alike(303, {who: self.followed(browsers[who], self.said(phone)) for who, phone in people.items()})
        pages = {who: browsers[who].get("/otp") for who in people}

        def shown(answers):
            return {who: self.octets(answer, [people[who][-4:]]) for who, answer in answers.items()}
        self.alike(200, shown(pages))
        wrong = {who: browsers[who].submit(pages[who], text=WRONG) for who in people}
        self.alike(422, shown(wrong))

    def test_a_token_that_is_refused_is_not_told_why(self):
        used = self.said(fresh_phone())
        self.followed(Client(self.server), used)
        tokens = {"used": (used, None), "by another key": (self.said(fresh_phone()), state_portal.key("rsa", 2)),
                  "of another issuer": (self.said(fresh_phone()) | {"iss": "https://nobody.example"}, None),
                  "for another audience": (self.said(fresh_phone()) | {"aud": "https://other.example"}, None),
                  "late": (self.said(fresh_phone()) | {"exp": 1}, None),
                  "without an end": (self.said(self.phones["member"], exp=ABSENT), None)}
        self.alike_to_each(401, tokens, lambda pair: self.followed(Client(self.server, X_Request_Id="asked"), *pair))


if __name__ == "__main__":
    unittest.main()
