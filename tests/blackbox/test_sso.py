"""The SSO wire as a partner's site, the people who hold the telephones, and their attackers meet it."""

import base64
import collections
import itertools
import json
import re
import time
import unittest
import urllib.parse

from sms_gateway import TOKEN, Gateway, hangs
from support import (ABSENT, Case, Client, Server, bearer, code_in_text, fresh_email, fresh_phone, person, together,
                     token_of, until)

VENDOR, JSON = "application/vnd.sso.v1+json", "application/json"
PROBLEM = "application/problem+json"
TITLES = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
          406: "Not Acceptable", 413: "Content Too Large", 415: "Unsupported Media Type",
          422: "Unprocessable Entity", 429: "Too Many Requests"}
MEMBERS = {"id", "email", "nickname", "firstname", "imageUrl", "verified"}
VARYING = {"date", "x-request-id"}
DUE = 10        # seconds from the next start until whatever a crash interrupted has left
GSM7 = set("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
           "abcdefghijklmnopqrstuvwxyzäöñüà")
GSM7_TWICE = set("^{}\\[~]|€\f")      # these take two places

# No limit of texts, but that of guesses.
ROOMY = {"otp_pause_seconds": 0, "otp_per_hour": 100000, "otp_per_day": 100000, "sms_per_address_per_hour": 100000,
         "sms_per_day": 100000, "sign_in_per_address_per_minute": 100000}
AGREED = {"agb": True, "dataprotection": True}

PHONE = "+4915112345678"
Call = collections.namedtuple("Call", "method path body fields allowed open")
CALLS = [
    Call("POST", "/sso/sms", {"telephone": PHONE}, {"telephone"}, {"POST"}, True),
    Call("POST", "/sso/code", {"telephone": PHONE, "code": "000000"}, {"telephone", "code"}, {"POST"}, False),
    Call("POST", "/sso/auth", {"telephone": PHONE, "code": "000000"}, {"telephone", "code"}, {"POST"}, False),
    Call("POST", "/sso/user", {"username": PHONE, "authCode": "x" * 54}, {"username", "authCode"}, {"POST", "GET"},
         False),
    Call("GET", "/sso/user", None, set(), {"POST", "GET"}, False),
    Call("PATCH", "/sso/email", {"email": "a@example.org", "telephone": PHONE}, {"email", "telephone"}, {"PATCH"},
         False),
    Call("PATCH", "/sso/email-status", {"email": "a@example.org", "telephone": PHONE}, {"email", "telephone"},
         {"PATCH"}, True),
    Call("PATCH", "/sso/email-optin", {"c": "x" * 54}, {"c"}, {"PATCH"}, True),
    Call("POST", "/sso/user/status", {"user": [PHONE]}, {"user"}, {"POST"}, False),
]
CLOSED = [call for call in CALLS if not call.open]
WITH_BODY = [call for call in CALLS if call.body]


def wrong(code, by=1):
    """Another code of the same length."""
    return f"{(int(code) + by) % 10 ** len(code):0{len(code)}}"


def basic(name, token):
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{token}".encode()).decode()}


def spellings(phone):
    """Ways to write a German number."""
    national = phone.removeprefix("+49")
    return [phone, "0" + national, "0049" + national, f"+49 (0){national}",
            f"0{national[:3]} / {national[3:6]}-{national[6:]}", f"tel:+49-{national}", f"{phone} "]


def query_of(phone, auth_code):
    return urllib.parse.urlencode({"username": phone, "authCode": auth_code}, quote_via=urllib.parse.quote)


def outline(answer):
    """All of an answer that could tell one asker from another."""
    headers = sorted((name.lower(), value) for name, value in answer.headers.items() if name.lower() not in VARYING)
    return answer.status, headers, answer.text


def opt_in_link(mail):
    """The one link of a letter that leads to confirming an address."""
    [link] = set(re.findall(r"https?://[^\s\"<>]+/email-optin/[\w-]+", mail.get_body(("plain",)).get_content()))
    return link


def opt_in_code(mail):
    return token_of(opt_in_link(mail))


class Site(Case):
    """A partner's site, and people who have telephones."""

    settings = ROOMY

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.site = cls.server.partner("site", "sso")
        cls.stranger = cls.server.partner("stranger", "partner", "redeem", "sunbird")
        cls.ready = []

    def sso(self, method, path, body=None, token=None, **headers):
        """One request of the site; Authorization=ABSENT is one of nobody."""
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        return Client(self.server).request(method, path, body, bearer(token or self.site) | more)

    def ask(self, phone, **headers):
        return self.sso("POST", "/sso/sms", {"telephone": phone}, **{"Authorization": ABSENT} | headers)

    def check(self, phone, code, **more):
        return self.sso("POST", "/sso/code", {"telephone": phone, "code": code}, **more)

    def auth(self, phone, code, token=None, **members):
        return self.sso("POST", "/sso/auth", {"telephone": phone, "code": code} | members, token)

    def user(self, phone, auth_code, **more):
        return self.sso("POST", "/sso/user", {"username": phone, "authCode": auth_code}, **more)

    def user_by_get(self, phone, auth_code, **more):
        return self.sso("GET", f"/sso/user?{query_of(phone, auth_code)}", **more)

    def registered(self, *phones):
        """What the site is told of these numbers."""
        answer = self.sso("POST", "/sso/user/status", {"user": list(phones)})
        self.assertEqual(answer.status, 201, answer)
        self.assertEqual([entry["user"] for entry in answer.json], list(phones))
        return [entry["isRegistered"] for entry in answer.json]

    def codes(self, *phones):
        """A code for each of these numbers."""
        before = [len(self.server.texts(phone)) for phone in phones]
        for phone in phones:
            answer = self.ask(phone)
            self.assertEqual(answer.status, 201, answer)
        return [code_in_text(self.server.wait_for_texts(count + 1, phone)[-1])
                for phone, count in zip(phones, before)]

    def code(self, phone):
        [code] = self.codes(phone)
        return code

    def coded(self):
        """A number nobody is registered with, and the code that was sent to it."""
        if not self.ready:
            phones = [fresh_phone() for _ in range(25)]
            self.ready.extend(zip(phones, self.codes(*phones)))
        return self.ready.pop()

    def member(self, **members):
        """The number of somebody who has just registered, and their auth code."""
        phone, code = self.coded()
        return phone, self.signed_in_by(phone, code, **AGREED | members)["authCode"]

    def signed_in_by(self, phone, code, token=None, **members):
        answer = self.auth(phone, code, token, **members)
        self.assertEqual(answer.status, 201, answer)
        self.assertEqual(set(answer.json), {"authCode", "expiresIn", "isNew"})
        return answer.json

    def shown(self, phone, auth_code):
        """The person as the site sees them."""
        answer = self.user(phone, auth_code)
        self.assertEqual(answer.status, 201, answer)
        self.assertEqual(set(answer.json), {"user"})
        self.assertEqual(set(answer.json["user"]), MEMBERS)
        return answer.json["user"]

    def kept(self, phone):
        """The person as the operator sees them."""
        return json.loads(self.server.must("user", "show", phone, "--json"))

    def rows(self):
        """All that is stored, once nothing waits to leave, but the counts and the record of what was asked for."""
        self.server.delivered()
        return {table: rows for table, rows in self.server.rows().items()
                if table not in ("code_tries", "audit_strands", "audit_entries")}

    def lock(self, phone, *known):
        """Guesses until every guess is refused."""
        codes = (wrong(known[0] if known else "000000", by) for by in itertools.count(1))
        for code in itertools.islice((code for code in codes if code not in known), 5):
            self.assert_problem(self.check(phone, code), 400)

    def assert_problem(self, answer, status, *fields):
        """A problem document; a 422 complains of exactly these fields, if any are given."""
        self.assertEqual(answer.status, status, answer)
        self.assertEqual((answer["Content-Type"] or "").partition(";")[0], PROBLEM, answer)
        self.assertEqual(answer["X-Content-Type-Options"], "nosniff")
        said = answer.json
        self.assertEqual(set(said) - {"validation_messages"}, {"type", "title", "status", "detail"}, answer)
        self.assertTrue(said["type"].startswith("http"), answer)
        self.assertEqual((said["title"], said["status"]), (TITLES[status], status), answer)
        self.assertTrue(said["detail"].strip())
        self.assertEqual("validation_messages" in said, status == 422, answer)
        for rules in said.get("validation_messages", {}).values():
            self.assertTrue(rules)
            for rule, text in rules.items():
                self.assertTrue(rule and text.strip())
        if fields:
            self.assertEqual(set(said["validation_messages"]), set(fields), answer)

    def assert_allows(self, answer, methods):
        """`Allow` names what the document has; HEAD and OPTIONS may be among it."""
        allowed = [word.strip() for word in (answer["Allow"] or "").split(",")]
        self.assertLessEqual(methods, set(allowed), answer)
        self.assertLessEqual(set(allowed), methods | {"HEAD", "OPTIONS"}, answer)
        self.assertEqual(len(allowed), len(set(allowed)), answer)


class NineCalls(Site):
    """What each call answers when everything is as it should be."""

    def test_a_number_is_sent_a_code(self):
        phone = fresh_phone()
        answer = self.ask(phone)
        self.assertEqual((answer.status, answer.json), (201, {"telephone": phone}), answer)
        [text] = self.server.wait_for_texts(1, phone)
        self.assertRegex(code_in_text(text), "^[0-9]{6}$")

    def test_a_code_is_checked(self):
        phone, code = self.coded()
        answer = self.check(phone, code)
        self.assertEqual((answer.status, answer.json), (201, {"telephone": phone, "valid": True}), answer)

    def test_a_code_signs_in(self):
        phone, code = self.coded()
        answer = self.auth(phone, code, **AGREED)
        self.assertEqual(answer.status, 201, answer)
        self.assertEqual(set(answer.json), {"authCode", "expiresIn", "isNew"})
        self.assertRegex(answer.json["authCode"], "^[A-Za-z0-9_-]{22,}$")
        self.assertEqual((answer.json["expiresIn"], answer.json["isNew"]), (300, True))

    def test_a_person_is_shown_to_the_site_they_signed_in_to(self):
        phone, auth_code = self.member()
        posted, got = self.user(phone, auth_code), self.user_by_get(phone, auth_code)
        self.assertEqual((posted.status, got.status), (201, 200))
        self.assertEqual(posted.body, got.body)
        user = posted.json["user"]
        self.assertEqual(set(posted.json), {"user"})
        self.assertEqual(set(user), MEMBERS)
        self.assertIs(type(user["id"]), int)
        self.assertIn(user["id"], range(1, 2 ** 53))     # what every reader of JSON can hold
        self.assertIs(user["verified"], False)
        for name in MEMBERS - {"id", "verified"}:
            self.assertIn(user[name], (None, ""), name)

    def test_an_address_waits_for_its_owner_and_is_then_confirmed(self):
        phone, auth_code = self.member()
        pair = {"email": fresh_email(), "telephone": phone}
        answer = self.sso("PATCH", "/sso/email", pair)
        self.assertEqual((answer.status, answer.json), (200, pair), answer)
        answer = self.sso("PATCH", "/sso/email-status", pair, Authorization=ABSENT)
        self.assertEqual((answer.status, answer.json), (200, pair | {"status": "pending"}), answer)
        [mail] = [mail for mail in self.server.delivered() if pair["email"] in mail["To"]]
        self.assertEqual(mail["X-Onboard-Letter"], "email-opt-in")
        answer = self.sso("PATCH", "/sso/email-optin", {"c": opt_in_code(mail)}, Authorization=ABSENT)
        self.assertEqual(answer.status, 200, answer)
        self.assertIsInstance(answer.json, dict)
        answer = self.sso("PATCH", "/sso/email-status", pair, Authorization=ABSENT)
        self.assertEqual((answer.status, answer.json), (200, pair | {"status": "confirmed"}), answer)
        user = self.shown(phone, auth_code)
        self.assertEqual((user["email"], user["verified"]), (pair["email"], True))

    def test_numbers_are_registered_or_not(self):
        (member, _), other = self.member(), fresh_phone()
        answer = self.sso("POST", "/sso/user/status", {"user": [member, other]})
        self.assertEqual((answer.status, answer.json), (201, [{"user": member, "isRegistered": 1},
                                                              {"user": other, "isRegistered": 0}]))

    def test_ids_tell_nothing_about_how_many_people_there_are(self):
        ids = [self.shown(*self.member())["id"] for _ in range(3)]
        self.assertEqual(len(set(ids)), 3)
        self.assertGreater(min(abs(one - other) for one, other in itertools.combinations(ids, 2)), 10)


