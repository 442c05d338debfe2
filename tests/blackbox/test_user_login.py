"""user.login as a partner's system meets it: created, updated, refused, repeated, shared and limited."""

import json
import unittest

from support import (ABSENT, LOGIN, Case, Client, Server, bearer, fresh_email, person, plain, responses,
                     token_of)

SPELLINGS = [("bikePlanCode", "BikePlanCode"), ("firstName", "FirstName"), ("lastName", "LastName"),
             ("email", "Email"), ("language", "Language"), ("contractType", "ContractType"),
             ("personnelNumber", "PersonnelNumber"), ("partner_PersonID", "partner_EmployeeID")]
REQUIRED = ["bikePlanCode", "firstName", "lastName", "email", "language"]
TEXTS = REQUIRED + ["contractType", "partner_PersonID", "personnelNumber"]


def complete(**changes):
    user = person(contractType="clerk", personnelNumber="0815", partner_additionalData={"costCentre": "X1"})
    return user | {"partner_PersonID": "id-" + user["email"]} | changes


class CreatedAndUpdated(Case):
    def test_a_new_address_is_created_and_gets_a_link(self):
        answer = self.login()
        self.assertEqual(answer.status, 201)
        self.assertEqual(set(answer.json), {"result", "success", "loginUrl"})
        self.assertEqual(answer.json["result"], "User was created.")
        self.assertIs(answer.json["success"], True)
        self.assertRegex(answer.url, f"^{self.server.url}/login/[A-Za-z0-9_-]{{43,}}$")

    def test_a_known_address_is_updated_and_gets_another_link(self):
        user = person()
        first, answer = self.created(user), self.login(user)
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.json["result"], "User was updated.")
        self.assertIs(answer.json["success"], True)
        self.assertNotEqual(token_of(first), token_of(answer.url))

    def test_a_new_link_does_not_end_an_earlier_one(self):
        user = person()
        first, second = self.created(user), self.updated(user)
        self.assertEqual(self.redeemed(second)["id"], self.redeemed(first)["id"])

    def test_everything_that_was_sent_comes_back(self):
        user = complete()
        found = self.redeemed(self.created(user))
        self.assertEqual(set(found), {"id", "email", "firstName", "lastName", "language", "contractType",
                                      "partner",
                                      "planCode", "partner_PersonID", "personnelNumber",
                                      "partner_additionalData"})
        for name in ("email", "firstName", "lastName", "language", "contractType", "partner_PersonID",
                     "personnelNumber", "partner_additionalData"):
            self.assertEqual(found[name], user[name], name)
        self.assertEqual(found["partner"], "alpha")
        self.assertEqual(found["planCode"], "PLAN-A")

    def test_an_update_takes_over_what_was_sent_and_keeps_the_rest(self):
        user = complete()
        self.created(user)
        sent = {name: user[name] for name in REQUIRED} | {"firstName": "Joan", "language": "nl"}
        found = self.redeemed(self.updated(sent))
        self.assertEqual(found["firstName"], "Joan")
        self.assertEqual(found["language"].upper(), "NL")
        for name in ("contractType", "partner_PersonID", "personnelNumber", "partner_additionalData"):
            self.assertEqual(found[name], user[name], name)
        found = self.redeemed(self.updated(sent | {"personnelNumber": "9", "contractType": "worker",
                                                   "partner_additionalData": {"b": 2}}))
        self.assertEqual((found["personnelNumber"], found["contractType"]), ("9", "worker"))
        self.assertEqual(found["partner_additionalData"], {"b": 2})

    def test_a_person_moves_to_another_plan_of_the_same_partner(self):
        user = person()
        self.server.plan("PLAN-A2", "alpha")
        self.created(user)
        self.assertEqual(self.redeemed(self.updated(user | {"bikePlanCode": "PLAN-A2"}))["planCode"],
                         "PLAN-A2")

    def test_no_mail_is_sent(self):
        user = person()
        self.created(user)
        self.updated(user)
        self.assertEqual([mail["To"] for mail in self.server.mails() if user["email"] in mail["To"]], [])

    def test_unknown_members_are_ignored(self):
        user = person(isAdmin=True, verified=True, id=1, userId="1", partner="beta", partner_id=7,
                      createdAt="2000")
        answer = Client(self.server).post(LOGIN, {"user": user, "partner": "beta", "extra": [1]},
                                          bearer(self.alpha))
        self.assertEqual(answer.status, 201, answer)
        found = self.redeemed(answer.url)
        self.assertEqual(found["partner"], "alpha")
        self.assertNotEqual(found["id"], 1)
        self.assertNotIn("isAdmin", found)

    def test_answers_are_not_stored_by_anybody(self):
        for answer in (self.login(), self.login(person(email="x"))):
            self.assertIn("no-store", answer["Cache-Control"] or "")
            self.assertEqual(answer["X-Content-Type-Options"], "nosniff")
            self.assertTrue(answer["Content-Type"].startswith("application/json"))

    def test_a_request_id_is_echoed_or_made(self):
        self.assertEqual(self.login(X_Request_Id="call-42.a_B")["X-Request-Id"], "call-42.a_B")
        made = {self.login()["X-Request-Id"] for _ in range(3)}
        self.assertEqual(len(made), 3)
        self.assertTrue(all(made))
        self.assertTrue(self.login(person(email="x"))["X-Request-Id"])

    def test_the_request_never_decides_where_the_link_points(self):
        for name, value in [("Host", "evil.example"), ("X-Forwarded-Host", "evil.example"),
                            ("X-Forwarded-Proto", "https"), ("X-Forwarded-Port", "81"),
                            ("Forwarded", "host=evil.example;proto=https"),
                            ("X-Original-URL", "https://evil.example/")]:
            with self.subTest(name):
                answer = Client(self.server).post(LOGIN, {"user": person()},
                                                  bearer(self.alpha) | {name: value})
                self.assertEqual(answer.status, 201, answer)
                self.assertTrue(answer.url.startswith(self.server.url + "/login/"), answer.url)

    def test_an_absolute_target_never_decides_where_the_link_points(self):
        body = json.dumps({"user": person()}).encode()
        data = (f"POST http://evil.example{LOGIN} HTTP/1.1\r\nHost: other.example\r\n"
                f"Authorization: Bearer {self.alpha}\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n")
        [answer] = responses(self.server.raw(data.encode() + body))
        self.assertIn(answer.status, (201, 400, 404), answer)
        self.assertNotIn(b"evil.example", answer.body)
        self.assertNotIn(b"other.example", answer.body)


