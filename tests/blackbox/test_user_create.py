"""user.create as a partner's system meets it: one person or many, letters, refusals, repetitions."""

import json
import unittest

from support import ABSENT, CREATE, Case, Client, Server, bearer, fresh_email, link_in, person, plain, together
from test_user_login import SPELLINGS, complete

CREATED = {"result": "User was created.", "success": True}
EXISTS = {"result": "User already exists.", "success": True}
MOST = 262144

# The body of the document, but for the address, which is hidden there.
SEED = """{
\t"user": {
\t\t"BikePlanCode": "a valid BikeplanCode",
\t\t"FirstName": "Jane",
\t\t"LastName": "Johansson",
\t\t"Email": "%s",
\t\t"Language": "FR",
\t\t"ContractType": "",
    "partner_EmployeeID": "ABC123",
    "PersonnelNumber": "A1234"
\t}
}"""


class Creating(Case):
    def create(self, users=None, token=None, **headers):
        return self.server.create(token or self.alpha, person() if users is None else users, **headers)

    def raw(self, body, headers=None):
        return Client(self.server).post(CREATE, body, bearer(self.alpha) | (headers or {}))

    def made(self, user=None, token=None, **headers):
        answer = self.create(user, token, **headers)
        self.assertEqual((answer.status, answer.json), (201, CREATED), answer)

    def results(self, users, token=None, **headers):
        """The results of a list that was taken."""
        answer = self.create(users, token, **headers)
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(set(answer.json), {"success", "results"})
        results = answer.json["results"]
        self.assertEqual(len(results), len(users))
        self.assertIs(answer.json["success"], all(result["success"] for result in results))
        for result in results:
            self.assert_item(result)
        return results

    def assert_item(self, result):
        good = result["status"] in (200, 201)
        self.assertEqual(set(result), {"status", "result", "success"} | (set() if good else {"errors"}), result)
        self.assertIs(result["success"], good)
        if good:
            self.assertEqual({name: result[name] for name in CREATED}, CREATED if result["status"] == 201 else EXISTS)
        else:
            self.assertTrue(result["result"].strip())
            for error in result["errors"]:
                self.assertIsInstance(error["field"], str)
                self.assertTrue(error["code"])

    def statuses(self, users, token=None, **headers):
        return [result["status"] for result in self.results(users, token, **headers)]

    def fields(self, result):
        return {plain(error["field"]) for error in result["errors"]}

    def shown(self, address):
        return json.loads(self.server.must("user", "show", address, "--json"))

    def enrolled(self, address):
        """What alpha's own enrolment of the person says, and the person."""
        found = self.shown(address)
        [enrolment] = [one for one in found["enrolments"] if one["partner"] == "alpha"]
        return found | enrolment

    def letters(self, *addresses):
        """The letters to these addresses, once every letter has left."""
        return [mail for mail in self.server.delivered()
                if any(address in mail["To"] for address in addresses)]

    def kinds(self, *addresses):
        return [mail["X-Onboard-Letter"] for mail in self.letters(*addresses)]


class OnePerson(Creating):
    def test_a_new_address_is_created_and_gets_no_link_in_the_answer(self):
        answer = self.create()
        self.assertEqual(answer.status, 201)
        self.assertEqual(answer.json, CREATED)
        self.assertIn("no-store", answer["Cache-Control"])
        self.assertTrue(answer["Content-Type"].startswith("application/json"))
        self.assertNotIn("http", answer.text)

    def test_a_known_address_is_said_to_exist_and_nothing_about_it_changes(self):
        user = complete()
        self.made(user)
        before = self.shown(user["email"])
        for changes in ({}, {"firstName": "Other", "lastName": "Else", "language": "NL"},
                        {"contractType": "worker", "personnelNumber": "1", "partner_additionalData": {"z": 1}},
                        {"partner_PersonID": "another-" + user["email"]}, {"email": user["email"].upper()}):
            with self.subTest(str(changes)):
                answer = self.create(user | changes)
                self.assertEqual((answer.status, answer.json), (200, EXISTS))
                self.assertEqual(self.shown(user["email"]), before)

    def test_everything_that_was_sent_is_kept(self):
        user = complete(language="FR")
        self.made(user)
        found = self.enrolled(user["email"])
        for name in ("email", "firstName", "lastName", "contractType", "partner_PersonID", "personnelNumber",
                     "partner_additionalData"):
            self.assertEqual(found[name], user[name], name)
        self.assertEqual((found["language"].upper(), found["planCode"]), ("FR", "PLAN-A"))

    def test_a_person_made_here_is_known_to_the_login_and_the_other_way_round(self):
        user = person()
        self.made(user)
        self.signed_in(self.updated(user))
        other = person()
        self.created(other)
        self.assertEqual(self.create(other).json, EXISTS)

    def test_the_example_of_the_document_is_understood(self):
        self.server.plan("a valid BikeplanCode", "alpha")
        address = fresh_email("seed")
        answer = self.raw(SEED % address)
        self.assertEqual((answer.status, answer.json), (201, CREATED))
        found = self.enrolled(address)
        self.assertEqual((found["firstName"], found["lastName"], found["language"].upper()),
                         ("Jane", "Johansson", "FR"))
        self.assertEqual((found["partner_PersonID"], found["personnelNumber"]), ("ABC123", "A1234"))
        self.assertIsNone(found.get("contractType"))
        self.assertCountEqual(self.kinds(address), ["welcome-set-password"])
        again = self.raw(SEED % address)
        self.assertEqual((again.status, again.json), (200, EXISTS))
        # With the address as it is printed there, there is nobody to write to.
        self.assert_refused(self.raw(SEED % "[email protected]"), 422, "Email")

    def test_a_request_id_is_echoed_or_made(self):
        self.assertEqual(self.create(X_Request_Id="call-42.a_B")["X-Request-Id"], "call-42.a_B")
        self.assertTrue(self.create([person()])["X-Request-Id"])