class Media(Site):
    """Types of what is sent and what comes back, and the two ways to write a path."""

    def status_call(self, **headers):
        return self.sso("POST", "/sso/user/status", json.dumps({"user": [PHONE]}), **headers)

    def test_the_answer_has_the_type_that_was_asked_for(self):
        for accept, type in [(VENDOR, VENDOR), (JSON, JSON), ("application/*+json", VENDOR), ("*/*", JSON),
                             (ABSENT, JSON), ("application/*", JSON), (VENDOR.upper(), VENDOR),
                             (f"text/html, {VENDOR};q=0.5", VENDOR), (f"{JSON};q=0.1, {VENDOR};q=0.9", VENDOR),
                             (f"{VENDOR};q=0.1 , {JSON} ; q=0.9", JSON), (f"{JSON}; charset=utf-8", JSON),
                             (f"{JSON};q=0, {VENDOR}", VENDOR), (", ".join(["text/x"] * 200 + [JSON]), JSON)]:
            with self.subTest(accept):
                answer = self.status_call(Accept=accept)
                self.assertEqual(answer.status, 201, answer)
                known = {VENDOR, JSON} if accept == "application/*+json" else {type}
                self.assertIn(answer["Content-Type"].partition(";")[0], known)

    def test_what_cannot_be_given_is_not_acceptable(self):
        for accept in ("text/html", "application/xml", "application/vnd.sso.v2+json", f"{JSON};q=0", "*/*;q=0",
                       "application/jsonx", "application", "text/*"):
            with self.subTest(accept):
                self.assert_problem(self.status_call(Accept=accept), 406)

    def test_json_may_be_labelled_in_either_way(self):
        for type in (VENDOR, JSON, "Application/JSON", f"{JSON}; charset=utf-8", f'{VENDOR};charset="UTF-8"'):
            with self.subTest(type):
                self.assertEqual(self.status_call(Content_Type=type).status, 201)

    def test_nothing_else_is_read(self):
        for type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ABSENT, "",
                     "application/vnd.sso.v2+json", "application/vnd.other.v1+json", "application/jsonx", "json",
                     f"{JSON}; charset=utf-16", "application/*+json", "*/*"):
            with self.subTest(type):
                self.assert_problem(self.status_call(Content_Type=type), 415)

    def test_both_types_do_on_every_call(self):
        for call, type in itertools.product(WITH_BODY, (VENDOR, JSON)):
            with self.subTest(f"{call.path} {type}"):
                self.assertNotIn(self.sso(call.method, call.path, call.body, Accept=type, Content_Type=type).status,
                                 (406, 415))

    def test_a_path_may_have_its_version_before_it(self):
        phone, code = self.coded()
        address = fresh_email()
        for method, path, body, status in [
                ("POST", "/v1/sso/sms", {"telephone": fresh_phone()}, 201),
                ("POST", "/v1/sso/code", {"telephone": phone, "code": code}, 201),
                ("POST", "/v1/sso/auth", {"telephone": phone, "code": code} | AGREED, 201),
                ("PATCH", "/v1/sso/email", {"telephone": phone, "email": address}, 200),
                ("PATCH", "/v1/sso/email-status", {"telephone": phone, "email": address}, 200),
                ("POST", "/v1/sso/user/status", {"user": [phone]}, 201)]:
            with self.subTest(path):
                answer = self.sso(method, path, body)
                self.assertEqual(answer.status, status, answer)
                if path == "/v1/sso/auth":
                    auth_code = answer.json["authCode"]
        for path in ("/sso/user", "/v1/sso/user"):
            query = urllib.parse.urlencode({"username": phone, "authCode": auth_code})
            self.assertEqual(self.sso("GET", f"{path}?{query}").status, 200)
            self.assertEqual(self.sso("POST", path, {"username": phone, "authCode": auth_code}).status, 201)
        [mail] = [mail for mail in self.server.delivered() if address in mail["To"]]
        self.assertEqual(self.sso("PATCH", "/v1/sso/email-optin", {"c": opt_in_code(mail)}).status, 200)

    def test_there_is_no_other_version_and_no_other_path(self):
        for path in ("/v2/sso/sms", "/v0/sso/sms", "/v2/sso/user/status", "/sso/sms/", "/sso/SMS", "/sso/", "/v1/sso/",
                     "/sso/user/", "/sso/user/statuses", "/sso/users", "/v1/sso/users"):
            with self.subTest(path):
                self.assert_problem(self.sso("POST", path, {"telephone": PHONE}, Accept=JSON), 404)
        for path in ("/v1/v1/sso/sms", "/V1/sso/sms", "/v/sso/sms", "/sso", "/v1/sso", "/SSO/sms", "/sso/../sso/sms"):
            with self.subTest(path):
                self.assertEqual(self.sso("POST", path, {"telephone": PHONE}, Accept=JSON).status, 404)

    def test_no_answer_about_a_person_is_stored(self):
        phone, auth_code = self.member()
        for answer in (self.user(phone, auth_code), self.user_by_get(phone, auth_code), self.check(phone, "000000"),
                       self.user(phone, "x"), self.ask(phone), self.sso("POST", "/sso/user/status", {"user": [phone]})):
            self.assertIn("no-store", answer["Cache-Control"] or "", answer)
            self.assertEqual(answer["X-Content-Type-Options"], "nosniff")

    def test_a_request_id_is_echoed_or_made(self):
        self.assertEqual(self.status_call(X_Request_Id="call-42.a_B")["X-Request-Id"], "call-42.a_B")
        self.assertTrue(self.sso("POST", "/sso/auth")["X-Request-Id"])

    def test_an_asker_who_only_wants_the_head_gets_no_body(self):
        phone, auth_code = self.member()
        query = urllib.parse.urlencode({"username": phone, "authCode": auth_code})
        answer = self.sso("HEAD", f"/sso/user?{query}")
        self.assertIn(answer.status, (200, 405))
        self.assertEqual(answer.body, b"")


class Methods(Site):
    """Which methods there are, told on every answer."""

    def test_every_answer_names_the_methods(self):
        for call in CALLS:
            phone, code = self.coded()
            good = {"/sso/sms": {"telephone": fresh_phone()}, "/sso/code": {"telephone": phone, "code": code},
                    "/sso/auth": {"telephone": phone, "code": code} | AGREED, "/sso/user/status": {"user": [PHONE]}}
            rows = [("good", good.get(call.path, call.body), {}), ("usual", call.body, {}), ("empty", None, {}),
                    ("unreadable", "{", {}), ("of the wrong type", "{}", {"Content_Type": "text/plain"}),
                    ("not acceptable", call.body, {"Accept": "text/html"}), ("too long", " " * 65537, {}),
                    ("nobody's", call.body, {"Authorization": ABSENT}),
                    ("of a stranger", call.body, {"token": self.stranger})]
            for why, body, more in rows:
                with self.subTest(f"{call.method} {call.path} {why}"):
                    answer = self.sso(call.method, call.path, body, **more)
                    self.assert_allows(answer, call.allowed)

    def test_other_methods_are_told_what_is_allowed(self):
        for call, method in itertools.product(CALLS, ("GET", "POST", "PUT", "PATCH", "DELETE")):
            if method not in call.allowed:
                with self.subTest(f"{method} {call.path}"):
                    answer = self.sso(method, call.path, Authorization=ABSENT)
                    self.assertEqual(answer.status, 405)
                    self.assert_allows(answer, call.allowed)
                    if answer.body:
                        self.assert_problem(answer, 405)

    def test_options_are_told_to_anybody(self):
        for call, prefix in itertools.product(CALLS, ("", "/v1")):
            with self.subTest(prefix + call.path):
                answer = self.sso("OPTIONS", prefix + call.path, Authorization=ABSENT, Accept="text/html")
                self.assertEqual((answer.status, answer.body), (200, b""), answer)
                self.assert_allows(answer, call.allowed)

    def test_a_body_of_64_kibibytes_is_read_and_a_longer_one_is_not(self):
        body = json.dumps({"user": [PHONE]}).ljust(65536)
        self.assertEqual(self.sso("POST", "/sso/user/status", body).status, 201)
        self.assert_problem(self.sso("POST", "/sso/user/status", body + " "), 413)


class Order(Site):
    """A request that breaks several rules is told the first: route, method, credentials, right, Accept,
    Content-Type, JSON, fields."""

    RULES = [("route", 404), ("method", 405), ("credentials", 401), ("right", 403), ("Accept", 406),
             ("Content-Type", 415), ("JSON", 400), ("fields", 422)]

    def broken(self, call, rules):
        """The answer to a request that breaks these rules and no other."""
        path = call.path + ("x" if "route" in rules else "")
        token = self.stranger if "right" in rules else self.site
        headers = ({"Authorization": ABSENT} if "credentials" in rules else {}) | \
                  ({"Accept": "text/html"} if "Accept" in rules else {}) | \
                  ({"Content_Type": "text/plain"} if "Content-Type" in rules else {})
        body = call.body
        if "fields" in rules or "Content-Type" in rules:
            body = "{}" if call.body else None
        if "JSON" in rules:
            body = "{"
        return self.sso("DELETE" if "method" in rules else call.method, path, body, token, **headers)

    def test_the_first_rule_that_is_broken_is_the_one_that_is_told(self):
        before = self.rows()
        for call in CALLS:
            unknown = {"credentials", "right"} if call.open else set()
            unknown |= set() if call.body else {"Content-Type", "JSON", "fields"}
            rules = [(rule, status) for rule, status in self.RULES if rule not in unknown]
            for first, second in itertools.combinations_with_replacement(rules, 2):
                with self.subTest(f"{call.method} {call.path}: {first[0]}, {second[0]}"):
                    self.assertEqual(self.broken(call, {first[0], second[0]}).status, first[1])
            for count in range(len(rules)):
                with self.subTest(f"{call.method} {call.path}: {rules[count][0]} and all behind it"):
                    broken = {rule for rule, _ in rules[count:]}
                    self.assertEqual(self.broken(call, broken).status, rules[count][1])
        self.assertEqual(self.rows(), before)

    def test_a_get_without_its_parameters_is_not_found_but_only_to_those_who_may_ask(self):
        for query in ("", "?username=" + urllib.parse.quote(PHONE), "?authCode=x", "?username=&authCode=", "?x=1",
                      "?username=x&authCode=x", "?USERNAME=1&AUTHCODE=2"):
            with self.subTest(query):
                self.assert_problem(self.sso("GET", "/sso/user" + query), 404)
                self.assert_problem(self.sso("GET", "/sso/user" + query, Authorization=ABSENT), 401)
                self.assert_problem(self.sso("GET", "/sso/user" + query, token=self.stranger), 403)
                self.assert_problem(self.sso("GET", "/sso/user" + query, Accept="text/html"), 406)
        self.assertIn("authCode", self.sso("GET", "/sso/user?username=%2B491").json["detail"])
        self.assertIn("username", self.sso("GET", "/sso/user?authCode=x").json["detail"])

    def test_fields_are_looked_at_before_the_code(self):
        phone, code = self.coded()
        for _ in range(6):      # and no try is spent
            self.assert_problem(self.auth("12", wrong(code)), 422, "telephone")
            self.assert_problem(self.auth(phone, wrong(code), agb="perhaps"), 422, "agb")
        self.signed_in_by(phone, code, **AGREED)

    def test_the_code_is_looked_at_before_the_consents(self):
        phone, code = self.coded()
        self.assert_problem(self.auth(phone, wrong(code)), 400)
        self.assert_problem(self.auth(phone, wrong(code), agb=False, dataprotection=False), 400)