class Fields(Case):
    def test_every_field_is_understood_in_both_spellings(self):
        for known, other in SPELLINGS:
            with self.subTest(other):
                user = complete()
                value = user.pop(known)
                found = self.redeemed(self.created(user | {other: value}))
                shown = {"bikePlanCode": "planCode"}.get(known, known)
                self.assertEqual(found[shown], value)

    def test_a_whole_person_in_the_other_spelling_is_the_same_person(self):
        user = complete()
        self.created(user)
        self.updated({dict(SPELLINGS).get(name, name): value for name, value in user.items()})

    def test_one_field_in_two_spellings_is_refused_even_if_both_say_the_same(self):
        for known, other in SPELLINGS:
            with self.subTest(other):
                user = complete()
                self.assert_refused(self.login(user | {other: user[known]}), 400)

    def test_a_required_field_that_is_missing_is_named(self):
        for name in REQUIRED:
            with self.subTest(name):
                self.assert_refused(self.login(person(**{name: ABSENT})), 422, name)

    def test_a_value_of_the_wrong_type_is_named_and_never_converted(self):
        for name in TEXTS:
            for value in (1, 0, 1.5, True, False, ["EN"], {"0": "EN"}, {}, []):
                with self.subTest(f"{name}: {value!r}"):
                    self.assert_refused(self.login(complete(**{name: value})), 422, name)

    def test_null_is_no_value_for_a_required_field(self):
        for name in REQUIRED:
            with self.subTest(name):
                self.assert_refused(self.login(person(**{name: None})), 422, name)

    def test_every_bad_field_is_named_at_once(self):
        answer = self.login(person(firstName=" ", language="XX", email="nobody"))
        self.assert_refused(answer, 422)
        named = {plain(error["field"]) for error in answer.json["errors"]}
        self.assertLessEqual(named, {"firstname", "language", "email"})
        self.assertTrue(named)

    def test_the_top_and_the_user_must_be_objects(self):
        for body in ([], [{"user": person()}], "text", 1, True, None, {"user": []}, {"user": [person()]},
                     {"user": "Jane"}, {"user": 1}, {"user": None}, {"user": True}, {}):
            with self.subTest(str(body)[:40]):
                answer = Client(self.server).post(LOGIN, json.dumps(body), bearer(self.alpha))
                self.assert_refused(answer, 400)

    def test_optional_fields_may_be_absent(self):
        found = self.redeemed(self.created(person()))
        for name in ("partner_PersonID", "personnelNumber", "partner_additionalData"):
            self.assertIn(found[name], (None, "", {}), name)

    def test_languages(self):
        for value in ("NL", "FR", "EN", "nl", "fR", "En"):
            with self.subTest(value):
                self.assertEqual(self.redeemed(self.created(person(language=value)))["language"].upper(),
                                 value.upper())
        for value in ("", "XX", "DE", "ENG", "E", "FR\n", "FR\0", "F R", "ＮＬ"):
            with self.subTest(value):
                self.assert_refused(self.login(person(language=value)), 422, "language")

    def test_contract_types(self):
        for value in ("clerk", "worker", "CLERK", "Worker"):
            with self.subTest(value):
                found = self.redeemed(self.created(person(contractType=value)))
                self.assertEqual(found["contractType"].lower(), value.lower())
        for value in (None, "", ABSENT):
            with self.subTest(str(value)):
                self.assertIn(self.redeemed(self.created(person(contractType=value)))["contractType"],
                              (None, ""))
        for value in ("boss", "clerk worker", "clerk\0", "clerks"):
            with self.subTest(value):
                self.assert_refused(self.login(person(contractType=value)), 422, "contractType")

    def test_a_contract_type_that_is_not_given_keeps_the_one_that_was(self):
        user = person(contractType="clerk")
        self.created(user)
        for value in (None, "", ABSENT):
            found = self.redeemed(self.updated(person(email=user["email"], contractType=value)))
            self.assertEqual(found["contractType"], "clerk", value)

    def test_identifiers_have_at_most_64_characters(self):
        for name in ("partner_PersonID", "personnelNumber"):
            with self.subTest(name):
                value = fresh_email("é" * 20).ljust(64, "x")
                self.assertEqual(self.redeemed(self.created(person(**{name: value})))[name], value)
                self.assert_refused(self.login(person(**{name: value + "x"})), 422, name)

    def test_hostile_texts_are_kept_as_they_are(self):
        for text in ("' OR 1=1; --", "%n%n%s", "{{7*7}}", "$(id)", "<script>alert(1)</script>", "Zoë 王 🚲",
                     "O'Neil",
                     "a\u0301", "\u0645\u0631\u064a\u0645"):
            with self.subTest(text):
                found = self.redeemed(self.created(person(firstName=text, lastName=text,
                                                          personnelNumber=text)))
                self.assertEqual((found["firstName"], found["lastName"], found["personnelNumber"]),
                                 (text,) * 3)


