"""The Sunbird wire as a partner's portal, the people it signs up, and their attackers meet it."""

import base64
import datetime
import functools
import itertools
import json
import re
import threading
import time
import unittest
import urllib.parse
import uuid

from google_stand_in import CLIENT, ISSUER, Page, Signer, as_json, claims, raw
from support import (ABSENT, Case, Client, Server, bearer, code_in, code_in_text, fresh_email, fresh_phone, person,
                     together, until)

GENERATE, VERIFY, SIGN_UP, ALIAS = "/v1/otp/generate", "/v1/otp/verify", "/v2/user/create", "/api/user/v2/create"
GOOGLE, EXISTS = "/v2/user/google/create", "/v1/user/exists"
NAMES = {200: "OK", 400: "CLIENT_ERROR", 401: "UNAUTHORIZED", 403: "FORBIDDEN", 404: "RESOURCE_NOT_FOUND",
         405: "CLIENT_ERROR", 413: "CLIENT_ERROR", 429: "TOO_MANY_REQUESTS", 501: "SERVER_ERROR", 503: "SERVER_ERROR"}
UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
GSM7 = set("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
           "abcdefghijklmnopqrstuvwxyzäöñüà")

# No limit of codes, but that of guesses.
ROOMY = {"otp_pause_seconds": 0, "otp_per_hour": 100000, "otp_per_day": 100000, "sms_per_address_per_hour": 100000,
         "sms_per_day": 100000, "sign_in_per_address_per_minute": 100000}

# Method, path, version and id of every call, and a request that is read.
CALLS = [("POST", GENERATE, "v1", "api.otp.generate", {"key": "015112345678", "type": "phone"}),
         ("POST", VERIFY, "v1", "api.otp.verify", {"key": "015112345678", "type": "phone", "otp": "000000"}),
         ("POST", SIGN_UP, "v2", "api.user.create", {"firstName": "Asha", "phone": "015112345678", "OTP": "000000"}),
         ("POST", ALIAS, "v2", "api.user.create", {"firstName": "Asha", "phone": "015112345678", "OTP": "000000"}),
         ("POST", GOOGLE, "v2", "api.user.google.create",
          {"firstName": "Asha", "email": "a@example.org", "loginType": "google", "verificationKey": "x"}),
         ("GET", f"{EXISTS}/email/a@example.org", "v1", "api.user.exists", None)]
WITH_BODY = [call for call in CALLS if call[4]]


def wrong(code, by=1):
    """Another code of the same length."""
    return f"{(int(code) + by) % 10 ** len(code):0{len(code)}}"


def spellings(phone):
    """Ways to write a German number."""
    national = phone.removeprefix("+49")
    return [phone, "0" + national, "0049" + national, f"+49 (0){national}",
            f"0{national[:3]} / {national[3:6]}-{national[6:]}", f"{phone} "]


def kind_of(key):
    return "email" if "@" in key else "phone"


def quoted(value):
    return urllib.parse.quote(value, safe="")