class Lists(Creating):
    def test_a_list_is_answered_item_by_item_in_its_order(self):
        known, user = person(), complete()
        self.made(known)
        results = self.results([user, person(firstName=""), known, person(bikePlanCode="PLAN-NONE"), person()])
        self.assertEqual([result["status"] for result in results], [201, 422, 200, 422, 201])
        self.assertIn("firstname", self.fields(results[1]))
        self.assertIn("bikeplancode", self.fields(results[3]))
        self.assertEqual(self.shown(user["email"])["firstName"], user["firstName"])

    def test_a_list_succeeds_if_all_its_items_do(self):
        self.assertIs(self.create([person(), person()]).json["success"], True)
        self.assertIs(self.create([person(), person(language="XX")]).json["success"], False)
        self.assertIs(self.create([person(language="XX")]).json["success"], False)

    def test_a_list_of_one_is_still_a_list(self):
        self.assertEqual(self.statuses([person()]), [201])

    def test_nobody_and_too_many_are_refused_as_a_whole(self):
        self.assert_refused(self.create([]), 422, "user")
        users = [person() for _ in range(501)]
        self.assert_refused(self.create(users), 422, "user")
        self.assertEqual(self.server.command("user", "show", users[0]["email"]).code, 1)
        self.assertEqual(self.letters(users[0]["email"]), [])

    def test_five_hundred_people_fit(self):
        users = [complete(lastName=f"Number {number}") for number in range(500)]
        self.assertLess(len(json.dumps({"user": users})), MOST)
        results = self.results(users)
        self.assertEqual({result["status"] for result in results}, {201})
        addresses = {user["email"] for user in users}
        told = [address for mail in self.server.delivered() for address in addresses & {
            recipient.addr_spec for recipient in mail["To"].addresses}]
        self.assertEqual(sorted(told), sorted(addresses))

    def test_an_item_that_is_no_person_is_refused_alone(self):
        users = [person(), person()]
        strange = [1, "Jane", None, True, [], [person()], 1.5]
        results = self.results([users[0], *strange, users[1]])
        self.assertEqual([result["status"] for result in results], [201, *[422] * len(strange), 201])
        for result in results[1:-1]:
            self.assertTrue(result["errors"])

    def test_each_item_stands_or_falls_alone(self):
        # In every place, so that none profits from its neighbours.
        for place in range(3):
            with self.subTest(place):
                taken = complete()
                self.made(taken)
                blocked = person()
                self.made(blocked)
                self.server.must("user", "block", blocked["email"])
                bad = [person(bikePlanCode="PLAN-NONE"), blocked, complete(
                    partner_PersonID=taken["partner_PersonID"]), person(email="nobody"), {}]
                good = person()
                users = list(bad)
                users.insert(2 * place, good)
                statuses = self.statuses(users)
                self.assertEqual(statuses.pop(2 * place), 201)
                self.assertEqual(statuses, [422, 403, 409, 422, 422])
                self.assertEqual(self.shown(good["email"])["firstName"], "Jane")
                for user in (bad[0], bad[2]):
                    self.assertEqual(self.server.command("user", "show", user["email"]).code, 1)

    def test_an_item_with_a_field_in_two_spellings_is_refused_alone(self):
        user = person()
        results = self.results([person(), user | {"Email": user["email"]}, person()])
        self.assertEqual([result["status"] for result in results], [201, 400, 201])
        self.assertTrue(self.fields(results[1]))

    def test_one_address_twice_in_a_list_is_one_person(self):
        user = person()
        statuses = self.statuses([user, user, user | {"email": user["email"].upper()}])
        self.assertEqual(sorted(statuses), [200, 200, 201])
        self.assertEqual(self.shown(user["email"])["email"].lower(), user["email"])

    def test_one_person_id_twice_in_a_list_has_one_owner(self):
        users = [complete(partner_PersonID="twice") for _ in range(3)]
        self.assertEqual(sorted(self.statuses(users)), [201, 409, 409])

    def test_every_bad_field_of_an_item_is_named_in_its_own_result(self):
        first, second = self.results([person(firstName="", language="XX"), person(lastName=7)])
        self.assertEqual(self.fields(first), {"firstname", "language"})
        self.assertEqual(self.fields(second), {"lastname"})


