"""The login link, the session and the pages, as a browser or an application meets them."""

import json
import re
import time
import unittest

from support import LOGIN, REDEEM, Case, Client, Page, Server, bearer, code_in, person, token_of, until


def other_than(code, step=1):
    return f"{(int(code) + step) % 1000000:06}"


class Redeeming(Case):
    def test_the_link_signs_the_browser_in_and_leads_home(self):
        browser = Client(self.server)
        answer = browser.get(self.created(person(firstName="Zoë")))
        self.assertEqual((answer.status, answer["Location"]), (303, f"{self.server.url}/home"))
        self.assertIn("no-store", answer["Cache-Control"])
        home = browser.get("/home")
        self.assertEqual(home.status, 200)
        self.assertIn("Zoë", home.page.text())

    def test_the_session_cookie_is_kept_from_scripts_and_other_sites(self):
        answer = Client(self.server).get(self.created())
        [(name, (value, attributes))] = answer.cookies.items()
        self.assertEqual(name, "onboard")
        self.assertGreaterEqual(len(value), 32)
        self.assertIn("httponly", attributes)
        self.assertEqual(attributes["samesite"].lower(), "lax")
        self.assertEqual(attributes["path"], "/")
        self.assertNotIn("domain", attributes)
        self.assertNotIn("secure", attributes)

    def test_the_session_tells_who_is_signed_in(self):
        user = person(firstName="Ada", lastName="Peeters", language="NL")
        answer = self.signed_in(self.created(user)).get("/session")
        self.assertTrue(answer["Content-Type"].startswith("application/json"))
        self.assertIn("no-store", answer["Cache-Control"])
        for text in ("Ada", "Peeters", user["email"]):
            self.assertIn(text, answer.text)

    def test_without_a_session_nothing_is_shown(self):
        for why, cookie in [("none", None), ("unknown", "x" * 43), ("empty", ""), ("garbage", "%00'\\\\,=="),
                            ("very long", "x" * 4000)]:
            with self.subTest(why):
                headers = {} if cookie is None else {"Cookie": f"onboard={cookie}"}
                session = Client(self.server).request("GET", "/session", headers=headers)
                self.assertEqual(session.status, 401)
                self.assertTrue(session["Content-Type"].startswith("application/"), session)
                self.assertIn(Client(self.server).request("GET", "/home", headers=headers).status, (303, 401))

    def test_a_link_is_good_once(self):
        url = self.created()
        self.signed_in(url)
        for _ in range(2):
            browser = Client(self.server)
            answer = browser.get(url)
            self.assertEqual(answer.status, 410)
            self.assertEqual(answer.cookies, {})
            self.assert_not_signed_in(browser)

    def test_a_used_and_an_unknown_link_get_the_same_words(self):
        url = self.created()
        self.signed_in(url)
        used, unknown = Client(self.server).get(url), Client(self.server).get("/login/" + "A" * 43)
        self.assertEqual((used.status, unknown.status), (410, 404))
        for answer in (used, unknown):
            self.assertTrue(answer["Content-Type"].startswith("text/html"))
        self.assertEqual(used.page.text(), unknown.page.text())
        self.assertTrue(used.page.text())

    def test_a_damaged_link_opens_nothing_and_spends_nothing(self):
        url = self.created()
        token = token_of(url)
        rows = [("shortened", token[:-1]), ("lengthened", token + "A"), ("other case", token.swapcase()),
                ("padded", token + "="), ("with a slash", token + "%2f"), ("with a nul", token + "%00"),
                ("blank in front", "%20" + token), ("with a slash behind", token + "/"), ("empty", ""),
                ("null", "null"),
                ("undefined", "undefined"), ("dot", "."), ("very long", "A" * 1500), ("percent", "%"),
                ("star", "*"),
                ("last letter changed", token[:-1] + ("B" if token[-1] != "B" else "C"))]
        for why, damaged in rows:
            with self.subTest(why):
                browser = Client(self.server)
                self.assertIn(browser.get("/login/" + damaged).status, (400, 404))
                self.assert_not_signed_in(browser)
        self.signed_in(url)

    def test_looking_ahead_changes_nothing(self):
        url = self.created()
        for why, method, headers in [
                ("head", "HEAD", {}), ("prefetch", "GET", {"Sec-Purpose": "prefetch"}),
                ("prerender", "GET", {"Sec-Purpose": "prefetch;prerender"}),
                ("anonymous prefetch", "GET", {"Sec-Purpose": "prefetch;anonymous-client-ip"}),
                ("older prefetch", "GET", {"Purpose": "prefetch"}),
            ("oldest prefetch", "GET", {"X-Moz": "prefetch"})]:
            for _ in range(3):
                with self.subTest(why):
                    browser = Client(self.server)
                    answer = browser.request(method, url, headers=headers)
                    self.assertLess(answer.status, 500)
                    self.assertEqual(answer.cookies, {})
                    self.assertNotEqual(answer["Location"], f"{self.server.url}/home")
                    self.assert_not_signed_in(browser)
        self.signed_in(url)

    def test_other_methods_are_refused_and_spend_nothing(self):
        url = self.created()
        for method in ("POST", "PUT", "DELETE", "OPTIONS"):
            answer = Client(self.server).request(method, url)
            self.assertEqual(answer.status, 405, method)
            self.assertIn("GET", answer["Allow"])
        self.signed_in(url)

    def test_a_query_string_is_harmless(self):
        self.signed_in(self.created() + "?utm_source=mail&next=https://evil.example/")

    def test_the_way_home_cannot_be_bent(self):
        for query in ("?next=//evil.example", "?redirect=https://evil.example",
                      "?redirect_uri=javascript:alert(1)"):
            answer = Client(self.server).get(self.created() + query, Host="evil.example")
            self.assertEqual(answer["Location"], f"{self.server.url}/home")

    def test_a_second_login_replaces_the_session(self):
        browser = self.signed_in(self.created(person(firstName="Anna")))
        old = dict(browser.cookies)
        self.assertEqual(browser.get(self.created(person(firstName="Bert"))).status, 303)
        self.assertNotEqual(browser.cookies["onboard"], old["onboard"])
        self.assertIn("Bert", browser.get("/session").text)
        stranger = Client(self.server)
        stranger.cookies = old
        self.assert_not_signed_in(stranger)

    def test_a_session_cookie_brought_along_is_not_adopted(self):
        browser = Client(self.server)
        browser.cookies["onboard"] = "A" * 43
        browser.get(self.created())
        self.assertNotEqual(browser.cookies["onboard"], "A" * 43)

    def test_a_dead_link_leaves_the_session_alone(self):
        url = self.created()
        browser = self.signed_in(url)
        self.assertEqual(browser.get(url).status, 410)
        self.assertEqual(browser.get("/session").status, 200)

    def test_sessions_outlive_a_restart_of_the_server(self):
        with Server() as server:
            token = server.partner("alpha")
            server.plan("PLAN-A", "alpha")
            browser, url = Client(server), server.login(token, person()).url
            browser.get(server.login(token, person()).url)
            server.restart()
            self.assertEqual(browser.get("/session").status, 200)
            self.assertEqual(Client(server).get(url).status, 303)