class Names(Case):
    def test_names_are_trimmed(self):
        found = self.redeemed(self.created(person(firstName="  Jane Mary ", lastName=" van den  Berg  ")))
        self.assertEqual((found["firstName"], found["lastName"]), ("Jane Mary", "van den  Berg"))

    def test_a_hundred_code_points_are_enough_and_one_more_is_too_many(self):
        for why, letter in [("one octet", "x"), ("two octets", "é"), ("four octets", "🚲")]:
            for name in ("firstName", "lastName"):
                with self.subTest(f"{name}, {why}"):
                    found = self.redeemed(self.created(person(**{name: f"  {letter * 100} "})))
                    self.assertEqual(found[name], letter * 100)
                    self.assert_refused(self.login(person(**{name: letter * 101})), 422, name)

    def test_bad_names_are_named(self):
        for why, value in [("empty", ""), ("blanks", "   "), ("line feed", "Ja\nne"),
                           ("carriage return", "Ja\rne"),
                           ("tab", "Ja\tne"), ("nul", "Ja\0ne"), ("escape", "Ja\x1bne"),
                           ("delete", "Ja\x7fne"),
                           ("next line", "Ja\x85ne"), ("15 kB", "x" * 15000)]:
            for name in ("firstName", "lastName"):
                with self.subTest(f"{name}: {why}"):
                    self.assert_refused(self.login(person(**{name: value})), 422, name)


class Addresses(Case):
    def test_one_person_whatever_the_spelling(self):
        rows = [("blanks around", "anna@example.com", "  anna@example.com "),
                ("case of the host", "bert@example.com", "bert@EXAMPLE.Com"),
                ("case of the local part", "carl@example.com", "CARL@example.com"),
                ("international host", "dora@bücher.example", "dora@xn--bcher-kva.example"),
                ("international host in capitals", "emil@xn--bcher-kva.example", "emil@BÜCHER.example"),
                ("a-label in capitals", "erna@bücher.example", "erna@XN--BCHER-KVA.example"),
                ("accent in capitals", "rené@example.com", "RENÉ@example.com"),
                ("accent as one sign or two", "zoe\u0301@example.com", "zo\u00e9@example.com"),
                ("sharp s", "straße@example.com", "STRASSE@example.com"),
                ("capital sharp s", "gro\u1e9e@example.com", "groß@example.com"),
                ("long s", "\u017fam@example.com", "sam@example.com"),
                ("kelvin sign", "ma\u212a@example.com", "mak@example.com"),
                ("final sigma", "\u03c3\u03bf\u03c2@example.com", "\u03a3\u039f\u03a3@example.com"),
                ("ligature", "\ufb00@example.com", "ff@example.com")]
        for why, first, second in rows:
            for pair in ((first, second), (second, first)):
                with self.subTest(f"{why}: {pair}"):
                    number = self.number()
                    pair = [address.replace("@", f".{number}@") for address in pair]
                    before = self.redeemed(self.created(person(email=pair[0])))
                    after = self.redeemed(self.updated(person(email=pair[1])))
                    self.assertEqual(before["id"], after["id"])

    def test_addresses_that_only_look_alike_are_different_people(self):
        rows = [("dots", "j.doe@example.com", "jdoe@example.com"),
                ("plus tag", "kim@example.com", "kim+x@example.com"),
                ("host", "lea@example.com", "lea@mail.example.com"),
                ("accent", "noel@example.com", "noël@example.com"),
                ("cyrillic a", "max@example.com", "m\u0430x@example.com"),
                ("dotless i", "kir@example.com", "k\u0131r@example.com")]
        for why, first, second in rows:
            with self.subTest(why):
                self.assertNotEqual(self.redeemed(self.created(person(email=first)))["id"],
                                    self.redeemed(self.created(person(email=second)))["id"])

    def test_long_addresses(self):
        local, number = "l" * 58, self.number()
        host = ".".join(["h" * 61] * 3 + ["com"])
        self.created(person(email=f"{number:06}{local}@example.com"))
        self.assert_refused(self.login(person(email=f"{number:06}{local}l@example.com")), 422, "email")
        fits = f"{number:06}".ljust(254 - len(host) - 1, "l") + "@" + host
        self.assertEqual(len(fits), 254)
        self.created(person(email=fits))
        self.assert_refused(self.login(person(email=fits.replace("@h", "@hh"))), 422, "email")

    def test_bad_addresses_are_named(self):
        rows = [("empty", ""), ("blanks", "  "), ("no at sign", "jane.example.com"),
                ("two at signs", "jane@@example.com"),
                ("two at signs apart", "jane@a@example.com"), ("nothing before", "@example.com"),
                ("nothing after", "jane@"), ("no dot in the host", "jane@localhost"),
                ("blank inside", "ja ne@example.com"),
                ("blank in the host", "jane@exam ple.com"), ("dot at the end", "jane.@example.com"),
                ("dot at the start", ".jane@example.com"), ("two dots", "ja..ne@example.com"),
                ("two dots in the host", "jane@example..com"),
                ("host starts with a dot", "jane@.example.com"),
                ("label of 64", f"jane@{'x' * 64}.com"), ("label starts with a hyphen", "jane@-x.example"),
                ("label ends with a hyphen", "jane@x-.example"), ("bad a-label", "jane@xn--\u00e9.example"),
                ("quoted", '"jane"@example.com'),
                ("address within a quote", '"a@evil.com x"@example.com'),
                ("angle brackets", "<jane@example.com>"),
                ("display name", "Jane <jane@example.com>"), ("comma", "jane@example.com,eve@example.com"),
                ("semicolon", "jane@example.com;eve@example.com"), ("comment", "jane(x)@example.com"),
                ("address literal", "jane@[127.0.0.1]"),
                ("line feed", "jane@example.com\nBcc: eve@example.com"),
                ("carriage return", "ja\rne@example.com"), ("nul", "jane@example.com\0"),
                ("wide at sign", "jane\uff20example.com"), ("small at sign", "jane\ufe6bexample.com"),
                ("zero width blank", "ja\u200bne@example.com"),
                ("right to left", "ja\u202ene@example.com"), ("soft hyphen", "ja\u00adne@example.com"),
                ("byte order mark", "\ufeffjane@example.com"), ("lots of at signs", "@" * 15000),
                ("lots of dots", "." * 15000), ("lots of brackets", "(" * 15000)]
        for why, value in rows:
            with self.subTest(why):
                self.assert_refused(self.login(person(email=value)), 422, "email")

    def number(self):
        return int(fresh_email().split(".")[1].partition("@")[0])