class Portal(Case):
    """A partner's portal, and people who have telephones or addresses."""

    settings = ROOMY

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.portal = cls.server.partner("portal", "sunbird")
        cls.site = cls.server.partner("site", "sso")
        cls.ready = {"phone": [], "email": []}

    def enter(self, server):
        """From here on another server is meant."""
        self.server, self.ready = server, {"phone": [], "email": []}
        self.portal, self.site = server.partner("portal", "sunbird"), server.partner("site", "sso")

    def call(self, method, path, request=None, token=None, **headers):
        """One request of the portal; Authorization=ABSENT is one of nobody."""
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        body = None if request is None else {"request": request}
        return Client(self.server).request(method, path, body, bearer(token or self.portal) | more)

    def generate(self, key, **more):
        return self.call("POST", GENERATE, {"key": key, "type": kind_of(key)}, **more)

    def verify(self, key, code, **more):
        return self.call("POST", VERIFY, {"key": key, "type": kind_of(key), "otp": code}, **more)

    def create(self, key=None, code=None, path=SIGN_UP, token=None, **members):
        """One create; its members may name another first name, or leave one out."""
        request = {"firstName": "Asha", "OTP": code} | ({kind_of(key): key} if key else {})
        request = {name: value for name, value in request.items() if value is not None} | members
        return self.call("POST", path, {name: value for name, value in request.items() if value is not ABSENT}, token)

    def exists(self, kind, value, **more):
        return self.succeeded(self.call("GET", f"{EXISTS}/{kind}/{quoted(value)}", **more))["exists"]

    def sso(self, path, **body):
        return Client(self.server).post(f"/sso/{path}", body, bearer(self.site))

    def letters(self, address):
        return [mail for mail in self.server.mails() if address in mail["To"]]

    def all_sent(self, *keys):
        """The codes that have been sent to each of these, oldest first, once none waits any more."""
        found = {key: [] for key in keys}
        for mail in self.server.delivered():
            if mail["To"] in found and mail["X-Onboard-Letter"] == "otp":
                found[mail["To"]].append(code_in(mail))
        for text in self.server.texts():
            if text["to"] in found:
                found[text["to"]].append(code_in_text(text))
        return found

    def sent(self, key):
        return self.all_sent(key)[key]

    def codes(self, *keys):
        """A code for each of these numbers or addresses."""
        for key in keys:
            self.succeeded(self.generate(key))
        sent = self.all_sent(*keys)
        return [sent[key][-1] for key in keys]

    def code(self, key):
        [code] = self.codes(key)
        return code

    def coded(self, kind="phone"):
        """A number or an address that nobody is registered with, and the code that was sent to it."""
        if not self.ready[kind]:
            keys = [fresh_phone() for _ in range(25)] + [fresh_email("Asha") for _ in range(5)]
            for key, code in zip(keys, self.codes(*keys)):
                self.ready[kind_of(key)].append((key, code))
        return self.ready[kind].pop()

    def sign_in_code(self, phone):
        """A code of the other wire, to sign in with."""
        self.assertEqual(self.sso("sms", telephone=phone).status, 201)
        return self.sent(phone)[-1]

    def created(self, *arguments, **members):
        """What is said of somebody new."""
        result = self.succeeded(self.create(*arguments, **members))
        self.assertEqual(set(result), {"response", "userId", "errors", "userName", "loginId"})
        self.assertEqual((result["response"], result["errors"]), ("SUCCESS", []))
        self.assertRegex(result["userId"], f"^{UUID}$")
        return result

    def member(self, kind="phone", **members):
        """The number or address of somebody who has just signed up, and what was said of them."""
        key, code = self.coded(kind)
        return key, self.created(key, code, **members)

    def kept(self, key):
        """The person as the operator sees them."""
        return json.loads(self.server.must("user", "show", key, "--json"))

    def envelope(self, answer, status):
        """What is true of every answer."""
        self.assertEqual(answer.status, status, answer)
        self.assertEqual((answer["Content-Type"] or "").partition(";")[0], "application/json", answer)
        self.assertIn("no-store", answer["Cache-Control"] or "", answer)
        self.assertEqual(answer["X-Content-Type-Options"], "nosniff")
        said = answer.json
        self.assertEqual(set(said), {"id", "ver", "ts", "params", "responseCode", "result"}, answer)
        self.assertEqual(set(said["params"]), {"resmsgid", "msgid", "err", "status", "errmsg"}, answer)
        self.assertEqual(said["responseCode"], NAMES[status], answer)
        self.assertRegex(said["ts"], r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d:\d{3}\+0000$")
        self.assertIsInstance(said["result"], dict)
        self.assertTrue(said["params"]["msgid"])
        return said

    def succeeded(self, answer):
        """The result of a call that did what it was asked to."""
        said = self.envelope(answer, 200)
        params = said["params"]
        self.assertEqual((params["err"], params["errmsg"], params["status"]), (None, None, "success"), answer)
        return said["result"]

    def refused(self, answer, error, status=400):
        """The result of a call that was refused with this code."""
        said = self.envelope(answer, status)
        params = said["params"]
        self.assertRegex(params["err"] or "", "^[A-Z]+(_[A-Z]+)*$", answer)
        self.assertEqual(params["status"], params["err"], answer)
        self.assertTrue(params["errmsg"].strip(), answer)
        if error:
            self.assertEqual(params["err"], error, answer)
        return said["result"]

    def missed(self, answer, remaining, of=5):
        """The code was wrong, and so many tries remain."""
        self.assertEqual(self.refused(answer, "OTP_VERIFICATION_FAILED"),
                         {"maxAllowedAttempt": of, "remainingAttempt": remaining}, answer)

    def put_off(self, answer, seconds):
        self.refused(answer, "ERROR_RATE_LIMIT_EXCEEDED", 429)
        self.assertIn(int(answer["Retry-After"]), range(1, seconds + 1), answer)


class Envelopes(Portal):
    """What every answer is wrapped in."""

    def test_every_answer_has_the_id_and_the_version_of_its_call(self):
        for method, path, version, name, request in CALLS:
            with self.subTest(path):
                said = [self.call(method, path, request).json]
                if request:
                    said.append(Client(self.server).request(method, path, "{", bearer(self.portal)).json)
                self.assertEqual({(one["id"], one["ver"]) for one in said}, {(name, version)})

    def test_a_success_of_every_call(self):
        phone = fresh_phone()
        self.assertEqual(self.succeeded(self.generate(phone))["response"], "SUCCESS")
        self.assertEqual(self.succeeded(self.verify(phone, self.sent(phone)[-1]))["response"], "SUCCESS")
        self.created(phone)
        self.assertEqual(self.succeeded(self.call("GET", f"{EXISTS}/phone/{quoted(phone)}")), {"exists": True})

    def test_the_time_is_that_of_the_answer_in_utc(self):
        said = self.call("GET", f"{EXISTS}/email/a@example.org").json["ts"]
        told = datetime.datetime.strptime(said, "%Y-%m-%d %H:%M:%S:%f%z")
        self.assertLess(abs(datetime.datetime.now(datetime.timezone.utc) - told), datetime.timedelta(seconds=5))

    def test_the_message_id_of_the_caller_comes_back_and_is_made_where_there_is_none(self):
        for method, path, _, _, request in CALLS:
            for headers in ({}, {"Authorization": ABSENT}):
                answer = self.call(method, path, request, X_msgid="8f3c-ours.1", **headers)
                self.assertEqual(answer.json["params"]["msgid"], "8f3c-ours.1", answer)
                answer = self.call(method, path, request, x_MSGID="8F3C", **headers)
                self.assertEqual(answer.json["params"]["msgid"], "8F3C", answer)
        made = {self.call("GET", f"{EXISTS}/email/a@example.org").json["params"]["msgid"] for _ in range(3)}
        self.assertEqual(len(made), 3)
        for one in made:
            self.assertRegex(one, f"^{UUID}$")

    def test_no_message_id_breaks_an_answer(self):
        for strange in ('"}', "\\", "a\tb", "\u00e9", "x" * 4000, " ", "<script>"):
            with self.subTest(strange[:10]):
                answer = self.call("GET", f"{EXISTS}/email/a@example.org", X_msgid=strange)
                self.assertIn(answer.status, (200, 400, 431))
                self.assertLess(len(answer.body), 8000)
                if answer.status == 200:
                    self.succeeded(answer)

    def test_a_body_that_is_missing_or_cannot_be_read_is_refused(self):
        deep = '{"request":' + '{"a":' * 20 + "1" + "}" * 21
        for method, path, _, _, request in WITH_BODY:
            twice = json.dumps({"request": request})[:-1] + ', "request": {}}'
            for body in (None, "", " ", "{", "x", '"x"', "[]", "null", deep, twice, b'{"request":{"key":"\xff"}}',
                         "{}", '{"request":null}', '{"request":[]}', '{"request":"x"}', '{"request":1}'):
                with self.subTest(f"{path} {body}"):
                    answer = Client(self.server).request(method, path, body, bearer(self.portal))
                    self.refused(answer, "INVALID_REQUESTED_DATA")

    def test_a_member_of_the_wrong_type_is_refused_and_never_converted(self):
        for method, path, _, _, request in WITH_BODY:
            for name in request if path != GOOGLE else ():
                for value in (True, [], {}, ["x"]):
                    with self.subTest(f"{path} {name} {value}"):
                        self.refused(self.call(method, path, request | {name: value}), None)
        phone, code = self.coded()
        for name in ("firstName", "lastName", "username", "channel", "organisationId"):
            for value in (1, True, 1.5, [], {}):
                with self.subTest(f"{name} {value}"):
                    self.refused(self.create(phone, code, **{name: value}), None)

    def test_a_missing_member_is_refused(self):
        for method, path, _, _, request in WITH_BODY[:2]:
            for name in request:
                for value in (None, "", "  "):
                    changed = {member: text for member, text in request.items() if member != name}
                    changed |= {} if value is None else {name: value}
                    with self.subTest(f"{path} {name} {value}"):
                        self.refused(self.call(method, path, changed), "MANDATORY_PARAMETER_MISSING")

    def test_what_later_clients_send_besides_is_ignored(self):
        phone, code = self.coded()
        request = {"firstName": "Asha", "phone": phone, "OTP": code, "userType": "OTHER", "signUpType": "statelogin",
                   "id": 1, "userId": str(uuid.uuid4()), "roles": ["ADMIN"], "createdAt": "now"}
        body = {"request": request, "params": {"source": "web", "signupType": "self"}, "ts": 1, "id": "x"}
        answer = Client(self.server).post(SIGN_UP, body, bearer(self.portal))
        self.assertNotEqual(self.succeeded(answer)["userId"], request["userId"])
        self.assertNotIn("ADMIN", str(self.kept(phone)))

    def test_nobody_and_strangers_are_not_let_in(self):
        gone = self.server.partner("gone", "sunbird")
        self.server.must("partner", "revoke", "gone")
        for method, path, _, _, request in CALLS:
            for headers in ({"Authorization": ABSENT}, bearer("x"), bearer(gone), bearer(self.portal + "x"),
                            bearer(self.portal[:-1]), {"Authorization": "Basic eDp5"}):
                with self.subTest(f"{path} {headers}"):
                    answer = self.call(method, path, request, **headers)
                    self.refused(answer, None, 401)
                    self.assertIn("Bearer", answer["WWW-Authenticate"])

    def test_a_token_is_only_taken_from_its_header(self):
        path = f"{EXISTS}/email/a@example.org?token={self.portal}&access_token={self.portal}"
        self.refused(self.call("GET", path, Authorization=ABSENT), None, 401)

    def test_a_partner_without_the_right_is_refused(self):
        stranger = self.server.partner("stranger", "partner", "sso", "redeem")
        for method, path, _, _, request in CALLS:
            with self.subTest(path):
                self.refused(self.call(method, path, request, stranger), None, 403)
                body = None if method == "GET" else "{"     # whoever may not ask is not told how to
                answer = Client(self.server).request(method, path, body, bearer(stranger))
                self.refused(answer, None, 403)

    def test_a_partner_made_without_any_right_named_has_this_one_and_this_one_opens_nothing_else(self):
        plain = self.server.partner("plain")
        self.succeeded(self.call("GET", f"{EXISTS}/email/a@example.org", token=plain))
        self.assertEqual(self.server.login(self.portal, person()).status, 403)
        self.assertEqual(Client(self.server).post("/sso/user/status", {"user": ["x"]}, bearer(self.portal)).status, 403)

    def test_there_is_no_other_path(self):
        for path in ("/v1/otp/resend", "/v2/user/forget", "/v1/user/exists", "/v1/user/exists/email",
                     "/v1/user/exists/email/a@example.org/x", "/v2/user/google/create/x", "/v2/user/google"):
            with self.subTest(path):
                self.refused(self.call("GET", path), None, 404)
        for path in ("/V1/otp/generate", "/v2/otp/generate", "/v1/user/create", "/v3/user/create",
                     "/api/user/v3/create"):
            with self.subTest(path):
                self.assertEqual(self.call("POST", path, {}).status, 404)

    def test_other_methods_are_told_what_is_allowed(self):
        for method, path, _, _, _ in CALLS:
            for other in {"GET", "POST", "PUT", "PATCH", "DELETE"} - {method}:
                with self.subTest(f"{other} {path}"):
                    answer = self.call(other, path, None if other in ("GET", "DELETE") else {})
                    self.refused(answer, None, 405)
                    self.assertIn(method, answer["Allow"])

    def test_a_body_of_64_kibibytes_is_read_and_a_longer_one_is_not(self):
        for method, path, _, _, request in WITH_BODY:
            body = json.dumps({"request": request})
            full = body[:-1] + " " * (65536 - len(body)) + "}"
            answer = Client(self.server).request(method, path, full, bearer(self.portal))
            self.assertNotEqual(answer.status, 413, answer)
            self.refused(Client(self.server).request(method, path, full + " ", bearer(self.portal)), None, 413)

    def test_no_refusal_shows_inner_workings_or_what_was_sent(self):
        for request in ({"firstName": "Qxqz'\"<b>", "phone": "Qxqz", "OTP": "Qxqz"},
                        {"firstName": "Qxqz", "phone": fresh_phone(), "channel": "Qxqz"},
                        {"firstName": "Qxqz", "phone": fresh_phone(), "OTP": "Qxqz"}):
            text = self.call("POST", SIGN_UP, request).text
            for word in ("Qxqz", "sqlite", "SELECT", "exception", ".cpp"):
                self.assertNotIn(word, text)


class Codes(Portal):
    """What is sent to whom, and what it is good for."""

    def test_a_number_is_sent_a_text_that_fits_and_ends_in_a_line_for_browsers(self):
        phone = fresh_phone()
        self.succeeded(self.generate(spellings(phone)[1]))
        [text] = self.server.wait_for_texts(1, phone)
        self.assertRegex(code_in_text(text), "^[0-9]{6}$")
        self.assertLessEqual(set(text["text"]), GSM7)
        self.assertLessEqual(len(text["text"]), 160)
        self.assertEqual(text["text"].rpartition("\n")[2], f"@127.0.0.1 #{code_in_text(text)}")
        self.assertIn(code_in_text(text), text["text"].rpartition("\n")[0])

    def test_an_address_is_sent_a_letter(self):
        address = fresh_email("Asha")
        self.succeeded(self.generate(f" {address} "))
        [mail] = until(lambda: self.letters(address), what="a letter")
        self.assertEqual(mail["X-Onboard-Letter"], "otp")
        self.assertEqual([one.addr_spec for one in mail["To"].addresses], [address])
        self.assertIsNone(mail["Cc"] or mail["Bcc"])
        self.assertRegex(code_in(mail), "^[0-9]{6}$")
        self.assertIsNotNone(mail.get_body(("html",)))
        self.assertNotIn(code_in(mail), mail["Subject"])

    def test_nothing_is_sent_to_what_is_no_number_or_address(self):
        self.server.delivered()
        before = len(self.server.texts()), len(self.server.mails())
        for key in ("x", "12", "+", "110", "0151 1234567x", "０１５１１２３４５６７８", "+4930123456"):
            with self.subTest(key):
                answer = self.call("POST", GENERATE, {"key": key, "type": "phone"})
                self.refused(answer, None if key == "+4930123456" else "INVALID_PHONE_NO_FORMAT")
                self.refused(self.call("POST", VERIFY, {"key": key, "type": "phone", "otp": "123456"}), None)
        for key in ("x", "a@", "@example.org", "a@b@example.org", "a b@example.org", "a@example", "015112345678",
                    "a@example.org\r\nBcc: x@y.z", "a" * 65 + "@example.org"):
            for path, more in ((GENERATE, {}), (VERIFY, {"otp": "123456"})):
                with self.subTest(f"{path} {key}"):
                    answer = self.call("POST", path, {"key": key, "type": "email"} | more)
                    self.refused(answer, "EMAIL_FORMAT_ERROR")
        for type in ("sms", "telephone", "username"):
            self.refused(self.call("POST", GENERATE, {"key": fresh_phone(), "type": type}), None)
        self.server.delivered()
        self.assertEqual((len(self.server.texts()), len(self.server.mails())), before)

    def test_whoever_has_a_number_or_an_address_already_is_told_so_and_sent_nothing(self):
        (phone, _), (address, _) = self.member(), self.member("email")
        before = len(self.sent(phone)), len(self.sent(address))
        for spelling in spellings(phone):
            self.refused(self.generate(spelling), "PHONE_ALREADY_IN_USE")
        for spelling in (address, address.upper(), f" {address}"):
            self.refused(self.generate(spelling), "EMAIL_IN_USE")
        self.assertEqual((len(self.sent(phone)), len(self.sent(address))), before)

    def test_people_of_the_other_wires_are_there_too(self):
        phone, user = fresh_phone(), person()
        agreed = {"agb": True, "dataprotection": True}
        answer = self.sso("auth", telephone=phone, code=self.sign_in_code(phone), **agreed)
        self.assertEqual(answer.status, 201, answer)
        self.refused(self.generate(phone), "PHONE_ALREADY_IN_USE")
        self.refused(self.create(phone, "123456"), "PHONE_ALREADY_IN_USE")
        self.assertTrue(self.exists("phone", phone))
        self.created_by_a_partner(user)
        self.refused(self.generate(user["email"].upper()), "EMAIL_IN_USE")
        self.refused(self.create(user["email"].upper(), "123456"), "EMAIL_IN_USE")
        self.assertTrue(self.exists("email", user["email"]))

    def created_by_a_partner(self, user):
        self.assertEqual(self.server.login(self.alpha, user).status, 201)

    def test_blocked_and_deleted_people_are_sent_nothing(self):
        for kind in ("phone", "email"):
            key, _ = self.member(kind)
            before = len(self.sent(key))
            self.server.must("user", "block", key)
            self.refused(self.generate(key), "USER_ACCOUNT_BLOCKED")
            self.refused(self.create(key, "123456"), "USER_ACCOUNT_BLOCKED")
            self.server.must("user", "unblock", key)
            self.refused(self.generate(key), f"{'EMAIL' if '@' in key else 'PHONE_ALREADY'}_IN_USE")
            self.server.must("user", "delete", key)
            self.refused(self.generate(key), f"{'EMAIL' if '@' in key else 'PHONE_ALREADY'}_IN_USE")
            self.assertEqual(len(self.sent(key)), before)

    def test_a_right_code_is_verified_once(self):
        for kind in ("phone", "email"):
            key, code = self.coded(kind)
            self.assertEqual(self.succeeded(self.verify(key, code))["response"], "SUCCESS")
            self.refused(self.verify(key, code), "ERROR_INVALID_OTP")

    def test_either_of_the_last_two_codes_is_good_and_the_third_ends_the_first(self):
        keys = [fresh() for _ in range(3) for fresh in (fresh_phone, fresh_email)]
        sent = list(zip(keys, self.codes(*keys), self.codes(*keys)))
        for number, (key, *codes) in enumerate(sent[:4]):
            self.created(key, codes[number // 2])
        for (key, first, second), third in zip(sent[4:], self.codes(*keys[4:])):
            if first not in (second, third):
                self.missed(self.verify(key, first), 4)
            self.created(key, second)

    def test_a_code_is_good_for_its_own_number_alone_and_however_that_is_written(self):
        (phone, code), (other, _), never = self.coded(), self.coded(), fresh_phone()
        self.refused(self.verify(other, code), None)
        self.refused(self.verify(never, code), "ERROR_INVALID_OTP")
        for number in range(6):
            phone, code = self.coded()
            self.succeeded(self.verify(spellings(phone)[number], code))
            self.created(spellings(phone)[-number])
        for spelled in (str.upper, str.lower, " {} ".format):
            address, code = self.coded("email")
            self.created(spelled(address), code)

    def test_a_number_is_read_as_on_the_other_wire(self):
        phone = fresh_phone()
        self.assertEqual(self.sso("sms", telephone=f" {phone}").status, 201)
        self.succeeded(self.generate(f" {phone}"))

    def test_a_code_may_be_sent_as_a_number(self):
        phone, code = next(pair for pair in iter(self.coded, None) if pair[1][0] != "0")
        self.succeeded(self.verify(phone, int(code)))

    def test_what_is_not_quite_the_code_is_not_the_code(self):
        for change in (lambda code: code[:-1], lambda code: code + "0", lambda code: "0" + code,
                       lambda code: "x" + code, lambda code: code + "\0", lambda code: "-" + code[1:],
                       lambda code: "' or 1=1",
                       lambda code: "".join(chr(0xFF10 + int(digit)) for digit in code)):
            phone, code = self.coded()
            with self.subTest(change(code)):
                self.refused(self.verify(phone, change(code)), None)
                self.created(phone, code)

    def test_leading_zeros_are_kept(self):
        phones = [fresh_phone() for _ in range(60)]
        found = [(phone, code) for phone, code in zip(phones, self.codes(*phones)) if code.startswith("0")]
        self.assertTrue(found)      # one in ten of them has one
        for phone, code in found[:2]:
            self.refused(self.verify(phone, code.lstrip("0") or "0"), None)
            self.created(phone, code)

    def test_a_code_to_sign_in_does_not_sign_up_nor_the_other_way_round(self):
        phone, to_sign_up = self.coded()
        to_sign_in = self.sign_in_code(phone)
        if to_sign_in != to_sign_up:
            self.refused(self.verify(phone, to_sign_in), None)
            self.refused(self.create(phone, to_sign_in), None)
            answers = [self.sso("code", telephone=phone, code=to_sign_up),
                       self.sso("auth", telephone=phone, code=to_sign_up, agb=True, dataprotection=True)]
            self.assertEqual([answer.status for answer in answers], [400, 400])
        self.created(phone, to_sign_up)

    def test_a_code_ends_after_its_time(self):
        with Server(**ROOMY | {"otp_seconds": 2}) as server:
            self.enter(server)
            keys = fresh_phone(), fresh_phone(), fresh_email()
            codes = self.codes(*keys)
            end = time.monotonic() + 2
            until(lambda: time.monotonic() > end, what="the end of a code")
            for key, code in zip(keys, codes):
                for guess in (wrong(code), code):
                    self.refused(self.verify(key, guess), "ERROR_INVALID_OTP")
                    self.refused(self.create(key, guess), "ERROR_INVALID_OTP")
            self.succeeded(self.verify(keys[0], self.code(keys[0])))

    def test_of_many_who_verify_one_code_at_once_one_is_told_that_it_is_right(self):
        phone, code = self.coded()
        answers = together(16, lambda number, _: self.verify(spellings(phone)[number % 6], code))
        self.assertEqual(sorted(answer.status for answer in answers), [200] + [400] * 15)
        for answer in answers:
            self.assertIn(answer.json["params"]["err"], (None, "ERROR_INVALID_OTP"))
        self.created(phone)

    def test_a_code_and_what_verifying_it_proved_outlive_a_crash(self):
        with Server(**ROOMY) as server:
            self.enter(server)
            (phone, code), (other, others) = self.coded(), self.coded()
            self.succeeded(self.verify(other, others))
            server.kill9()
            server.start()
            self.created(phone, code)
            self.created(other)

    def test_no_code_is_on_the_disk_or_in_the_log(self):
        with Server(**ROOMY | {"log": "debug"}) as server:
            self.enter(server)
            phone, address = fresh_phone(), fresh_email()
            codes = self.codes(phone, address)
            self.missed(self.verify(phone, wrong(codes[0])), 4)
            self.succeeded(self.verify(phone, codes[0]))
            self.created(address, codes[1], firstName="Zuleika", username="zuleikabee")
            for file in server.folder.rglob("onboard.db*"):
                for code in codes:
                    self.assertNotIn(b"#" + code.encode(), file.read_bytes())
            rows = str(server.rows("codes", "outbox"))
            server.kill9()
            log = "".join(server.lines)
            for secret in (*codes, wrong(codes[0])):
                self.assertNotIn(secret, rows)
                self.assertNotIn(f'"{secret}"', log)
            for secret in (phone, phone[1:], address, self.portal, "Zuleika"):
                self.assertNotIn(secret, log)


class Limits(Portal):
    """How often somebody is sent a code, and how often it may be guessed."""

    def start(self, **settings):
        self.enter(self.enterContext(Server(**settings)))

    def test_a_second_code_has_to_wait(self):
        self.start()
        address, phone = fresh_email(), fresh_phone()
        self.succeeded(self.generate(phone))
        self.succeeded(self.generate(address))
        for spelling in spellings(phone):
            self.put_off(self.generate(spelling), 60)
        self.put_off(self.generate(address.upper()), 60)
        self.assertEqual([len(self.sent(phone)), len(self.sent(address))], [1, 1])
        self.server.kill9()
        self.server.start()
        self.put_off(self.generate(phone), 60)
        self.succeeded(self.verify(phone, self.sent(phone)[0]))     # what was sent is still good

    def test_the_wires_share_the_limit_of_texts(self):
        self.start()
        first, second = fresh_phone(), fresh_phone()
        self.succeeded(self.generate(first))
        self.assertEqual(self.sso("sms", telephone=first).status, 429)
        self.sign_in_code(second)
        self.put_off(self.generate(second), 60)

    def test_texts_are_counted_over_all_numbers_and_letters_are_not(self):
        self.start(sms_per_day=2, otp_pause_seconds=0)
        for _ in range(2):
            self.succeeded(self.generate(fresh_phone()))
        self.put_off(self.generate(fresh_phone()), 86400)
        self.succeeded(self.generate(fresh_email()))

    def test_guessing_at_tokens_is_slowed_down_without_hurting_those_who_know(self):
        self.start(sign_in_per_address_per_minute=3)
        answers = [self.generate(fresh_phone(), token=f"{number:043}") for number in range(5)]
        self.assertEqual([answer.status for answer in answers], [401] * 3 + [429] * 2)
        self.refused(answers[-1], None, 429)
        self.assertIn(int(answers[-1]["Retry-After"]), range(1, 61))
        self.succeeded(self.generate(fresh_phone()))

    def test_the_wait_ends_when_it_was_said_to(self):
        self.start(otp_pause_seconds=1)
        phone = fresh_phone()
        self.succeeded(self.generate(phone))
        self.put_off(self.generate(phone), 1)
        until(lambda: self.generate(phone).status == 200, 5, "another code")

    def test_one_number_or_address_gets_so_many_codes_an_hour_and_a_day(self):
        for settings, count, seconds in [({}, 5, 3600), ({"otp_per_hour": 1000}, 10, 86400)]:
            self.start(otp_pause_seconds=0, **settings)
            for key in (fresh_phone(), fresh_email()):
                with self.subTest(f"{settings} {key}"):
                    for number in range(count):
                        self.succeeded(self.generate(spellings(key)[number % 6] if "@" not in key else key))
                    for _ in range(2):
                        answer = self.generate(key)
                        self.put_off(answer, seconds)
                        self.assertGreater(int(answer["Retry-After"]), seconds - 60)
                        self.server.kill9()
                        self.server.start()
                    self.succeeded(self.generate(fresh_phone()))

    def test_of_many_who_ask_at_once_one_is_sent_a_code(self):
        self.start()
        phone = fresh_phone()
        answers = together(16, lambda number, _: self.generate(spellings(phone)[number % 6]))
        self.assertEqual(sorted(answer.status for answer in answers), [200] + [429] * 15)
        self.assertEqual(len(self.sent(phone)), 1)

    def test_tries_count_down_and_then_even_the_right_code_is_none(self):
        for kind in ("phone", "email"):
            key, code = self.coded(kind)
            for remaining in (4, 3, 2, 1, 0):
                self.missed(self.verify(key, wrong(code, remaining + 1)), remaining)
            for guess in (wrong(code), code):
                self.refused(self.verify(key, guess), "ERROR_INVALID_OTP")
                self.refused(self.create(key, guess), "ERROR_INVALID_OTP")

    def test_the_operator_may_allow_fewer_tries(self):
        self.start(**ROOMY | {"otp_tries": 2})
        phone, code = self.coded()
        self.missed(self.create(phone, wrong(code)), 1, of=2)
        self.missed(self.verify(phone, wrong(code, 2)), 0, of=2)
        self.refused(self.create(phone, code), "ERROR_INVALID_OTP")

    def test_where_no_code_is_alive_a_guess_costs_nothing(self):
        keys = fresh_phone(), fresh_email()
        for key in keys * 6:
            self.refused(self.verify(key, "123456"), "ERROR_INVALID_OTP")
            self.refused(self.create(key, "123456"), "ERROR_INVALID_OTP")
        for key, code in zip(keys, self.codes(*keys)):
            self.missed(self.verify(key, wrong(code)), 4)
            self.succeeded(self.verify(key, code))
            for _ in range(6):      # spent
                self.refused(self.verify(key, code), "ERROR_INVALID_OTP")
        for key, code in zip(keys, self.codes(*keys)):
            self.missed(self.verify(key, wrong(code)), 3)

    def test_a_right_code_gives_its_own_try_back_and_no_other(self):
        phone, code = self.coded()
        for remaining in (4, 3, 2, 1):
            self.missed(self.verify(phone, wrong(code, remaining)), remaining)
        self.succeeded(self.verify(phone, code))
        code = self.code(phone)
        self.missed(self.verify(phone, wrong(code)), 0)
        self.refused(self.verify(phone, code), "ERROR_INVALID_OTP")

    def test_neither_a_spelling_nor_another_call_nor_another_code_nor_a_crash_gives_a_try_back(self):
        self.start(**ROOMY)
        phone, code = self.coded()
        self.missed(self.verify(phone, wrong(code)), 4)
        self.missed(self.create(spellings(phone)[1], wrong(code, 2)), 3)
        code = self.code(phone)
        self.missed(self.create(spellings(phone)[3], wrong(code), ALIAS), 2)
        self.server.kill9()
        self.server.start()
        self.missed(self.verify(spellings(phone)[4], wrong(code, 2)), 1)
        self.missed(self.verify(phone, wrong(code, 3), token=self.server.partner("other", "sunbird")), 0)
        self.refused(self.create(phone, self.code(phone)), "ERROR_INVALID_OTP")

    def test_the_wires_share_the_tries(self):
        phone, code = self.coded()
        to_sign_in = self.sign_in_code(phone)
        guesses = (f"{guess:06}" for guess in itertools.count(1) if guess not in (int(code), int(to_sign_in)))
        self.missed(self.verify(phone, next(guesses)), 4)
        for _ in range(2):
            self.assertEqual(self.sso("code", telephone=phone, code=next(guesses)).status, 400)
        self.missed(self.create(phone, next(guesses)), 1)
        self.assertEqual(self.sso("auth", telephone=phone, code=next(guesses)).status, 400)
        self.refused(self.verify(phone, code), "ERROR_INVALID_OTP")
        self.assertEqual(self.sso("code", telephone=phone, code=to_sign_in).status, 400)

    def test_of_forty_guesses_at_once_five_count(self):
        phone, code = self.coded()
        answers = together(40, lambda number, _: self.verify(phone, wrong(code, number + 1)))
        results = [answer.json["result"] for answer in answers
                   if answer.json["params"]["err"] == "OTP_VERIFICATION_FAILED"]
        self.assertEqual(sorted(result["remainingAttempt"] for result in results), [0, 1, 2, 3, 4])
        for answer in answers:
            self.assertIn(answer.json["params"]["err"], ("OTP_VERIFICATION_FAILED", "ERROR_INVALID_OTP"))
        self.refused(self.create(phone, code), "ERROR_INVALID_OTP")


class SignUps(Portal):
    """Who becomes a user, and who does not."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server.must("channel", "add", "kerala", "--organisation", "school-1", "--organisation", "school-2")
        cls.server.must("channel", "add", "goa", "--organisation", "school-3")
        cls.taken_phone, cls.taken = cls().member(username="takenname")

    def test_a_number_and_its_code_make_a_user(self):
        for path in (SIGN_UP, ALIAS):
            for name in ("OTP", "otp"):
                phone, code = self.coded()
                user = self.created(phone, path=path, **{name: code})
                self.assertEqual(user["loginId"], f"{user['userName']}@default")
                self.assertTrue(self.exists("phone", phone))
                self.assertTrue(self.exists("userName", user["userName"]))

    def test_an_address_and_its_code_make_a_user_and_no_other_letter_is_sent(self):
        address, _ = self.member("email", lastName="Rao")
        self.assertTrue(self.exists("email", address))
        self.assertTrue(self.kept(address)["emailVerified"])
        self.assertEqual(len(self.sent(address)), 1)

    def test_a_new_user_signs_in_by_text_as_the_same_person(self):
        phone, user = self.member()
        before = self.kept(phone)
        answer = self.sso("auth", telephone=phone, code=self.sign_in_code(phone))
        self.assertEqual((answer.status, answer.json["isNew"]), (201, False), answer)
        shown = self.sso("user", username=phone, authCode=answer.json["authCode"]).json["user"]
        self.assertEqual(shown["firstname"], "Asha")
        self.assertEqual((before["id"], self.kept(phone)["id"]), (user["userId"], user["userId"]))

    def test_a_verified_code_is_proof_for_one_create(self):
        with Server(**ROOMY | {"deleted": "release"}) as server:
            self.enter(server)
            for kind in ("phone", "email"):
                key, code = self.coded(kind)
                self.succeeded(self.verify(key, code))
                self.created(key)
                server.must("user", "delete", key)
                self.refused(self.create(key), f"{kind_of(key).upper()}_VERIFY_ERROR")

    def test_the_proof_is_for_its_own_key_and_for_the_partner_that_verified(self):
        other = self.server.partner("neighbour", "sunbird")
        (phone, code), (second, _) = self.coded(), self.coded()
        self.succeeded(self.verify(phone, code))
        self.refused(self.create(phone, token=other), "PHONE_VERIFY_ERROR")
        self.refused(self.create(second), "PHONE_VERIFY_ERROR")
        self.refused(self.create(fresh_email()), "EMAIL_VERIFY_ERROR")
        self.created(spellings(phone)[4])

    def test_a_code_may_be_taken_to_another_partner(self):
        """Not the proof, but what the person holds."""
        phone, code = self.coded()
        self.created(phone, code, token=self.server.partner("colleague", "sunbird"))

    def test_a_refused_create_leaves_the_proof(self):
        phone, code = self.coded()
        self.succeeded(self.verify(phone, code))
        self.refused(self.create(phone, channel="nowhere"), "INVALID_PARAMETER_VALUE")
        self.refused(self.create(phone, username="takenname"), "USERNAME_IN_USE")
        self.refused(self.create(phone, wrong(code)), None)     # a code that is there is looked at
        self.created(phone)

    def test_nobody_is_made_without_a_code_or_a_proof(self):
        for key, error in ((fresh_phone(), "PHONE_VERIFY_ERROR"), (fresh_email(), "EMAIL_VERIFY_ERROR")):
            own, other = (f"{kind}Verified" for kind in (("phone", "email") if "@" not in key else ("email", "phone")))
            for members in ({}, {"OTP": ""}, {"otp": "  "}, {own: True}, {own: False}, {own: True, "OTP": " "}):
                with self.subTest(f"{key} {members}"):
                    self.refused(self.create(key, **members), error)
            for members in ({other: True}, {own: True, other: True}):
                answer = self.create(key, **members)
                self.refused(answer, None)
                self.assertIn(answer.json["params"]["err"], ("PHONE_VERIFY_ERROR", "EMAIL_VERIFY_ERROR"))
            self.assertFalse(self.exists(kind_of(key), key))
        phone, code = self.coded()
        self.created(phone, code, phoneVerified=True)

    def test_the_first_rule_that_is_broken_is_the_one_that_is_told(self):
        phone, code = self.coded()
        body = {"provider": "x", "firstName": " ", "channel": "nowhere", "username": "takenname", "OTP": wrong(code)}
        for error, repair in [("INVALID_REQUEST_PARAMETER", {"provider": ABSENT}),
                              ("MANDATORY_PARAMETER_MISSING", {"firstName": "Asha"}),
                              ("EMAIL_OR_PHONE_MISSING", {"phone": "x", "email": "x"}),
                              ("ERROR_ATTRIBUTE_CONFLICT", {"email": ABSENT}),
                              ("INVALID_PHONE_NO_FORMAT", {"phone": self.taken_phone}),
                              ("INVALID_PARAMETER_VALUE", {"channel": "kerala"}),
                              ("USERNAME_IN_USE", {"username": ABSENT}),
                              ("PHONE_ALREADY_IN_USE", {"phone": phone})]:
            self.refused(self.create(**{"firstName": ABSENT} | body), error)
            body |= repair
        self.missed(self.create(**body), 4)
        self.created(**body | {"OTP": code})

    def test_what_is_wrong_elsewhere_costs_no_try(self):
        phone, code = self.coded()
        for error, members in [("INVALID_REQUEST_PARAMETER", {"idType": "x"}),
                               ("MANDATORY_PARAMETER_MISSING", {"firstName": ""}),
                               ("ERROR_ATTRIBUTE_CONFLICT", {"email": "a@example.org"}),
                               ("INVALID_PARAMETER_VALUE", {"channel": "nowhere"}),
                               ("INVALID_ORGANIZATION_DATA", {"organisationId": "nowhere"}),
                               ("PARAMETER_MISMATCH", {"channel": "goa", "organisationId": "school-1"}),
                               ("USERNAME_IN_USE", {"username": "takenname"})]:
            for guess in (wrong(code), code):
                with self.subTest(f"{error} {guess == code}"):
                    self.refused(self.create(phone, guess, **members), error)
        self.missed(self.create(phone, wrong(code)), 4)
        self.created(phone, code)

    def test_a_number_that_is_taken_meanwhile_costs_no_try(self):
        phone, code = self.coded()
        to_sign_in = self.sign_in_code(phone)
        self.assertEqual(self.sso("auth", telephone=phone, code=to_sign_in, agb=True, dataprotection=True).status, 201)
        for guess in (wrong(code), code):
            self.refused(self.create(phone, guess), "PHONE_ALREADY_IN_USE")
        later = self.sign_in_code(phone)
        for by in range(1, 5):      # four guesses are still free
            self.assertEqual(self.sso("code", telephone=phone, code=wrong(later, by)).status, 400)
        self.assertEqual(self.sso("code", telephone=phone, code=later).status, 201)

    def test_two_spellings_of_a_member_have_to_agree(self):
        phone, code = self.coded()
        self.refused(self.create(phone, code, otp=wrong(code)), "PARAMETER_MISMATCH")
        self.refused(self.create(phone, code, username="onename", userName="another"), "PARAMETER_MISMATCH")
        name = f"same{phone[-6:]}"
        user = self.created(phone, code, otp=code, username=name, userName=name)
        self.assertEqual(user["userName"], name)
        for spelling in ("username", "userName"):
            phone, code = self.coded()
            name = f"name{phone[-6:]}"
            self.assertEqual(self.created(phone, code, **{spelling: name})["userName"], name)

    def test_blank_is_as_good_as_absent(self):
        for blank in ("", "  "):
            phone, code = self.coded()
            user = self.created(phone, code, email=blank, lastName=blank, username=blank, channel=blank,
                                organisationId=blank, otp=blank)
            self.assertRegex(user["loginId"], "^asha[0-9]+@default$")
            self.refused(self.create(fresh_phone(), "123456", firstName=blank), "MANDATORY_PARAMETER_MISSING")
            self.refused(self.create(phone=blank, email=blank, OTP="123456"), "EMAIL_OR_PHONE_MISSING")
        self.refused(self.create(fresh_phone(), firstName=ABSENT), "MANDATORY_PARAMETER_MISSING")
        self.refused(self.create(), "EMAIL_OR_PHONE_MISSING")

    def test_some_members_may_not_be_sent(self):
        for name in ("registeredOrgId", "rootOrgId", "provider", "externalId", "externalIdProvider", "externalIdType",
                     "idType"):
            self.refused(self.create(fresh_phone(), "123456", **{name: "x"}), "INVALID_REQUEST_PARAMETER")

    def test_blank_ones_of_them_are_not_there(self):
        for blank in ("", " "):
            self.created(*self.coded(), provider=blank, idType=blank)

    def test_numbers_and_addresses_have_to_be_some(self):
        for phone in ("x", "12", "+", "110", "0151 1234567x"):
            self.refused(self.create(phone=phone, OTP="123456"), "INVALID_PHONE_NO_FORMAT")
        for address in ("x", "a@", "@example.org", "a@b@example.org", "a b@example.org", "a@example"):
            self.refused(self.create(email=address, OTP="123456"), "EMAIL_FORMAT_ERROR")

    def test_names_have_to_be_some(self):
        for name in ("x" * 101, "a\nb", "a\0b", "\u202eabc"):
            for member in ("firstName", "lastName"):
                with self.subTest(f"{member} {name!r}"):
                    phone, code = self.coded()
                    self.refused(self.create(phone, code, **{member: name}), None)
                    self.created(phone, code)

    def test_a_user_belongs_to_a_channel(self):
        for members, channel in [({"channel": "kerala"}, "kerala"), ({"organisationId": "school-2"}, "kerala"),
                                 ({"channel": "goa", "organisationId": "school-3"}, "goa"), ({}, "default")]:
            with self.subTest(str(members)):
                phone, code = self.coded()
                user = self.created(phone, code, **members)
                self.assertEqual(user["loginId"], f"{user['userName']}@{channel}")
                kept = self.kept(phone)
                self.assertEqual((kept["id"], kept["channel"], kept["roles"]), (user["userId"], channel, ["PUBLIC"]))

    def test_the_channel_of_those_who_name_none_is_the_operators(self):
        with Server(**ROOMY | {"default_channel": "custodian"}) as server:
            self.enter(server)
            self.assertTrue(self.member()[1]["loginId"].endswith("@custodian"))

    def test_channels_and_organisations_that_do_not_fit_are_refused(self):
        phone, code = self.coded()
        for members, error in [({"channel": "nowhere"}, "INVALID_PARAMETER_VALUE"),
                               ({"channel": "school-1"}, "INVALID_PARAMETER_VALUE"),
                               ({"organisationId": "nowhere"}, "INVALID_ORGANIZATION_DATA"),
                               ({"organisationId": "kerala"}, "INVALID_ORGANIZATION_DATA"),
                               ({"channel": "kerala", "organisationId": "nowhere"}, "INVALID_ORGANIZATION_DATA"),
                               ({"channel": "kerala", "organisationId": "school-3"}, "PARAMETER_MISMATCH"),
                               ({"channel": "goa", "organisationId": "school-1"}, "PARAMETER_MISMATCH")]:
            with self.subTest(str(members)):
                self.refused(self.create(phone, code, **members), error)
        for strange in ("../x", "a b", "' or 1=1", "x" * 300, "ä"):
            self.refused(self.create(phone, code, channel=strange), "INVALID_PARAMETER_VALUE")
            self.refused(self.create(phone, code, organisationId=strange), "INVALID_ORGANIZATION_DATA")
        self.created(phone, code)

    def test_a_channel_that_was_just_added_is_there(self):
        phone, code = self.coded()
        self.refused(self.create(phone, code, channel="assam"), "INVALID_PARAMETER_VALUE")
        self.server.must("channel", "add", "assam")
        self.assertTrue(self.created(phone, code, channel="assam")["loginId"].endswith("@assam"))

    def test_a_user_name_is_taken_once_in_any_case_and_channel_and_stays_so(self):
        phone, code = self.coded()
        for name in ("takenname", "TakenName", " takenname "):
            self.refused(self.create(phone, code, username=name), "USERNAME_IN_USE")
            self.refused(self.create(phone, code, username=name, channel="kerala"), "USERNAME_IN_USE")
        user = self.created(phone, code, username=f"MixedCase{phone[-6:]}")
        self.assertEqual(user["userName"], f"mixedcase{phone[-6:]}")
        self.server.must("user", "delete", phone)
        self.refused(self.create(*self.coded(), username=user["userName"]), "USERNAME_IN_USE")

    def test_not_every_text_is_a_user_name(self):
        phone, code = self.coded()
        for name in ("a b", "a@b", "../x", "<b>", "ä", "' or 1=1", "x" * 300, "a\0b", "a\nb"):
            with self.subTest(name):
                self.refused(self.create(phone, code, username=name), None)
        self.created(phone, code)

    def test_a_deleted_person_is_not_made_again(self):
        for kind, error in (("phone", "PHONE_ALREADY_IN_USE"), ("email", "EMAIL_IN_USE")):
            key, _ = self.member(kind)
            self.server.must("user", "delete", key)
            for code in ("123456", None):
                self.refused(self.create(key, code), error)

    def test_who_is_deleted_between_code_and_create_is_not_made_again(self):
        phone, code = self.coded()
        answer = self.sso("auth", telephone=phone, code=self.sign_in_code(phone), agb=True, dataprotection=True)
        self.assertEqual(answer.status, 201)
        self.server.must("user", "delete", phone)
        self.refused(self.create(phone, code), "PHONE_ALREADY_IN_USE")

    def test_the_operator_may_release_what_deleted_people_had(self):
        with Server(**ROOMY | {"deleted": "release"}) as server:
            self.enter(server)
            gone = [self.member(kind) for kind in ("phone", "email")]
            for key, _ in gone:
                server.must("user", "delete", key)
                self.assertFalse(self.exists(kind_of(key), key))
            for (key, user), code in zip(gone, self.codes(*(key for key, _ in gone))):
                self.assertNotEqual(self.created(key, code)["userId"], user["userId"])

    def test_generated_names_are_letters_and_digits_like_the_persons(self):
        names = [("Asha", "", "asha"), ("Asha", "Rao", "asharao"), (" Asha ", " Rao ", "asharao"),
                 ("O'Brien", "", "obrien"), ("D\u2019Angelo", "", "dangelo"), ("Anne-Marie", "", "annemarie"),
                 ("José Ñúñez", "", "josenunez"), ("Åsa", "", "asa"), ("ASHA", "", "asha"), ("A.s_h a", "", "asha"),
                 ("आशा", "", "a"), ("अनुष्का", "शर्मा", "a"), ("தமிழ்", "", "t"), ("తెలుగు", "", "t"),
                 ("Ελένη", "", "el"), ("王小明", "", ""), ("\U0001f600", "", "user"), ("12345", "", "user"),
                 ("x" * 100, "y" * 100, "x"), ("a\u0301sha", "", "asha")]
        for first, last, start in names:
            with self.subTest(f"{first} {last}"):
                _, user = self.member(firstName=first, lastName=last)
                self.assertRegex(user["userName"], "^[a-z]+[0-9]{4,}$")
                self.assertLessEqual(len(user["userName"]), 30)
                self.assertTrue(user["userName"].startswith(start), user)
                if len(start) > 2:
                    self.assertRegex(user["userName"], f"^{start}[0-9]+$")

    def test_many_of_one_first_name_at_once_have_names_of_their_own(self):
        phones = [fresh_phone() for _ in range(64)]
        codes = self.codes(*phones)
        users = together(64, lambda number, _: self.create(phones[number], codes[number], firstName="Sita"))
        names = {self.succeeded(answer)["userName"] for answer in users}
        self.assertEqual(len(names), 64)
        for name in names:
            self.assertRegex(name, "^sita[0-9]+$")

    def assert_one_of(self, answers, *errors):
        """One of these has been done, and the others have been told one of these."""
        self.assertEqual([answer.status for answer in answers].count(200), 1)
        for answer in answers:
            if answer.status != 200:
                self.assertIn(answer.json["params"]["err"], errors, answer)
                self.refused(answer, None)

    def test_of_many_creates_with_one_code_exactly_one_succeeds(self):
        phone, code = self.coded()
        answers = together(32, lambda number, _: self.create(spellings(phone)[number % 6], code,
                                                             (SIGN_UP, ALIAS)[number % 2]))
        self.assert_one_of(answers, "PHONE_ALREADY_IN_USE", "ERROR_INVALID_OTP")

    def test_of_many_creates_with_one_proof_exactly_one_succeeds(self):
        address, code = self.coded("email")
        self.succeeded(self.verify(address, code))
        answers = together(32, lambda number, _: self.create((address, address.upper())[number % 2]))
        self.assert_one_of(answers, "EMAIL_IN_USE", "EMAIL_VERIFY_ERROR")

    def test_of_many_who_want_one_user_name_exactly_one_has_it_and_the_others_lose_nothing(self):
        people = [self.coded() for _ in range(16)]
        name = f"wanted{people[0][0][-6:]}"
        answers = together(16, lambda number, _: self.create(*people[number], username=name))
        self.assert_one_of(answers, "USERNAME_IN_USE")
        for (phone, code), answer in zip(people, answers):
            if answer.status != 200:
                self.created(phone, code)

    def test_of_two_wires_that_make_one_person_at_once_comes_one(self):
        phone, code = self.coded()
        to_sign_in = self.sign_in_code(phone)

        def arrive(number, _):
            if number % 2:
                return self.create(phone, code)
            return self.sso("auth", telephone=phone, code=to_sign_in, agb=True, dataprotection=True)

        answers = together(16, arrive)
        created = [answer for answer in answers[1::2] if answer.status == 200]
        signed_in = [answer for answer in answers[0::2] if answer.status == 201]
        self.assertLessEqual(len(created), 1)
        self.assertLessEqual(len(signed_in), 1)
        self.assertEqual(len(created) + sum(answer.json["isNew"] for answer in signed_in), 1)

    def test_an_address_that_waits_on_the_other_wire_is_free(self):
        phone, _ = self.member()
        address, code = self.coded("email")
        pair = {"telephone": phone, "email": address}
        self.assertEqual(Client(self.server).request("PATCH", "/sso/email", pair, bearer(self.site)).status, 200)
        self.server.delivered()
        [c] = [token for mail in self.letters(address)
               for token in set(re.findall(r"/email-optin/([\w-]+)", mail.get_body(("plain",)).get_content()))]
        self.created(address, code)
        self.assertEqual(Client(self.server).request("PATCH", "/sso/email-optin", {"c": c}).status, 422)

    def test_numbers_are_read_as_in_the_region(self):
        with Server(**ROOMY | {"phone_region": "IN"}) as server:
            self.enter(server)
            self.succeeded(self.generate("9876543210"))
            [code] = self.sent("+919876543210")
            self.created("+91 98765 43210", code)
            for spelling in ("9876543210", "09876543210", "+919876543210"):
                self.assertTrue(self.exists("phone", spelling))
            self.refused(self.create(phone="12345", OTP="123456"), "INVALID_PHONE_NO_FORMAT")


class Existence(Portal):
    """Who is there already."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        asker, cls.address = cls(), fresh_email("Asha+tag")
        cls.phone, cls.user = asker.member()
        asker.created(cls.address, asker.code(cls.address))

    def test_addresses_are_found_in_any_case(self):
        for spelling in (self.address, self.address.upper(), self.address.lower(), f" {self.address} "):
            self.assertTrue(self.exists("email", spelling), spelling)
        self.assertFalse(self.exists("email", fresh_email("nobody")))

    def test_numbers_are_found_in_any_spelling(self):
        for spelling in spellings(self.phone):
            self.assertTrue(self.exists("phone", spelling), spelling)
        self.assertFalse(self.exists("phone", fresh_phone()))

    def test_user_names_are_found_in_any_case(self):
        for spelling in (self.user["userName"], self.user["userName"].upper()):
            self.assertTrue(self.exists("userName", spelling), spelling)
        self.assertFalse(self.exists("userName", "nobodyatall"))

    def test_what_need_not_be_encoded_may_stay_as_it_is(self):
        for path in (f"email/{self.address}", f"phone/{self.phone}", "email/" + self.address.replace("a", "%61", 1),
                     "phone/" + "".join(f"%{ord(letter):02x}" for letter in self.phone)):
            self.assertEqual(self.succeeded(self.call("GET", f"{EXISTS}/{path}")), {"exists": True}, path)

    def test_what_is_no_value_is_refused(self):
        for path, error in [("email/x", "EMAIL_FORMAT_ERROR"), ("email/a@b@c.org", "EMAIL_FORMAT_ERROR"),
                            ("phone/x", "INVALID_PHONE_NO_FORMAT"), ("phone/12", "INVALID_PHONE_NO_FORMAT"),
                            ("userName/a%20b", None), ("userName/%00", None), ("email/%ff@example.org", None),
                            ("email/a%00@example.org", None)]:
            with self.subTest(path):
                self.refused(self.call("GET", f"{EXISTS}/{path}"), error)
        for path in ("email/%", "email/%4", "email/a%zz@example.org", "phone/%2"):     # no target of HTTP at all
            self.assertEqual(self.call("GET", f"{EXISTS}/{path}").status, 400)

    def test_nothing_else_can_be_asked_for(self):
        for kind in ("nickname", "username", "EMAIL", "id"):
            answer = self.call("GET", f"{EXISTS}/{kind}/x")
            self.refused(answer, None, answer.status)
            self.assertIn(answer.status, (400, 404))

    def test_a_blocked_person_exists_and_a_deleted_one_does_not(self):
        for kind in ("phone", "email"):
            key, user = self.member(kind)
            self.server.must("user", "block", key)
            self.assertTrue(self.exists(kind, key))
            self.assertTrue(self.exists("userName", user["userName"]))
            self.server.must("user", "delete", key)
            self.assertFalse(self.exists(kind, key))
            self.assertFalse(self.exists("userName", user["userName"]))

    def test_somebody_who_only_asked_for_a_code_does_not_exist(self):
        phone, code = self.coded()
        self.assertFalse(self.exists("phone", phone))
        self.succeeded(self.verify(phone, code))
        self.assertFalse(self.exists("phone", phone))


@functools.cache
def signer():
    """The one whose keys are Google's, for all classes: it takes its time to make them."""
    made = Signer()
    unittest.addModuleCleanup(made.close)
    return made


class WithGoogle(Portal):
    """A portal whose people come from Google, which is played by pages of ours and a signer of tokens."""

    @classmethod
    def setUpClass(cls):
        cls.signer = signer()
        cls.page = cls.enterClassContext(Page(cls.signer.key_set("first")))
        cls.settings = ROOMY | {"google_client_id": f"other.apps.example.com,{CLIENT}", "google_keys_url": cls.page.url}
        super().setUpClass()

    def start(self, page, **settings):
        settings = ROOMY | {"google_client_id": CLIENT, "google_keys_url": page.url} | settings
        self.enter(self.enterContext(Server(**settings)))

    def google(self, token, email=None, **members):
        """One create with a token; without an address it is that of the token."""
        request = {"firstName": "Ada", "email": email or self.said(token)["email"], "loginType": "google",
                   "verificationKey": token} | members
        return self.call("POST", GOOGLE, {name: value for name, value in request.items() if value is not ABSENT})

    @staticmethod
    def said(token):
        """What an honest client reads in a token."""
        part = token.split(".")[1]
        return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))

    def arrived(self, token, **members):
        """What is said of somebody whose token is good."""
        result = self.succeeded(self.google(token, **members))
        self.assertEqual((result["response"], result["errors"]), ("SUCCESS", []))
        self.assertRegex(result["userId"], f"^{UUID}$")
        return result

    def token(self, **changes):
        return self.signer.sign(claims(**changes))

    def member_at(self, domain):
        """The address of somebody who has just signed up with one of this domain, and what was said of them."""
        address = f"ada.{uuid.uuid4().hex[:12]}@{domain}"
        return address, self.created(address, self.code(address))

    def unauthorized(self, answer):
        self.refused(answer, "UNAUTHORIZED_USER", 401)


class Google(WithGoogle):
    """Whose token is good, and whom it makes."""

    def test_a_good_token_makes_a_user_without_any_letter(self):
        token = self.token()
        address = self.said(token)["email"]
        user = self.arrived(token)
        self.assertEqual(set(user), {"response", "userId", "errors", "userName", "loginId"})
        self.assertRegex(user["userName"], "^ada[0-9]+$")
        self.assertEqual(user["loginId"], f"{user['userName']}@default")
        self.assertTrue(self.exists("email", address))
        self.assertTrue(self.kept(address)["emailVerified"])
        self.server.delivered()
        self.assertEqual(self.letters(address), [])
        self.refused(self.generate(address), "EMAIL_IN_USE")

    def test_the_same_token_and_a_later_one_are_the_same_person(self):
        said = claims()
        first = self.arrived(self.signer.sign(said))
        for token in (self.signer.sign(said), self.signer.sign(said | {"iat": said["iat"] + 1}),
                      self.signer.sign(said | {"iss": "accounts.google.com"}),
                      self.signer.sign(said | {"email": said["email"].upper()}),
                      self.signer.sign(said | {"email": fresh_email("ada")})):
            self.assertEqual(self.arrived(token, firstName="Other")["userId"], first["userId"])

    def test_google_spells_its_name_in_two_ways(self):
        for issuer in ("accounts.google.com", ISSUER):
            self.arrived(self.token(iss=issuer))

    def test_every_client_id_of_the_operator_does(self):
        self.arrived(self.token(aud="other.apps.example.com", azp="other.apps.example.com"))

    def test_any_case_of_the_login_type_and_of_the_address_does(self):
        for type in ("Google", "GOOGLE", "google"):
            token = self.token()
            self.arrived(token, loginType=type, email=self.said(token)["email"].upper())

    def test_other_login_types_are_refused(self):
        for type in ("facebook", "googleplus", "x"):
            self.refused(self.google(self.token(), loginType=type), "INVALID_VALUE")

    def test_the_name_of_the_token_does_where_there_is_no_other(self):
        for name in (ABSENT, "", "  "):
            token = self.token(name="Grace Hopper", given_name="Grace", family_name="Hopper")
            user = self.arrived(token, firstName=name)
            self.assertTrue(user["userName"].startswith("grace"), user)
            nameless = self.token(name=ABSENT, given_name=ABSENT, family_name=ABSENT)
            self.refused(self.google(nameless, firstName=name), "MANDATORY_PARAMETER_MISSING")
        self.arrived(self.token(name=ABSENT, given_name=ABSENT, family_name=ABSENT))

    def test_a_token_and_its_address_have_to_be_there(self):
        token = self.token()
        request = {"firstName": "Ada", "email": self.said(token)["email"], "loginType": "google",
                   "verificationKey": token}
        for name in ("verificationKey", "email"):
            for value in (None, "", " "):
                with self.subTest(f"{name} {value}"):
                    changed = {member: text for member, text in request.items() if member != name}
                    changed |= {} if value is None else {name: value}
                    self.refused(self.call("POST", GOOGLE, changed), "MANDATORY_PARAMETER_MISSING")
        for name in request:
            for value in (1, True, [], {}):
                with self.subTest(f"{name} {value}"):
                    answer = self.call("POST", GOOGLE, request | {name: value})
                    self.assertIn(answer.status, (400, 401))
                    self.refused(answer, None, answer.status)
        self.refused(self.google(token, email="x"), "EMAIL_FORMAT_ERROR")

    def test_the_address_has_to_be_that_of_the_token(self):
        token = self.token()
        self.refused(self.google(token, email=fresh_email()), "INVALID_PARAMETER_VALUE")
        self.refused(self.google(token, email="x" + self.said(token)["email"]), "INVALID_PARAMETER_VALUE")
        self.assertFalse(self.exists("email", self.said(token)["email"]))

    def test_a_token_that_says_something_else_is_not_taken(self):
        now = int(time.time())
        changes = {"expired": {"exp": now - 120}, "no end": {"exp": ABSENT}, "an end in words": {"exp": str(now + 60)},
                   "an end for ever": {"exp": "never"}, "no end in sight": {"exp": -1},
                   "an end that is a list": {"exp": [now]},
                   "another audience": {"aud": "evil.apps.example.com"}, "no audience": {"aud": ABSENT},
                   "an empty audience": {"aud": []}, "a longer audience": {"aud": CLIENT + ".evil"},
                   "a shorter audience": {"aud": CLIENT[:-1]}, "an audience in capitals": {"aud": CLIENT.upper()},
                   "two audiences in one": {"aud": f"{CLIENT},x"}, "an audience that is true": {"aud": True},
                   "another issuer": {"iss": "https://accounts.example.com"}, "no issuer": {"iss": ABSENT},
                   "an issuer with a slash": {"iss": ISSUER + "/"}, "an issuer in capitals": {"iss": ISSUER.upper()},
                   "an issuer over http": {"iss": "http://accounts.google.com"}, "a list of issuers": {"iss": [ISSUER]},
                   "an issuer with a port": {"iss": ISSUER + ":443"},
                   "an address not verified": {"email_verified": False},
                   "an address verified in words": {"email_verified": "true"}, "a number": {"email_verified": 1},
                   "an address nobody verified": {"email_verified": ABSENT}, "null": {"email_verified": None},
                   "nobody": {"sub": ABSENT}, "an empty subject": {"sub": ""}, "a number as subject": {"sub": 1},
                   "no address": {"email": ABSENT}, "an address that is none": {"email": "x"},
                   "made later": {"iat": now + 3600}, "no time at all": {"iat": ABSENT}, "not yet": {"nbf": now + 3600}}
        for why, change in changes.items():
            with self.subTest(why):
                address = fresh_email("ada")
                self.unauthorized(self.google(self.signer.sign(claims(**{"email": address} | change)), email=address))
                self.assertFalse(self.exists("email", address))

    def test_the_clock_of_google_may_be_ahead_a_little(self):
        now = int(time.time())
        self.arrived(self.token(iat=now + 30))
        self.arrived(self.token(nbf=now + 30))

    def test_a_token_that_says_something_twice_is_not_taken(self):
        said = claims()
        text = json.dumps(said)
        for name in ("email", "sub", "aud", "exp"):
            twice = text[:-1] + f', "{name}": {json.dumps(said[name])}}}'
            self.unauthorized(self.google(self.signer.sign(twice), email=said["email"]))
        for text in ("[]", "x", "{", "null", ""):
            self.unauthorized(self.google(self.signer.sign(text), email=said["email"]))

    def test_a_token_of_another_signature_is_not_taken(self):
        said = claims()
        good = self.signer.sign(said)
        head, body, signature = good.split(".")
        other = raw(said | {"sub": "1"})
        none = [f"{raw({'alg': alg, 'typ': 'JWT', 'kid': 'first'})}.{body}.{rest}"
                for alg in ("none", "None", "nOnE", "", None, 1, ["RS256"]) for rest in ("", signature)]
        tokens = {"another key": self.signer.sign(said, "stranger", kid="first"),
                  "a key that names itself": self.signer.sign(said, "stranger", kid=ABSENT,
                                                              jwk=self.signer.keys["stranger"]),
                  "the public key as a secret": self.signer.sign(said, "pem", alg="HS256", kid="first"),
                  "without its last line end": self.signer.sign(said, "trimmedPem", alg="HS256", kid="first"),
                  "its modulus as a secret": self.signer.sign(said, "modulus", alg="HS256", kid="first"),
                  "RS512": self.signer.sign(said, alg="RS512"), "RS384": self.signer.sign(said, alg="RS384"),
                  "PS256": self.signer.sign(said, alg="PS256"),
                  "ES256": self.signer.sign(said, "curve", alg="ES256", kid="first"),
                  "other claims": f"{head}.{other}.{signature}", "no signature": f"{head}.{body}.",
                  "two parts": f"{head}.{body}", "four parts": f"{good}.x", "five parts": f"{good}..", "one part": head,
                  "a signature cut": good[:-4], "a signature too long": good + "AAAA", "padding": good + "=",
                  "a line end": good + "\n" + "x", "standard letters": f"{head}.{body}." + signature.replace("-", "+")
                  .replace("_", "/") + "+", "dots": "." * 1000, "words": "not a token", "an ampersand": f"{good}&aud=x",
                  "a hash": f"{good}#", "NUL": f"{good}\0"}
        tokens |= {f"none {number}": token for number, token in enumerate(none)}
        for why, token in tokens.items():
            with self.subTest(why):
                self.unauthorized(self.google(token, email=said["email"]))
        self.assertFalse(self.exists("email", said["email"]))
        self.arrived(good)

    def test_a_header_leads_nowhere(self):
        said = claims()
        with Page(self.signer.key_set("stranger")) as trap:
            for header in ({"jku": trap.url}, {"x5u": trap.url}, {"kid": trap.url}, {"kid": "../../etc/passwd"},
                           {"kid": "' or 1=1 --"}, {"kid": ["first"]}, {"kid": 1}, {"kid": "x" * 5000}, {"kid": ""},
                           {"jwk": self.signer.keys["stranger"]}):
                with self.subTest(str(header)[:60]):
                    answer = self.google(self.signer.sign(said, "stranger", **{"kid": "first"} | header))
                    self.unauthorized(answer)
            self.assertEqual(trap.asked, [])

    def test_what_has_to_be_understood_and_is_not_refuses(self):
        said = claims()
        for header in ({"crit": ["exp"], "exp": 1}, {"crit": ["x-new"], "x-new": "x"}, {"crit": ["b64"], "b64": True}):
            with self.subTest(str(header)):
                self.unauthorized(self.google(self.signer.sign(said, **header)))

    def test_a_token_of_any_length_is_answered(self):
        for length in (8192, 20000, 60000):
            for token in ("x" * length, self.token(name="x" * length), "." * length):
                answer = self.google(token, email="ada@example.org")
                self.assertIn(answer.status, (400, 401) if len(token) < 65000 else (413,), answer)
                self.refused(answer, None, answer.status)

    def test_an_account_at_gmail_is_linked(self):
        address, made = self.member_at("gmail.com")
        said = claims(email=address.upper())
        for _ in range(2):
            self.assertEqual(self.arrived(self.signer.sign(said))["userId"], made["userId"])
        moved = self.signer.sign(said | {"email": fresh_email("later")})
        self.assertEqual(self.arrived(moved)["userId"], made["userId"])

    def test_an_account_elsewhere_is_linked_only_if_google_runs_the_domain(self):
        address, made = self.member("email")
        said = claims(email=address)
        self.refused(self.google(self.signer.sign(said)), "EMAIL_IN_USE")
        for hosted in ("", True, None, [], 1):
            answer = self.google(self.signer.sign(said | {"hd": hosted}))
            self.assertIn(answer.status, (400, 401), answer)
        self.assertEqual(self.arrived(self.signer.sign(said | {"hd": "example.com"}))["userId"], made["userId"])

    def test_addresses_that_only_look_like_gmail_are_not(self):
        keys = [f"ada.{uuid.uuid4().hex[:12]}@{domain}"
                for domain in ("gmail.com.example.org", "notgmail.com", "mail.gmail.com", "gmail.co")]
        for key, code in zip(keys, self.codes(*keys)):
            self.created(key, code)
            self.refused(self.google(self.token(email=key)), "EMAIL_IN_USE")

    def test_an_account_whose_own_address_nobody_verified_is_not_linked(self):
        user = person(email=f"ada.{uuid.uuid4().hex[:12]}@gmail.com")
        self.assertEqual(self.server.login(self.alpha, user).status, 201)
        self.refused(self.google(self.token(email=user["email"])), "EMAIL_IN_USE")

    def test_another_subject_with_the_same_address_is_somebody_else(self):
        said = claims()
        self.arrived(self.signer.sign(said))
        self.refused(self.google(self.signer.sign(said | {"sub": "1" + said["sub"]})), "EMAIL_IN_USE")

    def test_blocked_and_deleted_people_do_not_come_in(self):
        token = self.token()
        address = self.said(token)["email"]
        user = self.arrived(token)
        self.server.must("user", "block", address)
        self.refused(self.google(token), "USER_ACCOUNT_BLOCKED")
        self.server.must("user", "unblock", address)
        self.assertEqual(self.arrived(token)["userId"], user["userId"])
        self.server.must("user", "delete", address)
        self.refused(self.google(token), "EMAIL_IN_USE")
        self.refused(self.google(self.token(email=address)), "EMAIL_IN_USE")

    def test_a_deleted_account_at_gmail_is_not_linked(self):
        address, _ = self.member_at("gmail.com")
        self.server.must("user", "delete", address)
        self.refused(self.google(self.token(email=address)), "EMAIL_IN_USE")

    def test_the_operator_may_release_what_deleted_people_had(self):
        self.start(self.page, deleted="release")
        token = self.token()
        first = self.arrived(token)
        self.server.must("user", "delete", self.said(token)["email"])
        self.assertNotEqual(self.arrived(token)["userId"], first["userId"])

    def test_no_token_is_in_the_log(self):
        self.start(self.page, log="debug")
        good, bad = self.token(), self.token(aud="x")
        self.arrived(good)
        self.unauthorized(self.google(bad))
        self.server.kill9()
        for token in (good, bad):
            for part in (token, token.split(".")[1], token.split(".")[2], self.said(token)["email"]):
                self.assertNotIn(part, "".join(self.server.lines))

    def test_of_an_address_that_comes_by_code_and_by_google_at_once_comes_one_person(self):
        address = f"ada.{uuid.uuid4().hex[:12]}@gmail.com"
        code, token = self.code(address), self.token(email=address)
        answers = together(16, lambda number, _: self.google(token) if number % 2 else self.create(address, code))
        ids = {self.succeeded(answer)["userId"] for answer in answers if answer.status == 200}
        self.assertEqual(len(ids), 1)
        for answer in answers[1::2]:
            self.assertEqual(answer.status, 200, answer)
        for answer in answers[0::2]:
            self.assertIn(answer.json["params"]["err"], (None, "EMAIL_IN_USE", "ERROR_INVALID_OTP"))


class GoogleKeys(WithGoogle):
    """Google's keys, and what is done when they are not there."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.late = cls.enterClassContext(Page(cls.signer.key_set("first")))
        cls.late.down()
        cls.waiting = cls()
        cls.waiting.enter(cls.enterClassContext(Server(**ROOMY | {"google_client_id": CLIENT,
                                                                  "google_keys_url": cls.late.url})))
        cls.kept_out = [cls.waiting.google(cls.waiting.token()) for _ in range(5)]
        cls.late.up()

    def test_without_a_client_id_there_is_no_google(self):
        self.enter(self.enterContext(Server(**ROOMY)))
        self.refused(self.google(self.token()), None, 501)

    def test_until_the_keys_can_be_had_google_is_away(self):
        for answer in self.kept_out:
            self.refused(answer, "SERVER_ERROR", 503)
            self.assertIn(int(answer["Retry-After"]), range(1, 61))
        token = self.token()
        until(lambda: self.waiting.google(token).status == 200, 15, "a return of Google")
        self.assertEqual(len(self.late.asked), 1)

    def test_what_is_no_key_set_is_as_bad_as_none(self):
        first = self.signer.keys["first"]
        with Page(self.signer.key_set("first")) as elsewhere:
            pages = {"an error": as_json({"keys": [first]}, 500), "not found": as_json({}, 404),
                     "no JSON": (200, {"Content-Type": "text/html"}, b"<html>"), "no keys": as_json({"keys": []}),
                     "nothing": (200, {}, b""), "a list": as_json([first]),
                     "keys of another kind": as_json({"keys": first}),
                     "elsewhere": as_json({}, 302, Location=elsewhere.url),
                     "too much": as_json({"keys": [first], "x": "x" * 10_000_000}),
                     "less than was promised": (200, {"Content-Length": 100000}, b'{"keys":['),
                     "a symmetric key": as_json({"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": "first"}]}),
                     "a key for encryption": as_json({"keys": [first | {"use": "enc"}]}),
                     "a key of another algorithm": as_json({"keys": [first | {"alg": "RS512"}]}),
                     "a short key": as_json({"keys": [first | {"n": first["n"][:171]}]}),
                     "an even exponent": as_json({"keys": [first | {"e": "AQAA"}]}),
                     "an exponent of one": as_json({"keys": [first | {"e": "AQ"}]})}
            for why, answer in pages.items():
                with self.subTest(why), Page(lambda: answer) as page:
                    self.start(page)
                    said = self.google(self.token())
                    self.assertIn(said.status, (401, 503), said)
                    if said.status == 503:
                        self.refused(said, "SERVER_ERROR", 503)
                    else:
                        self.assertIn("key", why)       # the set was there, but not this key
                        self.unauthorized(said)
                    self.assertTrue(self.server.alive())
            self.assertEqual(elsewhere.asked, [])

    def test_keys_that_were_had_do_when_google_is_away(self):
        for max_age in (0, 1, 3600):
            with self.subTest(f"{max_age} s"), Page(self.signer.key_set("first", max_age=max_age)) as page:
                self.start(page)
                self.arrived(self.token())
                page.down()
                for _ in range(3):
                    self.arrived(self.token())

    def test_keys_are_kept_as_long_as_google_says(self):
        with Page(self.signer.key_set("first")) as page:
            self.start(page)
            for _ in range(5):
                self.arrived(self.token())
            self.assertEqual(len(page.asked), 1)

    def test_a_key_set_may_hold_several_keys_and_what_we_do_not_know(self):
        strange = [{"kty": "oct", "k": "c2VjcmV0", "kid": "a"}, {"kty": "new", "kid": "b"}, {}]
        keys = [*strange, self.signer.keys["second"], self.signer.keys["first"] | {"x-new": 1}]
        with Page(lambda: as_json({"keys": keys, "x-new": {}})) as page:
            self.start(page)
            for key in ("first", "second"):
                self.arrived(self.signer.sign(claims(), key))
            self.unauthorized(self.google(self.signer.sign(claims(), "second", kid="first")))

    def test_keys_that_nobody_has_are_hardly_looked_for(self):
        with Page(self.signer.key_set("first")) as page:
            self.start(page)
            self.arrived(self.token())
            asked = len(page.asked)
            tokens = [self.signer.sign(claims(), "stranger", kid=f"unknown-{number}") for number in range(200)]
            for answer in together(8, lambda number, _: [self.google(token) for token in tokens[number::8]]):
                for one in answer:
                    self.unauthorized(one)
            self.assertLessEqual(len(page.asked) - asked, 2)
            self.arrived(self.token())

    def test_of_many_first_calls_with_one_token_comes_one_person(self):
        with Page(self.signer.key_set("first")) as page:
            self.start(page)
            token = self.token()
            answers = together(32, lambda number, _: self.google(token))
            self.assertEqual(len({self.succeeded(answer)["userId"] for answer in answers}), 1)
            self.assertLessEqual(len(page.asked), 2)

    def test_a_google_that_hangs_keeps_nobody_else_waiting(self):
        gate = threading.Event()
        self.addCleanup(gate.set)
        good = self.signer.key_set("first")
        with Page(lambda: gate.wait(30) and good()) as page:
            self.start(page)
            token = self.token()
            waiting = [threading.Thread(target=self.google, args=(token,)) for _ in range(40)]
            for thread in waiting:
                thread.start()
            until(lambda: page.asked, what="a look for keys")
            started = time.monotonic()
            for _ in range(5):
                self.assertFalse(self.exists("email", fresh_email()))
            self.member()
            self.assertLess(time.monotonic() - started, 3)
            gate.set()
            for thread in waiting:
                thread.join()
            until(lambda: self.google(token).status == 200, 15, "a return of Google")

    def test_a_server_that_stops_does_not_wait_for_google(self):
        gate = threading.Event()
        self.addCleanup(gate.set)
        good = self.signer.key_set("first")
        with Page(lambda: gate.wait(30) and good()) as page:
            self.start(page)
            body = json.dumps({"request": {"firstName": "Ada", "email": "ada@example.org", "loginType": "google",
                                           "verificationKey": self.token(email="ada@example.org")}}).encode()
            head = (f"POST {GOOGLE} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.portal}\r\n"
                    f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n").encode()
            with self.server.open(head + body) as connection:
                until(lambda: page.asked, what="a look for keys")
                started = time.monotonic()
                self.assertEqual(self.server.stop(), 0)
                self.assertLess(time.monotonic() - started, 12)
                connection.settimeout(5)
                with self.subTest("and whoever waits is not left without an end"):
                    try:
                        connection.recv(65536)
                    except ConnectionResetError:
                        pass

    def test_tokens_of_another_implementation_are_read(self):
        """oauth2-mock-server makes the keys, publishes them, and signs in the name of Google."""
        self.enter(self.enterContext(Server(**ROOMY | {"google_client_id": CLIENT,
                                                       "google_keys_url": f"{self.signer.issuer}/jwks"})))
        said = claims()
        token = self.signer.issue(said)
        self.assertEqual(self.said(token)["iss"], ISSUER)
        first = self.arrived(token)
        self.assertEqual(self.arrived(self.signer.issue(said))["userId"], first["userId"])
        self.unauthorized(self.google(self.signer.issue(claims(aud="x"))))
        self.unauthorized(self.google(self.token()))


class TokenInfo(WithGoogle):
    """Google is asked about each token, as the document has it."""

    def info(self, **changes):
        """A page that tells of a token as Google does: in words throughout."""
        said = {name: str(value).lower() if isinstance(value, bool) else str(value)
                for name, value in claims(**changes).items()}
        return as_json(said | {"alg": "RS256", "kid": "first", "typ": "JWT"}), said

    def setUp(self):
        self.told = self.enterContext(Page(lambda: as_json({"error": "invalid_token"}, 400)))
        self.keys = self.enterContext(Page(self.signer.key_set("first")))
        self.start(self.keys, google_tokeninfo_url=self.told.url)

    def test_google_is_asked_and_believed(self):
        answer, said = self.info()
        self.told.answer = lambda: answer
        first = self.arrived("a.b.c", email=said["email"])
        self.assertEqual(self.arrived("d.e.f", email=said["email"].upper())["userId"], first["userId"])
        asked = [urllib.parse.parse_qs(urllib.parse.urlsplit(target).query) for target in self.told.asked]
        self.assertEqual(asked, [{"id_token": ["a.b.c"]}, {"id_token": ["d.e.f"]}])
        self.assertEqual(self.keys.asked, [])
        self.assertEqual(self.sent(said["email"]), [])
        self.refused(self.google("a.b.c", email=fresh_email()), "INVALID_PARAMETER_VALUE")

    def test_what_google_says_is_looked_at(self):
        now = int(time.time())
        for change in ({"aud": "evil.apps.example.com"}, {"aud": ABSENT}, {"email_verified": False},
                       {"email_verified": ABSENT}, {"email_verified": "yes"}, {"exp": now - 120}, {"exp": ABSENT},
                       {"exp": "never"}, {"iss": "https://accounts.example.com"}, {"iss": ABSENT}, {"sub": ABSENT},
                       {"sub": ""}, {"email": ABSENT}):
            with self.subTest(str(change)):
                answer, said = self.info(**change)
                self.told.answer = lambda: answer
                self.unauthorized(self.google("a.b.c", email=said.get("email", "ada@example.org")))

    def test_a_token_that_google_does_not_know_is_none(self):
        self.unauthorized(self.google("a.b.c", email="ada@example.org"))

    def test_a_google_that_is_not_well_is_no_answer(self):
        answer, said = self.info()
        with Page(lambda: answer) as elsewhere:
            for bad in (as_json({}, 500), as_json({}, 503), (200, {}, b"<html>"), (200, {}, b""), as_json([]),
                        as_json({}, 302, Location=elsewhere.url), as_json({"x": "x" * 10_000_000})):
                with self.subTest(str(bad)[:40]):
                    self.told.answer = lambda: bad
                    self.refused(self.google("a.b.c", email=said["email"]), "SERVER_ERROR", 503)
            self.assertEqual(elsewhere.asked, [])
        self.told.down()
        answered = self.google("a.b.c", email=said["email"])
        self.refused(answered, "SERVER_ERROR", 503)
        self.assertTrue(answered["Retry-After"])
        self.told.up()
        self.told.answer = lambda: answer
        until(lambda: self.google("a.b.c", email=said["email"]).status == 200, 15, "a return of Google")

    def test_a_token_stays_one_parameter(self):
        answer, said = self.info()
        self.told.answer = lambda: answer
        for token in ("a.b.c&id_token=x", "a.b.c#x", "a.b.c d", "a.b.c\r\nHost: evil", "a.b.c%26x", "a+b"):
            with self.subTest(token):
                del self.told.asked[:]
                self.assertIn(self.google(token, email=said["email"]).status, (200, 401))
                for target in self.told.asked:
                    query = urllib.parse.urlsplit(target).query
                    self.assertEqual(urllib.parse.parse_qs(query, strict_parsing=True), {"id_token": [token]})

    def test_the_operator_is_warned(self):
        self.server.kill9()
        self.assertTrue([line for line in self.server.lines
                         if '"warn"' in line and "tokeninfo" in line.lower()], self.server.lines)


if __name__ == "__main__":
    unittest.main()