class SigningOut(Case):
    def test_the_button_on_the_home_page_ends_the_session(self):
        browser = self.signed_in(self.created())
        cookies = dict(browser.cookies)
        answer = browser.submit(browser.get("/home"))
        self.assertIn(answer.status, (200, 303))
        self.assertNotIn("onboard", browser.cookies)
        browser.cookies = cookies       # whoever kept the cookie gains nothing
        self.assert_not_signed_in(browser)
        self.assertNotEqual(browser.get("/home").status, 200)

    def test_a_forged_post_is_refused(self):
        browser, other = self.signed_in(self.created()), self.signed_in(self.created())
        [form] = browser.get("/home").page.forms
        [name] = form["fields"]
        [foreign] = other.get("/home").page.forms
        for why, fields in [("nothing", {}), ("empty", {name: ""}), ("guessed", {name: "x" * 43}),
                            ("of another session", foreign["fields"]),
                            ("shortened", {name: form["fields"][name][:-1]})]:
            with self.subTest(why):
                self.assertEqual(browser.post("/sign-out", form=fields).status // 100, 4)
                self.assertEqual(browser.get("/session").status, 200)
        for body, kind in [(json.dumps(form["fields"]), "application/json"), ("x=1", "text/plain")]:
            self.assertEqual(browser.post("/sign-out", body, {"Content-Type": kind}).status // 100, 4)
        self.assertEqual(browser.get("/session").status, 200)

    def test_following_a_link_does_not_sign_out(self):
        browser = self.signed_in(self.created())
        answer = browser.get("/sign-out")
        self.assertEqual((answer.status, answer["Allow"]), (405, "POST"))
        self.assertEqual(browser.get("/session").status, 200)

    def test_signing_out_ends_one_session_of_several(self):
        user = person()
        first, second = self.signed_in(self.created(user)), self.signed_in(self.updated(user))
        first.submit(first.get("/home"))
        self.assert_not_signed_in(first)
        self.assertEqual(second.get("/session").status, 200)


class ForAnApplication(Case):
    def test_a_link_is_redeemed_once_and_then_gone_everywhere(self):
        url = self.created()
        self.redeemed(url)
        self.assertEqual(self.server.redeem(self.alpha, url).status, 410)
        self.assertEqual(Client(self.server).get(url).status, 410)

    def test_a_link_followed_by_a_browser_is_gone_for_the_application(self):
        url = self.created()
        self.signed_in(url)
        self.assertEqual(self.server.redeem(self.alpha, url).status, 410)

    def test_an_unknown_token_is_told_apart(self):
        for token in ("A" * 43, "x", "null"):
            answer = Client(self.server).post(REDEEM, {"token": token}, bearer(self.alpha))
            self.assertEqual(answer.status, 404, answer)
            self.assertTrue(answer["Content-Type"].startswith("application/"))

    def test_the_answer_is_not_stored(self):
        answer = self.server.redeem(self.alpha, self.created())
        self.assertIn("no-store", answer["Cache-Control"])
        self.assertEqual(answer["X-Content-Type-Options"], "nosniff")

    def test_the_right_is_needed_and_its_absence_spends_nothing(self):
        url = self.created()
        plain = self.server.partner("no-redeem", "partner", "sso", "sunbird")
        self.assertEqual(self.server.redeem(plain, url).status, 403)
        self.assertEqual(self.server.redeem("wrong", url).status, 401)
        self.assertEqual(Client(self.server).post(REDEEM, {"token": token_of(url)}).status, 401)
        self.redeemed(url)

    def test_what_is_not_a_token_is_refused(self):
        for body in ({}, {"token": None}, {"token": 1}, {"token": ["x"]}, {"token": ""}, [], "x", None):
            with self.subTest(str(body)):
                answer = Client(self.server).post(REDEEM, json.dumps(body), bearer(self.alpha))
                self.assertIn(answer.status, (400, 404, 422))

    def test_only_a_post_of_json_is_read(self):
        self.assertEqual(Client(self.server).request("GET", REDEEM, headers=bearer(self.alpha)).status, 405)
        url = self.created()
        answer = Client(self.server).post(REDEEM, form={"token": token_of(url)}, headers=bearer(self.alpha))
        self.assertEqual(answer.status, 415)
        self.redeemed(url)


class Settings(unittest.TestCase):
    def start(self, **settings):
        server = self.enterContext(Server(**settings))
        token = server.partner("alpha", "partner", "redeem")
        server.plan("PLAN-A", "alpha")
        return server, token

    def test_the_link_can_point_at_an_application(self):
        server, token = self.start(login_url="https://app.example/enter?t={token}&from=onboard")
        url = server.login(token, person()).url
        found = re.fullmatch(r"https://app\.example/enter\?t=([A-Za-z0-9_-]{43,})&from=onboard", url)
        self.assertTrue(found, url)
        answer = Client(server).post(REDEEM, {"token": found[1]}, bearer(token))
        self.assertEqual(answer.status, 200, answer)

    def test_the_link_is_built_on_the_public_address(self):
        server, token = self.start(public_url="http://127.0.0.1:7777", login_url="{public_url}/go/{token}")
        self.assertRegex(server.login(token, person()).url,
                         r"^http://127\.0\.0\.1:7777/go/[A-Za-z0-9_-]{43,}$")

    def test_a_slash_behind_the_public_address_is_not_doubled(self):
        server, token = self.start(public_url="http://127.0.0.1:7777/")
        self.assertTrue(server.login(token, person()).url.startswith("http://127.0.0.1:7777/login/"))

    def test_home_can_be_elsewhere(self):
        server, token = self.start(home_url="https://app.example/welcome")
        answer = Client(server).get(server.login(token, person()).url)
        self.assertEqual((answer.status, answer["Location"]), (303, "https://app.example/welcome"))

    def test_behind_a_proxy_with_https_the_cookie_is_secure(self):
        server, token = self.start(public_url="https://id.example", behind_proxy="yes")
        url = server.login(token, person()).url
        self.assertTrue(url.startswith("https://id.example/login/"))
        answer = Client(server).get(url)
        self.assertEqual((answer.status, answer["Location"]), (303, "https://id.example/home"))
        [(name, (_, attributes))] = answer.cookies.items()
        self.assertEqual(name, "__Host-onboard")
        self.assertIn("secure", attributes)
        self.assertEqual(attributes["path"], "/")

    def test_a_link_dies_at_the_end_of_its_life(self):
        server, token = self.start(login_link_seconds=2)
        urls, user = [], person()
        for _ in range(60):
            urls.append(server.login(token, user).url)
        last_issued = time.monotonic()
        expired = server.login(token, user).url
        browser = Client(server)
        self.assertEqual(browser.get(urls.pop()).status, 303)

        def gone():
            # Asking spends a link that is alive, so each look takes another one of the same age.
            started = time.monotonic()
            status = Client(server).get(urls.pop()).status
            self.assertFalse(status == 303 and started > last_issued + 2.1, "alive after its life")
            return status == 410
        until(lambda: time.monotonic() > last_issued + 1 and gone(), 4, "the end of the link")
        until(lambda: time.monotonic() > last_issued + 2.2)
        self.assertEqual(server.redeem(token, expired).status, 410)
        self.assertEqual(browser.get("/session").status, 200)       # the session has a life of its own


class Pages(Case):
    def every_page(self):
        browser, used = self.signed_in(self.created()), self.created()
        self.signed_in(used)
        return [("home", browser.get("/home")), ("used link", Client(self.server).get(used)),
                ("unknown link", Client(self.server).get("/login/" + "A" * 43))]

    def test_every_page_is_strict_about_what_it_lets_in(self):
        for why, answer in self.every_page():
            with self.subTest(why):
                self.assertEqual(answer["Content-Type"].lower().replace(" ", ""), "text/html;charset=utf-8")
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

    def test_no_page_needs_a_script_or_another_host(self):
        for why, answer in self.every_page():
            with self.subTest(why):
                self.assertNotIn("script", answer.page.tags)
                self.assertNotRegex(answer.text, r"""(src|href)=["']?(https?:)?//(?!127\.0\.0\.1)""")
                self.assertNotIn(" style=", answer.text)
                self.assertIn('name="viewport"', answer.text)

    def test_names_are_shown_as_text(self):
        name = """<i>Zo&euml;</i> & "Co" '</form>"""
        home = self.signed_in(self.created(person(firstName=name))).get("/home")
        self.assertNotIn("<i>Zo", home.text)
        self.assertIn(name, home.page.text())
        self.assertEqual(len(home.page.forms), 1)

    def test_a_stranger_is_addressed_in_the_browsers_language(self):
        texts = {}
        for asked, language in [("nl", "nl"), ("fr", "fr"), ("en", "en"), ("de", "de"), ("nl-BE", "nl"),
                                ("de-AT,en;q=0.5", "de"),
                                ("FR", "fr"), ("fr;q=0.1, nl;q=0.9", "nl"), ("ja, fr;q=0.5", "fr"),
                                ("en;q=0, de", "de"), ("ja;q=1, de-CH;q=0.8, *;q=0.1", "de")]:
            with self.subTest(asked):
                page = Client(self.server).get("/login/" + "A" * 43, Accept_Language=asked).page
                self.assertEqual(page.language, language)
                texts.setdefault(language, set()).add(page.text())
        self.assertEqual({language: len(found) for language, found in texts.items()}, dict.fromkeys(texts, 1))
        self.assertEqual(len(set.union(*texts.values())), 4)

    def test_a_strange_accept_language_is_no_trouble(self):
        for asked in ("", "*", "ja", "x" * 2000, ",,,;;q=", "nl;q=abc", "q=1", "nl;q=-1",
                      "nl;q=99999999999999999999"):
            with self.subTest(asked[:20]):
                answer = Client(self.server).get("/login/" + "A" * 43, Accept_Language=asked)
                self.assertEqual(answer.status, 404)
                self.assertIn(answer.page.language, ("nl", "fr", "en", "de"))

    def test_a_known_person_is_addressed_in_their_own_language(self):
        for language in ("NL", "FR", "EN"):
            with self.subTest(language):
                browser = self.signed_in(self.created(person(language=language)))
                self.assertEqual(browser.get("/home", Accept_Language="de").page.language, language.lower())

    def test_a_missing_page_is_missing(self):
        for path in ("/nothing", "/home/", "/home/x", "/Home", "/session/", "/login", "/login/a/b"):
            with self.subTest(path):
                self.assertEqual(Client(self.server).get(path).status, 404)

    def test_the_beginning_leads_home(self):
        browser = Client(self.server)
        answer = browser.get("/")
        self.assertEqual((answer.status, answer["Location"]), (303, "/home"))
        self.assertEqual(browser.get("/home").status, 401)
        self.assertEqual(self.signed_in(self.created()).get("/").status, 303)


class Confirming(unittest.TestCase):
    """A person of partner alpha, whom partner beta sends as well."""

    def setUp(self):
        self.server = self.enterContext(Server(mail_from="hello@onboard.example"))
        self.alpha = self.server.partner("alpha", "partner", "redeem")
        self.beta = self.server.partner("beta", "partner", "redeem")
        self.server.plan("PLAN-A", "alpha")
        self.server.plan("PLAN-B", "beta")
        self.user = person(firstName="Jeanne", lastName="Alpha", language="FR")
        self.assertEqual(self.server.login(self.alpha, self.user).status, 201)

    def from_beta(self, **changes):
        user = self.user | {"bikePlanCode": "PLAN-B", "lastName": "Beta", "partner_PersonID": "B-1"} | changes
        answer = self.server.login(self.beta, user)
        self.assertEqual(answer.status, 200, answer)
        return answer.url

    def asked(self, url=None):
        """A browser that has followed the link and sees the form for the code."""
        browser = Client(self.server)
        answer = browser.get(url or self.from_beta())
        self.assertEqual(answer.status, 303, answer)
        self.assertRegex(answer["Location"], f"^({self.server.url})?/otp$")
        self.assertTrue(browser.cookies)
        self.assertEqual(browser.get("/session").status, 401)
        return browser

    def code(self, count=1):
        return code_in(self.server.wait_for_mail(count)[-1])

    def enter(self, browser, code):
        page = browser.get("/otp")
        if page.status != 200:
            return page
        return browser.submit(page, text=code)

    def test_the_right_code_signs_in_and_links_the_two(self):
        browser = self.asked()
        answer = self.enter(browser, self.code())
        self.assertEqual((answer.status, answer["Location"]), (303, f"{self.server.url}/home"))
        self.assertEqual(browser.get("/session").status, 200)
        self.assertIn("Jeanne", browser.get("/home").page.text())
        # From now on beta's links open at once, and what beta said is taken over.
        again = Client(self.server)
        url = self.server.login(self.beta,
                                {name: value for name, value in self.user.items() if name != "lastName"}
                                | {"lastName": "Beta", "bikePlanCode": "PLAN-B"}).url
        self.assertEqual(again.get(url)["Location"], f"{self.server.url}/home")
        url = self.server.login(self.beta, self.user | {"bikePlanCode": "PLAN-B", "lastName": "Beta"}).url
        found = self.server.redeem(self.beta, url).json["user"]
        self.assertEqual((found["partner"], found["planCode"], found["partner_PersonID"]),
                         ("beta", "PLAN-B", "B-1"))

    def test_the_profile_is_updated_when_the_code_was_right_and_not_before(self):
        browser = self.asked()
        session = Client(self.server)
        session.get(self.server.login(self.alpha, self.user).url)
        self.assertIn("Alpha", session.get("/session").text)
        self.enter(browser, self.code())
        self.assertIn("Beta", session.get("/session").text)

    def test_the_letter_is_complete(self):
        self.asked()
        [mail] = self.server.wait_for_mail()
        self.assertEqual(mail["X-Onboard-Letter"], "partner-confirmation")
        self.assertIn(self.user["email"], mail["To"])
        self.assertEqual(len(mail["To"].addresses), 1)
        self.assertIsNone(mail["Cc"])
        self.assertIsNone(mail["Bcc"])
        self.assertIn("hello@onboard.example", mail["From"])
        self.assertRegex(mail["Message-ID"], r"^<[^<>@\s]+@[^<>@\s]+>$")
        self.assertTrue(mail["Date"])
        self.assertTrue(mail["Subject"].strip())
        self.assertIn(code_in(mail), Page(mail.get_body(("html",)).get_content()).text().replace(" ", ""))
        self.assertEqual([part.defects for part in mail.walk() if part.defects], [])

    def test_the_letter_speaks_the_persons_language(self):
        subjects = set()
        for language in ("NL", "FR", "EN"):
            user = person(language=language)
            self.server.login(self.alpha, user)
            before = len(self.server.mails())
            Client(self.server).get(self.server.login(self.beta, user | {"bikePlanCode": "PLAN-B"}).url)
            subjects.add(self.server.wait_for_mail(before + 1)[-1]["Subject"])
        self.assertEqual(len(subjects), 3, subjects)

    def test_mail_goes_to_the_stored_spelling(self):
        self.asked(self.from_beta(email="  " + self.user["email"].upper()))
        self.assertIn(self.user["email"], self.server.wait_for_mail()[0]["To"])

    def test_letters_differ_in_their_message_id(self):
        self.asked()
        user = person()
        self.server.login(self.alpha, user)
        Client(self.server).get(self.server.login(self.beta, user | {"bikePlanCode": "PLAN-B"}).url)
        self.assertEqual(len({mail["Message-ID"] for mail in self.server.wait_for_mail(2)}), 2)

    def test_a_wrong_code_asks_again_and_the_right_one_still_works(self):
        browser = self.asked()
        code = self.code()
        for wrong in (other_than(code), other_than(code, 111111)):
            answer = self.enter(browser, wrong)
            self.assertEqual(answer.status // 100, 4)
            self.assertTrue(answer["Content-Type"].startswith("text/html"))
            self.assertTrue(answer.page.forms)
            self.assertEqual(browser.get("/session").status, 401)
        self.assertEqual(self.enter(browser, f" {code} ").status, 303)
        self.assertEqual(browser.get("/session").status, 200)

    def test_what_is_no_code_is_refused(self):
        browser = self.asked()
        code = self.code()
        for entered in ("", "12345", "abcdef", code + "0", "x" * 5000):
            self.assertEqual(self.enter(browser, entered).status // 100, 4, entered[:10])
            self.assertEqual(browser.get("/session").status, 401)

    def test_a_code_works_once(self):
        browser = self.asked()
        page = browser.get("/otp")
        cookies, code = dict(browser.cookies), self.code()
        self.assertEqual(browser.submit(page, text=code).status, 303)
        thief = Client(self.server)
        thief.cookies = cookies
        thief.submit(page, text=code)
        self.assertEqual(thief.get("/session").status, 401)

    def test_after_five_wrong_codes_the_right_one_is_refused_too(self):
        browser = self.asked()
        code = self.code()
        for step in range(1, 6):
            self.assertEqual(self.enter(browser, other_than(code, step)).status // 100, 4)
        self.enter(browser, code)
        self.assertEqual(browser.get("/session").status, 401)
        # Neither a fresh link nor a restart gives the guesser new tries.
        again = Client(self.server)
        again.get(self.from_beta())
        self.enter(again, code)
        self.assertEqual(again.get("/session").status, 401)
        self.server.kill9()
        self.server.restart()
        third = Client(self.server)
        third.get(self.from_beta())
        for guesser in (browser, again, third):
            for mail in self.server.mails():
                self.enter(guesser, code_in(mail))
            self.assertEqual(guesser.get("/session").status, 401)

    def test_every_way_of_writing_the_address_shares_the_tries(self):
        code = None
        for number in range(5):
            email = [self.user["email"].upper(), f" {self.user['email']}",
                     self.user["email"].title()][number % 3]
            browser = self.asked(self.from_beta(email=email))
            code = code or self.code()
            self.enter(browser, other_than(code, number + 1))
        self.enter(browser, code)
        self.assertEqual(browser.get("/session").status, 401)

    def test_tries_are_used_up_by_the_confirmation_alone(self):
        browser = self.asked()
        code = self.code()
        for step in range(1, 7):
            self.enter(browser, other_than(code, step))
        signed_in = Client(self.server)
        signed_in.get(self.server.login(self.alpha, self.user).url)
        self.assertEqual(signed_in.get("/session").status, 200)

    def test_a_code_for_one_partner_does_not_confirm_another(self):
        gamma = self.server.partner("gamma")
        self.server.plan("PLAN-G", "gamma")
        self.asked()
        code = self.code()
        other = self.asked(self.server.login(gamma, self.user | {"bikePlanCode": "PLAN-G"}).url)
        self.enter(other, code)
        self.assertEqual(other.get("/session").status, 401)

    def test_a_code_for_one_person_does_not_confirm_another(self):
        victim = person()
        self.server.login(self.alpha, victim)
        self.asked()
        code = self.code()
        other = self.asked(self.server.login(self.beta, victim | {"bikePlanCode": "PLAN-B"}).url)
        if code_in(self.server.wait_for_mail(2)[-1]) != code:
            self.enter(other, code)
            self.assertEqual(other.get("/session").status, 401)

    def test_the_cookie_of_the_form_is_not_the_cookie_of_the_session(self):
        browser = self.asked()
        before = dict(browser.cookies)
        self.assertEqual(self.enter(browser, self.code()).status, 303)
        self.assertFalse(set(before.values()) & set(browser.cookies.values()))
        stranger = Client(self.server)
        stranger.cookies = before
        self.assertEqual(stranger.get("/session").status, 401)

    def test_whoever_is_blocked_or_deleted_meanwhile_is_not_let_in(self):
        for verb in ("block", "delete"):
            with self.subTest(verb):
                user = person()
                self.server.login(self.alpha, user)
                count = len(self.server.mails())
                browser = self.asked(self.server.login(self.beta, user | {"bikePlanCode": "PLAN-B"}).url)
                code = self.code(count + 1)
                self.server.must("user", verb, user["email"])
                self.enter(browser, code)
                self.assertEqual(browser.get("/session").status, 401)

    def test_the_link_signs_in_once_here_too(self):
        url = self.from_beta()
        browser = self.asked(url)
        self.assertEqual(self.enter(browser, self.code()).status, 303)
        self.assertEqual(Client(self.server).get(url).status, 410)
        self.assertEqual(self.server.redeem(self.beta, url).status, 410)

    def test_asking_again_and_again_is_not_mailed_again_and_again(self):
        for _ in range(12):
            url = self.from_beta()
            for _ in range(3):
                Client(self.server).get(url)
        self.server.restart()
        self.server.wait_for_mail()
        self.assertLessEqual(len(self.server.mails()), 5)

    def test_looking_ahead_sends_nobody_to_the_form(self):
        url = self.from_beta()
        for method, headers in [("HEAD", {}), ("GET", {"Sec-Purpose": "prefetch"})]:
            self.assertEqual(Client(self.server).request(method, url, headers=headers).cookies, {})
        self.asked(url)

    def test_a_forged_post_is_refused_and_costs_no_try(self):
        browser = self.asked()
        code = self.code()
        page = browser.get("/otp")
        [form] = page.page.forms
        for _ in range(6):
            answer = browser.post(form["action"], form={form["visible"][0]: other_than(code)})
            self.assertEqual(answer.status // 100, 4)
        browser.post(form["action"], form={form["visible"][0]: code})
        self.assertEqual(browser.get("/session").status, 401)
        self.assertEqual(browser.submit(page, text=code).status, 303)

    def test_the_form_needs_the_cookie_of_the_link(self):
        browser = self.asked()
        code, page = self.code(), browser.get("/otp")
        stranger = Client(self.server)
        self.assertIn(stranger.get("/otp").status, (303, 401, 403, 404, 410))
        stranger.submit(page, text=code)
        self.assertEqual(stranger.get("/session").status, 401)

    def test_the_page_for_the_code_keeps_the_rules_of_all_pages(self):
        answer = self.asked().get("/otp")
        self.assertEqual(answer["Referrer-Policy"], "no-referrer")
        self.assertIn("no-store", answer["Cache-Control"])
        self.assertEqual(answer["X-Content-Type-Options"], "nosniff")
        self.assertNotIn("unsafe", answer["Content-Security-Policy"])
        self.assertEqual(answer.page.language, "fr")
        self.assertNotIn("script", answer.page.tags)

    def test_the_person_id_of_somebody_else_is_still_refused(self):
        self.server.login(self.beta, person(bikePlanCode="PLAN-B", partner_PersonID="B-9"))
        answer = self.server.login(self.beta,
                                   self.user | {"bikePlanCode": "PLAN-B", "partner_PersonID": "B-9"})
        self.assertEqual(answer.status, 409, answer)

    def test_a_letter_on_its_way_survives_a_crash(self):
        browser = self.asked()
        self.server.kill9()
        self.server.restart()
        code = self.code()
        self.assertEqual(len({mail["Message-ID"] for mail in self.server.mails()}), 1)
        self.assertEqual(self.enter(browser, code).status, 303)

    def test_a_letter_that_cannot_leave_yet_leaves_later(self):
        self.server.mail.mkdir(exist_ok=True)
        self.server.mail.rmdir()
        self.server.mail.write_text("in the way")
        self.asked()
        self.server.kill9()
        self.server.mail.unlink()
        self.server.restart()
        self.server.wait_for_mail()


class Logs(Case):
    def test_the_log_is_json_and_tells_no_secret_and_no_address(self):
        token, plan = self.second_partner("beta")
        user = person(firstName="Marker-Name", partner_PersonID="Marker-Id")
        url = self.created(user)
        browser = self.signed_in(url)
        Client(self.server).get(url)
        Client(self.server).post(LOGIN, {"user": user}, bearer("wrong-secret-token"))
        Client(self.server).get(f"/session?token={self.alpha}")
        Client(self.server).get("/login/" + "Q" * 43)
        other = Client(self.server)
        unconfirmed = self.updated(user | {"bikePlanCode": plan, "partner_PersonID": "B"}, token)
        other.get(unconfirmed)
        code = code_in(self.server.wait_for_mail()[-1])
        other.submit(other.get("/otp"), text=other_than(code))
        forged = Client(self.server, User_Agent='"}{"level":"forged', X_Request_Id="i" * 300, Referer=url)
        self.assertIn(forged.get('/x"}{').status, (400, 404))
        self.server.alive()
        lines = until(lambda: len(self.server.lines) > 0 and list(self.server.lines), what="a log line")
        for line in lines:
            self.assertIsInstance(json.loads(line), dict, line)
        log = "\n".join(lines)
        for secret in (token_of(url), token_of(unconfirmed), self.alpha, token, "wrong-secret-token",
                       "Q" * 43,
                       user["email"], browser.cookies["onboard"], "Marker-Name",
                       *other.cookies.values()):
            self.assertNotIn(secret, log)
        self.assertNotRegex(log, rf"\b{code}\b")

    def test_neither_links_nor_sessions_nor_codes_are_on_the_disk(self):
        token, plan = self.second_partner("beta")
        user = person()
        url = self.created(user)
        browser = self.signed_in(self.updated(user))
        Client(self.server).get(self.updated(user | {"bikePlanCode": plan}, token))
        self.server.wait_for_mail()
        kept = b"".join(file.read_bytes() for file in self.server.folder.glob("onboard.db*"))
        self.assertNotIn(token_of(url).encode(), kept)
        self.assertNotIn(browser.cookies["onboard"].encode(), kept)


if __name__ == "__main__":
    unittest.main()
