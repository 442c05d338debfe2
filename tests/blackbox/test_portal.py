"""The door of state portals as a portal, the people it sends, and their attackers meet it."""

import base64
import collections
import hashlib
import hmac
import json
import re
import tempfile
import time
import unittest
import urllib.parse

import state_portal
from state_portal import OLD_PATH, PATH, base64url, key, member, openssl, token
from support import ABSENT, Case, Client, Server, bearer, code_in_text, fresh_phone, person, together, until

STATE, OTHER = "https://state.example", "goa-portal"
KEYS = {STATE: key("rsa"), OTHER: key("p256")}
INVALID, BLOCKED, UNKNOWN, UNREACHABLE = 401, 403, 404, 422     # what each page says

# No limit of codes, but that of guesses.
ROOMY = {"otp_pause_seconds": 0, "otp_per_hour": 100000, "otp_per_day": 100000, "sms_per_address_per_hour": 100000,
         "sms_per_day": 100000, "sign_in_per_address_per_minute": 100000}
ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551     # of the group of P-256

Visit = collections.namedtuple("Visit", "browser said")


def wrong(code, by=1):
    """Another code of the same length."""
    return f"{(int(code) + by) % 10 ** len(code):0{len(code)}}"


def at(seconds):
    """So many seconds from now."""
    return int(time.time()) + seconds


class Door(Case):
    """Two states' portals, and people who have telephones."""

    settings = ROOMY
    batch = 3       # visits that are prepared together, since a text takes its time

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.prepare(cls.server)
        cls.ready = []

    @staticmethod
    def prepare(server):
        for channel, school in (("kerala", "school-1"), ("goa", "school-2")):
            server.must("channel", "add", channel, "--organisation", school)
        for issuer, channel in ((STATE, "kerala"), (OTHER, "goa")):
            server.must("issuer", "add", issuer, "--public-key", str(KEYS[issuer].public), "--channel", channel)

    def enter(self, server):
        """From here on another server is meant."""
        self.server, self.ready = server, []
        self.prepare(server)

    @property
    def home(self):
        return f"{self.server.url}/home"

    def said(self, said=None, **changes):
        """What a portal says of somebody new, or of the one of whom it has said this before."""
        known = {name: said[name] for name in ("iss", "sub", "phone_number")} if said else {}
        changes = {"iss": STATE} | known | changes
        return state_portal.claims(changes.pop("iss"), changes.pop("aud", self.server.url), **changes)

    def signed(self, said, by=None, **more):
        """A token that says this, by the key of the one who says it."""
        return token(said, by or KEYS[said["iss"]], **more)

    def follow(self, signed, browser=None, path=PATH, **headers):
        return (browser or Client(self.server)).get(f"{path}?token={signed}", **headers)

    def come(self, said, browser=None, path=PATH, **more):
        """Follows a token that says this."""
        return self.follow(self.signed(said, **more), browser, path)

    def visit(self, said=None, **changes):
        """A browser that has been told to enter the code, and what was said of its owner."""
        browser, said = Client(self.server), self.said(said, **changes)
        self.assert_asked(self.come(said, browser), browser)
        return Visit(browser, said)

    def code(self, visit):
        """The code that was sent last to the number of the visit, once none waits any more."""
        self.server.delivered()
        return code_in_text(self.server.texts(visit.said["phone_number"])[-1])

    def coded(self):
        """A visit of somebody new, and its code."""
        if not self.ready:
            visits = [self.visit() for _ in range(self.batch)]
            self.ready.extend((visit, self.code(visit)) for visit in visits)
        return self.ready.pop()

    def submit(self, visit, code):
        page = visit.browser.get("/otp")
        return visit.browser.submit(page, text=code) if page.status == 200 else page

    def finish(self, visit, code=None):
        """Enters the right code."""
        answer = self.submit(visit, code or self.code(visit))
        self.assert_in(answer, visit.browser)
        return answer

    def known(self):
        """What was said of somebody who is known by now."""
        visit, code = self.coded()
        self.finish(visit, code)
        return visit.said

    def kept(self, phone):
        """The person as the operator sees them."""
        return json.loads(self.server.must("user", "show", phone, "--json"))

    def assert_kept(self, phone):
        self.assertEqual(self.server.command("user", "show", phone).code, 0)

    def assert_nobody(self, phone):
        self.assertEqual(self.server.command("user", "show", phone).code, 1)

    def assert_asked(self, answer, browser):
        """The code is needed, and nobody is in."""
        self.assertEqual(answer.status, 303, answer)
        self.assertRegex(answer["Location"], f"^({re.escape(self.server.url)})?/otp$")
        self.assertNotIn("onboard", answer.cookies)
        self.assertEqual(browser.get("/session").status, 401)

    def assert_in(self, answer, browser=None, to=None):
        self.assertEqual(answer.status, 303, answer)
        self.assertEqual(answer["Location"], to or self.home)
        self.assertIn("no-store", answer["Cache-Control"])
        self.assertEqual(answer["Referrer-Policy"], "no-referrer")
        self.assertTrue(answer.cookies["onboard"][0])
        if browser:
            self.assertEqual(browser.get("/session").status, 200)

    def assert_out(self, answer, status, browser=None):
        """A page says why not, and there is nothing to go on with."""
        self.assertEqual(answer.status, status, answer)
        self.assertEqual(answer.cookies, {}, answer)
        self.assertIsNone(answer["Location"], answer)
        self.assertEqual(answer["Content-Type"], "text/html; charset=utf-8", answer)
        self.assertIn("no-store", answer["Cache-Control"])
        self.assertEqual(answer.page.forms, [])
        if browser:
            self.assertEqual(browser.get("/session").status, 401)

    def assert_put_off(self, answer, seconds):
        self.assertEqual(answer.status, 429, answer)
        self.assertIn(int(answer["Retry-After"] or 0), range(1, seconds + 1), answer)
        self.assertEqual(answer["Content-Type"], "text/html; charset=utf-8", answer)
        self.assertEqual(answer.page.forms, [])