class AdditionalData(Case):
    def kept(self, text):
        """The raw text of additional data, sent and given back; numbers and order of members untouched."""
        body = json.dumps({"user": person(partner_additionalData=0)}).replace(": 0}", f": {text}}}")
        answer = Client(self.server).post(LOGIN, body, bearer(self.alpha))
        self.assertEqual(answer.status, 201, answer)
        found = self.server.redeem(self.alpha, answer.url)

        def exactly(data):
            return json.loads(data, parse_int=str, parse_float=str, object_pairs_hook=list)
        given = dict(dict(exactly(found.text))["user"])["partner_additionalData"]
        self.assertEqual(given, exactly(text))

    def test_it_is_kept_as_it_was_sent(self):
        rows = [("empty", "{}"), ("nested", '{"a":{"b":[1,{"c":[null,true,false,""]}]},"d":[]}'),
                ("unicode", '{"na\u00efve":"\u738b \U0001f6b2"}'),
                ("escapes", r'{"a":"\u00e9\ud83d\udeb2\"\\\n\/\t"}'),
                ("order of members", '{"z":1,"a":2,"m":3,"Z":4}'),
                ("big integers",
                 "[123456789012345678901234567890,-9223372036854775809,18446744073709551616]"),
                ("decimals", "[1.10,0.0,1e-7,1.5E+30,-0,-0.0,0.1234567890123456789]"),
                ("white space", '{ "a" : [ 1 , 2 ] ,\n "b" : "x  y" }'), ("member of no name", '{"":1}'),
                ("fourteen deep", '{"a":' * 13 + "[]" + "}" * 13)]
        for why, text in rows:
            with self.subTest(why):
                self.kept(text if text.startswith("{") else f'{{"numbers":{text}}}')

    def test_sixteen_kibibytes_are_kept_and_one_more_is_too_many(self):
        def text(size):
            pieces = [f'"k{number}":"{"x" * 1000}"' for number in range(15)]
            start = "{" + ",".join(pieces) + ',"last":"'
            return start + "x" * (size - len(start) - 2) + '"}'
        self.assertEqual(len(text(16384)), 16384)
        self.kept(text(16384))
        user = person(partner_additionalData=json.loads(text(16385)))
        body = json.dumps({"user": user}, separators=(",", ":"))
        self.assert_refused(Client(self.server).post(LOGIN, body, bearer(self.alpha)), 422,
                            "partner_additionalData")

    def test_it_must_be_an_object(self):
        for value in ("text", 1, [], [{}], True):
            with self.subTest(str(value)):
                self.assert_refused(self.login(person(partner_additionalData=value)), 422,
                                    "partner_additionalData")

    def test_user_show_gives_it_back(self):
        user = person(partner_additionalData={"costCentre": "Marker-4711"})
        self.created(user)
        self.assertIn("Marker-4711", self.server.must("user", "show", user["email"]))


