"""Passwords as their owners, their mail programs and their guessers meet them: set, used, lost, guessed at."""

import html
import os
import re
import threading
import time
import unicodedata
import unittest
import urllib.parse

import chromium
from support import LOGIN, Case, Client, Server, bearer, fresh_email, link_in, person, together, token_of, until

PASSWORD = "velvet otter plays 7 quiet drums"
OTHER = "nine copper kites over a long lake"
VARYING = {"date", "x-request-id", "set-cookie"}
DAY = 86400


class Doors(Case):
    """People and their browsers at the pages about passwords."""

    settings = {"sign_in_per_address_per_minute": 100000}

    def letters(self, address, kind=None):
        return [mail for mail in self.server.delivered()
                if any(to.addr_spec == address for to in mail["To"].addresses)
                and kind in (None, mail["X-Onboard-Letter"])]

    def kinds(self, address):
        return [mail["X-Onboard-Letter"] for mail in self.letters(address)]

    def invited(self, **changes):
        """A new person of user.create, and the link that was mailed to them."""
        user = person(**changes)
        answer = self.server.create(self.alpha, user)
        self.assertEqual(answer.status, 201, answer)
        [mail] = self.letters(user["email"])
        return user, link_in(mail)

    def enter(self, link, password, browser=None):
        """Opens a mailed link and fills its form in."""
        browser = browser or Client(self.server)
        page = browser.get(link)
        self.assertEqual(page.status, 200, page)
        return browser.submit(page, password=password)

    def member(self, password=PASSWORD, **changes):
        """Somebody with a password, and the browser it was set in."""
        user, link = self.invited(**changes)
        browser = Client(self.server)
        answer = self.enter(link, password, browser)
        self.assertEqual(answer.status, 303, answer)
        return user, browser

    def sign_in(self, email, password, browser=None):
        browser = browser or Client(self.server)
        return browser.submit(browser.get("/sign-in"), email=email, password=password)

    def forgot(self, email, browser=None):
        browser = browser or Client(self.server)
        return browser.submit(browser.get("/forgot-password"), email=email)

    def asked_for(self, email):
        """The link mailed to somebody who has lost their password."""
        before = len(self.letters(email, "reset-password"))
        self.assertEqual(self.forgot(email).status, 200)
        return link_in(self.letters(email, "reset-password")[before])

    def assert_signed_in(self, browser, email):
        answer = browser.get("/session")
        self.assertEqual(answer.status, 200)
        self.assertIn(email, answer.text)

    def assert_home(self, answer):
        self.assertEqual((answer.status, answer["Location"]), (303, f"{self.server.url}/home"), answer)

    def assert_page(self, answer, status, language="en"):
        self.assertEqual(answer.status, status, answer)
        self.assertTrue(answer["Content-Type"].startswith("text/html"))
        self.assertIn("no-store", answer["Cache-Control"])
        self.assertEqual(answer["Referrer-Policy"], "no-referrer")
        self.assertEqual(answer["X-Content-Type-Options"], "nosniff")
        self.assertNotIn("unsafe", answer["Content-Security-Policy"])
        self.assertIn("frame-ancestors 'none'", answer["Content-Security-Policy"])
        self.assertEqual(answer.page.language, language)
        self.assertNotIn("script", answer.page.tags)

    def good(self, link):
        """Whether a mailed link still leads to the form."""
        return Client(self.server).get(link).status == 200

    def outline(self, answer, *echoed):
        """All of an answer that could tell one asker from another."""
        body = answer.text
        for text in echoed:
            body = body.replace(html.escape(text), "ECHO")
        headers = sorted((name.lower(), value) for name, value in answer.headers.items()
                         if name.lower() not in VARYING)
        return answer.status, headers, body