class Documents(Site):
    """What is in a body, and what is not."""

    def test_a_missing_field_is_named(self):
        for call in WITH_BODY:
            for left in ({}, *({name: call.body[name]} for name in call.fields if len(call.fields) > 1)):
                with self.subTest(f"{call.path} {left}"):
                    missing = call.fields - set(left)
                    answer = self.sso(call.method, call.path, left)
                    self.assert_problem(answer, 422, *missing)
                    for name in missing:
                        self.assertIn("isEmpty", answer.json["validation_messages"][name])

    def test_an_empty_body_misses_every_field_and_needs_no_type(self):
        for call in WITH_BODY:
            for type in (ABSENT, "text/plain", JSON):
                with self.subTest(f"{call.path} {type}"):
                    self.assert_problem(self.sso(call.method, call.path, Content_Type=type), 422, *call.fields)

    def test_an_empty_value_is_as_good_as_none(self):
        for call in WITH_BODY:
            for name, value in itertools.product(call.fields, ("", None)):
                with self.subTest(f"{call.path} {name}={value!r}"):
                    self.assert_problem(self.sso(call.method, call.path, call.body | {name: value}), 422, name)

    def test_a_value_of_the_wrong_type_is_named_and_never_converted(self):
        for call in WITH_BODY:
            for name, value in itertools.product(call.fields, (
                    4915112345678, 1.5, True, False, {}, {"0": PHONE}, [PHONE])):
                if name != "user" or value != [PHONE]:
                    with self.subTest(f"{call.path} {name}={value!r}"):
                        self.assert_problem(self.sso(call.method, call.path, call.body | {name: value}), 422, name)

    def test_every_bad_field_is_named_at_once(self):
        for method, path, body in [
                ("POST", "/sso/auth", {"telephone": "x", "code": 1, "agb": 2, "dataprotection": [], "pushToken": 1}),
                ("PATCH", "/sso/email", {"telephone": "x", "email": "x"})]:
            self.assert_problem(self.sso(method, path, body), 422, *body)

    def test_ill_formed_numbers_and_addresses_are_named(self):
        for phone in ("x", "12", "+", "110", "+49", "+4915112345678901", "+999151234567", "+49151abc45678",
                      "１２３４５６７８９", "+49151\x0012345", "1" * 5000, "+49 151 12345678 ext. 5"):
            for call in WITH_BODY:
                if "telephone" in call.fields:
                    with self.subTest(f"{call.path} {phone[:20]!r}"):
                        body = call.body | {"telephone": phone}
                        self.assert_problem(self.sso(call.method, call.path, body), 422, "telephone")
        for email in ("x", "a@b", "a@@example.org", "a\x00@example.org", "<a@example.org>",
                      "a@example.org,b@example.org", "x" * 65 + "@example.org"):
            with self.subTest(email[:20]):
                body = {"email": email, "telephone": PHONE}
                self.assert_problem(self.sso("PATCH", "/sso/email", body), 422, "email")

    def test_a_nul_is_in_no_text(self):
        phone, code = self.coded()
        self.assert_problem(self.auth(phone, code, **AGREED, pushToken="push\0token"), 422, "pushToken")
        for method, path, body in [("POST", "/sso/auth", {"telephone": phone, "code": code + "\0"}),
                                   ("POST", "/sso/user", {"username": phone, "authCode": "x\0"}),
                                   ("PATCH", "/sso/email-optin", {"c": "x\0"})]:
            with self.subTest(path):
                self.assertIn(self.sso(method, path, body).status, (400, 404, 422))
        self.assertEqual(self.registered(phone), [0])

    def test_what_is_no_object_is_refused(self):
        for call in WITH_BODY:
            for body in ("1", '"text"', "null", "true", "{", "{}x", "{'c':1}", '{"c":1,}', '\ufeff{}', "[" * 17 + "]" * 17):
                with self.subTest(f"{call.path} {body}"):
                    self.assert_problem(self.sso(call.method, call.path, body), 400)
            for body in ("[]", "[{}]", json.dumps([call.body])):
                with self.subTest(f"{call.path} {body}"):
                    self.assertIn(self.sso(call.method, call.path, body).status, (400, 422))

    def test_a_member_given_twice_is_refused(self):
        for call in WITH_BODY:
            for name in call.fields:
                for key in (name, f"\\u{ord(name[0]):04x}{name[1:]}"):
                    with self.subTest(f"{call.path} {key}"):
                        body = json.dumps(call.body)[:-1] + f',"{key}":"other"}}'
                        self.assert_problem(self.sso(call.method, call.path, body), 400)

    def test_unknown_members_are_ignored_on_post(self):
        phone, code = self.coded()
        extra = {"id": 1, "isNew": False, "verified": True, "email": "eve@example.org", "partner": "other", "x": [{}],
                 "Telephone": fresh_phone(), "isRegistered": 1, "authCode ": ""}
        other = fresh_phone()
        self.assertEqual(self.sso("POST", "/sso/sms", {"telephone": other} | extra).json, {"telephone": other})
        self.assertEqual(self.check(phone, code).json,
                         self.sso("POST", "/sso/code", {"telephone": phone, "code": code} | extra).json)
        auth_code = self.signed_in_by(phone, code, **AGREED | extra)["authCode"]
        answer = self.sso("POST", "/sso/user", {"username": phone, "authCode": auth_code} | extra)
        self.assertEqual(answer.status, 201)
        self.assertIs(answer.json["user"]["verified"], False)
        self.assertIn(answer.json["user"]["email"], (None, ""))
        self.assertEqual(self.sso("POST", "/sso/user/status", {"user": [phone]} | extra).status, 201)

    def test_unknown_members_are_refused_on_patch_and_nothing_is_done(self):
        phone, _ = self.member()
        pair = {"email": fresh_email(), "telephone": phone}
        before = self.rows()
        for path, body in [("/sso/email", pair), ("/sso/email-status", pair), ("/sso/email-optin", {"c": "x" * 54})]:
            for name in ("x", "Email", "TELEPHONE", "C", "", "id"):
                with self.subTest(f"{path} {name}"):
                    answer = self.sso("PATCH", path, body | {name: "1"})
                    self.assert_problem(answer, 400)
                    self.assertIn(f'"{name}"', answer.json["detail"])
        self.assertEqual(self.rows(), before)

    def test_consents_may_be_spelled_in_every_way_a_site_has_for_yes(self):
        for yes in (True, 1, "1", "true"):
            with self.subTest(repr(yes)):
                phone, code = self.coded()
                self.assertTrue(self.signed_in_by(phone, code, agb=yes, dataprotection=yes)["isNew"])
                self.assertEqual({consent["to"] for consent in self.kept(phone)["consents"]}, {"terms", "privacy"})

    def test_and_in_every_way_it_has_for_no(self):
        phone, code = self.coded()
        for no in (False, 0, "0", "false", ABSENT):
            for agb, dataprotection, missing in [(no, True, ["agb"]), (True, no, ["dataprotection"]),
                                                 (no, no, ["agb", "dataprotection"])]:
                with self.subTest(f"{agb!r}, {dataprotection!r}"):
                    members = {name: value for name, value in [("agb", agb), ("dataprotection", dataprotection)]
                               if value is not ABSENT}
                    answer = self.auth(phone, code, **members)
                    self.assert_problem(answer, 422, *missing)
        self.assertEqual(self.registered(phone), [0])
        self.signed_in_by(phone, code, **AGREED)

    def test_a_consent_in_other_words_is_none(self):
        phone, code = self.coded()
        for value in ("yes", "on", "TRUE", "", 2, -1, 1.5, [], {}, [True], "ja"):
            with self.subTest(repr(value)):
                self.assert_problem(self.auth(phone, code, agb=value, dataprotection=True), 422, "agb")
        self.assertEqual(self.registered(phone), [0])

    def test_nothing_is_left_behind_by_a_refusal(self):
        phone, auth_code = self.member()
        before = self.rows()
        for answer, status in [
                (self.ask("+4930"), 422), (self.sso("POST", "/sso/sms", "{"), 400),
                (self.check(phone, ""), 422), (self.auth(phone, "", pushToken="new"), 422),
                (self.auth(phone, "000000", pushToken=5), 422), (self.user(phone, ""), 422),
                (self.user(phone, "x"), 404),
                (self.sso("PATCH", "/sso/email", {"email": fresh_email(), "telephone": fresh_phone()}), 404),
                (self.sso("PATCH", "/sso/email", {"email": "x", "telephone": phone}), 422),
                (self.sso("PATCH", "/sso/email", {"email": fresh_email(), "telephone": phone}, Accept="text/x"), 406),
                (self.sso("PATCH", "/sso/email", {"email": fresh_email(), "telephone": phone}, self.stranger), 403),
                (self.sso("POST", "/sso/user/status", {"user": []}), 422)]:
            self.assert_problem(answer, status)
        self.assertEqual(self.rows(), before)
        self.assertEqual(self.user(phone, auth_code).status, 201)

    def test_no_refusal_shows_inner_workings_or_what_was_sent(self):
        for body in ({"telephone": "'; drop table accounts;--", "code": "<script>"},
                     {"telephone": PHONE, "code": "9" * 9000}):
            answer = self.sso("POST", "/sso/auth", body)
            self.assertIn(answer.status, (400, 422))
            for word in ("sqlite", "select ", "exception", "boost", ".cpp", "drop table", "<script>", "99999999"):
                self.assertNotIn(word, answer.text.lower())