class Plans(Case):
    def test_unknown_closed_and_foreign_plans_get_one_and_the_same_answer(self):
        _, foreign = self.second_partner("beta")
        self.server.plan("PLAN-CLOSED", "alpha")
        self.server.must("plan", "close", "PLAN-CLOSED")
        user = person()
        answers = [self.login(user | {"bikePlanCode": code})
                   for code in ("PLAN-NONE", "PLAN-CLOSED", foreign)]
        for answer in answers:
            self.assert_refused(answer, 422, "bikePlanCode")
        self.assertEqual(len({answer.body for answer in answers}), 1)
        self.assertEqual(len({tuple(sorted(map(str.lower, answer.headers.keys()))) for answer in answers}), 1)
        self.created(user)      # none of them left anything behind

    def test_a_refused_plan_changes_nothing_about_a_known_person(self):
        user = person()
        self.created(user)
        self.assert_refused(self.login(user | {"bikePlanCode": "PLAN-NONE", "lastName": "Other"}), 422,
                            "bikePlanCode")
        found = self.redeemed(self.updated({name: user[name] for name in REQUIRED}))
        self.assertEqual(found["lastName"], "Johansson")

    def test_bad_codes_are_named(self):
        for code in ("", " ", "x" * 1000, "PLAN-A' OR '1'='1", "PLAN-А", "PLAN-A\0", "PLAN-A\nx"):
            with self.subTest(code[:20]):
                self.assert_refused(self.login(person(bikePlanCode=code)), 422, "bikePlanCode")

    def test_a_plan_is_closed_for_the_next_request(self):
        self.server.plan("PLAN-SHORT", "alpha")
        user = person(bikePlanCode="PLAN-SHORT")
        self.created(user)
        self.server.must("plan", "close", "PLAN-SHORT")
        self.assert_refused(self.login(user), 422, "bikePlanCode")


class PersonIds(Case):
    def test_an_id_belongs_to_one_person_of_the_partner(self):
        owner, other = person(partner_PersonID="P-1"), person(partner_PersonID="P-1")
        self.created(owner)
        self.updated(owner)
        self.assert_refused(self.login(other), 409, "partner_PersonID")
        self.created(person(email=other["email"]))      # the refusal left nothing behind

    def test_a_known_person_cannot_take_the_id_of_another(self):
        self.created(person(partner_PersonID="P-2"))
        user = person(partner_PersonID="P-3")
        self.created(user)
        self.assert_refused(self.login(user | {"partner_PersonID": "P-2", "lastName": "Other"}), 409,
                            "partner_PersonID")
        found = self.redeemed(self.updated(person(email=user["email"])))
        self.assertEqual((found["partner_PersonID"], found["lastName"]), ("P-3", "Johansson"))

    def test_another_partner_may_use_the_same_id_for_somebody_else(self):
        beta, plan = self.second_partner("beta")
        self.created(person(partner_PersonID="P-4"))
        self.created(person(partner_PersonID="P-4", bikePlanCode=plan), beta)

    def test_ids_differ_by_case_and_are_not_numbers(self):
        for value in ("P-5", "p-5", "5", "05", "5.0"):
            self.created(person(partner_PersonID=value))


class Repeated(Case):
    def test_the_same_key_and_body_give_the_same_answer_with_a_fresh_link(self):
        user = person()
        first, again = self.login(user, Idempotency_Key="one"), self.login(user, Idempotency_Key="one")
        self.assertEqual((first.status, again.status), (201, 201))
        self.assertIsNone(first["Idempotency-Replayed"])
        self.assertEqual(again["Idempotency-Replayed"], "true")
        self.assertEqual(first.json | {"loginUrl": ""}, again.json | {"loginUrl": ""})
        self.assertNotEqual(first.url, again.url)
        self.assertEqual(self.redeemed(first.url)["id"], self.redeemed(again.url)["id"])

    def test_nothing_is_run_again(self):
        user = person(firstName="First")
        self.login(user, Idempotency_Key="two")
        self.updated(user | {"firstName": "Second"})
        again = self.login(user, Idempotency_Key="two")
        self.assertEqual(again.status, 201)
        self.assertEqual(self.redeemed(again.url)["firstName"], "Second")

    def test_another_body_under_the_same_key_is_refused_and_does_nothing(self):
        self.created(Idempotency_Key="three")
        other = person()
        self.assert_refused(self.login(other, Idempotency_Key="three"), 422)
        self.created(other)

    def test_a_key_belongs_to_its_partner(self):
        beta, plan = self.second_partner("beta")
        self.created(Idempotency_Key="four")
        answer = self.login(person(bikePlanCode=plan), beta, Idempotency_Key="four")
        self.assertEqual(answer.status, 201)
        self.assertIsNone(answer["Idempotency-Replayed"])

    def test_a_key_remembers_successes_only(self):
        user = person(bikePlanCode="PLAN-LATER")
        self.assert_refused(self.login(user, Idempotency_Key="later"), 422, "bikePlanCode")
        self.server.plan("PLAN-LATER", "alpha")
        answer = self.login(user, Idempotency_Key="later")
        self.assertEqual((answer.status, answer["Idempotency-Replayed"]), (201, None))

    def test_a_key_of_any_shape_breaks_nothing(self):
        for key in ("", " ", "x" * 255, "x" * 4000, "a b", "\u00e9", "';--", '"quoted"', "%00"):
            with self.subTest(key[:10]):
                answer = self.login(Idempotency_Key=key.encode("latin-1"))
                self.assertIn(answer.status, (201, 400, 422, 431), answer)

    def test_keys_differ_by_case(self):
        self.created(Idempotency_Key="five")
        self.created(Idempotency_Key="FIVE")

    def test_a_key_outlives_a_restart(self):
        with Server() as server:
            token = server.partner("alpha", "partner", "redeem")
            server.plan("PLAN-A", "alpha")
            user = person()
            self.assertEqual(server.login(token, user, Idempotency_Key="six").status, 201)
            server.kill9()
            server.restart()
            again = server.login(token, user, Idempotency_Key="six")
            self.assertEqual((again.status, again["Idempotency-Replayed"]), (201, "true"))

    def test_a_repeat_gives_no_way_in_to_somebody_blocked_meanwhile(self):
        user = person()
        self.created(user, Idempotency_Key="seven")
        self.server.must("user", "block", user["email"])
        again = self.login(user, Idempotency_Key="seven")
        if again.status < 300:
            browser = Client(self.server)
            browser.get(again.url)
            self.assert_not_signed_in(browser)