class Fields(Creating):
    def test_every_field_is_understood_in_both_spellings(self):
        for known, other in SPELLINGS:
            user = complete()
            value = user.pop(known)
            item = complete()
            item_value = item.pop(known)
            with self.subTest(other):
                self.made(user | {other: value})
                self.assertEqual(self.statuses([item | {other: item_value}]), [201])
                for address, sent in ((value if known == "email" else user["email"], value),
                                      (item_value if known == "email" else item["email"], item_value)):
                    shown = {"bikePlanCode": "planCode"}.get(known, known)
                    self.assertEqual(self.enrolled(address)[shown].upper(), sent.upper())

    def test_a_whole_person_in_the_other_spelling_is_the_same_person(self):
        user = complete()
        self.made(user)
        other = {dict(SPELLINGS).get(name, name): value for name, value in user.items()}
        self.assertEqual(self.create(other).json, EXISTS)

    def test_one_field_in_two_spellings_is_refused_even_if_both_say_the_same(self):
        for known, other in SPELLINGS:
            with self.subTest(other):
                user = complete()
                self.assert_refused(self.create(user | {other: user[known]}), 400)
                self.assertEqual(self.statuses([user | {other: user[known]}]), [400])
                self.assertEqual(self.letters(user["email"]), [])

    def test_a_required_field_that_is_missing_or_mistyped_is_named(self):
        for name in ("bikePlanCode", "firstName", "lastName", "email", "language"):
            for value in (ABSENT, None, 1, True, [], {}, ""):
                with self.subTest(f"{name}: {value!r}"):
                    self.assert_refused(self.create(person(**{name: value})), 422, name)
                    [result] = self.results([person(**{name: value})])
                    self.assertEqual((result["status"], self.fields(result)), (422, {plain(name)}))

    def test_an_optional_field_that_is_mistyped_is_named(self):
        for name, value in [("contractType", "boss"), ("contractType", 1), ("partner_PersonID", 5),
                            ("partner_PersonID", "x" * 65), ("personnelNumber", ["1"]), ("personnelNumber", "x" * 65),
                            ("partner_additionalData", "text"), ("partner_additionalData", [1])]:
            with self.subTest(f"{name}: {str(value)[:9]}"):
                self.assert_refused(self.create(person(**{name: value})), 422, name)
                [result] = self.results([person(**{name: value})])
                self.assertEqual((result["status"], self.fields(result)), (422, {plain(name)}))

    def test_what_cannot_be_read_is_mailed_to_nobody(self):
        user = person(firstName="")
        self.assert_refused(self.create(user), 422)
        self.statuses([user, user | {"language": "XX"}])
        self.assertEqual(self.letters(user["email"]), [])

    def test_unknown_members_are_ignored(self):
        user = person(isAdmin=True, loginUrl="x")
        answer = Client(self.server).post(CREATE, {"user": user, "extra": [1]}, bearer(self.alpha))
        self.assertEqual((answer.status, answer.json), (201, CREATED))