class Credentials(Site):
    """Who may call what, and how they show who they are."""

    def probe(self, headers, path="/sso/user/status"):
        return Client(self.server).post(path, {"user": [PHONE]}, headers)

    def oauth(self, form=None, headers=None, server=None, **more):
        return Client(server or self.server).request("POST", "/oauth", form=form, headers=headers, **more)

    def grant(self, name="site", token=None):
        answer = self.oauth({"grant_type": "client_credentials"}, basic(name, token or self.site))
        self.assertEqual(answer.status, 200, answer)
        return answer.json["access_token"]

    def assert_challenged(self, answer):
        self.assert_problem(answer, 401)
        challenges = ", ".join(answer.headers.get_all("WWW-Authenticate") or [])
        self.assertEqual(re.findall(r"(?:^|, )(\w+) realm=", challenges), ["Basic", "Bearer"], answer)

    def test_a_bearer_token_does_in_any_case_of_its_scheme(self):
        for scheme in ("Bearer", "bearer", "BEARER"):
            self.assertEqual(self.probe({"Authorization": f"{scheme} {self.site}"}).status, 201)

    def test_name_and_token_do(self):
        self.assertEqual(self.probe(basic("site", self.site)).status, 201)
        text = basic("site", self.site)["Authorization"].partition(" ")[2]
        self.assertEqual(self.probe({"Authorization": f"BASIC {text}"}).status, 201)

    def test_a_name_of_any_letters_does(self):
        token = self.server.partner("Bücher & Söhne", "sso")
        self.assertEqual(self.probe(basic("Bücher & Söhne", token)).status, 201)
        self.assertEqual(self.probe(bearer(self.grant("Bücher & Söhne", token))).status, 201)

    def test_no_credentials_and_wrong_ones_are_challenged_on_every_closed_call(self):
        rows = [("none", {}), ("unknown token", bearer("x" * 43)), ("empty", {"Authorization": "Bearer "}),
                ("a scheme alone", {"Authorization": "Bearer"}), ("cut", bearer(self.site[:-1])),
                ("longer", bearer(self.site + "A")), ("other case", bearer(self.site.swapcase())),
                ("no scheme", {"Authorization": self.site}), ("name in other case", basic("Site", self.site)),
                ("name of another", basic("stranger", self.site)), ("no name", basic("", self.site)),
                ("no token", basic("site", "")), ("wrong token", basic("site", "x" * 43)),
                ("token of another", basic("site", self.stranger)), ("a name too many", basic("site:site", self.site)),
                ("Basic alone", {"Authorization": "Basic"}), ("no base64", {"Authorization": "Basic !!!!"}),
                ("base64 of no colon", {"Authorization": "Basic c2l0ZQ=="}),
                ("base64 of noise", {"Authorization": "Basic " + base64.b64encode(bytes(range(256))).decode()}),
                ("digest", {"Authorization": 'Digest username="site", response="0"'}),
                ("a token as Basic", {"Authorization": f"Basic {self.site}"})]
        for why, headers in rows:
            with self.subTest(why):
                self.assert_challenged(self.probe(headers))
        for call in CLOSED:
            for headers in ({}, bearer("x" * 43), basic("site", "x")):
                with self.subTest(call.path):
                    self.assert_challenged(Client(self.server).request(call.method, call.path, call.body, headers))

    def test_a_token_is_only_taken_from_its_header(self):
        self.assert_challenged(self.probe({}, f"/sso/user/status?access_token={self.site}"))
        body = {"user": [PHONE], "access_token": self.site}
        self.assert_challenged(Client(self.server).post("/sso/user/status", body))

    def test_a_partner_without_the_right_is_refused_on_every_closed_call(self):
        for call in CLOSED:
            for headers in (bearer(self.stranger), basic("stranger", self.stranger)):
                with self.subTest(call.path):
                    answer = Client(self.server).request(call.method, call.path, call.body, headers)
                    self.assert_problem(answer, 403)
                    self.assertIsNone(answer["WWW-Authenticate"])

    def test_the_right_to_sign_people_in_is_no_right_to_anything_else(self):
        self.assertEqual(self.login(token=self.site).status, 403)

    def test_open_calls_need_nobody_and_take_anybody(self):
        phone, _ = self.member()
        pair = {"telephone": phone, "email": fresh_email()}
        self.sso("PATCH", "/sso/email", pair)
        for headers in ({}, bearer(self.site), basic("site", self.site)):
            client = Client(self.server)
            self.assertEqual(client.post("/sso/sms", {"telephone": fresh_phone()}, headers).status, 201)
            self.assertEqual(client.request("PATCH", "/sso/email-status", pair, headers).status, 200)
            self.assertEqual(client.request("PATCH", "/sso/email-optin", {"c": "x" * 54}, headers).status, 404)

    def test_an_access_token_is_granted_for_name_and_token(self):
        form = {"grant_type": "client_credentials"}
        for why, answer in [("form", self.oauth(form | {"client_id": "site", "client_secret": self.site})),
                            ("basic", self.oauth(form, basic("site", self.site)))]:
            with self.subTest(why):
                self.assertEqual(answer.status, 200, answer)
                self.assertEqual(answer["Content-Type"].partition(";")[0], JSON)
                self.assertIn("no-store", answer["Cache-Control"])
                said = answer.json
                self.assertEqual((said["token_type"].lower(), said["expires_in"]), ("bearer", 3600))
                self.assertEqual(self.probe(bearer(said["access_token"])).status, 201)
                self.assertNotIn(self.site, answer.text)

    def test_an_access_token_opens_every_closed_call(self):
        token = self.grant()
        for call in CLOSED:
            self.assertNotIn(self.sso(call.method, call.path, call.body, token).status, (401, 403))

    def test_access_tokens_differ_and_a_damaged_one_is_none(self):
        one, other = self.grant(), self.grant()
        self.assertNotEqual(one, other)
        middle = len(one) // 2
        damaged = one[:middle] + ("A" if one[middle] != "A" else "B") + one[middle + 1:]
        for token in (damaged, one[:-2], one + "A", one.swapcase(), one[:middle] + other[middle:]):
            self.assert_challenged(self.probe(bearer(token)))

    def test_an_access_token_grants_no_other(self):
        answer = self.oauth({"grant_type": "client_credentials", "client_id": "site", "client_secret": self.grant()})
        self.assertEqual((answer.status, answer.json["error"]), (401, "invalid_client"))

    def test_wrong_names_and_tokens_are_granted_nothing(self):
        form = {"grant_type": "client_credentials"}
        rows = [form, form | {"client_id": "site"}, form | {"client_secret": self.site},
                form | {"client_id": "site", "client_secret": "x"},
                form | {"client_id": "nobody", "client_secret": self.site},
                form | {"client_id": "stranger", "client_secret": self.site},
                form | {"client_id": "site", "client_secret": self.site + " "}]
        for fields in rows:
            with self.subTest(str(fields)):
                answer = self.oauth(fields)
                self.assertIn((answer.status, answer.json["error"]),
                              [(401, "invalid_client"), (400, "invalid_request")])
                self.assertNotIn("access_token", answer.json)
        for headers in (basic("site", "x"), basic("", ""), {"Authorization": "Basic !"}):
            answer = self.oauth(form, headers)
            self.assertEqual(answer.status, 401, answer)
            self.assertIn("Basic", answer["WWW-Authenticate"])

    def test_other_grants_are_not_given(self):
        client = {"client_id": "site", "client_secret": self.site}
        for more in ({}, {"grant_type": ""}, {"grant_type": "password", "username": "site", "password": self.site},
                     {"grant_type": "authorization_code"}, {"grant_type": "refresh_token"}):
            with self.subTest(str(more)):
                answer = self.oauth(client | more)
                self.assertEqual(answer.status, 400, answer)
                self.assertIn(answer.json["error"], ("unsupported_grant_type", "invalid_request"))

    def test_a_grant_is_asked_for_by_a_form_that_is_posted(self):
        form = {"grant_type": "client_credentials", "client_id": "site", "client_secret": self.site}
        query = urllib.parse.urlencode(form)
        self.assertEqual(Client(self.server).get(f"/oauth?{query}").status, 405)
        for answer in (Client(self.server).post("/oauth", form), Client(self.server).post(f"/oauth?{query}"),
                       Client(self.server).post("/oauth", query, {"Content-Type": "text/plain"})):
            self.assertIn(answer.status, (400, 401, 415), answer)
            self.assertNotIn("access_token", answer.text)

    def test_a_field_given_twice_grants_nothing(self):
        form = {"grant_type": "client_credentials", "client_id": "site", "client_secret": self.site}
        query = urllib.parse.urlencode(form)
        answer = Client(self.server).post("/oauth", query + "&client_id=stranger",
                                          {"Content-Type": "application/x-www-form-urlencoded"})
        self.assertIn(answer.status, (400, 401), answer)

    def test_access_tokens_end_with_the_token_they_came_from(self):
        old = self.server.partner("rotating", "sso")
        of_old = self.grant("rotating", old)
        new = self.server.must("partner", "rotate", "rotating").splitlines()[-1]
        of_new = self.grant("rotating", new)
        for token in (old, new, of_old, of_new):
            self.assertEqual(self.probe(bearer(token)).status, 201)
        self.server.must("partner", "revoke", "rotating", "--oldest")
        for token in (old, of_old):
            self.assert_challenged(self.probe(bearer(token)))
        for token in (new, of_new):
            self.assertEqual(self.probe(bearer(token)).status, 201)
        self.server.must("partner", "revoke", "rotating")
        for headers in (bearer(new), bearer(of_new), basic("rotating", new)):
            self.assert_challenged(self.probe(headers))
        self.assertEqual(self.oauth({"grant_type": "client_credentials"}, basic("rotating", new)).status, 401)

    def test_an_access_token_has_the_rights_of_its_partner(self):
        answer = self.oauth({"grant_type": "client_credentials"}, basic("stranger", self.stranger))
        if answer.status == 200:
            self.assert_problem(self.probe(bearer(answer.json["access_token"])), 403)
        else:
            self.assertIn(answer.status, (400, 401, 403), answer)

    def test_an_access_token_outlives_a_crash(self):
        with Server() as server:
            token = server.partner("site", "sso")
            access = self.oauth({"grant_type": "client_credentials"}, basic("site", token), server).json["access_token"]
            server.kill9()
            server.start()
            self.assertEqual(Client(server).post("/sso/user/status", {"user": [PHONE]}, bearer(access)).status, 201)

    def test_no_credentials_are_on_the_disk(self):
        access = self.grant()
        self.probe(bearer(access))
        for file in self.server.folder.rglob("*"):
            if file.is_file():
                for secret in (access, self.site):
                    self.assertNotIn(secret.encode(), file.read_bytes(), file)

    def test_guessing_is_slowed_down_without_hurting_those_who_know(self):
        with Server(sign_in_per_address_per_minute=5) as server:
            token = server.partner("site", "sso")
            form = {"grant_type": "client_credentials", "client_id": "site", "client_secret": "x"}
            guesses = [lambda client: client.post("/sso/user/status", {"user": [PHONE]}, basic("site", "x")),
                       lambda client: client.post("/sso/user/status", {"user": [PHONE]}, bearer("x" * 43)),
                       lambda client: client.post("/oauth", form=form)]
            for number, guess in enumerate(guesses):
                with self.subTest(number):
                    client = Client(server, f"127.0.0.{10 + number}")
                    answers = [guess(client) for _ in range(12)]
                    self.assertEqual([answer.status for answer in answers[:5]], [401] * 5)
                    self.assertEqual(answers[-1].status, 429)
                    self.assertIn(int(answers[-1]["Retry-After"]), range(1, 61))
                    right = client.post("/sso/user/status", {"user": [PHONE]}, basic("site", token))
                    self.assertEqual(right.status, 201, right)


class Codes(Site):
    """What a code is good for, and for how long."""

    def test_either_of_the_last_two_codes_is_good_and_the_third_ends_the_first(self):
        phone, first = self.coded()
        second = self.code(phone)
        for code in (first, second):
            self.assertEqual(self.check(phone, code).status, 201)
        third = self.code(phone)
        for code in (second, third):
            self.assertEqual(self.check(phone, code).status, 201)
        if first not in (second, third):
            self.assert_problem(self.check(phone, first), 400)
        self.signed_in_by(phone, second, **AGREED)

    def test_looking_at_a_code_does_not_use_it_up(self):
        phone, code = self.coded()
        for _ in range(12):
            self.assertEqual(self.check(phone, code).status, 201)
        self.signed_in_by(phone, code, **AGREED)

    def test_missing_consents_do_not_use_it_up_either(self):
        phone, code = self.coded()
        for _ in range(12):
            self.assert_problem(self.auth(phone, code), 422, "agb", "dataprotection")
        self.signed_in_by(phone, code, **AGREED)

    def test_a_code_signs_in_once(self):
        phone, code = self.coded()
        self.signed_in_by(phone, code, **AGREED)
        self.assert_problem(self.auth(phone, code, **AGREED), 400)
        self.assert_problem(self.check(phone, code), 400)

    def test_a_code_is_good_for_its_own_number_alone(self):
        (phone, code), (other, others) = self.coded(), self.coded()
        if code != others:
            self.assert_problem(self.auth(other, code, **AGREED), 400)
        self.assert_problem(self.auth(fresh_phone(), code, **AGREED), 400)
        self.signed_in_by(phone, code, **AGREED)

    def test_a_code_is_good_however_its_number_is_written(self):
        phone, code = self.coded()
        for spelling in spellings(phone):
            with self.subTest(spelling):
                answer = self.check(spelling, code)
                self.assertEqual((answer.status, answer.json), (201, {"telephone": spelling, "valid": True}))
        self.signed_in_by(spellings(phone)[1], code, **AGREED)
        self.assertEqual(self.registered(*spellings(phone)), [1] * len(spellings(phone)))

    def test_what_is_not_quite_the_code_is_not_the_code(self):
        for change in (lambda code: code[:-1], lambda code: code + "0", lambda code: "0" + code,
                       lambda code: code + "\0", lambda code: "".join(chr(0xFF10 + int(digit)) for digit in code)):
            phone, code = self.coded()
            with self.subTest(change(code)):
                self.assertIn(self.check(phone, change(code)).status, (400, 422))

    def test_every_code_that_is_no_good_gets_the_same_answer(self):
        """Wrong, expired, spent, never sent, replaced, and right after too many guesses."""
        with Server(**ROOMY | {"otp_seconds": 2}) as server:
            self.enter(server)
            never, spent, expired, guessed = (fresh_phone() for _ in range(4))
            codes = dict(zip((spent, expired, guessed), self.codes(spent, expired, guessed)))
            self.signed_in_by(spent, codes[spent], **AGREED)
            self.lock(guessed, codes[guessed])
            answers = {f"{why} by {call.__name__}": call(phone, code)
                       for call in (self.check, self.auth)
                       for why, phone, code in [("never sent", never, "123456"), ("spent", spent, codes[spent]),
                                                ("too often", guessed, codes[guessed]),
                                                ("wrong", expired, wrong(codes[expired]))]}
            until(lambda: self.check(expired, codes[expired]).status == 400, what="the end of a code")
            for call in (self.check, self.auth):
                answers[f"expired by {call.__name__}"] = call(expired, codes[expired])
        for why, answer in answers.items():
            with self.subTest(why):
                self.assert_problem(answer, 400)
                self.assertEqual(outline(answer), outline(answers["wrong by check"]))

    def enter(self, server):
        """From here on another server is meant."""
        self.server, self.site, self.ready = server, server.partner("site", "sso"), []

    def test_codes_are_as_long_as_the_operator_likes(self):
        with Server(**ROOMY | {"otp_digits": 10}) as server:
            self.enter(server)
            phone, code = self.coded()
            self.assertRegex(code, "^[0-9]{10}$")
            self.signed_in_by(phone, code, **AGREED)

    def test_codes_are_drawn_from_all_there_are(self):
        self.coded()
        codes = [code_in_text(text) for text in self.server.texts()]
        self.assertTrue(all(re.fullmatch("[0-9]{6}", code) for code in codes))
        self.assertGreater(len(set(codes)), len(codes) - 3)
        self.assertGreater(len({code[0] for code in codes}), 4)

    def test_a_code_outlives_a_crash(self):
        with Server(**ROOMY) as server:
            self.enter(server)
            phone, code = self.coded()
            server.kill9()
            server.start()
            auth_code = self.signed_in_by(phone, code, **AGREED)["authCode"]
            server.kill9()
            server.start()
            self.assertEqual(self.user(phone, auth_code).status, 201)
            self.assert_problem(self.auth(phone, code, **AGREED), 400)

    def test_no_code_is_on_the_disk(self):
        phone, code = self.coded()
        auth_code = self.signed_in_by(*self.coded(), **AGREED)["authCode"]
        self.assertEqual(self.check(phone, code).status, 201)
        for file in self.server.folder.rglob("onboard.db*"):
            self.assertNotIn(b"#" + code.encode(), file.read_bytes())
            self.assertNotIn(auth_code.encode(), file.read_bytes())
        self.assertNotIn(code, str(self.server.rows("codes", "outbox")))