class Commands(Door):
    """How an operator lets portals in."""

    def add(self, issuer, pem, channel="kerala", *more):
        return self.server.command("issuer", "add", issuer, "--public-key", str(pem), "--channel", channel, *more)

    def listed(self, what):
        """The entries of a listing by their names."""
        entries = json.loads(self.server.must(what, "list", "--json"))
        self.assertEqual([entry["name"] for entry in entries], sorted(entry["name"] for entry in entries))
        return {entry.pop("name"): entry for entry in entries}

    def assert_refused(self, outcome, code=1):
        self.assertEqual((outcome.code, outcome.out), (code, ""), outcome)
        self.assertEqual(len(outcome.err.strip().splitlines()), 1, outcome)
        self.assertNotIn("PRIVATE", outcome.err)

    def test_channels_are_listed_with_their_organisations(self):
        self.server.must("channel", "add", "assam")
        self.server.must("channel", "add", "bihar", "--organisation", "school-4", "--organisation", "school-3")
        self.server.must("channel", "add", "bihar", "--organisation", "school-5")
        listed = self.listed("channel")
        self.assertEqual([listed[name] for name in ("assam", "bihar", "goa")],
                         [{"organisations": []}, {"organisations": ["school-3", "school-4", "school-5"]},
                          {"organisations": ["school-2"]}])
        text = self.server.must("channel", "list")
        for word in ("assam", "bihar", "goa", "school-2", "school-3", "school-4", "school-5"):
            self.assertIn(word, text)

    def test_a_channel_and_an_organisation_are_there_once(self):
        before = self.listed("channel")
        self.assert_refused(self.server.command("channel", "add", "goa"))
        self.assert_refused(self.server.command("channel", "add", "goa", "--organisation", "school-1"))
        self.assert_refused(self.server.command("channel", "add", "sikkim", "--organisation", "school-1"))
        self.assert_refused(self.server.command("channel", "add", ""))
        self.assert_refused(self.server.command("channel", "add"), 2)
        self.assertEqual(self.listed("channel"), before)

    def test_issuers_are_listed_with_what_they_are_trusted_for(self):
        self.assertEqual(self.add("bihar-portal", key("rsa", 2).public, "goa", "--audience",
                                  "https://id.example").code, 0)
        listed = self.listed("issuer")
        for entry in listed.values():
            self.assertRegex(entry.pop("addedAt"), r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        self.assertEqual([listed[name] for name in (STATE, OTHER, "bihar-portal")],
                         [{"algorithm": "RS256", "channel": "kerala", "audience": None},
                          {"algorithm": "ES256", "channel": "goa", "audience": None},
                          {"algorithm": "RS256", "channel": "goa", "audience": "https://id.example"}])
        text = self.server.must("issuer", "list")
        for word in (STATE, OTHER, "bihar-portal", "RS256", "ES256", "kerala", "goa", "https://id.example"):
            self.assertIn(word, text)

    def test_keys_that_are_none_of_ours_to_have_are_refused(self):
        before = self.listed("issuer")
        folder = self.enterContext(tempfile.TemporaryDirectory())
        good = key("rsa", 2).public.read_text()
        texts = {"empty": "", "words": "no key", "half of one": good[:200],
                 "another kind": good.replace("PUBLIC KEY", "CERTIFICATE"),
                 "both": good + key("rsa", 2).private.read_text()}
        files = {"missing": f"{folder}/none", "a directory": folder, "private": key("rsa", 2).private,
                 "private on a curve": key("p256", 2).private, "too small": key("small").public,
                 "another curve": key("p384").public, "another algorithm": key("ed25519").public}
        for why, text in texts.items():
            files[why] = f"{folder}/{why}"
            with open(files[why], "w", encoding="utf-8") as file:
                file.write(text)
        for why, file in files.items():
            with self.subTest(why):
                self.assert_refused(self.add("new", file))
        self.assertEqual(self.listed("issuer"), before)

    def test_other_refusals(self):
        before = self.listed("issuer")
        self.assert_refused(self.add("new", key().public, "nowhere"))
        self.assert_refused(self.add(STATE, key("rsa", 2).public))
        self.assert_refused(self.add(STATE, key().public, "goa"))
        self.assert_refused(self.add("", key().public))
        self.assert_refused(self.server.command("issuer", "add", "new", "--channel", "goa"), 2)
        self.assert_refused(self.server.command("issuer", "add", "new", "--public-key", str(key().public)), 2)
        self.assert_refused(self.server.command("issuer", "remove", "new"))
        self.assertEqual(self.listed("issuer"), before)

    def test_an_issuer_counts_from_the_next_request_on_until_it_is_removed(self):
        said = self.said(iss="assam-portal")
        self.assert_out(self.come(said, by=key("rsa", 2)), INVALID)
        self.assertEqual(self.add("assam-portal", key("rsa", 2).public).code, 0)
        visit = Visit(Client(self.server), said)
        used = self.signed(said, key("rsa", 2))
        self.assert_asked(self.follow(used, visit.browser), visit.browser)
        self.finish(visit)

        late = Visit(Client(self.server), self.said(iss="assam-portal"))
        self.assert_asked(self.come(late.said, late.browser, by=key("rsa", 2)), late.browser)
        code = self.code(late)
        self.server.must("issuer", "remove", "assam-portal")
        self.assertNotIn("assam-portal", self.server.must("issuer", "list"))
        self.assert_out(self.come(self.said(said), by=key("rsa", 2)), INVALID)
        self.assertEqual(visit.browser.get("/session").status, 200)
        self.assertEqual(self.submit(late, code).status // 100, 4)      # nor does one who was under way come in
        self.assert_nobody(late.said["phone_number"])

        self.assertEqual(self.add("assam-portal", key("p256", 2).public).code, 0)
        self.assert_out(self.come(self.said(said), by=key("rsa", 2)), INVALID)
        self.assert_in(self.come(self.said(said), by=key("p256", 2)))
        self.server.must("issuer", "remove", "assam-portal")
        self.assertEqual(self.add("assam-portal", key("rsa", 2).public).code, 0)
        self.assert_out(self.follow(used), INVALID)     # what was used stays used
        self.assert_in(self.come(self.said(said), by=key("rsa", 2)))

    def test_an_issuer_can_have_an_audience_of_its_own(self):
        self.assertEqual(self.add("sikkim-portal", key("rsa", 2).public, "goa", "--audience",
                                  "https://id.example").code, 0)
        said = self.said(iss="sikkim-portal")
        self.assert_out(self.come(said, by=key("rsa", 2)), INVALID)
        browser = Client(self.server)
        self.assert_asked(self.come(said | {"aud": "https://id.example"}, browser, by=key("rsa", 2)), browser)


class NewPeople(Door):
    """From the portal's link over the code to the account."""

    def test_a_person_is_created_when_the_code_was_right(self):
        rows = [(STATE, "kerala", PATH), (OTHER, "goa", OLD_PATH)]
        visits = []
        for issuer, _, path in rows:
            visit = Visit(Client(self.server), self.said(iss=issuer, name="आशा Rao"))
            self.assert_asked(self.come(visit.said, visit.browser, path), visit.browser)
            visits.append(visit)
        self.server.delivered()
        for (issuer, channel, _), visit in zip(rows, visits):
            with self.subTest(issuer):
                phone = visit.said["phone_number"]
                self.assertEqual(len(self.server.texts(phone)), 1)
                answer = self.finish(visit)
                self.assertNotIn("onboard-pending", visit.browser.cookies)
                self.assertIn("httponly", answer.cookies["onboard"][1])
                kept = self.kept(phone)
                self.assertEqual([kept[name] for name in ("phone", "firstName", "channel", "roles", "status")],
                                 [phone, "आशा Rao", channel, ["PUBLIC"], "active"])
                self.assertTrue(kept["userName"])
                self.assertNotIn("organisation", kept)
                self.assertEqual([(one["issuer"], one["subject"]) for one in kept["identities"]],
                                 [(issuer, visit.said["sub"])])
                self.assertIn("आशा", visit.browser.get("/home").page.text())
                self.assertIn("आशा", visit.browser.get("/session").text)

    def test_nothing_of_the_person_is_stored_before(self):
        self.server.delivered()
        before = self.server.rows()
        visit = self.visit(name="Marker-Name", email="marker@example.org", school_id="school-1")
        visit.browser.get("/otp")
        self.submit(visit, wrong(self.code(visit)))
        after = self.server.rows()
        changed = {table for table in after if after[table] != before[table]}
        # The code, what is counted, and that the token has been used.
        self.assertEqual(changed - {"numbers", "audit_strands", "audit_entries"},
                         {"codes", "code_sends", "code_tries", "used_tokens"})
        self.assertEqual([len(after[table]) - len(before[table]) for table in ("codes", "used_tokens")], [1, 1])
        for text in ("Marker", "marker"):
            self.assertNotIn(text, str(after))
        self.assertNotIn(visit.said["jti"], str(after))
        self.assert_nobody(visit.said["phone_number"])
        self.assertNotIn("Marker-Name", "".join(map(urllib.parse.unquote, visit.browser.cookies.values())))

    def test_a_school_of_the_state_is_taken_over(self):
        visit = self.visit(state_id="kerala", school_id="school-1")
        self.finish(visit)
        self.assertEqual(self.kept(visit.said["phone_number"])["organisation"], "school-1")

    def test_the_word_of_the_portal_is_no_substitute_for_the_code(self):
        for verified in (True, "true", 1):
            self.visit(phone_number_verified=verified, email="asha@example.org", email_verified=True)

    def test_a_number_is_read_as_in_every_other_place(self):
        phone = fresh_phone()
        visit = self.visit(phone_number=f"0{phone.removeprefix('+49')[:3]} / {phone.removeprefix('+49')[3:]}")
        self.server.wait_for_texts(1, phone)
        self.finish(visit, code_in_text(self.server.texts(phone)[-1]))
        self.assert_kept(phone)

    def test_a_name_is_text_whatever_it_looks_like(self):
        names = ["""<i>Zo&euml;</i> & "Co" '</form>""", "W" * 100, "王芳", ABSENT, "", "  ", "a\r\nSet-Cookie: a=b",
                 "\u202eetihw", 5, None, {"a": "b"}, "x" * 300]
        visits = [(name, self.visit(name=name)) for name in names]
        self.server.delivered()
        for name, visit in visits:
            with self.subTest(str(name)[:20]):
                self.finish(visit)
                home = visit.browser.get("/home")
                self.assertEqual(home.status, 200)
                self.assertEqual(len(home.page.forms), 1)
                self.assertNotIn("<i>", home.text)
                self.assertNotIn("\u202e", home.text)
                if name in names[:3]:
                    self.assertEqual(self.kept(visit.said["phone_number"])["firstName"], name)
                    self.assertIn(name, home.page.text())

    def test_an_address_that_the_portal_names_opens_nobodys_account(self):
        owner = person()
        self.created(owner)
        before = self.kept(owner["email"])
        visit = self.visit(email=owner["email"], email_verified=True)
        self.finish(visit)
        self.assertEqual(self.kept(owner["email"]), before)
        kept = self.kept(visit.said["phone_number"])
        self.assertNotEqual(kept["id"], before["id"])
        self.assertNotIn("email", kept)
        self.assertNotIn(owner["email"], visit.browser.get("/session").text)

    def test_whoever_is_known_by_their_number_is_linked_and_stays_one(self):
        site = self.server.partner("site", "sso", "sunbird")
        by_sso, by_sunbird = fresh_phone(), fresh_phone()
        for phone in (by_sso, by_sunbird):
            self.assertEqual(Client(self.server).post("/sso/sms", {"telephone": phone}).status, 201)
        self.assertEqual(Client(self.server).post("/v1/otp/generate", {"request": {"key": by_sunbird, "type": "phone"}},
                                                  bearer(site)).status, 200)
        self.server.delivered()
        body = {"telephone": by_sso, "code": code_in_text(self.server.texts(by_sso)[-1]), "agb": True,
                "dataprotection": True}
        self.assertEqual(Client(self.server).post("/sso/auth", body, bearer(site)).status, 201)
        request = {"firstName": "Ravi", "phone": by_sunbird, "OTP": code_in_text(self.server.texts(by_sunbird)[-1])}
        self.assertEqual(Client(self.server).post("/v2/user/create", {"request": request}, bearer(site)).status, 200)
        count = len(self.server.rows("accounts")["accounts"])
        before = {phone: self.kept(phone) for phone in (by_sso, by_sunbird)}
        # Whether the portal has checked the number decides for how long they are linked, and not whose account it is.
        visits = [self.visit(phone_number=phone) for phone in before]
        for visit in visits:
            self.finish(visit)
            self.assertIn(before[visit.said["phone_number"]]["id"], visit.browser.get("/session").text)
        visits = [self.visit(phone_number=phone, phone_number_verified=True) for phone in before]
        before = {phone: self.kept(phone) for phone in before}
        for visit in visits:
            self.assertEqual(self.kept(visit.said["phone_number"]), before[visit.said["phone_number"]])
        for visit in visits:
            self.finish(visit)
            kept = self.kept(visit.said["phone_number"])
            self.assertEqual(kept["id"], before[visit.said["phone_number"]]["id"])
            self.assertIn((STATE, visit.said["sub"]), [(one["issuer"], one["subject"]) for one in kept["identities"]])
            self.assert_in(self.come(self.said(visit.said)))
        self.assertEqual(self.kept(by_sunbird)["firstName"], "Ravi")
        self.assertEqual(len(self.server.rows("accounts")["accounts"]), count)

    def test_two_states_may_use_the_same_name_for_different_people(self):
        said = self.known()
        visit = self.visit(iss=OTHER, sub=said["sub"])
        self.finish(visit)
        self.assertNotEqual(self.kept(said["phone_number"])["id"], self.kept(visit.said["phone_number"])["id"])

    def test_names_of_people_are_compared_exactly(self):
        said = self.known()
        for sub in (said["sub"].upper(), said["sub"] + " ", said["sub"].replace("-", "\u2010"),
                    said["sub"].replace("e", "\u0435"), said["sub"] + "\u200b"):
            self.visit(sub=sub)
        self.assert_out(self.come(self.said(sub=said["sub"] + "\x00")), INVALID)

    def test_the_same_right_code_at_once_makes_one_person(self):
        visit, code = self.coded()
        page = visit.browser.get("/otp")

        def twin(_):
            browser = Client(self.server)
            browser.cookies = dict(visit.browser.cookies)
            return browser.connect()
        answers = together(4, lambda _, browser: browser.submit(page, text=code), twin)
        self.assertGreaterEqual([answer.status for answer in answers].count(303), 1, answers)
        self.assertLess(max(answer.status for answer in answers), 500, answers)
        self.assertEqual(len(self.kept(visit.said["phone_number"])["identities"]), 1)

    def test_the_text_and_the_pages_speak_the_language_of_the_browser(self):
        browsers = {language: Client(self.server, Accept_Language=language) for language in ("nl", "fr", "en", "de")}
        said = {language: self.said() for language in browsers}
        pages, texts = set(), set()
        for language, browser in browsers.items():
            self.assert_asked(self.come(said[language], browser), browser)
            page = browser.get("/otp").page
            self.assertEqual(page.language, language)
            pages.add(page.text().partition("••")[0])
        self.server.delivered()
        for language, browser in browsers.items():
            [text] = self.server.texts(said[language]["phone_number"])
            texts.add(text["text"].replace(code_in_text(text), ""))
            self.finish(Visit(browser, said[language]))
            self.assertEqual(browser.get("/home").page.language, language)
        self.assertEqual((len(pages), len(texts)), (4, 4))


class KnownPeople(Door):
    """Whoever is known is let in at once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.person = None

    def setUp(self):
        if self.person is None:
            type(self).person = self.known()

    def test_in_at_once_and_in_every_browser(self):
        self.server.delivered()
        count = len(self.server.texts())
        for path in (PATH, OLD_PATH):
            browser = Client(self.server)
            self.assert_in(self.come(self.said(self.person), browser, path), browser)
        self.server.delivered()
        self.assertEqual(len(self.server.texts()), count)

    def test_neither_a_number_nor_a_name_is_needed(self):
        for changes in ({"phone_number": ABSENT}, {"phone_number": "x"}, {"name": ABSENT}):
            self.assert_in(self.come(self.said(self.person, **changes)))

    def test_another_number_in_the_token_changes_nothing(self):
        before = self.kept(self.person["phone_number"])
        other = fresh_phone()
        browser = Client(self.server)
        self.assert_in(self.come(self.said(self.person, phone_number=other), browser), browser)
        self.assertIn(before["id"], browser.get("/session").text)
        self.assertEqual(self.kept(self.person["phone_number"])["identities"], before["identities"])
        self.assert_nobody(other)

    def test_the_session_is_a_new_one_and_ends_the_one_before(self):
        first = Client(self.server)
        self.assert_in(self.come(self.said(self.person), first), first)
        old = dict(first.cookies)
        other = self.known()
        self.assert_in(self.come(self.said(other), first), first)
        self.assertNotEqual(first.cookies["onboard"], old["onboard"])
        self.assertIn(self.kept(other["phone_number"])["id"], first.get("/session").text)
        stranger = Client(self.server)
        stranger.cookies = old
        self.assert_not_signed_in(stranger)
        visit, code = self.coded()      # so does a session that begins with a code
        visit.browser.cookies |= first.cookies
        old = dict(first.cookies)
        self.finish(visit, code)
        stranger.cookies = old
        self.assert_not_signed_in(stranger)

    def test_a_session_cookie_brought_along_is_not_adopted(self):
        browser = Client(self.server)
        browser.cookies["onboard"] = "A" * 43
        self.assert_in(self.come(self.said(self.person), browser), browser)
        self.assertNotEqual(browser.cookies["onboard"], "A" * 43)

    def test_a_refused_token_leaves_the_session_alone(self):
        browser = Client(self.server)
        self.assert_in(self.come(self.said(self.person), browser), browser)
        self.assertEqual(self.come(self.said(self.person, exp=at(-300)), browser).status, INVALID)
        self.assertEqual(browser.get("/session").status, 200)

    def test_looking_ahead_uses_nothing_up(self):
        for said in (self.said(self.person), self.said()):
            signed = self.signed(said)
            for why, method, headers in [
                    ("head", "HEAD", {}), ("prefetch", "GET", {"Sec-Purpose": "prefetch"}),
                    ("prerender", "GET", {"Sec-Purpose": "prefetch;prerender"}),
                    ("older prefetch", "GET", {"Purpose": "prefetch"}),
                    ("oldest prefetch", "GET", {"X-Moz": "prefetch"})]:
                with self.subTest(why):
                    answer = Client(self.server).request(method, f"{PATH}?token={signed}", headers=headers)
                    self.assertLess(answer.status, 300)
                    self.assertEqual((answer.cookies, answer["Location"], answer.body), ({}, None, b""))
            self.server.delivered()
            self.assertEqual(self.server.texts(said["phone_number"])[1:], [])
            self.assertEqual(self.follow(signed).status, 303)

    def test_other_methods_are_refused_and_use_nothing_up(self):
        signed = self.signed(self.said(self.person))
        for method in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH"):
            for path in (PATH, OLD_PATH):
                answer = Client(self.server).request(method, f"{path}?token={signed}")
                self.assertEqual(answer.status, 405, method)
                self.assertIn("GET", answer["Allow"])
        self.assert_in(self.follow(signed))


class Tokens(Door):
    """Who is let in is known already, so that nothing but the token decides."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.person = None

    def setUp(self):
        if self.person is None:
            type(self).person = self.known()

    def assert_invalid(self, said=None, **more):
        browser = Client(self.server)
        self.assert_out(self.come(said or self.said(self.person), browser, **more), INVALID, browser)

    def assert_taken(self, said=None, **more):
        self.assert_in(self.come(said or self.said(self.person), **more))

    def test_every_claim_that_is_required_is_needed_and_of_its_type(self):
        self.assert_taken()
        wrong_types = {"iss": (1, [STATE], {}, True), "sub": (1, [], {}, True), "aud": (1, {}, True, [1]),
                       "jti": (1, [], {}, True),
                       "iat": ("now", "0", [], {}, True, 1.5, 1e300, -1),
                       "exp": ("now", [], {}, True, 1.5, 1e300, -1, 0)}
        for name, values in wrong_types.items():
            for value in (ABSENT, None, "", *values):
                with self.subTest(f"{name} {value}"):
                    said = {member: text for member, text in (self.said(self.person) | {name: value}).items()
                            if text is not ABSENT}
                    self.assert_invalid(said, by=KEYS[STATE])
        now = at(0)
        for name, value in (("iat", str(now)), ("exp", str(now + 300)), ("exp", now + 300.5), ("nbf", str(now)),
                            ("nbf", True)):
            with self.subTest(f"{name} {value!r}"):
                self.assert_invalid(self.said(self.person, **{name: value}))

    def test_a_token_lives_at_most_600_seconds(self):
        for iat, life, taken in ((0, 600, True), (-1, 601, False), (0, 3600, False), (-300, 600, True),
                                 (-640, 600, True), (-640, 660, False), (50, 600, True), (50, 601, False),
                                 (0, 10 ** 12, False)):
            with self.subTest(f"{iat} {life}"):
                now = at(iat)
                said = self.said(self.person, iat=now, exp=now + life)
                self.assert_taken(said) if taken else self.assert_invalid(said)

    def test_clocks_may_differ_by_a_minute(self):
        # Some seconds of margin where time works against us, and none where it works for us.
        for claim, seconds, taken in (("exp", -50, True), ("exp", -61, False), ("exp", -70, False),
                                      ("iat", 50, True), ("iat", 70, False), ("iat", 600, False),
                                      ("nbf", -100, True), ("nbf", 50, True), ("nbf", 70, False), ("nbf", 3600, False)):
            with self.subTest(f"{claim} {seconds}"):
                times = {"iat": at(-200), "exp": at(300)} | ({"exp": at(100)} if claim == "iat" else {})
                said = self.said(self.person, **times | {claim: at(seconds)})
                self.assert_taken(said) if taken else self.assert_invalid(said)

    def test_a_token_is_for_us_alone(self):
        url = self.server.url
        self.assert_taken(self.said(self.person, aud=[url]))
        for aud in ("https://other.example", [], ["https://other.example"], [url, "https://other.example"], url + "x",
                    url[:-1], url.upper(), url + "/x", url.replace("127.0.0.1", "localhost"), STATE, f"{url} ",
                    {"aud": url}, [[url]], "*"):
            with self.subTest(str(aud)):
                self.assert_invalid(self.said(self.person, aud=aud))

    def test_only_the_exact_name_of_an_issuer_counts(self):
        for issuer in (STATE + "/", STATE.upper(), STATE.replace("https", "http"), STATE + ":443", "state.example",
                       STATE + " ", STATE + "\x00", STATE.replace("a", "\u0430"), "' or '1'='1", "x" * 300):
            with self.subTest(issuer):
                self.assert_invalid(self.said(self.person, iss=issuer), by=KEYS[STATE])

    def test_the_key_of_another_opens_nothing(self):
        self.assert_invalid(by=key("rsa", 2))
        self.assert_invalid(by=KEYS[OTHER])
        self.assert_invalid(by=KEYS[OTHER], header={"kid": OTHER})
        self.assert_invalid(self.said(self.person, iss=OTHER), by=KEYS[STATE])
        self.assert_invalid(self.said(self.person, iss=OTHER), by=key("p256", 2))

    def test_a_key_is_for_its_algorithm_alone(self):
        def mac(secret):
            return lambda text: hmac.new(secret, text.encode(), hashlib.sha256).digest()
        rsa, pem = KEYS[STATE], KEYS[STATE].public.read_bytes()
        der = openssl("pkey", "-pubin", "-in", rsa.public, "-outform", "DER")
        for secret in (pem, pem.strip(), pem.replace(b"\n", b"\r\n"), der, b"", STATE.encode()):
            self.assert_invalid(header={"alg": "HS256"}, signed=mac(secret))
            self.assert_invalid(signed=mac(secret))
        for algorithm in ("none", "None", "nOnE", "NONE", "", ABSENT, None, 5, ["RS256"], {}, "rs256", "RS384", "ES256",
                          "PS256", "RS256 ", "RS1", "EdDSA"):
            with self.subTest(str(algorithm)):
                self.assert_invalid(header={"alg": algorithm})
                self.assert_invalid(header={"alg": algorithm}, signed=lambda text: b"")
        for digest in ("sha1", "sha384", "sha512"):
            other = {"alg": f"RS{digest[3:]}"}
            self.assert_invalid(header=other, signed=lambda text: rsa.sign(text, digest=digest))
            self.assert_invalid(signed=lambda text: rsa.sign(text, digest=digest))
        pss = ("-sigopt", "rsa_padding_mode:pss")
        for header in ({"alg": "PS256"}, {}):
            self.assert_invalid(header=header, signed=lambda text: rsa.sign(text, *pss))

    def test_signatures_on_the_curve_are_read_exactly(self):
        visit = self.visit(iss=OTHER)
        self.finish(visit)
        curve = KEYS[OTHER]

        def changed(change):
            def signed(text):
                numbers = curve.sign(text)
                return change(int.from_bytes(numbers[:32], "big"), int.from_bytes(numbers[32:], "big"))
            return signed
        self.assert_taken(self.said(visit.said), signed=changed(lambda r, s: member(r) + member(s)))
        for why, change in {
                "no r": lambda r, s: member(0) + member(s), "no s": lambda r, s: member(r) + member(0),
                "nothing": lambda r, s: bytes(64), "the other way round": lambda r, s: member(s) + member(r),
                "the order": lambda r, s: member(ORDER) + member(ORDER),
                "longer": lambda r, s: member(r) + member(s) + b"\0", "shorter": lambda r, s: member(r)}.items():
            with self.subTest(why):
                self.assert_invalid(self.said(visit.said), signed=changed(change))
        self.assert_invalid(self.said(visit.said), signed=lambda text: openssl(
            "dgst", "-sha256", "-sign", curve.private, given=text.encode()))        # as DER
        # The other signature that anybody can make of a good one is no second visit.
        said = self.said(visit.said)
        good = self.signed(said)
        text, _, signature = good.rpartition(".")
        numbers = base64.urlsafe_b64decode(signature + "==")
        twin = numbers[:32] + member(ORDER - int.from_bytes(numbers[32:], "big"))
        statuses = sorted(self.follow(one).status for one in (good, f"{text}.{base64url(twin)}"))
        self.assertEqual(statuses, [303, INVALID])

    def test_a_key_id_is_the_name_of_the_issuer_or_is_not_there(self):
        self.assert_taken(header={"kid": STATE})
        for kid in (OTHER, STATE + "/", STATE.upper(), "", "1", "../../etc/passwd", "' or '1'='1", "x" * 500, 5,
                    [STATE], None):
            with self.subTest(str(kid)[:20]):
                self.assert_invalid(header={"kid": kid})

    def test_what_else_a_header_may_say(self):
        for header in ({"typ": ABSENT}, {"typ": "jwt"}, {"jku": "http://127.0.0.1:9/keys"},
                       {"x5u": "http://127.0.0.1:9/"}, {"jwk": {"kty": "oct", "k": "AA"}}):
            with self.subTest(str(header)):     # nobody looks there for a key
                self.assert_taken(header=header)
                self.assert_invalid(header=header, by=key("rsa", 2))
        for header in ({"typ": "at+jwt"}, {"typ": "logout+jwt"}, {"typ": 5}, {"crit": ["x"], "x": 1}, {"crit": []},
                       {"b64": False, "crit": ["b64"]}, {"zip": "DEF"}, {"enc": "A128GCM", "alg": "dir"}):
            with self.subTest(str(header)):
                self.assert_invalid(header=header)

    def test_a_damaged_token_opens_nothing_and_uses_nothing_up(self):
        good = self.signed(self.said(self.person))
        header, payload, signature = good.split(".")
        flipped = "A" if signature[20] != "A" else "B"
        changed = base64url(self.said(self.person, sub="somebody-else", jti="other"))
        rows = {"no signature": f"{header}.{payload}.", "two parts": f"{header}.{payload}", "one part": header,
                "four parts": f"{good}.{signature}", "five parts": f"{good}.{signature}.{signature}",
                "a letter changed": f"{header}.{payload}.{signature[:20]}{flipped}{signature[21:]}",
                "shortened": good[:-4], "lengthened": good + "AAAA", "padded": good + "=",
                "padded twice": good + "%3D%3D", "blank": good + "%20", "line feed": good + "%0A", "nul": good + "%00",
                "blank in front": "%20" + good,
                "not base64": f"{header}.{payload}.***", "of another": f"{header}.{changed}.{signature}",
                "no header": f".{payload}.{signature}", "no payload": f"{header}..{signature}",
                "dots": "." * 1500,
                "JSON": urllib.parse.quote(json.dumps({"payload": payload, "signature": signature})),
                "star": "*", "not UTF-8": "%ff%fe", "half a percent": good + "%", "null": "null"}
        for why, damaged in rows.items():
            with self.subTest(why):
                browser = Client(self.server)
                answer = self.follow(damaged, browser)
                self.assertIn(answer.status, (400, INVALID), answer)
                self.assertEqual(answer.cookies, {})
                self.assert_not_signed_in(browser)
        self.assert_in(self.follow(good))

    def test_json_that_can_be_read_in_two_ways_is_not_read(self):
        now = at(0)
        plain = json.dumps(self.said(self.person))[1:-1]
        for why, payload in {
                "twice": f'{{{plain},"exp":{now + 301}}}', "twice in disguise": f'{{{plain},"\\u0065xp":{now + 301}}}',
                "not UTF-8": f'{{{plain},"x":"'.encode() + b'\xff"}', "something behind": f"{{{plain}}} x",
                "a comment": f"{{{plain}/**/}}", "a list": f"[{{{plain}}}]", "half": f"{{{plain}",
                "deep": f'{{{plain},"x":{"[" * 40}{"]" * 40}}}', "a nul": f"{{{plain}}}\x00", "nothing": ""}.items():
            with self.subTest(why):
                payload = payload if isinstance(payload, bytes) else payload.encode()
                browser = Client(self.server)
                self.assert_out(self.follow(token(payload, KEYS[STATE]), browser), INVALID, browser)

    def test_no_token_two_tokens_and_tokens_elsewhere(self):
        good, other = (self.signed(self.said(self.person)) for _ in range(2))
        for query in ("", "?", "?token", "?token=", "?Token=" + good, "?jwt=" + good, "?token=&token=" + good,
                      f"?token={good}&token=", f"?token={good}&token={other}", f"?token={other}&token={good}",
                      f"?token={good}&token={good}", f"?token[]={good}"):
            with self.subTest(query[:20]):
                browser = Client(self.server)
                answer = browser.get(PATH + query)
                self.assertIn(answer.status, (400, INVALID), answer)
                self.assertEqual(answer.cookies, {})
        self.assert_out(Client(self.server).get(PATH, Authorization=f"Bearer {good}", Cookie=f"token={good}"), INVALID)
        self.assert_in(Client(self.server).get(f"{PATH}?utm_source=x&token={good}&redirect_uri=https://evil.example/"))
        self.assert_in(self.follow(other.replace(".", "%2E")))

    def test_long_tokens(self):
        said = self.said(self.person)
        self.assert_taken(said | {"x": "x" * ((1900 - len(self.signed(said))) * 3 // 4)})
        for length in (8200, 20000):
            browser = Client(self.server)
            answer = self.follow(self.signed(said | {"x": "x" * (length * 3 // 4)}), browser)
            self.assertIn(answer.status, (400, INVALID, 414, 431), answer)
            self.assert_not_signed_in(browser)
        self.assertTrue(self.server.alive())

    def test_a_token_is_good_once(self):
        signed, browser = self.signed(self.said(self.person)), Client(self.server)
        self.assert_in(self.follow(signed, browser), browser)
        for path in (PATH, OLD_PATH):
            self.assert_out(self.follow(signed, path=path), INVALID)
        self.assertEqual(self.follow(signed, browser).status, INVALID)
        self.assertEqual(browser.get("/session").status, 200)

    def test_so_is_what_it_is_known_by(self):
        said = self.said(self.person)
        self.assert_taken(said)
        self.assert_invalid(said | {"exp": said["exp"] + 1})
        self.assert_invalid(self.said(jti=said["jti"]))
        self.assert_taken(said | {"jti": said["jti"].upper()})
        for jti in (said["jti"], "1"):      # another issuer has its own
            browser = Client(self.server)
            self.assert_asked(self.come(self.said(iss=OTHER, jti=jti), browser), browser)

    def test_the_two_are_not_run_together(self):
        for issuer, jti in (("a", "bc"), ("ab", "c")):
            self.server.must("issuer", "add", issuer, "--public-key", str(key("rsa", 2).public), "--channel", "goa")
            browser = Client(self.server)
            self.assert_asked(self.come(self.said(iss=issuer, jti=jti), browser, by=key("rsa", 2)), browser)

    def test_a_forged_token_does_not_use_up_a_real_one(self):
        said = self.said(self.person)
        self.assert_invalid(said, by=key("rsa", 2))
        self.assert_invalid(said | {"aud": "https://other.example"})
        self.assert_taken(said)

    def test_of_many_at_once_one_gets_in(self):
        for said in (self.said(self.person), self.said()):
            target = f"{PATH}?token={self.signed(said)}"
            answers = together(32, lambda _, browser: browser.get(target), lambda _: Client(self.server).connect())
            statuses = collections.Counter(answer.status for answer in answers)
            self.assertEqual(statuses, {303: 1, INVALID: 31})
        self.server.delivered()
        self.assertEqual(len(self.server.texts(said["phone_number"])), 1)

    def test_a_restart_forgets_nothing(self):
        server = self.enterContext(Server(**ROOMY))
        self.enter(server)
        said = self.known()
        signed = self.signed(self.said(said))
        self.assert_in(self.follow(signed))
        visit = self.visit()
        pending = self.signed(visit.said)
        server.kill9()
        server.restart()
        for again in (signed, pending):
            replaced = again if again is signed else token(visit.said | {"aud": server.url}, KEYS[STATE])
            self.assert_out(self.follow(replaced), INVALID)
        self.server.wait_for_texts(1, visit.said["phone_number"])
        answer = self.submit(visit, self.code(visit))
        self.assertEqual(answer.status, 303)
        self.assertEqual(visit.browser.get("/session").status, 200)


class WaysOn(Door):
    """Where a person gets to who has come in."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.person = None

    def setUp(self):
        if self.person is None:
            type(self).person = self.known()

    def ways_out(self):
        url = self.server.url
        host = urllib.parse.urlsplit(url).netloc
        port = host.partition(":")[2]
        return ["https://evil.example", "https://evil.example/home", f"http://{host}.evil.example/",
                f"{url}.evil.example/", "https://public.example.evil/", f"{url}@evil.example/",
                f"{url}:x@evil.example/", f"http://user@{host}/",
                f"http://evil.example@{host}/", f"{url}0/", f"http://127.0.0.1:{int(port) + 1}/",
                "http://127.0.0.1/", f"https://{host}/", f"http://localhost:{port}/", "//evil.example",
                f"//{host}/home", "///evil.example", "/\\evil.example", "\\\\evil.example", f"{url}\\evil.example",
                f"{url}/\\evil.example", f"http:\\\\{host}/", f"http:/{host}/", f"http:{host}/", "https:evil.example",
                f"{url}/courses/../../x", f"{url}/../x", f"{url}/x/..", f"{url}/%2e%2e/x",
                f"{url}/%2E%2E/x", f"{url}/.%2e/x", f"{url}/..%2fx", f"{url}/..;/x", "javascript:alert(1)",
                "JavaScript:alert(1)", "data:text/html,x", f"javascript://{host}/%0aalert(1)",
                f"{url}/x\r\nSet-Cookie: a=b",
                f"{url}/\nx", f"{url}/\tx", f"\t{url}/x", f" {url}/x", f"{url} ", f"{url}/x y", f"{url}/\x7f",
                f"{url}/caf\u00e9", f"{url}\u3002evil.example", f"{url}\u2044x", f"ftp://{host}/", f"[{url}]", "null",
                5, None, True, [url], {"uri": url}]

    def test_no_way_leads_elsewhere(self):
        for way in self.ways_out():
            with self.subTest(repr(way)):
                answer = self.come(self.said(self.person, redirect_uri=way))
                self.assert_in(answer)
                self.assertEqual(list(answer.cookies), ["onboard"])
        self.assert_out(self.come(self.said(self.person, redirect_uri=f"{self.server.url}/\x00")), INVALID)

    def test_what_is_odd_stays_here(self):
        url = self.server.url
        for way in ("courses", "/courses", "./courses", "?x=1", "#x", "", f"{url}/./x", f"{url}?@evil.example/",
                    f"{url}#@evil.example/", f"{url}//evil.example", f"{url}/a.b/..c/d..", f"{url}/%2f%2fevil.example",
                    f"{url}/x%0d%0aSet-Cookie:a=b", f"{url}/%5cevil.example", f"{url}/{'x' * 600}", url.upper()):
            with self.subTest(way):
                answer = self.come(self.said(self.person, redirect_uri=way))
                whole = urllib.parse.urljoin(f"{url}/", way)
                self.assertIn(answer["Location"], (self.home, way if way.startswith(url) else whole))
                self.assertEqual(list(answer.cookies), ["onboard"])

    def test_ways_within_are_followed(self):
        url = self.server.url
        for way in (f"{url}/courses", f"{url}/courses/7?page=2&from=portal#top", f"{url}/", f"{url}/home?x=%20y",
                    f"{url}/a.b/c~d", f"{url}/{'x' * 300}"):
            for spelling in ("redirect_uri", "redirect_url"):
                with self.subTest(f"{spelling} {way}"):
                    self.assert_in(self.come(self.said(self.person, **{spelling: way})), to=way)

    def test_two_ways_lead_to_neither_evil_one(self):
        good, evil = f"{self.server.url}/courses", "https://evil.example/"
        for said in ({"redirect_uri": good, "redirect_url": evil}, {"redirect_uri": evil, "redirect_url": good}):
            self.assertIn(self.come(self.said(self.person, **said))["Location"], (good, self.home))

    def test_the_query_and_the_host_have_no_say(self):
        for name in ("redirect_uri", "redirect_url", "redirect", "next"):
            signed = self.signed(self.said(self.person))
            answer = Client(self.server).get(f"{PATH}?token={signed}&{name}={self.server.url}/courses",
                                             Host="evil.example", X_Forwarded_Host="evil.example")
            self.assert_in(answer)

    def test_the_way_is_kept_while_the_code_is_asked_for(self):
        deep = f"{self.server.url}/courses/7?page=2#top"
        visits = {deep: self.visit(redirect_uri=deep), self.home: self.visit(redirect_uri="https://evil.example/"),
                  f"{self.server.url}/x": self.visit(redirect_url=f"{self.server.url}/x")}
        for way, visit in visits.items():
            answer = self.submit(visit, self.code(visit))
            self.assert_in(answer, visit.browser, to=way)

    def test_home_can_be_elsewhere(self):
        home = "https://app.example/welcome"
        self.enter(self.enterContext(Server(**ROOMY, home_url=home)))
        visit = self.visit()
        self.assert_in(self.submit(visit, self.code(visit)), visit.browser, to=home)
        for way in (home, f"{home}/", f"{home}/deep/er?x=1#y", f"{home}?x=1", f"{self.server.url}/session"):
            with self.subTest(way):
                self.assert_in(self.come(self.said(visit.said, redirect_uri=way)), to=way)
        for way in ("https://app.example/", "https://app.example", "https://app.example/welcomed",
                    "https://app.example/Welcome", "https://app.example.evil/welcome", "http://app.example/welcome",
                    "https://app.example:444/welcome", "https://x@app.example/welcome", f"{home}/../admin",
                    f"{home}/%2e%2e/admin", f"{home}/..%2fadmin", f"{home}\\..\\admin", f"{home}/..;/admin",
                    "https://app.example/other", f"{home}@evil.example"):
            with self.subTest(way):
                self.assert_in(self.come(self.said(visit.said, redirect_uri=way)), to=home)


class Codes(Door):
    """What can be done at the page for the code."""

    batch = 20

    def test_wrong_codes_are_counted_and_then_nothing_helps(self):
        visit, code = self.coded()
        for step in range(1, 6):
            answer = self.submit(visit, wrong(code, step))
            self.assertIn(answer.status, (422, 429) if step == 5 else (422,), answer)
            self.assert_not_signed_in(visit.browser)
            if answer.status == 422:
                self.assertEqual(len(answer.page.forms), 1)
                self.assertIsNone(answer["Location"])
        page = visit.browser.get("/otp")
        self.assert_put_off(visit.browser.submit(page, text=code) if page.status == 200 else page, 3600)
        self.assert_not_signed_in(visit.browser)
        self.assert_nobody(visit.said["phone_number"])
        # Neither another token, nor another spelling, name, issuer or restart gives the guesser new tries.
        phone = visit.said["phone_number"]
        for changes in ({"sub": visit.said["sub"]}, {"sub": visit.said["sub"], "phone_number": "0" + phone[3:]}, {},
                        {"iss": OTHER}):
            with self.subTest(str(changes)):
                browser = Client(self.server)
                self.come(self.said(**{"phone_number": phone} | changes), browser)
                self.server.delivered()
                for sent in {code, *map(code_in_text, self.server.texts(phone))}:
                    page = browser.get("/otp")
                    if page.status == 200:
                        self.assert_put_off(browser.submit(page, text=sent), 3600)
                self.assert_not_signed_in(browser)
        self.assert_nobody(phone)

    def test_a_restart_gives_no_new_tries(self):
        self.enter(self.enterContext(Server(**ROOMY)))
        visit = self.visit()
        code = self.code(visit)
        for step in range(1, 4):
            self.assertEqual(self.submit(visit, wrong(code, step)).status, 422)
        self.server.kill9()
        self.server.restart()
        for step in range(4, 6):
            self.submit(visit, wrong(code, step))
        self.assertEqual(self.submit(visit, code).status, 429)
        self.assert_not_signed_in(visit.browser)

    def test_a_wrong_code_asks_again_and_the_right_one_still_works(self):
        visit, code = self.coded()
        for entered in ("abcdef", code + "0", "x" * 500, wrong(code)):
            answer = self.submit(visit, entered)
            self.assertEqual(answer.status, 422, answer)
            self.assertEqual(len(answer.page.forms), 1)
            self.assert_not_signed_in(visit.browser)
        self.assert_in(self.submit(visit, f" {code[:3]} {code[3:]} "), visit.browser)

    def test_a_code_works_once(self):
        visit, code = self.coded()
        page, cookies = visit.browser.get("/otp"), dict(visit.browser.cookies)
        self.finish(visit, code)
        thief = Client(self.server)
        thief.cookies = cookies
        answer = thief.submit(page, text=code)
        self.assertEqual(answer.status // 100, 4, answer)
        self.assert_not_signed_in(thief)

    def test_codes_of_other_doors_do_not_fit_nor_does_ours_fit_them(self):
        site = self.server.partner("site", "sso", "sunbird")

        def call(path, **body):
            return Client(self.server).post(path, body, bearer(site)).status

        def by_sso(phone, code):
            self.assertEqual(call("/sso/sms", telephone=phone), 201)
            yield call("/sso/auth", telephone=phone, code=code, agb=True, dataprotection=True)

        def by_sunbird(phone, code):
            self.assertEqual(call("/v1/otp/generate", request={"key": phone, "type": "phone"}), 200)
            yield call("/v1/otp/verify", request={"key": phone, "type": "phone", "otp": code})
            yield call("/v2/user/create", request={"firstName": "Asha", "phone": phone, "OTP": code})
        for door in (by_sso, by_sunbird):
            with self.subTest(door.__name__):
                visit, code = self.coded()
                statuses = list(door(visit.said["phone_number"], code))
                foreign = self.code(visit)
                if foreign == code:
                    continue        # once in a million
                self.assertEqual(set(statuses), {400})
                self.assertEqual(self.submit(visit, foreign).status, 422)
                self.finish(visit, code)

    def test_a_code_is_for_the_one_who_was_sent_for(self):
        visit, code = self.coded()
        other = self.visit(phone_number=visit.said["phone_number"])     # another person of the portal, the same number
        other_code = self.code(other)
        if other_code != code:
            self.assertEqual(self.submit(visit, other_code).status, 422)
            self.assertEqual(self.submit(other, code).status, 422)
        self.finish(visit, code)
        stranger, its = self.coded()
        self.assertEqual(self.submit(stranger, code if code != its else wrong(its)).status, 422)

    def test_the_form_is_needed(self):
        visit, code = self.coded()
        [form] = visit.browser.get("/otp").page.forms
        self.assertEqual(form["method"], "post")
        [entry] = form["visible"]
        [name] = set(form["fields"]) - {entry}
        other, _ = self.coded()
        [foreign] = other.browser.get("/otp").page.forms
        for why, fields in {"nothing": {}, "empty": {name: ""}, "guessed": {name: "0" * 64},
                            "another visit's": {name: foreign["fields"][name]},
                            "shortened": {name: form["fields"][name][:-1]}}.items():
            for _ in range(2):      # which is no way to use up somebody's tries either
                with self.subTest(why):
                    for entered in (code, wrong(code)):
                        answer = visit.browser.post("/otp", form=fields | {entry: entered})
                        self.assertEqual(answer.status // 100, 4, answer)
                        self.assert_not_signed_in(visit.browser)
        for body, kind in ((json.dumps(form["fields"] | {entry: code}), "application/json"),
                           (f"{entry}={code}", "text/plain")):
            self.assertEqual(visit.browser.post("/otp", body, {"Content-Type": kind}).status // 100, 4)
        query = urllib.parse.urlencode(form["fields"] | {entry: code})
        visit.browser.get(f"/otp?{query}")
        self.assert_not_signed_in(visit.browser)
        self.finish(visit, code)

    def test_the_cookie_of_one_browser_is_of_no_use_for_the_form_of_another(self):
        visit, code = self.coded()
        other, its = self.coded()
        page, foreign = visit.browser.get("/otp"), other.browser.get("/otp")
        for browser, form, entered in ((other.browser, page, code), (other.browser, page, its),
                                       (visit.browser, foreign, its), (visit.browser, foreign, code),
                                       (Client(self.server), page, code)):
            answer = browser.submit(form, text=entered)
            self.assertEqual(answer.status // 100, 4, answer)
            self.assert_not_signed_in(browser)
        self.finish(visit, code)
        self.finish(other, its)

    def test_the_cookie_of_a_visit_is_kept_from_scripts_and_other_sites_and_says_nothing(self):
        browser = Client(self.server)
        said = self.said(name="Marker-Name")
        answer = self.come(said, browser)
        [(name, (value, attributes))] = answer.cookies.items()
        self.assertEqual(name, "onboard-pending")
        self.assertIn("httponly", attributes)
        self.assertEqual(attributes["samesite"].lower(), "lax")
        self.assertEqual(attributes["path"], "/")
        self.assertNotIn("domain", attributes)
        self.assertNotIn("secure", attributes)
        self.assertLessEqual(int(attributes["max-age"]), 300)
        self.assertGreaterEqual(len(value), 43)
        opened = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
        for text in ("Marker-Name", said["sub"], said["phone_number"], said["phone_number"][3:], said["jti"]):
            self.assertNotIn(text.encode(), opened)
            self.assertNotIn(text, value)

    def test_a_changed_cookie_opens_nothing(self):
        visit, code = self.coded()
        page, [(name, value)] = visit.browser.get("/otp"), visit.browser.cookies.items()
        other, _ = self.coded()
        foreign = other.browser.cookies[name]
        rows = {"empty": "", "shortened": value[:-4], "lengthened": value + "AAAA", "other case": value.swapcase(),
                "halves of two": value[:40] + foreign[40:], "garbage": "A" * len(value), "long": "A" * 4000}
        for place in (0, 10, len(value) // 2, len(value) - 3):
            rows[f"letter {place}"] = value[:place] + ("A" if value[place] != "A" else "B") + value[place + 1:]
        for why, changed in rows.items():
            with self.subTest(why):
                browser = Client(self.server)
                browser.cookies = {name: changed}
                self.assertEqual(browser.get("/otp").status // 100, 4)
                browser.cookies = {name: changed}
                self.assertEqual(browser.submit(page, text=code).status // 100, 4)
                self.assert_not_signed_in(browser)
        self.finish(visit, code)

    def test_a_session_cookie_is_no_visit_nor_a_visit_a_session(self):
        visit, code = self.coded()
        pending = visit.browser.cookies["onboard-pending"]
        browser = Client(self.server)
        browser.cookies["onboard"] = pending
        self.assert_not_signed_in(browser)
        self.finish(visit, code)
        browser.cookies = {"onboard-pending": visit.browser.cookies["onboard"]}
        self.assertEqual(browser.get("/otp").status // 100, 4)

    def test_whoever_starts_again_is_asked_for_the_code_of_the_later_start(self):
        token_of_beta, plan = self.second_partner("beta")
        owner = person()
        self.created(owner)
        browser = Client(self.server)
        self.assertEqual(browser.get(self.updated(owner | {"bikePlanCode": plan}, token_of_beta)).status, 303)
        visit = Visit(browser, self.said())
        self.assert_asked(self.come(visit.said, browser), browser)
        self.finish(visit)
        self.assertIn(self.kept(visit.said["phone_number"])["id"], browser.get("/session").text)


class Limits(Door):
    """What a person meets who comes too often, too late, or when too many have come."""

    def setUp(self):
        self.enter(self.enterContext(Server(**ROOMY | self.limits.get(self._testMethodName, {}))))

    limits = {
        "test_within_the_pause_the_first_code_is_good_in_both_browsers": {"otp_pause_seconds": 60},
        "test_a_number_gets_so_many_an_hour": {"otp_per_hour": 2},
        "test_a_visit_without_a_code_that_could_work_is_put_off": {"otp_per_hour": 1, "otp_seconds": 1},
        "test_everybody_together_gets_so_many_a_day": {"sms_per_day": 2},
        "test_a_visit_ends": {"otp_seconds": 1},
        "test_under_https_the_cookies_are_secure": {"public_url": "https://id.example", "behind_proxy": "yes"},
    }

    def test_within_the_pause_the_first_code_is_good_in_both_browsers(self):
        pairs = [(first := self.visit(), self.visit(first.said)) for _ in range(2)]
        self.server.delivered()
        for number, pair in enumerate(pairs):
            self.assertEqual(len(self.server.texts(pair[0].said["phone_number"])), 1)
            self.finish(pair[number])
            late = self.submit(pair[1 - number], self.code(pair[0]))
            self.assertIn(late.status // 100, (3, 4))
            self.assertEqual(len(self.kept(pair[0].said["phone_number"])["identities"]), 1)
            self.assert_in(self.come(self.said(pair[0].said)))

    def test_a_number_gets_so_many_an_hour(self):
        visits = [self.visit()]
        for _ in range(3):
            visits.append(self.visit(visits[0].said))
        self.server.delivered()
        self.assertEqual(len(self.server.texts(visits[0].said["phone_number"])), 2)
        self.finish(visits[-1])

    def test_a_visit_without_a_code_that_could_work_is_put_off(self):
        visit = self.visit()
        until(lambda: visit.browser.get("/otp").status != 200, what="the end of the visit")

        def put_off():
            answer = self.come(self.said(visit.said), visit.browser)
            return answer if answer.status != 303 else None
        self.assert_put_off(until(put_off, what="the end of the code"), 3600)
        self.server.delivered()
        self.assertEqual(len(self.server.texts(visit.said["phone_number"])), 1)

    def test_everybody_together_gets_so_many_a_day(self):
        first = self.visit()
        self.finish(first)
        self.visit()
        browser = Client(self.server)
        answer = self.come(self.said(), browser)
        self.assertIn(answer.status, (429, 503))
        self.assertGreater(int(answer["Retry-After"]), 0)
        self.assert_not_signed_in(browser)
        self.assert_in(self.come(self.said(first.said)))        # who needs no text still comes in

    def test_a_visit_ends(self):
        visit = self.visit()
        self.server.wait_for_texts(1, visit.said["phone_number"])
        code = self.code(visit)
        until(lambda: visit.browser.get("/otp").status != 200, what="the end of the visit")
        answer = visit.browser.get("/otp")
        self.assertIn(answer.status, (404, 410))
        self.assertTrue(answer.page.text())
        self.assertEqual(visit.browser.post("/otp", form={"code": code}).status // 100, 4)
        self.assert_nobody(visit.said["phone_number"])

    def test_under_https_the_cookies_are_secure(self):
        said = self.said(aud="https://id.example")
        answer = self.come(said)
        self.assertEqual(answer.status, 303, answer)
        [(name, (_, attributes))] = answer.cookies.items()
        self.assertEqual(name, "__Host-onboard-pending")
        self.assertIn("secure", attributes)
        self.assertEqual(attributes["path"], "/")
        self.assertNotIn("domain", attributes)
        self.assertEqual(self.come(self.said(aud=self.server.url)).status, INVALID)
        [text] = self.server.wait_for_texts(1, said["phone_number"])
        self.assertRegex(text["text"].rpartition("\n")[2], r"^@id\.example #\d{6}$")


class Refusals(Door):
    """Who is not let in, and what they are told."""

    batch = 12

    def pages(self, language="en"):
        """Every page that somebody may get to see, by name."""
        browsers = [Client(self.server, Accept_Language=language) for _ in range(6)]
        blocked, fresh = self.known(), Visit(browsers[5], self.said())
        self.server.must("user", "block", blocked["phone_number"])
        self.assert_asked(self.come(fresh.said, fresh.browser), fresh.browser)
        code = self.code(fresh)
        found = {"code": fresh.browser.get("/otp"), "wrong code": self.submit(fresh, wrong(code))}
        for step in range(2, 6):
            self.submit(fresh, wrong(code, step))
        found |= {"too many codes": self.submit(fresh, code),
                  "invalid": self.come(self.said(exp=at(-100)), browsers[0]),
                  "unknown school": self.come(self.said(school_id="nowhere"), browsers[1]),
                  "blocked": self.come(self.said(blocked), browsers[2]),
                  "no number": self.come(self.said(phone_number=ABSENT), browsers[3]),
                  "no visit": browsers[4].get("/otp")}
        return found

    def test_every_page_is_strict_about_what_it_lets_in(self):
        for why, answer in self.pages().items():
            with self.subTest(why):
                self.assertEqual(answer["Content-Type"], "text/html; charset=utf-8")
                self.assertEqual(answer["Referrer-Policy"], "no-referrer")
                self.assertIn("no-store", answer["Cache-Control"])
                self.assertEqual(answer["X-Content-Type-Options"], "nosniff")
                policy = dict(part.strip().partition(" ")[::2]
                              for part in answer["Content-Security-Policy"].split(";"))
                self.assertIn(policy["default-src"], ("'none'", "'self'"))
                self.assertEqual(policy["frame-ancestors"], "'none'")
                self.assertIn(policy.get("base-uri", policy["default-src"]), ("'none'", "'self'"))
                self.assertIn("form-action", policy)
                for words in policy.values():
                    self.assertNotRegex(words, r"unsafe|\*|(^| )(https?|data|blob):( |$)|//(?!127\.0\.0\.1)")
                self.assertNotIn("script", answer.page.tags)
                self.assertNotRegex(answer.text, r"""(src|href)=["']?(https?:)?//(?!127\.0\.0\.1)""")
                self.assertNotIn(" style=", answer.text)

    def test_every_page_speaks_four_languages(self):
        said = {}
        for language in ("nl", "fr", "en", "de"):
            for why, answer in self.pages(language).items():
                with self.subTest(f"{why} {language}"):
                    self.assertEqual(answer.page.language, language)
                said.setdefault(why, set()).add(re.sub(r"••[\s•\d]*", "", answer.page.text()))
        self.assertEqual({why: len(texts) for why, texts in said.items()}, dict.fromkeys(said, 4))
        self.assertEqual(len(set.union(*said.values())), 4 * len(said))     # each page has words of its own

    def test_a_channel_that_is_not_the_issuers(self):
        self.assert_asked(self.come(self.said(state_id="kerala"), browser := Client(self.server)), browser)
        for changes in ({"state_id": "nowhere"}, {"state_id": "goa"}, {"state_id": "Kerala"},
                        {"state_id": "goa", "school_id": "school-2"}):
            with self.subTest(str(changes)):
                browser = Client(self.server)
                self.assert_out(self.come(self.said(**changes), browser), UNKNOWN, browser)
                if "goa" not in changes.values():
                    continue
                self.assert_out(self.come(self.said(self.known(), **changes)), UNKNOWN)

    def test_a_school_that_is_not_the_states(self):
        self.assert_asked(self.come(self.said(school_id="school-1"), browser := Client(self.server)), browser)
        for school in ("nowhere", "school-2", "School-1", "school-1/", "kerala", "' or '1'='1"):
            with self.subTest(school):
                browser = Client(self.server)
                said = self.said(school_id=school)
                self.assert_out(self.come(said, browser), UNKNOWN, browser)
                self.server.delivered()
                self.assertEqual(self.server.texts(said["phone_number"]), [])

    def test_where_somebody_belongs_is_not_guessed_from_what_cannot_be_read(self):
        for name in ("state_id", "school_id"):
            for value in (5, True, [], {}, ["kerala"], 1.5):
                with self.subTest(f"{name} {value}"):
                    browser = Client(self.server)
                    answer = self.come(self.said(**{name: value}), browser)
                    self.assertIn(answer.status, (INVALID, UNKNOWN), answer)
                    self.assertEqual(answer.cookies, {})

    def test_a_school_added_meanwhile_is_known(self):
        self.assert_out(self.come(self.said(school_id="school-9")), UNKNOWN)
        self.server.must("channel", "add", "kerala", "--organisation", "school-9")
        self.assert_asked(self.come(self.said(school_id="school-9"), browser := Client(self.server)), browser)

    def test_without_a_number_that_gets_texts_there_is_no_code(self):
        for phone in (ABSENT, None, "", "x", "123", 4915112345678, [], {}, "+49", "110", "+4930123456", "+919876543210",
                      "+15005550006", "x" * 300, "+4915112345678\r\nx", ["+4915112345678"]):
            with self.subTest(str(phone)[:20]):
                browser = Client(self.server)
                self.assert_out(self.come(self.said(phone_number=phone), browser), UNREACHABLE, browser)
        self.server.delivered()
        self.assertEqual([text for text in self.server.texts() if not text["to"].startswith("+49151")], [])

    def test_somebody_blocked(self):
        said = self.known()
        browser = Client(self.server)
        self.assert_in(self.come(self.said(said), browser), browser)
        self.server.must("user", "block", said["phone_number"])
        self.assert_not_signed_in(browser)
        answer = self.come(self.said(said))
        self.assert_out(answer, BLOCKED)
        # Who is blocked does not come in by another name either.
        visit = self.visit(phone_number=said["phone_number"])
        late = self.submit(visit, self.code(visit))
        self.assert_out(late, BLOCKED, visit.browser)
        self.assertEqual(late.page.text(), answer.page.text())
        self.assertEqual(len(self.kept(said["phone_number"])["identities"]), 1)
        self.server.must("user", "unblock", said["phone_number"])
        self.assert_in(self.come(self.said(said)))

    def test_somebody_blocked_while_the_code_was_on_its_way(self):
        said = self.known()
        visit = self.visit(phone_number=said["phone_number"])
        code = self.code(visit)
        self.server.must("user", "block", said["phone_number"])
        self.assert_out(self.submit(visit, code), BLOCKED, visit.browser)

    def test_somebody_deleted(self):
        said = self.known()
        account = self.kept(said["phone_number"])["id"]
        self.server.must("user", "delete", said["phone_number"])
        browser = Client(self.server)
        answer = self.come(self.said(said), browser)
        self.assertEqual(answer.status // 100, 4, answer)
        self.assert_not_signed_in(browser)
        visit = Visit(Client(self.server), self.said(phone_number=said["phone_number"]))
        answer = self.come(visit.said, visit.browser)
        if answer.status == 303:
            answer = self.submit(visit, self.code(visit))
        self.assertEqual(answer.status // 100, 4, answer)
        self.assert_not_signed_in(visit.browser)
        shown = self.server.command("user", "show", said["phone_number"], "--json")
        self.assertTrue(shown.code == 1 or json.loads(shown.out)["id"] == account, shown)

    def test_somebody_deleted_where_that_sets_free(self):
        self.enter(self.enterContext(Server(**ROOMY, deleted="release")))
        visit = self.visit()
        self.finish(visit)
        before = self.kept(visit.said["phone_number"])["id"]
        self.server.must("user", "delete", visit.said["phone_number"])
        self.assert_not_signed_in(visit.browser)
        again = self.visit(visit.said)
        self.finish(again)
        self.assertNotEqual(self.kept(visit.said["phone_number"])["id"], before)

    def test_a_page_has_nothing_of_the_token_in_it(self):
        said = self.said(name="<i>Marker</i>", school_id="<i>nowhere</i>", sub="<i>sub</i>")
        for answer in (self.come(said), self.follow("<i>%3Ci%3E")):
            self.assertNotIn("<i>", answer.text)
            self.assertNotIn("Marker", answer.text)
        visit, _ = self.coded()
        self.assertNotIn(visit.said["phone_number"][3:], re.sub(r"\s", "", visit.browser.get("/otp").page.text()))


class Logs(Door):
    settings = ROOMY | {"log": "debug"}

    def test_the_log_tells_neither_tokens_nor_codes_nor_people(self):
        visit = self.visit(name="Marker-Name", email="marker@example.org", redirect_uri=f"{self.server.url}/marker-way")
        signed = self.signed(visit.said)
        self.follow(signed)                                         # a second time
        forged = self.signed(self.said(jti="marker-jti"), by=key("rsa", 2))
        self.follow(forged)
        late = self.signed(self.said(exp=at(-300)))
        self.follow(late, path=OLD_PATH)
        self.come(self.said(name="Marker-Name", phone_number="marker-phone"))
        code = self.code(visit)
        [form] = visit.browser.get("/otp").page.forms
        cookies = list(visit.browser.cookies.values())
        self.submit(visit, wrong(code))
        Client(self.server, Referer=f"{self.server.url}{PATH}?token={signed}").get(f"/nothing?token={signed}")
        self.assert_in(self.submit(visit, code), visit.browser, to=f"{self.server.url}/marker-way")
        self.server.stop()
        for line in self.server.lines:
            self.assertIsInstance(json.loads(line), dict, line)
        log = "\n".join(self.server.lines)
        self.assertIn(PATH, log)
        phone = visit.said["phone_number"]
        for secret in (*signed.split("."), *forged.split(".")[1:], *late.split(".")[1:], *cookies,
                       *visit.browser.cookies.values(), form["fields"]["form_token"], phone, phone[1:], phone[3:],
                       "Marker", "marker"):
            self.assertNotIn(secret, log)
        self.assertNotRegex(log, rf"\b({code}|{wrong(code)})\b")
        self.server.start()

    def test_neither_tokens_nor_codes_nor_cookies_are_on_the_disk(self):
        visit = self.visit()
        code, pending = self.code(visit), visit.browser.cookies["onboard-pending"]
        kept = b"".join(file.read_bytes() for file in self.server.folder.glob("onboard.db*"))
        signed = self.signed(visit.said)
        for secret in (signed.split(".")[1], signed.split(".")[2], visit.said["jti"], pending, f"#{code}"):
            self.assertNotIn(secret.encode(), kept)


if __name__ == "__main__":
    unittest.main()