class OfAnotherPartner(Case):
    def test_by_default_the_link_first_asks_for_a_code_and_nothing_changes(self):
        beta, plan = self.second_partner("beta")
        user = person()
        self.created(user)
        answer = self.login(user | {"bikePlanCode": plan, "lastName": "Other", "language": "NL"}, beta)
        self.assertEqual((answer.status, answer.json["result"]), (200, "User was updated."))
        browser = Client(self.server)
        self.assertTrue(browser.get(answer.url)["Location"].endswith("/otp"))
        self.assert_not_signed_in(browser)
        found = self.redeemed(self.updated(person(email=user["email"], lastName="Johansson")))
        self.assertEqual((found["lastName"], found["language"], found["partner"]),
                         ("Johansson", "EN", "alpha"))

    def test_an_unconfirmed_link_gives_an_application_nothing(self):
        beta, plan = self.second_partner("beta")
        user = person()
        self.created(user)
        url = self.updated(user | {"bikePlanCode": plan}, beta)
        answer = self.server.redeem(beta, url)
        self.assertIn(answer.status // 100, (4,), answer)
        self.assertNotIn("Johansson", answer.text)

    def test_a_partner_may_be_refused(self):
        beta, plan = self.second_partner("beta", link_existing="refuse")
        user = person()
        self.created(user)
        self.assert_refused(self.login(user | {"bikePlanCode": plan, "lastName": "Other"}, beta), 409)
        self.assertEqual(self.redeemed(self.updated(person(email=user["email"])))["lastName"], "Johansson")
        self.created(person(bikePlanCode=plan), beta)       # people of its own it may make

    def test_a_partner_may_be_trusted(self):
        beta, plan = self.second_partner("beta", link_existing="trust")
        user = person()
        self.created(user)
        url = self.updated(user | {"bikePlanCode": plan, "lastName": "Other", "partner_PersonID": "B-1"},
                           beta)
        found = self.redeemed(url, beta)
        self.assertEqual((found["lastName"], found["planCode"], found["partner_PersonID"]),
                         ("Other", plan, "B-1"))
        self.assertEqual(self.redeemed(self.updated(person(email=user["email"], lastName="Other")))["id"],
                         found["id"])
        self.signed_in(self.updated(user | {"bikePlanCode": plan}, beta))

    def test_two_partners_keep_their_own_id_for_a_shared_person(self):
        beta, plan = self.second_partner("beta", link_existing="trust")
        user = person(partner_PersonID="A-1")
        self.created(user)
        self.updated(user | {"bikePlanCode": plan, "partner_PersonID": "B-2"}, beta)
        self.assertEqual(self.redeemed(self.updated(user))["partner_PersonID"], "A-1")


class BlockedAndDeleted(unittest.TestCase):
    def start(self, **settings):
        server = self.enterContext(Server(**settings))
        token = server.partner("alpha", "partner", "redeem")
        server.plan("PLAN-A", "alpha")
        return server, token

    def test_a_blocked_person_is_refused_until_unblocked(self):
        server, token = self.start()
        user = person()
        server.login(token, user)
        server.must("user", "block", user["email"].upper())
        answer = server.login(token, user)
        Case.assert_refused(self, answer, 403)
        server.must("user", "unblock", user["email"])
        self.assertEqual(server.login(token, user).status, 200)

    def test_the_address_of_a_deleted_person_stays_taken(self):
        server, token = self.start()
        user = person(partner_PersonID="P-1")
        server.login(token, user)
        server.must("user", "delete", user["email"])
        Case.assert_refused(self, server.login(token, user), 403)
        Case.assert_refused(self, server.login(token, user | {"email": user["email"].upper()}), 403)

    def test_the_address_of_a_deleted_person_can_be_released(self):
        server, token = self.start(deleted="release")
        user = person(partner_additionalData={"old": 1}, personnelNumber="7")
        before = server.redeem(token, server.login(token, user).url).json["user"]
        server.must("user", "delete", user["email"])
        answer = server.login(token, person(email=user["email"]))
        self.assertEqual(answer.status, 201, answer)
        after = server.redeem(token, answer.url).json["user"]
        self.assertNotEqual(after["id"], before["id"])
        self.assertIn(after["personnelNumber"], (None, ""))
        self.assertIn(after["partner_additionalData"], (None, {}))

    def test_links_and_sessions_end_with_the_person(self):
        for verb in ("block", "delete"):
            with self.subTest(verb):
                server, token = self.start()
                user = person()
                browser = Client(server)
                browser.get(server.login(token, user).url)
                self.assertEqual(browser.get("/session").status, 200)
                url = server.login(token, user).url
                server.must("user", verb, user["email"])
                self.assertEqual(browser.get("/session").status, 401)
                late = Client(server)
                late.get(url)
                self.assertEqual(late.get("/session").status, 401)
                self.assertIn(server.redeem(token, url).status, (403, 404, 410))


class Admission(Case):
    def test_without_credentials_the_answer_names_the_scheme(self):
        for why, headers in [("none", {}), ("unknown token", bearer("x" * 43)),
                             ("basic", {"Authorization": "Basic YTpi"}),
                             ("empty token", {"Authorization": "Bearer "}),
                             ("scheme alone", {"Authorization": "Bearer"}),
                             ("truncated", bearer(self.alpha[:-1])), ("extended", bearer(self.alpha + "A")),
                             ("case changed", bearer(self.alpha.swapcase())), ("only the token",
                                                                              {"Authorization": self.alpha})]:
            with self.subTest(why):
                answer = Client(self.server).post(LOGIN, {"user": person()}, headers)
                self.assert_refused(answer, 401)
                self.assertTrue(answer["WWW-Authenticate"].startswith("Bearer"), answer["WWW-Authenticate"])

    def test_a_token_is_only_taken_from_its_header(self):
        body = {"user": person(), "access_token": self.alpha}
        self.assertEqual(Client(self.server).post(f"{LOGIN}?access_token={self.alpha}", body).status, 401)

    def test_the_scheme_is_written_in_any_case(self):
        for scheme in ("bearer", "BEARER"):
            answer = Client(self.server).post(LOGIN, {"user": person()},
                                              {"Authorization": f"{scheme} {self.alpha}"})
            self.assertEqual(answer.status, 201)

    def test_a_partner_without_the_right_is_refused(self):
        for rights in (["redeem"], ["sso"], ["sunbird", "sso"]):
            with self.subTest(str(rights)):
                token = self.server.partner("without-" + "-".join(rights), *rights)
                self.assert_refused(self.login(token=token), 403)

    def test_a_partner_added_without_rights_may_log_people_in(self):
        token = self.server.partner("plain")
        self.server.plan("PLAN-PLAIN", "plain")
        url = self.created(person(bikePlanCode="PLAN-PLAIN"), token)
        self.assertEqual(self.server.redeem(token, url).status, 403)

    def test_other_methods_are_told_what_is_allowed(self):
        for method in ("GET", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"):
            with self.subTest(method):
                answer = Client(self.server).request(method, LOGIN, headers=bearer(self.alpha))
                self.assertEqual(answer.status, 405)
                self.assertEqual(answer["Allow"], "POST")
                self.assertEqual(bool(answer.body), method != "HEAD")

    def test_only_the_exact_path_is_known(self):
        for path in ("/receiver/apiv3/user.login", LOGIN + "/", "/receiver/APIv3/user.Login",
                     "/receiver/APIv3/",
                     "/receiver/APIv3/user", LOGIN + "x", "/user.login"):
            with self.subTest(path):
                self.assertEqual(Client(self.server).post(path, {"user": person()},
                                                          bearer(self.alpha)).status, 404)

    def test_only_json_is_read(self):
        body = json.dumps({"user": person()})
        for value in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
                      ABSENT, "",
                      "application/jsonx", "application/vnd.sso.v2+json", "application/json; charset=utf-16",
                      "json",
                      "text/json"):
            with self.subTest(str(value)):
                answer = Client(self.server).post(LOGIN, body, bearer(self.alpha) | {"Content-Type": value})
                self.assert_refused(answer, 415)

    def test_json_may_be_labelled_in_any_right_way(self):
        for value in ("application/json", "Application/JSON", "application/json; charset=utf-8",
                      'application/json;charset="UTF-8"'):
            with self.subTest(value):
                answer = Client(self.server).post(LOGIN, json.dumps({"user": person()}),
                                                  bearer(self.alpha) | {"Content-Type": value})
                self.assertEqual(answer.status, 201, answer)

    def test_a_body_of_64_kibibytes_is_read_and_a_longer_one_is_not(self):
        body = json.dumps({"user": person()}).ljust(65536)
        self.assertEqual(Client(self.server).post(LOGIN, body, bearer(self.alpha)).status, 201)
        self.assert_refused(Client(self.server).post(LOGIN, body + " ", bearer(self.alpha)), 413)

    def test_a_member_given_twice_is_refused(self):
        user = json.dumps(person())
        for why, body in [
                ("the user twice", f'{{"user":{user},"user":{user}}}'),
                ("a field twice", f'{{"user":{user[:-1]},"email":"eve@example.com"}}}}'),
                ("a field twice, once escaped", f'{{"user":{user[:-1]},"\\u0065mail":"eve@example.com"}}}}'),
                ("the user twice, once escaped", f'{{"user":{user},"\\u0075ser":{user}}}'),
                ("an unknown member twice", f'{{"user":{user[:-1]},"x":1,"x":1}}}}'),
                ("deep in additional data",
                 f'{{"user":{user[:-1]},"partner_additionalData":{{"a":[{{"b":1,"b":1}}]}}}}}}')]:
            with self.subTest(why):
                self.assert_refused(Client(self.server).post(LOGIN, body, bearer(self.alpha)), 400)

    def test_sixteen_levels_are_read_and_seventeen_are_not(self):
        def nested(levels):
            user = json.dumps(person())[:-1]
            return f'{{"user":{user},"x":{"[" * (levels - 2)}{"]" * (levels - 2)}}}}}'
        self.assertEqual(Client(self.server).post(LOGIN, nested(16), bearer(self.alpha)).status, 201)
        self.assert_refused(Client(self.server).post(LOGIN, nested(17), bearer(self.alpha)), 400)


class Tokens(Case):
    def test_a_rotated_token_works_beside_the_old_one_until_that_is_revoked(self):
        old, plan = self.server.partner("rotating"), "PLAN-R"
        self.server.plan(plan, "rotating")
        new = self.server.must("partner", "rotate", "rotating").splitlines()[-1]
        self.assertNotEqual(old, new)
        self.created(person(bikePlanCode=plan), old)
        self.created(person(bikePlanCode=plan), new)
        self.server.must("partner", "revoke", "rotating", "--oldest")
        self.assert_refused(self.login(person(bikePlanCode=plan), old), 401)
        self.created(person(bikePlanCode=plan), new)

    def test_a_revoked_partner_is_refused_from_the_next_request_on(self):
        token = self.server.partner("leaving")
        self.server.plan("PLAN-L", "leaving")
        self.server.must("partner", "rotate", "leaving")
        self.created(person(bikePlanCode="PLAN-L"), token)
        self.server.must("partner", "revoke", "leaving")
        self.assert_refused(self.login(person(bikePlanCode="PLAN-L"), token), 401)

    def test_no_token_is_on_the_disk(self):
        self.created()
        for file in self.server.folder.rglob("*"):
            if file.is_file():
                self.assertNotIn(self.alpha.encode(), file.read_bytes(), file)


class Flood(unittest.TestCase):
    def flooded(self, server, address, **headers):
        """Wrong tokens from one address until they are turned away."""
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        for number in range(70):     # twice the limit, should a new minute begin meanwhile
            answer = Client(server, address).post(LOGIN, {"user": person()}, bearer(f"wrong-{number}") | more)
            if answer.status == 429:
                return number, answer
            self.assertEqual(answer.status, 401, answer)
        self.fail("70 wrong tokens and still no 429")

    def test_guessing_tokens_is_slowed_down_without_hurting_the_right_one(self):
        with Server() as server:
            token = server.partner("alpha", "partner")
            server.plan("PLAN-A", "alpha")
            count, answer = self.flooded(server, "127.0.0.2")
            self.assertGreaterEqual(count, 30)
            self.assertIn(int(answer["Retry-After"]), range(1, 61))
            Case.assert_refused(self, answer, 429)
            right = Client(server, "127.0.0.2").post(LOGIN, {"user": person()}, bearer(token))
            self.assertEqual(right.status, 201, right)
            other = Client(server, "127.0.0.3").post(LOGIN, {"user": person()}, bearer("wrong"))
            self.assertEqual(other.status, 401)

    def test_a_forwarded_address_is_not_believed(self):
        with Server(sign_in_per_address_per_minute=5) as server:
            def guess(number):
                lie = {"X-Forwarded-For": f"192.0.2.{number}", "Forwarded": f"for=192.0.2.{number}"}
                return Client(server).post(LOGIN, {"user": person()}, bearer("wrong") | lie).status
            self.assertIn(429, [guess(number) for number in range(12)])

    def test_a_trusted_proxy_is_believed(self):
        with Server(sign_in_per_address_per_minute=5, trusted_proxies="127.0.0.1") as server:
            def guess(client):
                said = {"X-Forwarded-For": client}
                return Client(server).post(LOGIN, {"user": person()}, bearer("wrong") | said).status
            self.assertIn(429, [guess("192.0.2.1") for _ in range(12)])
            self.assertEqual(guess("192.0.2.2"), 401)
            # What a client wrote itself stands before what the proxy added, and its port is no part of it.
            self.assertEqual(guess("192.0.2.9, 192.0.2.1"), 429)
            self.assertEqual(guess("192.0.2.1:4711"), 429)
            self.assertEqual(guess("[2001:db8::1]:4711"), 401)


class Discretion(Case):
    def test_the_answer_to_a_refusal_shows_no_inner_workings(self):
        for user in (person(email="x"), person(bikePlanCode="' OR 1=1"), person(firstName="")):
            text = self.login(user).text.lower()
            for word in ("sqlite", "select ", "exception", "boost", "/onboard.db", ".cpp", "terminate"):
                self.assertNotIn(word, text)

    def test_nothing_names_the_program_version(self):
        self.assertNotRegex(self.login()["Server"] or "", "[0-9]")


if __name__ == "__main__":
    unittest.main()