class Guesses(Site):
    """Five wrong codes an hour for one number, whatever the guesser does."""

    def assert_locked(self, phone, code, like):
        """Even the right code gets the answer of a wrong one."""
        for call in (self.check, self.auth):
            self.assertEqual(outline(call(phone, code)), outline(like))

    def test_of_forty_guesses_at_once_five_count_and_the_right_code_is_then_refused(self):
        phone, code = self.coded()
        ways = list(itertools.product((self.check, self.auth), spellings(phone)[:3]))

        def guess(number, _):
            call, spelling = ways[number % len(ways)]
            return call(spelling, wrong(code, number + 1))
        answers = together(40, guess)
        for answer in answers:
            self.assert_problem(answer, 400)
        self.assertEqual(len({str(outline(answer)) for answer in answers}), 1)
        self.assert_locked(phone, code, answers[0])
        self.assertEqual(self.registered(phone), [0])
        resent = self.code(phone)
        for spelling in spellings(phone):
            self.assert_locked(spelling, resent, answers[0])

    def test_a_right_code_among_a_crowd_of_wrong_ones_signs_in_at_most_once(self):
        phone, code = self.coded()
        codes = [code if number in (4, 14, 24) else wrong(code, number + 1) for number in range(30)]
        answers = together(30, lambda number, _: self.auth(phone, codes[number], **AGREED))
        self.assertLessEqual([answer.status for answer in answers].count(201), 1)
        self.assertEqual({answer.status for answer in answers} - {201}, {400})
        self.assert_problem(self.auth(phone, code, **AGREED), 400)

    def test_four_guesses_are_forgiven_and_the_fifth_is_not(self):
        phone, code = self.coded()
        for by in range(1, 5):
            self.check(phone, wrong(code, by))
        self.assertEqual(self.check(phone, code).status, 201)
        like = self.auth(phone, wrong(code, 5))
        self.assert_locked(phone, code, like)

    def test_a_right_code_costs_nothing_and_gives_nothing_back_but_its_own_try(self):
        phone, code = self.coded()
        for by in range(1, 5):
            self.check(phone, wrong(code, by))
            for _ in range(3):
                self.assertEqual(self.check(phone, code).status, 201)
        self.signed_in_by(phone, code, **AGREED)
        another = self.code(phone)
        self.assertEqual(self.check(phone, another).status, 201)
        like = self.check(phone, wrong(another))
        self.assert_locked(phone, another, like)

    def test_neither_another_code_nor_a_crash_nor_another_number_gives_a_guess_back(self):
        with Server(**ROOMY) as server:
            self.server, self.site, self.ready = server, server.partner("site", "sso"), []
            other = server.partner("other", "sso")
            phone, code = self.coded()
            codes = [code]
            for round in range(4):
                self.assert_problem(self.check(phone, wrong(code, 7 * round + 1)), 400)
                self.member()
                codes.append(self.code(phone))
                if round % 2:
                    server.kill9()
                    server.start()
                else:
                    server.restart()
            self.assertEqual(self.check(phone, codes[-1]).status, 201)
            like = self.check(phone, wrong(codes[-1], 999))
            server.kill9()
            server.start()
            self.assert_locked(phone, codes[-1], like)
            self.assertEqual(outline(self.auth(phone, codes[-1], other, **AGREED)), outline(like))

    def test_whose_number_is_guessed_at_may_still_ask_for_codes_like_anybody(self):
        phone, code = self.coded()
        other, _ = self.coded()
        self.lock(phone, code)
        locked, free = self.ask(phone), self.ask(other)
        self.assertEqual((locked.status, locked.text.replace(phone, "")), (free.status, free.text.replace(other, "")))
        self.assertEqual(self.check(*self.coded()).status, 201)     # nobody else is hurt

    def test_the_operator_may_allow_fewer_guesses(self):
        with Server(**ROOMY | {"otp_tries": 1}) as server:
            self.server, self.site, self.ready = server, server.partner("site", "sso"), []
            phone, code = self.coded()
            self.assertEqual(self.check(phone, code).status, 201)
            like = self.check(phone, wrong(code))
            self.assert_locked(phone, code, like)

    def test_of_twenty_sign_ins_with_one_code_exactly_one_succeeds(self):
        for members in (AGREED, {}):
            phone, code = self.coded()
            if not members:
                self.signed_in_by(phone, code, **AGREED)
                code = self.code(phone)
            answers = together(20, lambda number, _: self.auth(phone, code, **members))
            self.assertEqual(sorted(answer.status for answer in answers), [201] + [400] * 19)

    def test_of_many_first_sign_ins_with_two_codes_comes_one_account(self):
        for _ in range(2):
            phone, first = self.coded()
            codes = [first, self.code(phone)]
            answers = together(12, lambda number, _: self.auth(phone, codes[number % 2], **AGREED))
            won = [answer.json for answer in answers if answer.status == 201]
            self.assertIn(len(won), (1, 2), answers)
            self.assertEqual({answer.status for answer in answers} - {201}, {400})
            self.assertEqual([entry["isNew"] for entry in won].count(True), 1)
            self.assertEqual(len([row for row in self.server.rows("accounts")["accounts"] if phone in row]), 1)
            self.assertEqual(len(self.kept(phone)["consents"]) % 2, 0)


class Texts(unittest.TestCase):
    """Who is sent how many texts, and what is in them."""

    def start(self, **settings):
        server = self.enterContext(Server(**settings))
        return server, server.partner("site", "sso")

    def ask(self, server, phone, address=None, **headers):
        return Client(server, address).post("/sso/sms", {"telephone": phone}, headers)

    def assert_sent(self, answer):
        self.assertEqual(answer.status, 201, answer)

    def assert_put_off(self, answer, seconds):
        Site.assert_problem(self, answer, 429)
        self.assertIn(int(answer["Retry-After"]), range(1, seconds + 1), answer)

    def assert_texts(self, server, *phones):
        """These numbers have got texts, and no other, and none is still to leave."""
        server.delivered()
        self.assertEqual(sorted(text["to"] for text in server.texts()), sorted(phones))

    def test_a_text_is_a_file_with_an_id_a_number_and_a_text(self):
        server, _ = self.start()
        self.assert_sent(self.ask(server, "0151 / 1234-5678"))
        [text] = server.wait_for_texts()
        self.assertEqual(set(text), {"id", "to", "text"})
        self.assertEqual(text["to"], PHONE)
        self.assertEqual([file.name for file in (server.folder / "outgoing/sms").iterdir()], [f"{text['id']}.json"])
        mode = (server.folder / f"outgoing/sms/{text['id']}.json").stat().st_mode
        self.assertEqual(mode & 0o007, 0, oct(mode))

    def test_a_text_fits_one_message_and_ends_in_a_line_for_browsers(self):
        hosts = ["https://login.example.com", "https://login.example.com:8443", "https://" + "a" * 50 + ".example.com",
                 "https://" + ".".join(["h" * 60] * 2) + ".exampl", "https://xn--bcher-kva.example"]
        phones = {"DE": "015112345678", "FR": "0612345678", "NL": "0612345678", "GB": "07400123456", "IN": "8123456789",
                  "BE": "0470123456", "GR": "6912345678", "PL": "512345678"}
        rows = [(region, url) for region in phones for url in (hosts if region in ("DE", "FR") else hosts[:1])]
        servers = [self.start(phone_region=region, public_url=url, otp_digits=10)[0] for region, url in rows]
        for (region, _), server in zip(rows, servers):
            self.assert_sent(self.ask(server, phones[region]))
        for (region, url), server in zip(rows, servers):
            with self.subTest(f"{region} {url}"):
                [text] = server.wait_for_texts()
                self.assertLessEqual(set(text["text"]), GSM7 | GSM7_TWICE)
                self.assertLessEqual(sum(2 if letter in GSM7_TWICE else 1 for letter in text["text"]), 160)
                host = urllib.parse.urlsplit(url).hostname
                self.assertRegex(text["text"].rpartition("\n")[2], f"^@{re.escape(host)} #[0-9]{{10}}$")
                self.assertIn(code_in_text(text), text["text"].rpartition("\n")[0])
                self.assertNotIn("http", text["text"])

    def test_a_second_text_has_to_wait(self):
        server, token = self.start(sms_per_address_per_hour=1000)
        self.assert_sent(self.ask(server, PHONE))
        before = server.rows("codes")
        for spelling in spellings(PHONE):
            for headers in ({}, bearer(token)):
                self.assert_put_off(self.ask(server, spelling, **headers), 60)
        self.assert_texts(server, PHONE)
        self.assertEqual(server.rows("codes"), before)
        [text] = server.texts()
        answer = Client(server).post("/sso/code", {"telephone": PHONE, "code": code_in_text(text)}, bearer(token))
        self.assertEqual(answer.status, 201)        # the one that was sent is still good
        server.kill9()
        server.start()
        self.assert_put_off(self.ask(server, PHONE), 60)

    def test_the_wait_ends_when_it_was_said_to(self):
        server, _ = self.start(otp_pause_seconds=1)
        self.assert_sent(self.ask(server, PHONE))
        asked = time.monotonic()
        self.assert_put_off(self.ask(server, PHONE), 1)
        until(lambda: self.ask(server, PHONE).status == 201, 5, "another text")
        self.assertLess(time.monotonic() - asked, 2)

    def test_of_many_who_ask_at_once_one_is_sent_a_text(self):
        server, _ = self.start(sms_per_address_per_hour=1000)
        answers = together(16, lambda number, _: self.ask(server, spellings(PHONE)[number % 7]))
        self.assertEqual(sorted(answer.status for answer in answers), [201] + [429] * 15)
        self.assert_texts(server, PHONE)

    def test_many_who_ask_at_once_get_no_more_texts_than_one_after_the_other(self):
        row = self.range_of(30)
        for settings, phones, count in [({"sms_per_address_per_hour": 5}, [fresh_phone() for _ in range(30)], 5),
                                        ({"sms_per_day": 5}, [fresh_phone() for _ in range(30)], 5), ({}, row, 20)]:
            with self.subTest(str(settings)):
                server, _ = self.start(**settings)
                answers = together(30, lambda number, _: self.ask(server, phones[number]))
                self.assertEqual(sorted(answer.status for answer in answers), [201] * count + [429] * (30 - count))
                server.delivered()
                self.assertEqual(len(server.texts()), count)

    def test_one_number_gets_so_many_texts_an_hour_and_a_day(self):
        for settings, count, seconds in [({}, 5, 3600), ({"otp_per_hour": 3}, 3, 3600),
                                         ({"otp_per_hour": 1000, "otp_per_day": 4}, 4, 86400),
                                         ({"otp_per_hour": 1000}, 10, 86400)]:
            with self.subTest(str(settings)):
                server, token = self.start(otp_pause_seconds=0, **settings)
                phone, other = fresh_phone(), fresh_phone()
                for number in range(count):
                    headers = bearer(token) if number % 2 else {}
                    self.assert_sent(self.ask(server, spellings(phone)[number % 7], **headers))
                answers = [self.ask(server, phone), self.ask(server, phone, **bearer(token)),
                           self.ask(server, phone, "127.0.0.9")]
                server.kill9()
                server.start()
                answers.append(self.ask(server, phone))
                for answer in answers:
                    self.assert_put_off(answer, seconds)
                    self.assertGreater(int(answer["Retry-After"]), seconds - 60)
                self.assert_sent(self.ask(server, other))
                server.delivered()      # a text whose code was replaced before it could leave may have stayed
                self.assertIn(len(server.texts(phone)), range(1, count + 1))
                self.assertEqual(len(server.texts(other)), 1)

    def test_a_client_without_credentials_asks_for_so_many_texts_an_hour(self):
        server, token = self.start(sms_per_address_per_hour=3)
        phones = [fresh_phone() for _ in range(12)]
        sent = phones[:3]
        for phone in sent:
            self.assert_sent(self.ask(server, phone))
        for lie in ({}, {"X-Forwarded-For": "192.0.2.1"}, {"Forwarded": "for=192.0.2.2"}):
            self.assert_put_off(self.ask(server, phones[4], **lie), 3600)
        for guess in (bearer("x" * 43), basic("site", "x")):
            self.assertIn(self.ask(server, phones[4], **guess).status, (401, 429))
        self.assert_sent(self.ask(server, phones[5], "127.0.0.2"))
        for number, phone in enumerate(phones[6:11]):
            self.assert_sent(self.ask(server, phone, **(bearer(token) if number % 2 else basic("site", token))))
        self.assert_put_off(self.ask(server, phones[11]), 3600)
        self.assert_texts(server, *sent, *phones[5:11])

    def test_a_refused_number_costs_its_asker_nothing_and_a_partner_without_the_right_is_nobody(self):
        server, _ = self.start(sms_per_address_per_hour=2)
        stranger = server.partner("stranger", "partner")
        for _ in range(4):
            self.assertEqual(self.ask(server, "x").status, 422)
        statuses = [self.ask(server, fresh_phone(), **bearer(stranger)).status for _ in range(4)]
        self.assertIn(statuses, ([201, 201, 429, 429], [403] * 4))

    def test_everybody_together_asks_for_so_many_texts_a_day(self):
        server, token = self.start(sms_per_day=3)
        phones = [fresh_phone() for _ in range(6)]
        for phone, headers in zip(phones[:3], ({}, bearer(token), {})):
            self.assert_sent(self.ask(server, phone, **headers))
        self.assert_put_off(self.ask(server, phones[3]), 86400)
        self.assert_put_off(self.ask(server, phones[4], "127.0.0.2", **bearer(token)), 86400)
        self.assert_texts(server, *phones[:3])
        answer = Client(server).post("/sso/user/status", {"user": phones}, bearer(token))
        self.assertEqual(answer.status, 201)        # all the rest goes on

    def range_of(self, count):
        start = fresh_phone()[:-4]
        return [f"{start}{number:04}" for number in range(count)]

    def test_numbers_in_a_row_that_nobody_answers_look_like_fraud(self):
        server, token = self.start(**ROOMY)
        phones = self.range_of(24)
        for number, phone in enumerate(phones[:20]):
            self.assert_sent(self.ask(server, phone, f"127.0.0.{number + 1}"))
        for number, phone in enumerate((*phones[20:], phones[0])):
            self.assert_put_off(self.ask(server, phone, f"127.0.0.{number + 50}"), 86400)
        other = fresh_phone()
        self.assert_sent(self.ask(server, other))
        self.assert_texts(server, *phones[:20], other)

    def test_numbers_that_are_answered_do_not(self):
        server, token = self.start(**ROOMY)
        phones = self.range_of(26)
        for phone in phones[:20]:
            self.assert_sent(self.ask(server, phone))
        for phone in phones[:5]:
            [text] = server.wait_for_texts(1, phone)
            body = {"telephone": phone, "code": code_in_text(text)} | AGREED
            self.assertEqual(Client(server).post("/sso/auth", body, bearer(token)).status, 201)
        for phone in phones[20:25]:
            self.assert_sent(self.ask(server, phone))
        self.assert_put_off(self.ask(server, phones[25]), 86400)

    def test_the_operator_may_want_only_a_record_of_it(self):
        server, _ = self.start(**ROOMY, sms_guard="record")
        phones = self.range_of(24)
        for phone in phones:
            self.assert_sent(self.ask(server, phone))
        self.assert_texts(server, *phones)
        server.kill9()
        told = [line for line in server.lines if json.loads(line)["level"] in ("warn", "error")]
        self.assertTrue(told)
        self.assertNotIn(phones[0][1:], "".join(server.lines))

    def test_a_number_that_takes_no_text_or_is_abroad_is_refused_before_anything_is_sent(self):
        server, token = self.start(**ROOMY)
        for why, phone in [("abroad", "+436641234567"), ("far away", "+12125550123"), ("satellite", "+881612345678"),
                           ("a fixed line", "+4930123456"), ("premium rate", "+499001234567"),
                           ("toll-free", "+498001234567"), ("shared cost", "+491801234567"),
                           ("personal", "+4970012345678"), ("Kazakhstan", "+77012345678"),
                           ("no country", "+999123456789")]:
            for headers in ({}, bearer(token)):
                with self.subTest(why):
                    answer = self.ask(server, phone, **headers)
                    Site.assert_problem(self, answer, 422, "telephone")
        self.assert_texts(server)
        self.assertEqual(server.rows("codes")["codes"], [])

    def test_the_operator_names_the_countries(self):
        server, _ = self.start(**ROOMY, sms_countries="AT,CH", phone_region="DE")
        for phone, status in [("+436641234567", 201), ("+41781234567", 201), (PHONE, 422), ("0151 12345678", 422)]:
            self.assertEqual(self.ask(server, phone).status, status, phone)
        self.assert_texts(server, "+436641234567", "+41781234567")

    def test_numbers_are_read_as_in_the_region_and_texts_go_there(self):
        server, _ = self.start(**ROOMY, phone_region="IN")
        for phone, status in [("81234 56789", 201), ("+4915112345678", 422)]:
            self.assertEqual(self.ask(server, phone).status, status, phone)
        self.assert_texts(server, "+918123456789")

    def test_the_answer_says_nothing_of_who_is_registered(self):
        server, token = self.start(**ROOMY, sms_countries="DE,AT")
        phones = [fresh_phone() for _ in range(4)]
        abroad = "+436641234567"

        def answers():
            return [(answer.status, dict(outline(answer)[1]), answer.text) for phone in (*phones, abroad)
                    if (answer := self.ask(server, phone))]
        before = answers()
        for phone in (*phones[1:], abroad):
            code = code_in_text(server.wait_for_texts(1, phone)[-1])
            body = {"telephone": phone, "code": code} | AGREED
            self.assertEqual(Client(server).post("/sso/auth", body, bearer(token)).status, 201)
        server.must("user", "block", phones[2])
        server.must("user", "delete", phones[3])
        self.assertEqual(answers(), before)
        del server.settings["sms_countries"]
        server.restart()
        registered, not_registered = self.ask(server, abroad), self.ask(server, "+436641234568")
        self.assertEqual(registered.status, 422)
        self.assertEqual(outline(registered), outline(not_registered))