class Bodies(Creating):
    def test_a_body_of_256_kibibytes_is_read_and_a_longer_one_is_not(self):
        body = json.dumps({"user": person()}).ljust(MOST)
        self.assertEqual(self.raw(body).status, 201)
        self.assert_refused(self.raw(body + " "), 413)

    def test_the_top_and_the_user_must_be_of_their_type(self):
        for body in ([], [{"user": person()}], "text", 1, True, None, {}, {"user": "Jane"}, {"user": 1},
                     {"user": None}, {"user": True}):
            with self.subTest(str(body)[:40]):
                self.assert_refused(self.raw(json.dumps(body)), 400)

    def test_what_is_no_json_is_refused(self):
        for body in ("", "{", '{"user":}', '{"user":{}} x', "\ufeff{}", "{'user':{}}", '{"user":[{},]}', "nul"):
            with self.subTest(body):
                self.assert_refused(self.raw(body), 400)
        self.assert_refused(self.raw(b'{"user":{"firstName":"\xff"}}'), 400)

    def test_a_member_given_twice_is_refused_wherever_it_is(self):
        user, other = json.dumps(person()), json.dumps(person())
        for why, body in [
                ("the user twice", f'{{"user":{user},"user":{user}}}'),
                ("a field twice", f'{{"user":{user[:-1]},"email":"eve@example.com"}}}}'),
                ("a field of an item twice", f'{{"user":[{other},{user[:-1]},"email":"eve@example.com"}}]}}'),
                ("escaped", f'{{"user":[{user[:-1]},"\\u0065mail":"eve@example.com"}}]}}'),
                ("deep in additional data",
                 f'{{"user":[{user[:-1]},"partner_additionalData":{{"a":[{{"b":1,"b":1}}]}}}}]}}')]:
            with self.subTest(why):
                self.assert_refused(self.raw(body), 400)

    def test_sixteen_levels_are_read_and_seventeen_are_not(self):
        def nested(levels):
            # The top, the list, the item, and the rest.
            return (f'{{"user":[{json.dumps(person())[:-1]},"x":'
                    f'{"[" * (levels - 3)}{"]" * (levels - 3)}}}]}}')
        self.assertEqual(self.raw(nested(16)).status, 200)
        self.assert_refused(self.raw(nested(17)), 400)

    def test_additional_data_are_kept_exactly_as_they_were_sent_from_inside_a_list(self):
        texts = ["{}", '{"a":{"b":[1,{"c":[null,true,false,""]}]},"d":[]}', '{"na\u00efve":"\u738b \U0001f6b2"}',
                 r'{"a":"\u00e9\ud83d\udeb2\"\\\n\/\t"}', '{"z":1,"a":2,"m":3,"Z":4}',
                 '{"n":[123456789012345678901234567890,1.10,0.0,1e-7,1.5E+30,-0,-0.0]}', '{ "a" : [ 1 , 2 ] }',
                 '{"user":[{"partner_additionalData":{"x":1}}],"partner_additionalData":{"y":"]}"}}',
                 '{"":"}],{[\\""}']
        users = [person(lastName="].},{[", partner_additionalData=0) for _ in texts]
        items = [json.dumps(user).replace('"partner_additionalData": 0', f'"partner_additionalData": {text}')
                 for user, text in zip(users, texts)]
        self.assertEqual(self.raw('{"x":[{}], "user" : [ ' + " ,\n".join(items) + " ] }").status, 200)

        def exactly(text):
            return json.loads(text, parse_int=str, parse_float=str, object_pairs_hook=list)
        for user, text in zip(users, texts):
            with self.subTest(text):
                shown = dict(exactly(self.server.must("user", "show", user["email"], "--json")))
                [enrolment] = shown["enrolments"]
                self.assertEqual(dict(enrolment)["partner_additionalData"], exactly(text))

    def test_sixteen_kibibytes_of_additional_data_are_kept_and_one_more_is_too_many(self):
        def body(size):
            user = person(partner_additionalData={"a": "x" * (size - 8)})
            return user, json.dumps({"user": [user]}, separators=(",", ":"))
        user, fits = body(16384)
        self.assertEqual(self.raw(fits).json["results"][0]["status"], 201)
        self.assertEqual(self.enrolled(user["email"])["partner_additionalData"], user["partner_additionalData"])
        _, too_long = body(16385)
        self.assertEqual(self.raw(too_long).json["results"][0]["status"], 422)