class TheLink(Doors):
    def test_the_link_leads_to_a_form_and_the_form_home(self):
        user, link = self.invited(firstName="Ada")
        browser = Client(self.server)
        page = browser.get(link)
        self.assert_page(page, 200)
        [form] = page.page.forms
        self.assertEqual((form["method"], form["visible"]), ("post", ["password"]))
        self.assertIn(user["email"], page.text)
        self.assert_not_signed_in(browser)
        answer = browser.submit(page, password=PASSWORD)
        self.assert_home(answer)
        self.assertIn("no-store", answer["Cache-Control"])
        self.assert_signed_in(browser, user["email"])
        self.assertIn("Ada", browser.get("/home").page.text())
        self.assert_home(self.sign_in(user["email"], PASSWORD))

    def test_looking_at_the_link_changes_nothing(self):
        user, link = self.invited()
        before = self.server.rows()
        for method, headers in [
                ("GET", {}), ("HEAD", {}), ("GET", {"Sec-Purpose": "prefetch"}),
                ("GET", {"Sec-Purpose": "prefetch;prerender"}), ("GET", {"Purpose": "prefetch"}),
                ("GET", {"X-Moz": "prefetch"}), ("GET", {"Range": "bytes=0-10"}), ("GET", {"If-None-Match": "*"}),
                ("GET", {"If-Modified-Since": "Sun, 22 Nov 2054 10:00:00 GMT"}),
                ("GET", {"User-Agent": "Mozilla/5.0 (compatible; LinkScanner/1.0)"}),
                ("GET", {"User-Agent": "SafeLinks-Detonation", "From": "scanner@example.org"}),
                ("GET", {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"})]:
            for _ in range(5):
                answer = Client(self.server).request(method, link, headers=headers)
                self.assertIn(answer.status, (200, 204), f"{method} {headers}: {answer}")
                self.assertLessEqual(set(answer.cookies), {"onboard-form"})
        self.assertEqual(self.server.rows(), before)
        self.assert_home(self.enter(link, PASSWORD))

    def test_other_methods_are_refused_and_spend_nothing(self):
        _, link = self.invited()
        for method in ("PUT", "DELETE", "PATCH", "OPTIONS"):
            answer = Client(self.server).request(method, link)
            self.assertEqual(answer.status, 405, method)
            self.assertEqual({word.strip() for word in answer["Allow"].split(",")} & {"GET", "POST"}, {"GET", "POST"})
        self.assertTrue(self.good(link))

    def test_a_used_link_is_gone_and_leads_to_signing_in(self):
        user, link = self.invited()
        browser, late = Client(self.server), Client(self.server)
        page, stale = browser.get(link), late.get(link)
        self.assert_home(browser.submit(page, password=PASSWORD))
        self.assert_page(late.get(link), 410)
        self.assertIn("/sign-in", late.get(link).text)
        answer = late.submit(stale, password=OTHER)
        self.assert_page(answer, 410)
        self.assertEqual(answer.cookies, {})
        self.assert_not_signed_in(late)
        self.assertEqual(self.sign_in(user["email"], OTHER).status, 401)
        self.assert_home(self.sign_in(user["email"], PASSWORD))

    def test_an_unknown_and_a_damaged_link_are_not_found_and_spend_nothing(self):
        _, link = self.invited()
        token = token_of(link)
        for damaged in (token[:-1], token + "A", token.swapcase(), token + "=", token + "%00", "%20" + token,
                        token + "/", "null", "undefined", ".", "A" * len(token), "A" * 1500, "%2e%2e", "*",
                        token[:-1] + ("B" if token[-1] != "B" else "C")):
            with self.subTest(damaged[:20]):
                self.assertIn(Client(self.server).get(f"/set-password/{damaged}").status, (400, 404))
                posted = Client(self.server).post(f"/set-password/{damaged}", form={"password": PASSWORD})
                self.assertIn(posted.status, (400, 403, 404))
        self.assertEqual(Client(self.server).get("/set-password/").status, 404)
        self.assert_page(Client(self.server).get("/set-password/" + "A" * 66), 404)
        self.assertTrue(self.good(link))

    def test_tokens_of_another_kind_open_nothing(self):
        user, link = self.invited()
        browser = self.signed_in(self.updated(user))
        for why, other in [("login link", token_of(self.updated(user))), ("session", browser.cookies["onboard"]),
                           ("partner", self.alpha)]:
            with self.subTest(why):
                self.assert_page(Client(self.server).get(f"/set-password/{other}"), 404)
        mine = token_of(link)
        self.assertEqual(Client(self.server).get(f"/login/{mine}").status, 404)
        self.assertEqual(self.server.redeem(self.alpha, link).status, 404)
        self.assertEqual(Client(self.server).request(
            "GET", "/session", headers={"Cookie": f"onboard={mine}"}).status, 401)
        self.assertTrue(self.good(link))

    def test_a_forged_form_is_refused_and_the_link_still_good(self):
        user, link = self.invited()
        _, other_link = self.invited()
        browser = Client(self.server)
        [form] = browser.get(link).page.forms
        [other] = browser.get(other_link).page.forms
        [sign_in] = browser.get("/sign-in").page.forms
        right = form["fields"]["form_token"]
        target = form["action"]
        rows = [("no token", None, {}), ("empty token", "", {}), ("wrong token", "0" * len(right), {}),
                ("damaged token", right[:-1], {}), ("token of another link", other["fields"]["form_token"], {}),
                ("token of another form", sign_in["fields"]["form_token"], {}),
                ("foreign origin", right, {"Origin": "https://evil.example"}),
                ("almost our origin", right, {"Origin": self.server.url + ".evil.example"}),
                ("another port", right, {"Origin": "http://127.0.0.1:1"}),
                ("another scheme", right, {"Origin": self.server.url.replace("http:", "https:")}),
                ("cross site", right, {"Sec-Fetch-Site": "cross-site"}),
                ("same site", right, {"Sec-Fetch-Site": "same-site"})]
        for why, token, headers in rows:
            with self.subTest(why):
                fields = {"password": OTHER} | ({} if token is None else {"form_token": token})
                answer = browser.post(target, form=fields, headers=headers)
                self.assert_page(answer, 403)
                self.assertEqual(answer.cookies, {})
                self.assertTrue(self.good(link))
        with self.subTest("another browser"):
            self.assert_page(Client(self.server).post(target, form={"password": OTHER, "form_token": right}), 403)
        self.assertEqual(self.sign_in(user["email"], OTHER).status, 401)
        self.assert_home(browser.post(target, form={"password": PASSWORD, "form_token": right}, headers={
            "Origin": self.server.url, "Sec-Fetch-Site": "same-origin"}))

    def test_only_a_form_is_read(self):
        _, link = self.invited()
        [form] = Client(self.server).get(link).page.forms
        fields = form["fields"] | {"password": PASSWORD}
        answer = Client(self.server).post(form["action"], urllib.parse.urlencode(fields),
                                          {"Content-Type": "text/plain"})
        self.assertEqual(answer.status, 415)
        self.assertEqual(Client(self.server).post(form["action"], fields).status, 415)
        self.assertTrue(self.good(link))

    def test_one_link_sets_one_password_however_many_try_at_once(self):
        for _ in range(2):
            user, link = self.invited()
            browser = Client(self.server)
            page = browser.get(link)

            def tab(_):
                client = Client(self.server)
                client.cookies = dict(browser.cookies)
                return client.connect()

            def post(number, client):
                return client.submit(page, password=f"{PASSWORD} {number:02}")
            answers = together(8, post, tab)
            won = [number for number, answer in enumerate(answers) if answer.status == 303]
            self.assertEqual(len(won), 1, answers)
            self.assertLessEqual({answer.status for answer in answers} - {303}, {410, 503})
            self.assertEqual(sum(bool(answer.cookies) for answer in answers), 1)
            self.assertCountEqual(self.kinds(user["email"]), ["welcome-set-password"])
            self.assert_home(self.sign_in(user["email"], f"{PASSWORD} {won[0]:02}"))
            self.assertEqual(self.sign_in(user["email"], f"{PASSWORD} {(won[0] + 1) % 8:02}").status, 401)

    def test_the_first_password_is_not_reported_and_every_other_one_is(self):
        user, _ = self.member(language="NL")
        self.assertCountEqual(self.kinds(user["email"]), ["welcome-set-password"])
        self.assert_home(self.enter(self.asked_for(user["email"]), OTHER))
        self.assertCountEqual(self.kinds(user["email"]), ["welcome-set-password", "reset-password", "password-changed"])
        [mail] = self.letters(user["email"], "password-changed")
        self.assertIn('lang="nl"', mail.get_body(("html",)).get_content())
        self.assertNotIn("/set-password/", mail.as_string())
        self.assertEqual(len(mail["To"].addresses), 1)

    def test_setting_a_password_ends_other_sessions_and_every_link(self):
        user, first = self.member()
        second = self.signed_in(self.updated(user))
        login, password = self.updated(user), self.asked_for(user["email"])
        stranger, _ = self.invited()
        strangers = self.signed_in(self.updated(stranger))
        browser = Client(self.server)
        self.assert_home(self.enter(password, OTHER, browser))
        self.assert_signed_in(browser, user["email"])
        for ended in (first, second):
            self.assert_not_signed_in(ended)
        self.assertEqual(Client(self.server).get(login).status, 410)
        self.assertEqual(self.server.redeem(self.alpha, login).status, 410)
        self.assertEqual(self.sign_in(user["email"], PASSWORD).status, 401)
        self.assert_home(self.sign_in(user["email"], OTHER))
        self.assert_signed_in(strangers, stranger["email"])

    def test_a_link_dies_with_the_password_that_another_one_set(self):
        user, welcome = self.invited()
        self.assert_home(self.enter(self.asked_for(user["email"]), OTHER))
        self.assert_page(Client(self.server).get(welcome), 410)

    def test_a_link_of_somebody_blocked_or_deleted_meanwhile_is_gone(self):
        for verb in ("block", "delete"):
            with self.subTest(verb):
                user, link = self.invited()
                browser = Client(self.server)
                page = browser.get(link)
                self.server.must("user", verb, user["email"])
                self.assertEqual(Client(self.server).get(link).status, 410)
                self.assertEqual(browser.submit(page, password=PASSWORD).status, 410)
                self.assert_not_signed_in(browser)

    def test_the_session_of_somebody_else_in_the_browser_is_replaced(self):
        anna, browser = self.member(firstName="Anna")
        before = browser.cookies["onboard"]
        bert, link = self.invited(firstName="Bert")
        self.assert_home(self.enter(link, OTHER, browser))
        self.assert_signed_in(browser, bert["email"])
        stale = Client(self.server)
        stale.cookies = {"onboard": before}
        self.assert_not_signed_in(stale)

    def test_the_pages_speak_the_language_of_the_person(self):
        for language in ("NL", "FR", "EN"):
            _, link = self.invited(language=language)
            self.assert_page(Client(self.server, Accept_Language="de").get(link), 200, language.lower())
            self.assert_page(Client(self.server, Accept_Language="de").get("/set-password/x"), 404, "de")


class Choosing(Doors):
    def test_a_password_that_will_not_do_is_explained_and_the_link_still_good(self):
        user, link = self.invited(firstName="Wilhelmina", lastName="Vanderstraeten")
        before = self.server.rows("passwords", "sessions")
        rows = [("empty", ""), ("14 characters", "k7 Lm#q9 Zt!4w"), ("one letter", "a" * 15),
                ("a row of the keyboard", "qwertyuiopasdfg"), ("digits", "123456789012345"),
                ("a common one twice", "passwordpassword"), ("the own address", user["email"]),
                ("the own name", "WilhelminaVanderstraeten"), ("with a nul", PASSWORD + "\0x"),
                ("with a line feed", PASSWORD + "\nx"), ("with an escape", PASSWORD + "\x1b"),
                ("not UTF-8", PASSWORD.encode() + b"\xff\xfe"),
                ("257 characters", "".join(chr(0x4E00 + number) for number in range(257))),
                ("1025 octets", PASSWORD.ljust(1025, "z"))]
        for why, password in rows:
            with self.subTest(why):
                answer = self.enter(link, password)
                self.assert_page(answer, 422)
                self.assertEqual(answer.cookies, {})
                [form] = answer.page.forms
                self.assertEqual(form["visible"], ["password"])
                self.assertEqual(form["fields"]["password"], "")
                self.assertIn('aria-invalid="true"', answer.text)
                self.assertIn('role="alert"', answer.text)
        self.assertEqual(Client(self.server).post(urllib.parse.urlsplit(link).path, form={}).status, 403)
        self.assertCountEqual(self.kinds(user["email"]), ["welcome-set-password"])
        self.assertEqual(self.server.rows("passwords", "sessions"), before)
        # The page that refused is the page to go on with.
        browser = Client(self.server)
        self.assert_home(browser.submit(self.enter(link, "short", browser), password=PASSWORD))

    def test_a_body_beyond_all_passwords_is_refused_and_the_link_still_good(self):
        _, link = self.invited()
        [form] = Client(self.server).get(link).page.forms
        answer = Client(self.server).post(form["action"], form=form["fields"] | {"password": "x" * 1000000})
        self.assert_page(answer, 413)
        self.assertTrue(self.good(link))

    def test_any_other_password_is_kept_exactly_as_it_was_typed(self):
        long = "".join(chr(0x61 + (7 * number + number // 26) % 26) for number in range(256))
        rows = [("15 characters", "k7 Lm#q9 Zt!4wX", ["k7 Lm#q9 Zt!4wx", "k7 Lm#q9 Zt!4w"]),
                ("blanks at its ends", f"  {PASSWORD} ", [PASSWORD, f"  {PASSWORD}", f" {PASSWORD} "]),
                ("percent and plus", "100% +tea&milk=%41;?#/", ["100% +tea&milk=A;?#/", "100%  tea&milk=%41;?#/"]),
                ("pictures", "🚲🦊🌋🎻🐙🧭🪁🍄🛶🪐🐝🎲🧊🥁🪶", ["🚲🦊🌋🎻🐙🧭🪁🍄🛶🪐🐝🎲🧊🥁"]),
                ("digits", "8305917462839150", ["8305917462839151"]),
                ("as long as can be", long, [long[:-1], long[:72], long[:-1] + "#"])]
        for why, password, wrong in rows:
            with self.subTest(why):
                user, browser = self.member(password)
                for other in wrong:
                    self.assertEqual(self.sign_in(user["email"], other).status, 401, other)
                self.assert_home(self.sign_in(user["email"], password))

    def test_every_keyboards_way_of_writing_an_accent_is_the_same(self):
        password = "über den Wolken tönt ein Cembalo"
        user, _ = self.member(unicodedata.normalize("NFD", password))
        self.assert_home(self.sign_in(user["email"], unicodedata.normalize("NFC", password)))
        self.assertEqual(self.sign_in(user["email"], password.replace("ü", "u")).status, 401)


class Expired(unittest.TestCase):
    def test_an_expired_link_offers_a_new_one_that_is_mailed_to_the_address_we_know(self):
        server = self.enterContext(Server(password_link_seconds=3))
        token = server.partner("alpha", "partner")
        server.plan("PLAN-A", "alpha")
        user = person(language="FR")
        self.assertEqual(server.create(token, user).status, 201)
        [mail] = server.delivered()
        link = link_in(mail)
        early = Client(server)
        page = early.get(link)
        self.assertEqual(page.status, 200)
        expired = until(lambda: (answer := early.get(link)).status == 410 and answer, what="an expired link")
        self.assertIn('lang="fr"', expired.text)
        self.assertEqual(early.submit(page, password=PASSWORD).status, 410)
        [form] = expired.page.forms
        self.assertEqual((form["method"], form["visible"]), ("post", []))
        before = server.rows()
        for fields in ({}, {"again": "yes"}, form["fields"] | {"form_token": "0" * 64}):
            self.assertEqual(early.post(form["action"], form=fields).status, 403)
        self.assertEqual(Client(server).post(form["action"], form=form["fields"]).status, 403)  # another browser
        self.assertEqual(early.post(form["action"], form=form["fields"],
                                    headers={"Origin": "https://evil.example"}).status, 403)
        self.assertEqual(server.rows(), before)
        # By now links live longer.
        server.stop()
        server.settings["password_link_seconds"] = DAY
        server.start()
        late = Client(server)
        [form] = late.get(link).page.forms
        for _ in range(3):      # pressed again and again
            sent = late.post(form["action"],
                             form=form["fields"] | {"email": "eve@example.com", "to": "eve@example.com"})
            self.assertEqual(sent.status, 200, sent)
            self.assertEqual(sent.cookies, {})
            self.assertNotIn(user["email"], sent.text)
        mails = [mail for mail in server.delivered() if mail["X-Onboard-Letter"] == "reset-password"]
        self.assertEqual(len(mails), 1)
        self.assertEqual([to.addr_spec for to in mails[0]["To"].addresses], [user["email"]])
        self.assertIn('lang="fr"', mails[0].get_body(("html",)).get_content())
        browser = Client(server)
        fresh = link_in(mails[0])
        # The link was written by a server on another port.
        answer = browser.submit(browser.get(urllib.parse.urlsplit(fresh).path), password=PASSWORD)
        self.assertEqual(answer.status, 303, answer)
        self.assertEqual(browser.get("/session").status, 200)
        gone = Client(server).get(link)
        self.assertEqual(gone.status, 410)
        self.assertEqual(gone.page.forms, [])


class SigningIn(Doors):
    def test_the_right_password_opens_a_session(self):
        user, _ = self.member()
        for email in (user["email"], user["email"].upper(), f"  {user['email']} "):
            browser = Client(self.server)
            self.assert_home(self.sign_in(email, PASSWORD, browser))
            self.assert_signed_in(browser, user["email"])

    def test_the_cookie_of_before_is_not_the_cookie_of_the_session(self):
        user, browser = self.member()
        for chosen in ("x" * 43, browser.cookies["onboard"]):
            client = Client(self.server)
            client.cookies = {"onboard": chosen}
            self.assert_home(self.sign_in(user["email"], PASSWORD, client))
            self.assertNotEqual(client.cookies["onboard"], chosen)
            stale = Client(self.server)
            stale.cookies = {"onboard": chosen}
            self.assert_not_signed_in(stale)

    def test_the_cookie_is_for_the_server_alone(self):
        user, _ = self.member()
        value, attributes = self.sign_in(user["email"], PASSWORD).cookies["onboard"]
        self.assertGreaterEqual(len(value), 43)
        self.assertEqual((attributes["samesite"].lower(), attributes["path"]), ("lax", "/"))
        self.assertIn("httponly", attributes)
        self.assertNotIn("secure", attributes)
        self.assertNotIn("domain", attributes)

    def test_every_wrong_sign_in_gets_one_and_the_same_answer(self):
        known, _ = self.member()
        plain, _ = self.invited()
        blocked, _ = self.member()
        deleted, _ = self.member()
        self.server.must("user", "block", blocked["email"])
        self.server.must("user", "delete", deleted["email"])
        stranger = fresh_email()
        browser = Client(self.server)
        page = browser.get("/sign-in")
        outlines = {}
        for why, email, password in [
                ("wrong", known["email"], OTHER), ("unknown", stranger, OTHER),
                ("no password yet", plain["email"], OTHER), ("blocked, right", blocked["email"], PASSWORD), ("blocked, wrong", blocked["email"], OTHER),
                ("deleted", deleted["email"], PASSWORD), ("none for somebody without", plain["email"], ""),
                ("none", known["email"], ""), ("none for a stranger", stranger, ""),
                ("too long", known["email"], "x" * 2000), ("too long for a stranger", stranger, "x" * 2000),
                ("with a nul", known["email"], PASSWORD + "\0"), ("hash", known["email"], "$argon2id$v=19$m=65536")]:
            answer = browser.submit(page, email=email, password=password)
            self.assertEqual(answer.cookies, {}, why)
            outlines[why] = self.outline(answer, email)
        self.assertEqual(outlines["wrong"][0], 401)
        for why, outline in outlines.items():
            self.assertEqual(outline, outlines["wrong"], why)
        self.assert_not_signed_in(browser)

    def test_what_is_no_address_is_a_wrong_sign_in(self):
        for email in ("", "nobody", "a@b@c", "<script>", "x" * 3000):
            answer = self.sign_in(email, PASSWORD)
            self.assert_page(answer, 401)
            self.assertNotIn("<script", answer.text)

    def test_looking_for_nobody_takes_as_long_as_a_wrong_password(self):
        known, _ = self.member()
        plain, _ = self.invited()
        browser = Client(self.server)
        page = browser.get("/sign-in")

        def quickest(email, password):
            times = []
            for _ in range(4):
                start = time.monotonic()
                self.assertEqual(browser.submit(page, email=email, password=password).status, 401)
                times.append(time.monotonic() - start)
            return min(times)
        wrong = quickest(known["email"], OTHER)
        for email in (fresh_email(), plain["email"]):
            self.assertGreater(quickest(email, OTHER), wrong / 2)
        # What cannot be right is not worth a moment, whoever is meant.
        for email in (known["email"], fresh_email()):
            self.assertLess(quickest(email, "x" * 1025), wrong / 4)

    def test_a_body_beyond_all_passwords_is_refused(self):
        browser = Client(self.server)
        answer = browser.submit(browser.get("/sign-in"), email=fresh_email(), password="x" * 1000000)
        self.assert_page(answer, 413)

    def test_a_forged_form_is_refused_and_counts_as_no_guess(self):
        user, _ = self.member()
        browser, other = Client(self.server), Client(self.server)
        page, others = browser.get("/sign-in"), other.get("/sign-in")
        [form], [foreign] = page.page.forms, others.page.forms
        fields = {"email": user["email"], "password": PASSWORD}
        right = form["fields"]
        before = self.server.rows("code_tries")
        for why, client, more, headers in [
                ("no token", browser, {}, {}), ("wrong token", browser, {"form_token": "0" * 64}, {}),
                ("token of another browser", browser, foreign["fields"], {}),
                ("browser of another token", other, right, {}), ("no cookie", Client(self.server), right, {}),
                ("foreign origin", browser, right, {"Origin": "https://evil.example"}),
                ("cross site", browser, right, {"Sec-Fetch-Site": "cross-site"})]:
            with self.subTest(why):
                answer = client.post("/sign-in", form=more | fields, headers=headers)
                self.assert_page(answer, 403)
                self.assertNotIn("onboard", answer.cookies)
        self.assertEqual(self.server.rows("code_tries"), before)
        self.assert_home(browser.post("/sign-in", form=right | fields, headers={
            "Origin": self.server.url, "Sec-Fetch-Site": "same-origin"}))

    def test_the_page_leads_to_whoever_has_lost_their_password(self):
        page = Client(self.server, Accept_Language="nl").get("/sign-in")
        self.assert_page(page, 200, "nl")
        self.assertIn('href="/forgot-password"', page.text)
        self.assert_page(Client(self.server, Accept_Language="fr").get("/forgot-password"), 200, "fr")

    def test_signing_out_ends_the_session(self):
        user, browser = self.member()
        kept = dict(browser.cookies)
        answer = browser.submit(browser.get("/home"))
        self.assertIn(answer.status, (200, 303))
        stale = Client(self.server)
        stale.cookies = kept
        self.assert_not_signed_in(stale)
        self.assert_home(self.sign_in(user["email"], PASSWORD, browser))
        self.assert_signed_in(browser, user["email"])

    def test_sessions_end_when_their_owner_is_blocked_and_no_new_one_opens(self):
        user, browser = self.member()
        self.server.must("user", "block", user["email"])
        self.assert_not_signed_in(browser)
        self.assertEqual(self.sign_in(user["email"], PASSWORD).status, 401)
        self.server.must("user", "unblock", user["email"])
        self.assert_home(self.sign_in(user["email"], PASSWORD))


class BehindHttps(Doors):
    settings = Doors.settings | {"public_url": "https://id.example", "behind_proxy": "yes"}

    def test_the_cookies_keep_to_their_host_and_to_https(self):
        user, link = self.invited()
        self.assertTrue(link.startswith("https://id.example/set-password/"))
        browser = Client(self.server)
        answer = self.enter(link, PASSWORD, browser)
        self.assertEqual((answer.status, answer["Location"]), (303, "https://id.example/home"))
        signed_in = self.sign_in(user["email"], PASSWORD)
        form_key = Client(self.server).get("/sign-in")
        for name, found in [("__Host-onboard", answer), ("__Host-onboard", signed_in)]:
            value, attributes = found.cookies[name]
            self.assertEqual(list(found.cookies), [name])
            self.assertEqual((attributes["samesite"].lower(), attributes["path"]), ("lax", "/"))
            for word in ("httponly", "secure"):
                self.assertIn(word, attributes)
            self.assertNotIn("domain", attributes)
        [(name, (_, attributes))] = form_key.cookies.items()
        self.assertTrue(name.startswith("__Host-"))
        self.assertIn("secure", attributes)
        self.assertIn("httponly", attributes)
        self.assertIn("max-age", form_key["Strict-Transport-Security"])

    def test_the_origin_that_counts_is_the_public_one(self):
        _, link = self.invited()
        browser = Client(self.server)
        [form] = browser.get(link).page.forms
        fields = form["fields"] | {"password": PASSWORD}
        answer = browser.post(form["action"], form=fields, headers={"Origin": self.server.url})
        self.assertEqual(answer.status, 403)
        answer = browser.post(form["action"], form=fields, headers={"Origin": "https://id.example"})
        self.assertEqual(answer.status, 303)


class Forgotten(Doors):
    def test_a_link_is_mailed_that_sets_another_password(self):
        user, _ = self.member(language="FR")
        answer = self.forgot(f" {user['email'].upper()} ")
        self.assertEqual(answer.status, 200)
        [mail] = self.letters(user["email"], "reset-password")
        self.assertIn('lang="fr"', mail.get_body(("html",)).get_content())
        self.assert_home(self.sign_in(user["email"], PASSWORD))     # asking alone changes nothing
        self.assert_home(self.enter(link_in(mail), OTHER))
        self.assertEqual(self.sign_in(user["email"], PASSWORD).status, 401)
        self.assert_home(self.sign_in(user["email"], OTHER))

    def test_whoever_has_no_password_yet_may_ask_too(self):
        user = person()
        self.created(user)
        self.assert_home(self.enter(self.asked_for(user["email"]), PASSWORD))
        self.assertCountEqual(self.kinds(user["email"]), ["reset-password"])

    def test_the_answer_says_nothing_about_who_is_here(self):
        known, _ = self.member()
        blocked, _ = self.member()
        deleted, _ = self.member()
        self.server.must("user", "block", blocked["email"])
        self.server.must("user", "delete", deleted["email"])
        browser = Client(self.server)
        page = browser.get("/forgot-password")
        stranger = fresh_email()
        outlines = set()
        for email in (known["email"], stranger, blocked["email"], deleted["email"]):
            for _ in range(3):
                answer = browser.submit(page, email=email)
                self.assertEqual(answer.status, 200)
                outlines.add(repr(self.outline(answer, email)))
        self.assertEqual(len(outlines), 1)
        self.assertEqual(self.kinds(known["email"]).count("reset-password"), 1)
        for email in (stranger, blocked["email"], deleted["email"]):
            self.assertNotIn("reset-password", self.kinds(email))

    def test_what_is_no_address_is_asked_for_again(self):
        for email in ("", "nobody", '"><script>alert(1)</script>', "a@b.example\r\nBcc: eve@example.com"):
            answer = self.forgot(email)
            self.assert_page(answer, 422)
            self.assertNotIn("<script", answer.text)
            self.assertTrue(answer.page.forms)

    def test_a_forged_form_mails_nobody(self):
        user, _ = self.member()
        browser = Client(self.server)
        [form] = browser.get("/forgot-password").page.forms
        for fields, headers in [({}, {}), ({"form_token": "0" * 64}, {}),
                                (form["fields"], {"Origin": "https://evil.example"}),
                                (form["fields"], {"Sec-Fetch-Site": "cross-site"})]:
            answer = browser.post("/forgot-password", form=fields | {"email": user["email"]}, headers=headers)
            self.assert_page(answer, 403)
        self.assertNotIn("reset-password", self.kinds(user["email"]))


class SlowedDown(Doors):
    def guess(self, email, password=OTHER, browser=None):
        return self.sign_in(email, password, browser).status

    def shut(self, email):
        """Guesses until nobody may any more; what they are told then."""
        for _ in range(20):
            self.assertEqual(self.guess(email), 401)
        answer = self.sign_in(email, OTHER)
        self.assert_page(answer, 429)
        self.assertIn(int(answer["Retry-After"]), range(1, 3601))
        self.assertTrue(answer.page.forms)
        self.assertIn("/forgot-password", answer.text)
        return answer

    def test_twenty_wrong_guesses_an_hour_shut_an_address_but_not_its_owner(self):
        user, browser = self.member()
        neighbour, _ = self.member()
        self.shut(user["email"])
        # Neither the right password nor another spelling, nor another client, nor a crash opens it.
        self.assertEqual(self.guess(user["email"], PASSWORD), 429)
        self.assertEqual(self.guess(user["email"].upper(), PASSWORD), 429)
        self.assertEqual(self.guess(user["email"], PASSWORD, Client(self.server, "127.0.0.9")), 429)
        self.server.kill9()
        self.server.restart()
        self.assertEqual(self.guess(user["email"], PASSWORD), 429)
        self.assert_home(self.sign_in(neighbour["email"], PASSWORD))
        # The owner has a session, and a way by mail.
        self.assert_signed_in(browser, user["email"])
        self.assert_home(self.sign_in(user["email"], PASSWORD, browser))
        self.assert_signed_in(browser, user["email"])
        link = urllib.parse.urlsplit(self.asked_for(user["email"])).path
        fresh = Client(self.server)
        self.assert_home(self.enter(link, OTHER, fresh))
        self.assert_signed_in(fresh, user["email"])

    def test_the_session_of_somebody_else_opens_no_shut_address(self):
        user, _ = self.member()
        _, stranger = self.member()
        self.shut(user["email"])
        self.assertEqual(self.guess(user["email"], PASSWORD, stranger), 429)

    def test_strangers_are_shut_out_like_those_who_are_here(self):
        user, _ = self.member()
        stranger = fresh_email()
        answers = [self.shut(email) for email in (user["email"], stranger)]
        outlines = [self.outline(answer, email) for answer, email in zip(answers, (user["email"], stranger))]
        for status, headers, body in outlines:
            headers[:] = [(name, value) for name, value in headers if name != "retry-after"]
        plain = [re.sub(r'name="form_token" value="[0-9a-f]+"', "", body) for _, _, body in outlines]
        self.assertEqual(plain[0], plain[1])
        self.assertEqual(outlines[0][:2], outlines[1][:2])

    def test_right_guesses_use_up_nothing(self):
        user, _ = self.member()
        for _ in range(19):
            self.assertEqual(self.guess(user["email"]), 401)
        for _ in range(3):
            self.assert_home(self.sign_in(user["email"], PASSWORD))
        self.assertEqual(self.guess(user["email"]), 401)
        self.assertEqual(self.guess(user["email"], PASSWORD), 429)

    def test_guesses_made_at_once_are_all_counted(self):
        user, _ = self.member()
        browser = Client(self.server)
        page = browser.get("/sign-in")

        def ready(number):
            client = Client(self.server)
            client.cookies = dict(browser.cookies)
            return client.connect()
        answers = together(24, lambda number, client: client.submit(page, email=user["email"], password=OTHER), ready)
        statuses = [answer.status for answer in answers]
        self.assertLessEqual(set(statuses), {401, 429, 503})
        self.assertLessEqual(statuses.count(401), 20)


class SlowClients(unittest.TestCase):
    def start(self, **settings):
        server = self.enterContext(Server(sign_in_per_address_per_minute=4, **settings))
        token = server.partner("alpha", "partner")
        server.plan("PLAN-A", "alpha")
        return server, token

    def submit(self, server, path, address, said=None, **fields):
        browser = Client(server, address)
        page = browser.get(path)
        [form] = page.page.forms
        headers = {"X-Forwarded-For": said} if said else {}
        return browser.post(path, form=form["fields"] | fields, headers=headers)

    def sign_in(self, server, address, said=None):
        return self.submit(server, "/sign-in", address, said, email=fresh_email(), password=OTHER)

    def test_a_client_that_keeps_guessing_is_slowed_down_for_a_minute(self):
        server, token = self.start()
        self.assertEqual([self.sign_in(server, "127.0.0.2").status for _ in range(4)], [401] * 4)
        answer = self.sign_in(server, "127.0.0.2")
        self.assertEqual(answer.status, 429)
        self.assertIn(int(answer["Retry-After"]), range(1, 61))
        asked = self.submit(server, "/forgot-password", "127.0.0.2", email=fresh_email())
        self.assertEqual(asked.status, 429)
        self.assertIn(int(asked["Retry-After"]), range(1, 61))
        self.assertEqual(self.sign_in(server, "127.0.0.2", said="192.0.2.7").status, 429)
        self.assertEqual(self.sign_in(server, "127.0.0.3").status, 401)
        server.kill9()
        server.restart()
        self.assertEqual(self.sign_in(server, "127.0.0.2").status, 429)
        self.assertEqual(self.sign_in(server, "127.0.0.3").status, 401)
        # Partners and pages are none the worse for it.
        answer = Client(server, "127.0.0.2").post(LOGIN, {"user": person()}, bearer(token))
        self.assertEqual(answer.status, 201)
        self.assertEqual(Client(server, "127.0.0.2").get("/sign-in").status, 200)

    def test_asking_for_letters_is_slowed_down_alike_for_known_and_unknown_addresses(self):
        server, token = self.start()
        user = person()
        server.create(token, user)
        for address, email in (("127.0.0.4", user["email"]), ("127.0.0.5", fresh_email())):
            statuses = [self.submit(server, "/forgot-password", address, email=email).status for _ in range(6)]
            self.assertEqual(statuses, [200] * 4 + [429] * 2)

    def test_a_trusted_proxy_is_believed(self):
        server, _ = self.start(trusted_proxies="127.0.0.1")
        self.assertEqual([self.sign_in(server, "127.0.0.1", said="192.0.2.1").status for _ in range(5)],
                         [401] * 4 + [429])
        self.assertEqual(self.sign_in(server, "127.0.0.1", said="192.0.2.2").status, 401)
        self.assertEqual(self.sign_in(server, "127.0.0.1", said="192.0.2.9, 192.0.2.1").status, 429)


class Discreet(Doors):
    settings = Doors.settings | {"log": "debug"}

    def test_no_password_token_or_hash_is_in_logs_files_or_other_letters(self):
        user, link = self.invited()
        browser = Client(self.server)
        refused = "too short 77"
        self.enter(link, refused)
        self.assert_home(self.enter(link, PASSWORD, browser))
        session = browser.cookies["onboard"]
        wrong = "a wrong guess that nobody makes"
        self.sign_in(user["email"], wrong)
        again = self.asked_for(user["email"])
        Client(self.server, Referer=again).get(again + "?x=1")
        waiting = self.kept()
        self.assert_home(self.enter(again, OTHER, browser))
        Client(self.server).get("/set-password/" + "Q" * 66)
        Client(self.server).get(f"/sign-in?password={urllib.parse.quote(wrong)}")
        self.server.alive()
        secrets = [refused, PASSWORD, OTHER, wrong, token_of(link), token_of(again), session,
                   browser.cookies["onboard"], "Q" * 66, urllib.parse.quote_plus(PASSWORD),
                   urllib.parse.quote(wrong)]
        mails = self.letters(user["email"])
        lines = "\n".join(self.server.lines)
        self.assertIn("/set-password/{link}", lines)
        for kept in (waiting, self.kept()):
            for secret in secrets:
                self.assertNotIn(secret, lines)
                self.assertNotIn(secret.encode(), kept)
            self.assertNotIn(b"$argon2", kept)
        self.assertNotIn("$argon2", lines)
        self.assertNotIn(user["email"], lines)
        for mail in mails:
            words = "".join(mail.get_body((part,)).get_content() for part in ("plain", "html")) + str(mail["Subject"])
            own = {token_of(link)} if mail["X-Onboard-Letter"] == "welcome-set-password" else {token_of(again)}
            for secret in secrets:
                if secret not in own or mail["X-Onboard-Letter"] == "password-changed":
                    self.assertNotIn(secret, words)

    def kept(self):
        return b"".join(file.read_bytes() for file in sorted(self.server.folder.glob("onboard.db*")))


class Burst(Doors):
    def peak(self):
        """The most memory the server ever had, in bytes."""
        with open(f"/proc/{self.server.process.pid}/status", encoding="ascii") as status:
            [line] = [line for line in status if line.startswith("VmHWM:")]
        return 1024 * int(line.split()[1])

    def test_a_hundred_at_once_neither_fill_the_memory_nor_stop_everything_else(self):
        user, _ = self.member()
        browser = Client(self.server)
        page = browser.get("/sign-in")
        ended, beats = threading.Event(), []

        def beat():
            while not ended.is_set():
                start = time.monotonic()
                alive = self.server.alive()
                beats.append((alive, time.monotonic() - start))
                ended.wait(0.02)

        def ready(number):
            client = Client(self.server)
            client.cookies = dict(browser.cookies)
            return client.connect()
        watcher = threading.Thread(target=beat)
        watcher.start()
        try:
            answers = together(100, lambda number, client: client.submit(
                page, email=f"nobody.{number}@example.com", password=OTHER), ready)
        finally:
            ended.set()
            watcher.join()
        statuses = [answer.status for answer in answers]
        self.assertLessEqual(set(statuses), {401, 503})
        self.assertIn(401, statuses)
        for answer in answers:
            if answer.status == 503:
                self.assert_page(answer, 503)
                self.assertGreaterEqual(int(answer["Retry-After"]), 1)
                self.assertEqual(answer.cookies, {})
        self.assertGreater(len(beats), 3)
        self.assertTrue(all(alive for alive, _ in beats))
        self.assertLess(max(seconds for _, seconds in beats), 1)
        self.assertLess(self.peak(), (64 * os.cpu_count() + 150) << 20)
        self.assert_home(self.sign_in(user["email"], PASSWORD))

    def test_a_guesser_who_hangs_up_blocks_nobody(self):
        user, _ = self.member()
        browser = Client(self.server)
        [form] = browser.get("/sign-in").page.forms
        cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
        body = urllib.parse.urlencode(form["fields"] | {"email": fresh_email(), "password": OTHER})
        data = (f"POST /sign-in HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\nContent-Length: {len(body)}\r\n"
                f"Content-Type: application/x-www-form-urlencoded\r\n\r\n{body}").encode()
        for _ in range(10):
            self.server.open(data).close()
        self.assertTrue(self.server.alive())
        until(lambda: self.sign_in(user["email"], PASSWORD).status == 303, what="a sign-in")


class Links:
    """Every link of a letter or a page: what somebody could fetch who submits nothing."""

    PATTERN = re.compile(r"https?://[^\s\"'<>]+")

    @classmethod
    def of_letter(cls, mail):
        words = mail.get_body(("html",)).get_content()
        found = cls.PATTERN.findall(mail.get_body(("plain",)).get_content())
        found += cls.PATTERN.findall(html.unescape(words))
        return set(found) | cls.of_page("http://invalid.example/", words)

    @staticmethod
    def of_page(url, text):
        return {urllib.parse.urljoin(url, html.unescape(target))
                for target in re.findall(r"(?:href|src|action)\s*=\s*[\"']?([^\"'\s>]+)", text)}


class Scanned(Doors):
    """Mail programs look at every link before anybody clicks one."""

    AGENTS = [{"User-Agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/129 Safari/537.36"},
              {"User-Agent": "Mozilla/5.0 (compatible; Microsoft Outlook SafeLinks)", "Accept": "*/*"},
              {"User-Agent": "Barracuda Sentinel (EE)", "Sec-Purpose": "prefetch"}, {"User-Agent": ""}]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.browser = chromium.start(cls)

    def mailed(self):
        """Every kind of letter, with its links still to be followed: the people, and the letters."""
        beta, plan = self.second_partner("beta")
        new, first = self.invited()
        lost, _ = self.member()
        reset = self.asked_for(lost["email"])
        changed, _ = self.member()
        self.enter(self.asked_for(changed["email"]), OTHER)
        self.server.create(beta, changed | {"bikePlanCode": plan})
        self.server.create(beta, person(email=lost["email"], bikePlanCode="PLAN-NONE"))
        confirmed = person()
        self.created(confirmed)
        Client(self.server).get(self.updated(confirmed | {"bikePlanCode": plan}, beta))
        mails = self.server.delivered()
        kinds = {mail["X-Onboard-Letter"] for mail in mails}
        self.assertEqual(kinds, {"welcome-set-password", "reset-password", "password-changed", "already-have-account",
                                 "registration-failed", "partner-confirmation"})
        links = set().union(*(Links.of_letter(mail) for mail in mails))
        self.assertLessEqual({first, reset}, links)
        for link in links:
            self.assertTrue(link.startswith(self.server.url + "/"), f"a link that leads elsewhere: {link}")
        return {new["email"]: first, lost["email"]: reset}, links

    def crawl(self, links, headers):
        """Fetches everything that can be reached without submitting anything; how much that was."""
        client, seen, waiting = Client(self.server), set(), list(links)
        while waiting:
            url = waiting.pop().partition("#")[0]
            if url in seen or not url.startswith(self.server.url):
                continue
            seen.add(url)
            for method in ("HEAD", "GET"):
                answer = client.request(method, url, headers=headers)
                self.assertLess(answer.status, 500, url)
            if answer["Location"]:
                waiting.append(urllib.parse.urljoin(url, answer["Location"]))
            if (answer["Content-Type"] or "").startswith("text/html"):
                waiting += Links.of_page(url, answer.text)
        return len(seen)

    def test_scanners_of_links_change_nothing_and_the_links_are_still_good(self):
        waiting, links = self.mailed()
        before = self.server.rows()
        for _ in range(3):
            for headers in self.AGENTS:
                self.assertGreaterEqual(self.crawl(links, headers), len(links))
        self.assertEqual(self.server.rows(), before)
        for email, link in waiting.items():
            browser = Client(self.server)
            self.assert_home(self.enter(link, PASSWORD, browser))
            self.assert_signed_in(browser, email)

    def test_a_scanner_with_a_browser_of_its_own_changes_nothing_and_the_links_are_still_good(self):
        waiting, links = self.mailed()
        before = self.server.rows()
        for _ in range(2):
            for link in sorted(links):
                self.browser.get(link)
                until(lambda: self.browser.execute_script("return document.readyState") == "complete",
                      what="a page that is loaded")
                # It moves about as scanners do, and submits nothing.
                self.browser.execute_script("window.scrollTo(0, document.body.scrollHeight); document.body.click();")
        self.assertEqual(self.server.rows(), before)
        for email, link in waiting.items():
            browser = Client(self.server)
            self.assert_home(self.enter(link, PASSWORD, browser))
            self.assert_signed_in(browser, email)


if __name__ == "__main__":
    unittest.main()