class Gateways(unittest.TestCase):
    """Texts on their way to a gateway that is slow, moody or gone, from a server that is killed meanwhile."""

    def start(self, answer=200, **settings):
        gateway = self.enterContext(Gateway(answer))
        server = self.enterContext(Server(sms=gateway.url(), sms_token=TOKEN, **settings))
        return gateway, server, server.partner("site", "sso")

    def ask(self, server, phone):
        answer = Client(server).post("/sso/sms", {"telephone": phone})
        self.assertEqual((answer.status, answer.json), (201, {"telephone": phone}), answer)

    def waiting(self, server):
        return json.loads(server.must("outbox", "list", "--json"))

    def the_text(self, server, state):
        """The only text of the outbox, once a try has brought it to this."""
        def found():
            texts = self.waiting(server)
            return len(texts) == 1 and texts[0]["state"] == state and texts[0]["reason"] and texts[0]
        return until(found, what=f"a text that is {state}")

    def assert_good(self, server, token, phone, text):
        body = {"telephone": phone, "code": code_in_text(text)}
        self.assertEqual(Client(server).post("/sso/code", body, bearer(token)).status, 201)

    def test_a_text_is_posted_once_under_its_id(self):
        gateway, server, token = self.start()
        phone = fresh_phone()
        self.ask(server, phone)
        [text] = gateway.wait_for_texts()
        self.assertEqual((set(text), text["to"]), ({"id", "to", "text"}, phone))
        self.assert_good(server, token, phone, text)
        until(lambda: not self.waiting(server), what="an empty outbox")
        server.stop()
        [posted] = gateway.posted
        self.assertEqual((posted.method, posted.target, posted.key), ("POST", "/send", text["id"]))
        self.assertEqual(posted.headers["Authorization"], f"Bearer {TOKEN}")
        self.assertEqual(posted.headers["Content-Type"].partition(";")[0], JSON)
        self.assertFalse((server.folder / "outgoing/sms").exists())

    def test_a_gateway_that_is_not_well_is_asked_again_later(self):
        started = [self.start(answer) for answer in (500, 503, 429)]
        for _, server, _ in started:
            self.ask(server, fresh_phone())
        for gateway, server, _ in started:
            with self.subTest(gateway.answer):
                text = self.the_text(server, "waiting")
                server.kill9()
                self.assertEqual((len(gateway.posted), text["attempts"]), (1, 1))
                self.assertGreater(text["dueAt"], text["addedAt"])
                self.assertNotIn(TOKEN, "".join(server.lines) + str(text))

    def test_a_gateway_that_is_away_keeps_nobody_waiting(self):
        with Gateway() as gone:
            url = gone.url()
        server = self.enterContext(Server(sms=url, sms_token=TOKEN))
        started = time.monotonic()
        for _ in range(5):
            self.ask(server, fresh_phone())
        self.assertLess(time.monotonic() - started, 2)
        self.assertEqual({text["state"] for text in self.waiting(server)}, {"waiting"})

    def test_a_text_that_the_gateway_refuses_is_given_up_and_can_be_tried_again(self):
        gateway, server, token = self.start(400)
        phone = fresh_phone()
        self.ask(server, phone)
        text = self.the_text(server, "dead")
        self.assertIn("400", text["reason"])
        self.assertEqual((text["to"], text["attempts"], len(gateway.posted)), (phone, 1, 1))
        listed = server.must("outbox", "list")
        code = code_in_text(gateway.posted[0].json)
        self.assertNotIn(code, listed + str(text))
        gateway.answer = 200
        server.must("outbox", "retry", text["id"])
        until(lambda: len(gateway.posted) == 2, what="another try")
        self.assertEqual(gateway.posted[0].key, gateway.posted[1].key)
        self.assertEqual(gateway.posted[0].json, gateway.posted[1].json)
        self.assert_good(server, token, phone, gateway.posted[1].json)

    def test_what_a_crash_interrupts_leaves_soon_after_the_next_start(self):
        gateway, server, token = self.start(hangs)
        phone = fresh_phone()
        self.ask(server, phone)
        [before] = gateway.wait_for_texts()
        self.assertNotIn(code_in_text(before), str(server.rows()))
        server.kill9()
        for file in server.folder.rglob("onboard.db*"):
            self.assertNotIn(code_in_text(before).encode(), file.read_bytes(), file)
        gateway.answer = 200
        server.start()
        until(lambda: len(gateway.posted) == 2, DUE, "the text after a kill")
        self.assertEqual((gateway.posted[1].key, gateway.posted[1].json), (gateway.posted[0].key, before))
        until(lambda: not self.waiting(server), what="an empty outbox")
        self.assert_good(server, token, phone, before)

    def test_whoever_was_told_of_a_text_gets_it_though_the_server_dies_at_once(self):
        gateway, server, token = self.start()
        phones = [fresh_phone() for _ in range(10)]
        for phone in phones:
            self.ask(server, phone)
        server.kill9()
        server.start()
        for phone in phones:
            [text] = gateway.wait_for_texts(1, phone, DUE)
            self.assert_good(server, token, phone, text)

    def test_a_person_who_is_deleted_meanwhile_is_sent_nothing_more(self):
        gateway, server, token = self.start(otp_pause_seconds=0)
        phone = fresh_phone()
        self.ask(server, phone)
        [text] = gateway.wait_for_texts()
        body = {"telephone": phone, "code": code_in_text(text)} | AGREED
        self.assertEqual(Client(server).post("/sso/auth", body, bearer(token)).status, 201)
        gateway.answer = 500
        self.ask(server, phone)
        self.the_text(server, "waiting")
        server.must("user", "delete", phone)
        until(lambda: not self.waiting(server), what="an outbox without the text")