class Admission(Creating):
    def test_without_credentials_the_answer_names_the_scheme(self):
        for why, headers in [("none", {}), ("unknown token", bearer("x" * 43)),
                             ("basic", {"Authorization": "Basic YTpi"}), ("scheme alone", {"Authorization": "Bearer"}),
                             ("truncated", bearer(self.alpha[:-1]))]:
            with self.subTest(why):
                answer = Client(self.server).post(CREATE, {"user": person()}, headers)
                self.assert_refused(answer, 401)
                self.assertTrue(answer["WWW-Authenticate"].startswith("Bearer"))

    def test_a_partner_without_the_right_is_refused(self):
        token = self.server.partner("without", "redeem", "sso")
        self.assert_refused(self.create(token=token), 403)
        self.assert_refused(self.create([person()], token=token), 403)

    def test_other_methods_are_told_what_is_allowed(self):
        for method in ("GET", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"):
            with self.subTest(method):
                answer = Client(self.server).request(method, CREATE, headers=bearer(self.alpha))
                self.assertEqual((answer.status, answer["Allow"]), (405, "POST"))

    def test_only_json_is_read(self):
        for value in ("text/plain", "application/x-www-form-urlencoded", ABSENT, "",
                      "application/json; charset=utf-16", "text/json"):
            with self.subTest(str(value)):
                self.assert_refused(self.raw(json.dumps({"user": person()}), {"Content-Type": value}), 415)

    def test_only_the_exact_path_is_known(self):
        for path in ("/receiver/apiv3/user.create", CREATE + "/", CREATE + "x", "/user.create"):
            self.assertEqual(Client(self.server).post(path, {"user": person()}, bearer(self.alpha)).status, 404)


class Refusals(Creating):
    def refused(self, user, status, field=None):
        """Refused as one person, and in a list; the letters about it."""
        self.assert_refused(self.create(user), status, field)
        [result] = self.results([user])
        self.assertEqual(result["status"], status)
        return self.letters(user["email"])

    def test_unknown_closed_and_foreign_plans_get_one_and_the_same_answer_and_letter(self):
        _, foreign = self.second_partner("beta")
        self.server.plan("PLAN-CLOSED", "alpha")
        self.server.must("plan", "close", "PLAN-CLOSED")
        answers, letters = set(), set()
        for code in ("PLAN-NONE", "PLAN-CLOSED", foreign):
            user = person(bikePlanCode=code)
            answers.add(self.create(user).body)
            [letter] = self.refused(user, 422, "bikePlanCode")
            letters.add((letter["Subject"], letter.get_body(("plain",)).get_content()))
        self.assertEqual((len(answers), len(letters)), (1, 1))

    def test_a_blocked_and_a_deleted_account_are_refused_and_told(self):
        for verb in ("block", "delete"):
            with self.subTest(verb):
                user = person()
                self.created(user)
                self.server.must("user", verb, user["email"])
                [letter] = self.refused(user, 403)
                self.assertEqual(letter["X-Onboard-Letter"], "registration-failed")

    def test_the_person_id_of_somebody_else_is_refused_and_told(self):
        owner = complete()
        self.made(owner)
        user = complete(partner_PersonID=owner["partner_PersonID"])
        [letter] = self.refused(user, 409, "partner_PersonID")
        self.assertEqual(letter["X-Onboard-Letter"], "registration-failed")
        self.assertCountEqual(self.kinds(owner["email"]), ["welcome-set-password"])
        # A known person is no better off.
        known = complete()
        self.made(known)
        self.refused(known | {"partner_PersonID": owner["partner_PersonID"]}, 409)
        self.made(complete(email=user["email"]))        # the refusal left nothing behind

    def test_a_refusal_names_the_field_in_the_spelling_it_was_sent_in(self):
        answer = self.create({dict(SPELLINGS).get(name, name): value
                              for name, value in person(bikePlanCode="PLAN-NONE").items()})
        self.assertEqual([error["field"] for error in answer.json["errors"]], ["BikePlanCode"])


class Letters(Creating):
    settings = {"mail_from": "hello@onboard.example"}

    def assert_complete(self, mail, kind, to):
        self.assertEqual(mail["X-Onboard-Letter"], kind)
        self.assertEqual([address.addr_spec for address in mail["To"].addresses], [to])
        self.assertIsNone(mail["Cc"])
        self.assertIsNone(mail["Bcc"])
        self.assertIn("hello@onboard.example", mail["From"])
        self.assertRegex(mail["Message-ID"], r"^<[^<>@\s]+@[^<>@\s]+>$")
        self.assertTrue(mail["Date"])
        self.assertTrue(mail["Subject"].strip())
        for part in ("plain", "html"):
            self.assertTrue(mail.get_body((part,)).get_content().strip())
        self.assertEqual([part.defects for part in mail.walk() if part.defects], [])

    def test_each_outcome_has_its_letter(self):
        beta, plan = self.second_partner("beta")
        new, refused = person(), person(bikePlanCode="PLAN-NONE")
        self.create([new, refused])
        self.assertEqual(self.create(new | {"bikePlanCode": plan}, beta).json, EXISTS)
        welcome, known = self.letters(new["email"])
        [failed] = self.letters(refused["email"])
        self.assert_complete(welcome, "welcome-set-password", new["email"])
        self.assert_complete(known, "already-have-account", new["email"])
        self.assert_complete(failed, "registration-failed", refused["email"])
        self.assertEqual(len({mail["Message-ID"] for mail in (welcome, known, failed)}), 3)
        self.assertEqual(len({mail["Subject"] for mail in (welcome, known, failed)}), 3)
        self.assertTrue(link_in(welcome).startswith(f"{self.server.url}/set-password/"))
        for mail in (known, failed):
            for part in ("plain", "html"):
                self.assertNotIn("/set-password/", mail.get_body((part,)).get_content())

    def test_a_letter_speaks_the_language_of_its_reader(self):
        self.second_partner("beta")
        subjects = set()
        for language in ("NL", "FR", "EN"):
            new, refused = person(language=language), person(language=language, bikePlanCode="PLAN-NONE")
            self.create([new, refused])
            for mail in self.letters(new["email"], refused["email"]):
                subjects.add(mail["Subject"])
                self.assertIn(f'lang="{language.lower()}"', mail.get_body(("html",)).get_content())
        self.assertEqual(len(subjects), 6)

    def test_whoever_is_known_is_written_to_in_their_own_language_and_spelling_and_by_their_own_name(self):
        user = person(language="FR", firstName="Zoé")
        self.created(user)
        self.create(user | {"language": "NL", "firstName": "Eve", "email": user["email"].upper()})
        [mail] = self.letters(user["email"])
        self.assert_complete(mail, "already-have-account", user["email"])
        self.assertIn('lang="fr"', mail.get_body(("html",)).get_content())
        self.assertIn("Zoé", mail.get_body(("plain",)).get_content())
        self.assertNotIn("Eve", mail.get_body(("plain",)).get_content())

    def test_the_letter_says_which_partner_asked(self):
        user = person()
        self.made(user)
        [mail] = self.letters(user["email"])
        self.assertIn("alpha", mail.get_body(("plain",)).get_content())

    def test_names_are_escaped_in_the_letter(self):
        user = person(firstName='<img src=x onerror="alert(1)">', lastName="</title><script>")
        self.made(user)
        [mail] = self.letters(user["email"])
        html = mail.get_body(("html",)).get_content()
        self.assertNotIn("<img", html)
        self.assertNotIn("<script", html)
        self.assertIn("&lt;img", html)

    def test_every_person_of_a_list_gets_a_letter_and_a_link_of_their_own(self):
        users = [person() for _ in range(20)]
        self.assertEqual(set(self.statuses(users)), {201})
        mails = self.letters(*[user["email"] for user in users])
        self.assertEqual(len(mails), 20)
        self.assertEqual(len({link_in(mail) for mail in mails}), 20)
        self.assertEqual(len({mail["Message-ID"] for mail in mails}), 20)

    def test_no_letter_leaves_for_a_list_that_is_refused_as_a_whole(self):
        user = person()
        self.assert_refused(self.create([user] * 501), 422)
        self.raw(json.dumps({"user": [user]})[:-1])
        self.assertEqual(self.letters(user["email"]), [])


class Repetitions(Creating):
    def test_the_same_item_again_and_again_mails_nothing_more_of_any_kind(self):
        user, refused = complete(), person(bikePlanCode="PLAN-NONE")
        self.assertEqual(self.statuses([user, refused, user, refused])[1::2], [422, 422])
        for _ in range(3):
            self.create(user)
            self.create([refused, user])
        self.assertCountEqual(self.kinds(user["email"]), ["welcome-set-password"])
        self.assertCountEqual(self.kinds(refused["email"]), ["registration-failed"])

    def test_a_changed_item_mails_one_more_kind_at_most(self):
        user = complete()
        self.made(user)
        for number in range(4):
            self.create(user | {"lastName": f"Other {number}"})
        self.statuses([user | {"firstName": f"Other {number}"} for number in range(4)])
        self.assertCountEqual(self.kinds(user["email"]), ["welcome-set-password", "already-have-account"])

    def test_a_plan_that_comes_into_being_turns_a_refusal_into_an_account_and_the_person_gets_the_link(self):
        user = person(bikePlanCode="PLAN-LATER")
        self.assert_refused(self.create(user), 422)
        self.server.plan("PLAN-LATER", "alpha")
        self.made(user)
        self.assertEqual(self.create(user).json, EXISTS)
        self.assertCountEqual(self.kinds(user["email"]), ["registration-failed", "welcome-set-password"])

    def test_the_same_person_by_another_partner_is_another_cause(self):
        beta, plan = self.second_partner("beta")
        user = complete()
        self.made(user)
        before = self.shown(user["email"])
        for _ in range(3):
            self.assertEqual(self.create(user | {"bikePlanCode": plan}, beta).json, EXISTS)
        self.assertCountEqual(self.kinds(user["email"]), ["welcome-set-password", "already-have-account"])
        self.assertEqual(self.shown(user["email"]), before)

    def test_many_partners_together_mail_an_address_one_letter_of_a_kind(self):
        user = person()
        self.created(user)
        for _ in range(3):
            token, plan = self.second_partner("beta")
            self.create(user | {"bikePlanCode": plan}, token)
            self.create(user | {"bikePlanCode": "PLAN-NONE"}, token)
        self.assertCountEqual(self.kinds(user["email"]), ["already-have-account", "registration-failed"])

    def test_every_spelling_of_an_address_shares_the_letters(self):
        user = person(bikePlanCode="PLAN-NONE")
        for email in (user["email"], user["email"].upper(), f" {user['email']} ", user["email"].title()):
            self.assert_refused(self.create(user | {"email": email}), 422)
        self.assertEqual([mail["X-Onboard-Letter"] for mail in self.server.delivered()
                          if user["email"] in mail["To"].lower()], ["registration-failed"])

    def test_a_repetition_is_remembered_across_a_crash(self):
        with Server() as server:
            token = server.partner("alpha", "partner")
            server.plan("PLAN-A", "alpha")
            users = [person(), person(bikePlanCode="PLAN-NONE")]
            server.create(token, users)
            server.delivered()
            server.kill9()
            server.restart()
            self.assertEqual(server.create(token, users).status, 200)
            self.assertEqual(len(server.delivered()), 2)


class IdempotencyKeys(Creating):
    def assert_replayed(self, first, again):
        self.assertEqual((again.status, again.body), (first.status, first.body))
        self.assertIsNone(first["Idempotency-Replayed"])
        self.assertEqual(again["Idempotency-Replayed"], "true")

    def test_the_same_key_and_body_give_the_same_answer(self):
        known, user = person(), complete()
        self.made(known)
        listed = [person(), known, person(bikePlanCode="PLAN-NONE"), person(firstName=""), 1,
                  complete(partner_PersonID=user["partner_PersonID"])]
        for key, users in [("single", user), ("known", known), ("list", listed), ("one", [person()]),
                           ("refused", person(bikePlanCode="PLAN-NONE"))]:
            with self.subTest(key):
                first = self.create(users, Idempotency_Key=key)
                for _ in range(2):
                    self.assert_replayed(first, self.create(users, Idempotency_Key=key))

    def test_nothing_is_run_again(self):
        user, refused = person(), person(bikePlanCode="PLAN-SOON")
        first = self.create([user, refused], Idempotency_Key="again")
        self.server.plan("PLAN-SOON", "alpha")
        before = self.server.delivered(), self.server.rows()
        again = self.create([user, refused], Idempotency_Key="again")
        self.assert_replayed(first, again)
        self.assertEqual(self.server.rows(), before[1])
        self.assertEqual(len(self.server.delivered()), len(before[0]))
        self.assertEqual(self.server.command("user", "show", refused["email"]).code, 1)

    def test_another_body_under_the_same_key_is_refused_and_does_nothing(self):
        user = person()
        self.made(user, Idempotency_Key="taken")
        other = person()
        for users in (other, [user], [other]):
            self.assert_refused(self.create(users, Idempotency_Key="taken"), 422)
        self.assertEqual(self.letters(other["email"]), [])
        self.made(other)

    def test_the_other_call_under_the_same_key_is_another_request(self):
        user = person()
        self.made(user, Idempotency_Key="either")
        answer = self.login(user, Idempotency_Key="either")
        self.assertEqual(answer.status, 422)
        self.assertNotIn("loginUrl", answer.text)

    def test_a_key_belongs_to_its_partner(self):
        beta, plan = self.second_partner("beta")
        self.made(Idempotency_Key="mine")
        answer = self.create(person(bikePlanCode=plan), beta, Idempotency_Key="mine")
        self.assertEqual((answer.status, answer["Idempotency-Replayed"]), (201, None))

    def test_a_key_outlives_a_crash(self):
        with Server() as server:
            token = server.partner("alpha", "partner")
            server.plan("PLAN-A", "alpha")
            for key, users in [("single", person()), ("list", [person(), person(bikePlanCode="PLAN-NONE"), {}])]:
                first = server.create(token, users, Idempotency_Key=key)
                server.kill9()
                server.restart()
                self.assert_replayed(first, server.create(token, users, Idempotency_Key=key))

    def test_a_key_of_any_shape_breaks_nothing(self):
        for key in ("", "x" * 255, "x" * 4000, "a b", "\u00e9", "';--"):
            with self.subTest(key[:10]):
                answer = self.create(Idempotency_Key=key.encode("latin-1"))
                self.assertIn(answer.status, (201, 400, 431), answer)


class AtOnce(Creating):
    def creates(self, bodies, tokens=None, **headers):
        """One user.create each, all at the same moment."""
        more = {name.replace("_", "-"): value for name, value in headers.items()}

        def post(number, client):
            token = tokens[number] if tokens else self.alpha
            return client.post(CREATE, {"user": bodies[number]}, bearer(token) | more)
        return together(len(bodies), post, lambda number: Client(self.server).connect())

    def test_one_new_address_is_one_person_and_one_letter_of_a_kind(self):
        user = person()
        answers = self.creates([user | {"lastName": f"Number {number}"} for number in range(32)])
        self.assertEqual(sorted(answer.status for answer in answers), [200] * 31 + [201])
        self.assertCountEqual(self.kinds(user["email"]), ["welcome-set-password", "already-have-account"])

    def test_one_item_from_many_at_once_is_one_cause(self):
        user, refused = complete(), person(bikePlanCode="PLAN-NONE")
        self.creates([[user, refused], [refused, user]] * 8)
        self.assertCountEqual(self.kinds(user["email"]), ["welcome-set-password"])
        self.assertCountEqual(self.kinds(refused["email"]), ["registration-failed"])

    def test_lists_of_the_same_people_in_another_order_do_not_wait_for_each_other_for_ever(self):
        users = [complete() for _ in range(40)]
        answers = self.creates([users, users[::-1]] * 4)
        self.assertEqual({answer.status for answer in answers}, {200})
        made = [result["status"] for answer in answers for result in answer.json["results"]]
        self.assertEqual((made.count(201), made.count(200)), (40, 280))
        self.assertCountEqual(self.kinds(*[user["email"] for user in users]), ["welcome-set-password"] * 40)

    def test_one_person_id_for_many_new_addresses_has_one_owner(self):
        users = [person(partner_PersonID="at-once") for _ in range(32)]
        answers = self.creates(users)
        self.assertEqual(sorted(answer.status for answer in answers), [201] + [409] * 31)

    def test_one_idempotency_key_runs_once(self):
        users = [person(), person(bikePlanCode="PLAN-NONE")]
        answers = self.creates([users] * 16, Idempotency_Key="at-once")
        self.assertEqual(len({(answer.status, answer.body) for answer in answers}), 1)
        self.assertEqual(sorted(answer["Idempotency-Replayed"] or "" for answer in answers), [""] + ["true"] * 15)
        self.assertEqual([result["status"] for result in answers[0].json["results"]], [201, 422])

    def test_two_partners_with_one_new_address_make_one_person(self):
        beta, plan = self.second_partner("beta")
        user = person()
        answers = self.creates([user | {"bikePlanCode": ("PLAN-A", plan)[number % 2]} for number in range(16)],
                               [(self.alpha, beta)[number % 2] for number in range(16)])
        self.assertEqual(sorted(answer.status for answer in answers), [200] * 15 + [201])
        self.assertCountEqual(self.kinds(user["email"]), ["welcome-set-password", "already-have-account"])


class Polling(Creating):
    def test_a_list_posted_over_and_over_mails_once_and_leaves_the_database_as_it_is(self):
        owner = complete()
        self.made(owner)
        users = [complete(partner_additionalData={"number": number, "text": "x" * 100}) for number in range(170)]
        users += [person(bikePlanCode="PLAN-NONE") for _ in range(10)]
        users += [complete(partner_PersonID=owner["partner_PersonID"]) for _ in range(10)]
        users += [person(language="XX") for _ in range(5)] + [owner] * 5
        earlier = len(self.server.delivered())
        first = self.statuses(users)
        self.assertEqual(first, [201] * 170 + [422] * 10 + [409] * 10 + [422] * 5 + [200] * 5)
        mails = self.server.delivered()
        self.assertEqual(len(mails), earlier + 170 + 10 + 10)
        before = self.server.rows()
        for _ in range(5):
            self.assertEqual(self.statuses(users), [200] * 170 + first[170:])
        self.assertEqual(len(self.server.delivered()), len(mails))
        self.assertEqual(self.server.rows(), before)


if __name__ == "__main__":
    unittest.main()