class SignIn(Site):
    """Signing in, and what the site may ask afterwards."""

    def test_a_person_is_new_once(self):
        phone, code = self.coded()
        first = self.signed_in_by(phone, code, **AGREED)
        before = self.shown(phone, first["authCode"])
        second = self.signed_in_by(phone, self.code(phone))
        self.assertEqual((first["isNew"], second["isNew"]), (True, False))
        self.assertNotEqual(first["authCode"], second["authCode"])
        self.assertEqual(self.shown(phone, second["authCode"]), before)

    def test_an_auth_code_is_good_as_often_as_it_is_asked_for_and_however_the_number_is_written(self):
        phone, auth_code = self.member()
        for spelling in spellings(phone):
            with self.subTest(spelling):
                self.assertEqual(self.user(spelling, auth_code).status, 201)
                self.assertEqual(self.user_by_get(spelling, auth_code).status, 200)

    def test_a_new_sign_in_ends_the_auth_code_before_it(self):
        phone, auth_code = self.member()
        new = self.signed_in_by(phone, self.code(phone))["authCode"]
        self.assert_problem(self.user(phone, auth_code), 404)
        self.assertEqual(self.user(phone, new).status, 201)

    def test_a_pair_that_does_not_match_is_not_found_whatever_the_reason(self):
        phone, auth_code = self.member()
        other, others = self.member()
        partner = self.server.partner(f"another-{fresh_phone()}", "sso")
        replaced = self.signed_in_by(other, self.code(other)) and others
        rows = [("of another number", phone, self.member()[1], {}),
                ("of another partner", phone, auth_code, {"token": partner}),
                ("for another number", self.member()[0], auth_code, {}), ("for nobody", fresh_phone(), auth_code, {}),
                ("damaged", phone, auth_code[:-1], {}), ("longer", phone, auth_code + "A", {}), ("x", phone, "x", {}),
                ("huge", phone, "x" * 2000, {}), ("other case", phone, auth_code.swapcase(), {}),
                ("replaced", other, replaced, {}),
                ("of nobody", fresh_phone(), "x" * 54, {}), ("a token", phone, self.site, {})]
        like = {call: outline(call(phone, "y" * 54)) for call in (self.user, self.user_by_get)}
        for why, username, code, more in rows:
            for call in (self.user, self.user_by_get):
                with self.subTest(f"{why}, {call.__name__}"):
                    answer = call(username, code, **more)
                    self.assert_problem(answer, 404)
                    self.assertEqual(outline(answer), like[call])
        self.assertEqual(self.user(phone, auth_code).status, 201)

    def test_a_parameter_given_twice_is_never_taken(self):
        phone, auth_code = self.member()
        good = urllib.parse.urlencode({"username": phone, "authCode": auth_code})
        for more in ("&username=x", f"&username={urllib.parse.quote(phone)}", "&authCode=x", f"&authCode={auth_code}"):
            self.assertIn(self.sso("GET", f"/sso/user?{good}{more}").status, (400, 404))
            self.assertIn(self.sso("GET", f"/sso/user?{more[1:]}&{good}").status, (400, 404))

    def test_another_partner_that_signs_a_person_in_is_shown_the_same_person(self):
        phone, auth_code = self.member()
        partner = self.server.partner(f"another-{fresh_phone()}", "sso")
        here = self.shown(phone, auth_code)
        there = self.signed_in_by(phone, self.code(phone), partner)
        self.assertIs(there["isNew"], False)
        self.assertEqual(self.user(phone, there["authCode"], token=partner).json["user"], here)
        self.assert_problem(self.user(phone, there["authCode"]), 404)

    def test_an_auth_code_ends_after_its_time(self):
        with Server(**ROOMY | {"auth_code_seconds": 1}) as server:
            self.server, self.site, self.ready = server, server.partner("site", "sso"), []
            phone, code = self.coded()
            said = self.signed_in_by(phone, code, **AGREED)
            self.assertEqual(said["expiresIn"], 1)
            self.assertEqual(self.user(phone, said["authCode"]).status, 201)
            answer = until(lambda: (found := self.user(phone, said["authCode"])).status != 201 and found, 3)
            self.assertEqual(outline(answer), outline(self.user(phone, "x" * 54)))

    def test_consents_are_kept_with_what_was_agreed_to_and_through_whom(self):
        phone, _ = self.member()
        first = self.kept(phone)["consents"]
        self.assertEqual({(consent["to"], consent["version"], consent["partner"]) for consent in first},
                         {("terms", "1", "site"), ("privacy", "1", "site")})
        self.signed_in_by(phone, self.code(phone), agb=True)
        after = self.kept(phone)["consents"]
        self.assertEqual([consent for consent in first if consent not in after], [])
        self.assertEqual(len(after), 3)
        self.signed_in_by(phone, self.code(phone), agb=False, dataprotection="0")
        self.assertEqual(self.kept(phone)["consents"], after)

    def test_a_later_version_is_agreed_to_anew(self):
        with Server(**ROOMY) as server:
            self.server, self.site, self.ready = server, server.partner("site", "sso"), []
            phone, _ = self.member()
            server.settings |= {"terms_version": "2026-11", "privacy_version": "7"}
            server.restart()
            self.signed_in_by(phone, self.code(phone), **AGREED)
            self.assertEqual({(consent["to"], consent["version"]) for consent in self.kept(phone)["consents"]},
                             {("terms", "1"), ("privacy", "1"), ("terms", "2026-11"), ("privacy", "7")})

    def test_a_push_token_is_kept_until_another_or_an_empty_one_comes(self):
        first, second = "push-one-" + fresh_phone()[1:], "push-two-" + fresh_phone()[1:]
        phone, _ = self.member(pushToken=first)

        def stored(token):
            return token in str(self.server.rows())
        self.assertTrue(stored(first))
        self.signed_in_by(phone, self.code(phone))
        self.assertTrue(stored(first))
        self.signed_in_by(phone, self.code(phone), pushToken=second)
        self.assertEqual((stored(first), stored(second)), (False, True))
        self.signed_in_by(phone, self.code(phone), pushToken="")
        self.assertFalse(stored(second))

    def test_a_blocked_person_is_not_signed_in_until_unblocked(self):
        phone, auth_code = self.member()
        self.server.must("user", "block", phone)
        self.assertIn(self.user(phone, auth_code).status, (403, 404))
        code = self.code(phone)
        self.assert_problem(self.auth(phone, wrong(code)), 400)      # who does not have the telephone learns nothing
        self.assert_problem(self.auth(phone, code, **AGREED), 403)
        self.server.must("user", "unblock", phone)
        self.assertIs(self.signed_in_by(phone, self.code(phone))["isNew"], False)

    def test_a_deleted_person_is_not_signed_in(self):
        phone, auth_code = self.member()
        self.server.must("user", "delete", phone)
        self.assertIn(self.user(phone, auth_code).status, (403, 404))
        code = self.code(phone)
        self.assert_problem(self.auth(phone, wrong(code)), 400)
        self.assert_problem(self.auth(phone, code, **AGREED), 403)
        self.assertEqual(self.registered(phone), [0])

    def test_the_number_of_a_deleted_person_can_be_released(self):
        with Server(**ROOMY | {"deleted": "release"}) as server:
            self.server, self.site, self.ready = server, server.partner("site", "sso"), []
            phone, auth_code = self.member(pushToken="push-of-the-first")
            before = self.shown(phone, auth_code)
            server.must("user", "delete", phone)
            code = self.code(phone)
            self.assert_problem(self.auth(phone, code), 422, "agb", "dataprotection")
            said = self.signed_in_by(phone, code, **AGREED)
            self.assertIs(said["isNew"], True)
            self.assertNotEqual(self.shown(phone, said["authCode"])["id"], before["id"])
            self.assert_problem(self.user(phone, auth_code), 404)

    def test_somebody_two_wires_know_has_one_account_with_a_name(self):
        phone, auth_code = self.member()
        user = person(firstName="Ada")
        self.sso("PATCH", "/sso/email", {"email": user["email"], "telephone": phone})
        [mail] = [mail for mail in self.server.delivered() if user["email"] in mail["To"]]
        self.assertEqual(self.sso("PATCH", "/sso/email-optin", {"c": opt_in_code(mail)}).status, 200)
        before = self.shown(phone, auth_code)
        asked = self.login(user)        # of another partner, so the person is asked first
        self.assertEqual(asked.status, 200)
        self.assertTrue(Client(self.server).get(asked.url)["Location"].endswith("/otp"))
        trusted, plan = self.second_partner("trusted", link_existing="trust")
        self.assertEqual(self.login(user | {"bikePlanCode": plan}, trusted).status, 200)
        self.assertEqual(self.shown(phone, auth_code), before | {"firstname": "Ada"})


class Logs(unittest.TestCase):
    """No line of the log holds a secret, a number or an address, even where it says most."""

    def test_nothing_that_only_the_site_and_the_person_should_know_is_in_the_log(self):
        with Server(**ROOMY, log="debug") as server:
            token = server.partner("site", "sso")
            phone, address = fresh_phone(), fresh_email("ada.lovelace")
            client = Client(server)
            client.post("/sso/sms", {"telephone": phone})
            code = code_in_text(server.wait_for_texts()[0])
            body = {"telephone": phone, "code": code, "pushToken": "push-token-of-ada"} | AGREED
            client.post("/sso/code", body | {"code": wrong(code)}, bearer(token))
            auth_code = client.post("/sso/auth", body, bearer(token)).json["authCode"]
            access = client.post("/oauth", form={"grant_type": "client_credentials", "client_id": "site",
                                                 "client_secret": token}).json["access_token"]
            query = urllib.parse.urlencode({"username": phone, "authCode": auth_code})
            national = urllib.parse.urlencode({"username": "0" + phone[3:], "authCode": auth_code})
            for target in (f"/sso/user?{query}", f"/v1/sso/user?{national}", f"/sso/user?{query}&{query}",
                           f"/sso/userx?{query}", f"/nothing?{query}"):
                for headers in (bearer(access), basic("site", token), bearer(auth_code), {}):
                    client.request("GET", target, headers=headers)
                    client.request("DELETE", target, headers=headers)
            for target in (f"/sso/user?{query}#x", f"/sso/user?{query}&x=" + "x" * 5000, f"//sso/user?{query}",
                           f"/sso/user?{query}&%zz"):
                server.raw(f"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
            client.request("PATCH", "/sso/email", {"email": address, "telephone": phone}, bearer(token))
            [mail] = server.wait_for_mail()
            client.get(opt_in_link(mail))
            client.request("PATCH", "/sso/email-optin", {"c": opt_in_code(mail)})
            client.request("PATCH", "/sso/email-optin", {"c": opt_in_code(mail)})
            client.post("/sso/user/status", {"user": [phone, "0" + phone[3:]]}, bearer(token))
            server.must("user", "block", phone)
            client.post("/sso/sms", {"telephone": phone})
            server.stop()
            log = "\n".join(server.lines)
            self.assertIn("/sso/user", log)
            for why, secret in [("token", token), ("access token", access), ("code", code),
                                ("auth code", auth_code), ("number", phone[3:]), ("address", address),
                                ("part of the address", "lovelace"),
                                ("opt-in code", opt_in_code(mail)), ("push token", "push-token-of-ada"),
                                ("query", "username=")]:
                self.assertNotIn(secret, log, why)


class Emails(Site):
    """An address is somebody's once they have said so from there, and nobody's before."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.changing = []

    def change(self, phone, address, **more):
        return self.sso("PATCH", "/sso/email", {"email": address, "telephone": phone}, **more)

    def opt_in(self, code):
        return self.sso("PATCH", "/sso/email-optin", {"c": code}, Authorization=ABSENT)

    def status(self, phone, address):
        answer = self.sso("PATCH", "/sso/email-status", {"email": address, "telephone": phone}, Authorization=ABSENT)
        return answer.json["status"] if answer.status == 200 else answer.status

    def letters(self, address):
        """The kinds of letters that went to an address, oldest first."""
        return [(mail["X-Onboard-Letter"], mail) for mail in self.server.delivered()
                if any(to.addr_spec == address for to in mail["To"].addresses)]

    def kinds(self, address):
        return sorted(kind for kind, _ in self.letters(address))

    def asked(self, phone, address):
        """The link mailed to an address that somebody wants."""
        before = len(self.letters(address))
        answer = self.change(phone, address)
        self.assertEqual((answer.status, answer.json), (200, {"email": address, "telephone": phone}))
        [(kind, mail)] = self.letters(address)[before:]
        self.assertEqual(kind, "email-opt-in")
        return opt_in_link(mail)

    def waiting(self):
        """The number and auth code of somebody, the address they want, and the link that was mailed there."""
        if not self.changing:
            members = [(*self.member(), fresh_email()) for _ in range(12)]
            for phone, _, address in members:
                self.assertEqual(self.change(phone, address).status, 200)
            links = {mail["To"].addresses[0].addr_spec: opt_in_link(mail) for mail in self.server.delivered()
                     if mail["X-Onboard-Letter"] == "email-opt-in"}
            self.changing.extend((*member, links[member[2]]) for member in members)
        return self.changing.pop()

    def owner(self):
        """The number, auth code and address of somebody who has confirmed it."""
        phone, auth_code, address, link = self.waiting()
        answer = self.opt_in(token_of(link))
        self.assertEqual(answer.status, 200, answer)
        return phone, auth_code, address

    def test_the_letter_has_one_recipient_and_says_what_it_is(self):
        phone, _, address, link = self.waiting()
        [(_, mail)] = self.letters(address)
        self.assertTrue(link.startswith(self.server.url + "/email-optin/"))
        self.assertEqual([to.addr_spec for to in mail["To"].addresses], [address])
        self.assertIn(link, mail.get_body(("html",)).get_content())
        self.assertNotIn(phone, mail.as_string())
        self.assertEqual((mail["Cc"], mail["Bcc"]), (None, None))

    def test_an_address_that_waits_shows_nowhere_and_blocks_nobody(self):
        phone, auth_code, address, link = self.waiting()
        user = person(email=address)
        before = self.shown(phone, auth_code)
        self.assertIn(before["email"], (None, ""))
        self.assertEqual(self.server.command("user", "show", user["email"]).code, 1)
        theirs = self.redeemed(self.created(user))      # a partner of the other wire makes an account for it
        self.assert_problem(self.opt_in(token_of(link)), 422)
        self.assertEqual(self.shown(phone, auth_code), before)
        self.assertEqual(self.redeemed(self.updated(user)), theirs)

    def test_the_confirmed_address_stays_until_the_new_one_is_and_is_then_told(self):
        phone, auth_code, old = self.owner()
        new = fresh_email()
        link = self.asked(phone, new)
        self.assertEqual(self.shown(phone, auth_code)["email"], old)
        self.assertEqual((self.status(phone, old), self.status(phone, new)), ("confirmed", "pending"))
        self.assertEqual(self.opt_in(token_of(link)).status, 200)
        self.assertEqual((self.shown(phone, auth_code)["email"], self.shown(phone, auth_code)["verified"]), (new, True))
        self.assertEqual((self.status(phone, old), self.status(phone, new)), (404, "confirmed"))
        self.assertEqual(self.kinds(old), ["email-changed", "email-opt-in"])
        self.assertEqual(self.kinds(new), ["email-opt-in"])
        self.created(person(email=old))      # and is free

    def test_the_newest_change_wins(self):
        phone, auth_code, first, link = self.waiting()
        second = fresh_email()
        codes = [token_of(link), token_of(self.asked(phone, second))]
        self.assertEqual((self.status(phone, first), self.status(phone, second)), (404, "pending"))
        self.assert_problem(self.opt_in(codes[0]), 404)
        self.assertEqual(self.opt_in(codes[1]).status, 200)
        self.assertEqual(self.shown(phone, auth_code)["email"], second)

    def test_of_two_who_want_one_address_the_first_to_confirm_has_it(self):
        (one, ones, address, first), (other, others) = self.waiting(), self.member()
        second = self.asked(other, address)
        self.assertEqual(self.opt_in(token_of(second)).status, 200)
        self.assert_problem(self.opt_in(token_of(first)), 422)
        self.assertEqual((self.shown(other, others)["email"], self.shown(other, others)["verified"]), (address, True))
        self.assertIn(self.shown(one, ones)["email"], (None, ""))
        self.assertIs(self.shown(one, ones)["verified"], False)

    def test_of_many_who_confirm_one_address_at_once_one_has_it(self):
        members = [self.member() for _ in range(4)]
        address = fresh_email()
        for phone, _ in members:
            self.change(phone, address)
        codes = [opt_in_code(mail) for _, mail in self.letters(address)]
        self.assertEqual(len(codes), 4)
        answers = together(8, lambda number, _: self.opt_in(codes[number % 4]))
        self.assertEqual([answer.status for answer in answers].count(200), 1, answers)
        self.assertLessEqual({answer.status for answer in answers}, {200, 404, 422})
        self.assertEqual([self.shown(*member)["verified"] for member in members].count(True), 1)

    def test_a_taken_address_is_told_to_its_owner_alone(self):
        _, _, taken = self.owner()
        phone, auth_code = self.member()
        free = fresh_email()
        answers = [self.change(phone, address) for address in (taken, free)]
        self.assertEqual(*[(answer.status, answer.text.replace(address, ""), answer.headers.keys())
                           for answer, address in zip(answers, (taken, free))])
        self.assertEqual(self.kinds(taken), ["already-have-account", "email-opt-in"])
        self.assertEqual(self.kinds(free), ["email-opt-in"])
        self.assertIn(self.shown(phone, auth_code)["email"], (None, ""))

    def test_an_address_of_the_other_wire_is_taken_too_in_any_spelling(self):
        user = person()
        self.created(user)
        phone, _ = self.member()
        self.assertEqual(self.change(phone, "  " + user["email"].upper()).status, 200)
        self.assertEqual(self.kinds(user["email"]), ["already-have-account"])
        self.assertEqual([mail for mail in self.server.mails() if user["email"].upper() in mail["To"]], [])

    def test_the_status_of_a_taken_address_that_was_asked_for_does_not_give_it_away(self):
        _, _, taken = self.owner()
        phone, _ = self.member()
        self.change(phone, taken)
        seen = self.status(phone, taken)
        free = fresh_email()
        self.change(phone, free)
        self.assertEqual(seen, self.status(phone, free))

    def test_the_status_is_only_told_of_a_pair_that_is_one(self):
        phone, _, confirmed = self.owner()
        other, _ = self.member()
        pending = fresh_email()
        self.assertEqual(self.change(phone, pending).status, 200)
        for spelling in spellings(phone):
            self.assertEqual([self.status(spelling, address) for address in (confirmed, pending)],
                             ["confirmed", "pending"])
        self.assertEqual(self.status(phone, confirmed.upper()), "confirmed")
        pairs = [(other, confirmed), (other, pending), (fresh_phone(), confirmed), (phone, fresh_email()),
                 (fresh_phone(), fresh_email())]
        answers = [self.sso("PATCH", "/sso/email-status", {"email": email, "telephone": number})
                   for number, email in pairs]
        for answer in answers:
            self.assert_problem(answer, 404)
            self.assertEqual(outline(answer), outline(answers[0]))

    def test_asking_for_the_status_has_a_budget(self):
        with Server(**ROOMY | {"sign_in_per_address_per_minute": 5}) as server:
            body = {"email": "a@example.org", "telephone": PHONE}

            def answers(address):
                return [Client(server, address).request("PATCH", "/sso/email-status", body) for _ in range(11)]
            first = answers("127.0.0.2")
            self.assertEqual([answer.status for answer in first[:5]], [404] * 5)
            Texts.assert_put_off(self, first[-1], 60)
            self.assertEqual(answers("127.0.0.3")[0].status, 404)

    def test_an_unknown_number_is_not_found_and_nobody_is_mailed(self):
        address = fresh_email()
        answer = self.change(fresh_phone(), address)
        self.assert_problem(answer, 404)
        self.assertEqual(self.kinds(address), [])

    def test_blocked_and_deleted_people_change_nothing(self):
        for verb in ("block", "delete"):
            with self.subTest(verb):
                phone, _, address, link = self.waiting()
                new = fresh_email()
                self.server.must("user", verb, phone)
                self.assertIn(self.change(phone, new).status, (403, 404))
                self.assertIn(self.opt_in(token_of(link)).status, (403, 404))
                self.assertEqual(self.kinds(new), [])
                self.created(person(email=address))

    def test_a_code_of_a_letter_is_good_once(self):
        phone, auth_code, address, link = self.waiting()
        code = token_of(link)
        self.assertEqual(self.opt_in(code).status, 200)
        used, unknown = self.opt_in(code), self.opt_in("x" * 54)
        self.assert_problem(used, 404)
        self.assertEqual(outline(used), outline(unknown))
        for damaged in (code[:-1], code + "A", code.swapcase(), self.site, "x", "x" * 5000, "../../etc/passwd",
                        code + "\0"):
            self.assertIn(self.opt_in(damaged).status, (404, 422))
        self.assertEqual(self.shown(phone, auth_code)["email"], address)

    def test_a_code_of_a_letter_ends_after_its_time(self):
        with Server(**ROOMY | {"opt_in_seconds": 1}) as server:
            self.server, self.site, self.ready = server, server.partner("site", "sso"), []
            phone, _ = self.member()
            address = fresh_email()
            self.change(phone, address)
            until(lambda: self.status(phone, address) == 404, 5, "the end of a change")
            for mail in server.mails():
                self.assert_problem(self.opt_in(opt_in_code(mail)), 404)
                self.assertIn(Client(server).get(opt_in_link(mail)).status, (404, 410))

    def test_looking_at_the_mailed_link_changes_nothing(self):
        phone, auth_code, _, link = self.waiting()
        before = self.rows()
        for method, headers in [("GET", {}), ("HEAD", {}), ("GET", {"Sec-Purpose": "prefetch"}),
                                ("GET", {"Purpose": "prefetch"}), ("GET", {"X-Moz": "prefetch"}),
                                ("GET", {"User-Agent": "SafeLinks-Detonation"})]:
            for _ in range(3):
                answer = Client(self.server).request(method, link, headers=headers)
                self.assertIn(answer.status, (200, 204), f"{method} {headers}: {answer}")
        for method in ("PUT", "DELETE", "PATCH"):
            self.assertEqual(Client(self.server).request(method, link).status, 405)
        self.assertEqual(self.rows(), before)
        self.assertIs(self.shown(phone, auth_code)["verified"], False)

    def test_the_page_of_the_link_asks_and_its_form_confirms(self):
        phone, auth_code, address, link = self.waiting()
        browser, late = Client(self.server, Accept_Language="de"), Client(self.server)
        page = browser.get(link)
        stale = late.get(link)
        self.assertEqual(page.status, 200)
        self.assertIn(address, page.page.text())
        self.assertNotIn("script", page.page.tags)
        self.assertEqual(page["Referrer-Policy"], "no-referrer")
        self.assertIn("no-store", page["Cache-Control"])
        self.assertIn("frame-ancestors 'none'", page["Content-Security-Policy"])
        [form] = page.page.forms
        self.assertEqual((form["method"], form["visible"]), ("post", []))
        answer = browser.submit(page)
        self.assertIn(answer.status, (200, 303), answer)
        self.assertEqual((self.shown(phone, auth_code)["email"], self.status(phone, address)), (address, "confirmed"))
        self.assertIn(late.get(link).status, (404, 410))
        self.assertIn(late.submit(stale).status, (404, 410))
        self.assert_problem(self.opt_in(token_of(link)), 404)
        self.assert_not_signed_in(browser)      # an address was confirmed and nobody signed in

    def test_a_forged_form_confirms_nothing(self):
        phone, auth_code, _, link = self.waiting()
        *_, other = self.waiting()
        browser = Client(self.server)
        [form] = browser.get(link).page.forms
        [others] = browser.get(other).page.forms
        [name] = [name for name in form["fields"] if "token" in name]
        right = form["fields"]
        rows = [("no token", {}, {}), ("empty", right | {name: ""}, {}),
                ("damaged", right | {name: right[name][:-1]}, {}),
                ("of another link", right | {name: others["fields"][name]}, {}),
                ("foreign origin", right, {"Origin": "https://evil.example"}),
                ("cross site", right, {"Sec-Fetch-Site": "cross-site"})]
        for why, fields, headers in rows:
            with self.subTest(why):
                self.assertEqual(browser.post(form["action"], form=fields, headers=headers).status, 403)
        self.assertEqual(Client(self.server).post(form["action"], form=right).status, 403)
        self.assertIs(self.shown(phone, auth_code)["verified"], False)
        self.assertIn(browser.post(form["action"], form=right).status, (200, 303))
        self.assertIs(self.shown(phone, auth_code)["verified"], True)

    def test_an_unknown_link_is_not_found(self):
        for token in ("x" * 54, "x", "null"):
            self.assertEqual(Client(self.server).get(f"/email-optin/{token}").status, 404)

    def test_a_link_to_an_address_taken_meanwhile_says_so_and_changes_nothing(self):
        phone, auth_code, address, link = self.waiting()
        user = person(email=address)
        browser = Client(self.server)
        page = browser.get(link)
        self.created(user)
        answer = browser.submit(page)
        self.assertEqual(answer.status, 422, answer)
        self.assertIs(self.shown(phone, auth_code)["verified"], False)

    def test_asking_for_an_address_again_and_again_mails_less_often_than_it_asks(self):
        phone, _ = self.member()
        address = fresh_email()
        statuses = {self.change(phone, address).status for _ in range(40)}
        self.assertLessEqual(statuses, {200, 429})
        self.assertLessEqual(len(self.kinds(address)), 20)
        self.assertEqual(self.status(phone, address), "pending")

    def test_a_letter_that_a_crash_kept_back_leaves_after_the_next_start(self):
        with Server(**ROOMY) as server:
            self.server, self.site, self.ready = server, server.partner("site", "sso"), []
            phone, _ = self.member()
            address = fresh_email()
            self.assertEqual(self.change(phone, address).status, 200)
            server.kill9()
            server.start()
            [mail] = server.wait_for_mail()
            self.assertEqual(self.opt_in(opt_in_code(mail)).status, 200)
            self.assertEqual(self.status(phone, address), "confirmed")


class Status(Site):
    """Which numbers of a site's address book are registered."""

    def test_order_spelling_and_repetition_are_the_callers(self):
        member, _ = self.member()
        other = fresh_phone()
        asked = [other, *spellings(member), other, member, member, spellings(other)[1]]
        answer = self.sso("POST", "/sso/user/status", {"user": asked})
        self.assertEqual(answer.json, [{"user": phone, "isRegistered": int(phone in spellings(member))}
                                       for phone in asked])
        self.assertTrue(all(type(entry["isRegistered"]) is int for entry in answer.json))

    def test_a_single_text_gets_a_single_object(self):
        member, _ = self.member()
        for phone, known in [(member, 1), (fresh_phone(), 0), ("x", 0)]:
            answer = self.sso("POST", "/sso/user/status", {"user": phone})
            self.assertEqual((answer.status, answer.json), (201, {"user": phone, "isRegistered": known}))
        self.assertEqual(len(self.sso("POST", "/sso/user/status", {"user": [member]}).json), 1)

    def test_a_hundred_are_answered_and_no_more_nor_none(self):
        member, _ = self.member()
        asked = [fresh_phone() for _ in range(99)] + [member]
        started = time.monotonic()
        self.assertEqual(self.registered(*asked), [0] * 99 + [1])
        self.assertLess(time.monotonic() - started, 2)
        self.assertEqual(self.registered(*[member] * 100), [1] * 100)
        for users in ([], asked + ["x"], asked * 4, [member] * 101):
            self.assert_problem(self.sso("POST", "/sso/user/status", {"user": users}), 422, "user")

    def test_what_is_no_list_of_texts_is_refused(self):
        for users in (1, True, None, {}, {"0": PHONE}, [1], [PHONE, None], [PHONE, {}], [[PHONE]], [True]):
            with self.subTest(str(users)):
                self.assert_problem(self.sso("POST", "/sso/user/status", {"user": users}), 422, "user")

    def test_what_is_no_number_is_not_registered(self):
        for text in ("x", "12", "+", "110", "a@example.org", "' or 1=1", "x" * 5000, "+49151\x0012345678", "１２３４５６"):
            self.assertEqual(self.registered(text), [0])
        self.assertEqual(self.registered(*["x"] * 100), [0] * 100)

    def test_blocked_and_deleted_people_are_not_registered(self):
        (blocked, _), (deleted, _), (member, _) = (self.member() for _ in range(3))
        self.assertEqual(self.registered(blocked, deleted, member), [1, 1, 1])
        self.server.must("user", "block", blocked)
        self.server.must("user", "delete", deleted)
        self.assertEqual(self.registered(blocked, deleted, member), [0, 0, 1])
        self.server.must("user", "unblock", blocked)
        self.assertEqual(self.registered(blocked), [1])

    def test_somebody_who_only_asked_for_a_code_is_not_registered(self):
        phone, code = self.coded()
        self.check(phone, code)
        self.auth(phone, code)
        self.assertEqual(self.registered(phone), [0])

    def test_asking_changes_nothing(self):
        before = self.rows()
        self.registered(*[fresh_phone() for _ in range(100)])
        self.assertEqual(self.rows(), before)


if __name__ == "__main__":
    unittest.main()
