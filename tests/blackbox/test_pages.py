"""The pages in a real Chromium, on a phone and on a desktop. SCREENSHOTS names a directory for pictures."""

import contextlib
import os
import pathlib
import re
import tempfile
import unittest

from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

import chromium
from state_portal import PATH, claims, key, token
from support import ABSENT, Case, Client, Server, code_in, code_in_text, link_in, person, until

PASSWORD = "velvet otter plays 7 quiet drums"
OTHER = "nine copper kites over a long lake"
STATE = "https://state.example"


class Pages:
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server.must("channel", "add", "kerala")
        cls.server.must("issuer", "add", STATE, "--public-key", str(key().public), "--channel", "kerala")
        cls.browser = chromium.start(cls)
        cls.browser.implicitly_wait(10)
        cls.browser.execute_cdp_cmd("Network.enable", {})

    def setUp(self):
        name, width, height = self.size
        self.browser.delete_all_cookies()
        self.browser.get("about:blank")
        self.browser.get_log("browser")
        self.speak("en")
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 2 if name == "phone" else 1,
            "mobile": name == "phone"})

    def speak(self, language):
        """What the browser asks for from here on."""
        self.browser.execute_cdp_cmd("Network.setExtraHTTPHeaders", {"headers": {"Accept-Language": language}})

    def text(self):
        return self.browser.find_element(By.TAG_NAME, "body").text

    def sign_out(self, button):
        button.click()
        until(lambda: self.browser.current_url != f"{self.server.url}/home" and self.text(),
              what="the next page")

    def look(self, name, refused=False, closely=True):
        """What every page has to keep to; takes its picture."""
        self.assertEqual(self.browser.execute_script(
            "let wide = Math.max(document.documentElement.scrollWidth, document.body.scrollWidth);"
            "return wide > document.documentElement.clientWidth"), False, "the page scrolls sideways")
        self.assertTrue(self.browser.title.strip())
        self.assertTrue(self.browser.find_element(By.TAG_NAME, "html").get_attribute("lang"))
        self.assertTrue(self.browser.find_elements(By.TAG_NAME, "h1"))
        self.assertTrue(self.browser.find_elements(By.CSS_SELECTOR, "meta[name=viewport]"))
        self.assertNotEqual(self.browser.execute_script("return getComputedStyle(document.body).fontFamily"),
                            '"Times New Roman"', "the style sheet is not applied")
        # Chromium complains of the status of a page that is meant to be refused; anything else is our fault.
        complaints = [entry["message"] for entry in self.browser.get_log("browser")
                      if entry["level"] != "INFO" and not (refused and re.search(r"status of 4\d\d", entry["message"]))]
        self.assertEqual(complaints, [])
        if closely:
            self.assert_for_everybody(name)
        else:
            self.picture(name)

    def assert_for_everybody(self, name):
        """No fault for the eye, the ear or the hand, by day and by night; takes the pictures."""
        for scheme in ("light", "dark"):
            self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {
                "features": [{"name": "prefers-color-scheme", "value": scheme}]})
            # Colours fade into each other, and on the way there nothing needs to be legible.
            until(lambda: self.browser.execute_script("return document.getAnimations().length == 0"),
                  what="a page at rest")
            self.picture(name if scheme == "light" else f"{name}-{scheme}")
            self.assertEqual(chromium.violations(self.browser), [], f"{name}, {scheme}")
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
        self.browser.get_log("browser")

    def picture(self, name):
        if folder := os.environ.get("SCREENSHOTS"):
            pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
            self.browser.save_screenshot(f"{folder}/{name}-{self.size[0]}.png")

    def assert_comfortable(self, *elements):
        """Big enough for a thumb, and text that a phone does not zoom into."""
        for element in elements:
            self.assertGreaterEqual(element.size["height"], 40, element.get_attribute("outerHTML"))
            self.assertGreaterEqual(float(element.value_of_css_property("font-size").removesuffix("px")), 16)

    def test_the_link_leads_home_and_out_again(self):
        url = self.created(person(firstName="Zoë"))
        self.browser.get(url)
        self.assertEqual(self.browser.current_url, f"{self.server.url}/home")
        self.assertIn("Zoë", self.text())
        self.look("home")
        button = self.browser.find_element(By.CSS_SELECTOR, "form button")
        self.assert_comfortable(button)
        [cookie] = self.browser.get_cookies()
        self.assertTrue(cookie["httpOnly"])
        self.assertEqual(self.browser.execute_script("return document.cookie"), "")
        self.sign_out(button)
        self.assertEqual(self.browser.get_cookies(), [])
        self.look("signed-out", refused=True)
        self.browser.get(f"{self.server.url}/home")
        self.assertNotIn("Zoë", self.text())

    def test_going_back_after_signing_out_does_not_go_back_in(self):
        self.browser.get(self.created(person(firstName="Zoë")))
        self.sign_out(self.browser.find_element(By.CSS_SELECTOR, "form button"))
        # Chromium may show the picture it has kept of the last page; asked again, the server knows better.
        self.browser.back()
        self.browser.refresh()
        self.assertEqual(self.browser.current_url, f"{self.server.url}/home")
        self.assertNotIn("Zoë", self.text())
        self.browser.get_log("browser")

    def test_a_used_link_is_explained(self):
        url = self.created()
        self.browser.get(url)
        self.browser.delete_all_cookies()
        self.browser.get_log("browser")
        self.browser.get(url)
        self.assertGreater(len(self.text().split()), 5)
        self.look("used-link", refused=True)

    def test_a_reload_of_the_link_by_the_one_who_followed_it_is_no_dead_end(self):
        url = self.created()
        self.browser.get(url)
        self.browser.get(url)
        self.browser.get_log("browser")
        self.browser.get(f"{self.server.url}/home")
        self.look("home-again")

    def test_long_names_fit(self):
        for name in ("W" * 100, "Wilhelmina-Theodora " * 5, "王" * 100):
            self.browser.get(self.created(person(firstName=name[:100].strip(), lastName="X")))
            self.look("long-name")

    def test_the_code_of_a_letter_is_asked_for_and_let_in(self):
        token, plan = self.second_partner("beta")
        user = person(firstName="Jeanne", language="FR")
        self.created(user)
        count = len(self.server.mails())
        self.browser.get(self.updated(user | {"bikePlanCode": plan}, token))
        self.assertEqual(self.browser.current_url, f"{self.server.url}/otp")
        self.look("code")
        entry = self.browser.find_element(By.CSS_SELECTOR, "form input:not([type=hidden])")
        self.assert_comfortable(entry)
        self.assertEqual(entry.get_attribute("autocomplete"), "one-time-code")
        self.assertEqual(entry.get_attribute("inputmode"), "numeric")
        self.assertTrue(self.browser.find_elements(By.CSS_SELECTOR,
                                                   f"label[for='{entry.get_attribute('id')}']"))
        code = code_in(self.server.wait_for_mail(count + 1)[-1])
        entry.send_keys(f"{(int(code) + 1) % 1000000:06}\n")
        self.assertEqual(self.browser.current_url, f"{self.server.url}/otp")
        self.look("wrong-code", refused=True)
        self.browser.find_element(By.CSS_SELECTOR, "form input:not([type=hidden])").send_keys(f"{code}\n")
        until(lambda: self.browser.current_url == f"{self.server.url}/home", what="home")
        self.assertIn("Jeanne", self.text())
        self.look("home-after-code")

    def press(self, *keys):
        ActionChains(self.browser).send_keys(*keys).perform()

    def select_all(self):
        ActionChains(self.browser).key_down(Keys.CONTROL).send_keys("a").key_up(Keys.CONTROL).perform()

    def focused(self):
        return self.browser.switch_to.active_element

    def tab_to(self, selector):
        """Goes on with the Tab key alone; every place on the way shows that one is there."""
        for _ in range(12):
            self.press(Keys.TAB)
            here = self.focused()
            if here.tag_name != "body":
                self.assertTrue(self.browser.execute_script(
                    "let style = getComputedStyle(arguments[0]);"
                    "return style.outlineStyle != 'none' && parseFloat(style.outlineWidth) >= 2"
                    " || style.boxShadow != 'none'", here), here.get_attribute("outerHTML"))
            if self.browser.execute_script("return arguments[0].matches(arguments[1])", here, selector):
                return here
        raise AssertionError(f"the Tab key does not lead to {selector}")

    def tab_back_to(self, selector):
        ActionChains(self.browser).key_down(Keys.SHIFT).send_keys(Keys.TAB).key_up(Keys.SHIFT).perform()
        self.assertTrue(self.browser.execute_script("return arguments[0].matches(arguments[1])", self.focused(),
                                                    selector))

    def leaves_with(self, *keys):
        """Presses keys that lead to another page, and waits for it."""
        self.browser.execute_script("document.documentElement.dataset.left = 'yes'")
        self.press(*keys)

        def arrived():
            with contextlib.suppress(WebDriverException):
                return self.browser.execute_script(
                    "return document.readyState == 'complete' && !document.documentElement.dataset.left")
        until(arrived, what=f"another page than {self.browser.current_url}")

    def mailed_link(self, address, kind, server=None):
        """The link of the only letter of its kind to somebody."""
        def there():
            return [mail for mail in (server or self.server).mails()
                    if mail["X-Onboard-Letter"] == kind and address in mail["To"]]
        [mail] = until(there, what=f"{kind} to {address}")
        return link_in(mail)

    def invited(self, server=None, token=None, **changes):
        user = person(**changes)
        server = server or self.server
        self.assertEqual(server.create(token or self.alpha, user).status, 201)
        return user, self.mailed_link(user["email"], "welcome-set-password", server)

    def assert_at_home(self, name):
        self.assertEqual(self.browser.current_url, f"{self.server.url}/home")
        self.assertIn(name, self.text())

    def assert_asked_for_password(self, autocomplete):
        entry = self.focused()
        self.assertEqual([entry.get_attribute(name) for name in ("name", "type", "autocomplete")],
                         ["password", "password", autocomplete])
        self.assertEqual(entry.get_attribute("value"), "")
        return entry

    def test_everything_about_passwords_works_by_keyboard_alone(self):
        user, link = self.invited(firstName="Zoë")
        self.browser.get(link)
        self.look("set-password")
        self.assert_asked_for_password("new-password")
        self.assert_comfortable(self.focused(), self.browser.find_element(By.CSS_SELECTOR, "form button"))
        self.press("short", Keys.ENTER)     # which the browser itself does not let through
        self.assertEqual(self.browser.current_url, link)
        self.assertTrue(self.browser.execute_script("return document.activeElement.validity.tooShort"))
        self.select_all()
        self.leaves_with("passwordpassword", Keys.ENTER)
        self.look("refused-password", refused=True)
        self.assertEqual(self.assert_asked_for_password("new-password").get_attribute("aria-invalid"), "true")
        self.assertTrue(self.browser.find_element(By.CSS_SELECTOR, "[role=alert]").is_displayed())
        self.leaves_with(PASSWORD, Keys.ENTER)
        self.assert_at_home("Zoë")
        self.look("home-after-password")
        self.tab_to("form button")
        self.leaves_with(Keys.ENTER)
        self.look("signed-out-by-keyboard", refused=True)

        self.browser.get(f"{self.server.url}/home")
        self.look("not-signed-in", refused=True)
        self.tab_to("a[href='/sign-in']")
        self.leaves_with(Keys.ENTER)
        self.look("sign-in")
        self.assertEqual(self.focused().get_attribute("autocomplete"), "username")
        self.assert_comfortable(*self.browser.find_elements(By.CSS_SELECTOR, "form .field, form button"))
        self.press(user["email"])
        self.tab_to("[name=password]")
        self.leaves_with("not " + PASSWORD, Keys.ENTER)
        self.look("wrong-password", refused=True)
        self.assertEqual(self.browser.find_element(By.NAME, "email").get_attribute("value"), user["email"])
        self.assert_asked_for_password("current-password")
        self.leaves_with(PASSWORD, Keys.ENTER)
        self.assert_at_home("Zoë")
        self.tab_to("form button")
        self.leaves_with(Keys.SPACE)

        self.browser.get(f"{self.server.url}/sign-in")
        self.tab_to("a[href='/forgot-password']")
        self.leaves_with(Keys.ENTER)
        self.look("forgot-password")
        self.assertEqual(self.focused().get_attribute("name"), "email")
        self.leaves_with("nobody", Keys.ENTER)
        self.look("no-address", refused=True)
        self.assertEqual(self.focused().get_attribute("aria-invalid"), "true")
        self.select_all()
        self.leaves_with(user["email"], Keys.ENTER)
        self.look("link-is-mailed")
        self.assertIn(user["email"], self.text())
        again = self.mailed_link(user["email"], "reset-password")
        self.browser.get(again)
        self.look("set-another-password")
        self.leaves_with(OTHER, Keys.ENTER)
        self.assert_at_home("Zoë")

        self.browser.delete_all_cookies()
        self.browser.get(again)
        self.look("used-password-link", refused=True)
        self.tab_to("a[href='/sign-in']")
        self.leaves_with(Keys.ENTER)
        self.press(user["email"], Keys.TAB)
        self.leaves_with(OTHER, Keys.ENTER)
        self.assert_at_home("Zoë")

    def test_an_expired_link_is_replaced_by_keyboard_alone(self):
        server = self.enterContext(Server(password_link_seconds=3))
        token = server.partner("alpha", "partner")
        server.plan("PLAN-A", "alpha")
        user, link = self.invited(server, token, language="NL")
        until(lambda: Client(server).get(link).status == 410, what="an expired link")
        self.browser.get(link)
        self.look("expired-password-link", refused=True)
        self.assert_comfortable(self.tab_to("form button"))
        self.leaves_with(Keys.ENTER)
        self.look("new-link-is-mailed")
        self.mailed_link(user["email"], "reset-password", server)

    def test_a_link_that_is_none_is_explained(self):
        self.browser.get(f"{self.server.url}/set-password/broken")
        self.look("unknown-password-link", refused=True)
        self.tab_to("a[href='/forgot-password']")
        self.leaves_with(Keys.ENTER)
        self.assertEqual(self.browser.current_url, f"{self.server.url}/forgot-password")

    def test_every_refusal_of_a_password_is_explained(self):
        user, link = self.invited(language="FR")
        for name, password in [("too-short", "court"), ("too-long", "x9 " * 100), ("too-common", "passwordpassword")]:
            self.browser.get(link)
            # As a browser does that knows nothing of the length.
            self.browser.execute_script("document.forms[0].noValidate = true")
            self.leaves_with(password, Keys.ENTER)
            self.look(f"password-{name}", refused=True)

    def test_an_old_form_is_explained(self):
        self.browser.get(f"{self.server.url}/sign-in")
        self.browser.delete_all_cookies()
        self.press("jane@example.com", Keys.TAB)
        self.leaves_with(PASSWORD, Keys.ENTER)
        self.look("old-form", refused=True)

    def test_too_many_guesses_are_explained_and_there_is_a_way_on(self):
        user, _ = self.invited()
        for _ in range(20):
            guesser = Client(self.server, "127.0.0.5")
            guesser.submit(guesser.get("/sign-in"), email=user["email"], password=OTHER)
        self.browser.get(f"{self.server.url}/sign-in")
        self.press(user["email"], Keys.TAB)
        self.leaves_with(OTHER, Keys.ENTER)
        self.look("too-many-guesses", refused=True)
        self.tab_to("a[href='/forgot-password']")
        self.leaves_with(Keys.ENTER)
        self.assertEqual(self.browser.current_url, f"{self.server.url}/forgot-password")

    def test_long_addresses_fit(self):
        address = f"{'long' * 15}@{'host' * 12}.{'name' * 12}.example.com"
        _, link = self.invited(email=address)
        self.browser.get(link)
        self.look("set-password-of-a-long-address")
        self.browser.get(f"{self.server.url}/forgot-password")
        self.leaves_with(address, Keys.ENTER)
        self.look("link-is-mailed-to-a-long-address")

    def said(self, **changes):
        """What a portal says of somebody."""
        return claims(STATE, self.server.url, **changes)

    def link_of(self, said):
        return f"{self.server.url}{PATH}?token={token(said, key())}"

    def follow_from_portal(self, said):
        """By keyboard, from a page of another site."""
        with tempfile.NamedTemporaryFile("w", suffix=".html") as file:
            file.write(f"<!doctype html><html lang=en><title>Portal</title><a href='{self.link_of(said)}'>Learn</a>")
            file.flush()
            self.browser.get(f"file://{file.name}")
            self.press(Keys.TAB)
            self.leaves_with(Keys.ENTER)

    def texted(self, said):
        return code_in_text(self.server.wait_for_texts(1, said["phone_number"])[-1])

    def acquainted(self):
        """What was said of somebody who has come in before."""
        client, said = Client(self.server), self.said()
        client.get(self.link_of(said))
        self.assertEqual(client.submit(client.get("/otp"), text=self.texted(said)).status, 303)
        return said

    def assert_asked_for_code(self):
        self.assertEqual(self.browser.current_url, f"{self.server.url}/otp")
        entry = self.focused()
        self.assertEqual([entry.get_attribute(name) for name in ("type", "inputmode", "autocomplete", "value")],
                         ["text", "numeric", "one-time-code", ""])
        self.assertTrue(self.browser.find_elements(By.CSS_SELECTOR, f"label[for='{entry.get_attribute('id')}']"))
        self.assert_comfortable(entry, self.browser.find_element(By.CSS_SELECTOR, "form button"))
        return entry

    def test_a_visit_from_a_portal_works_by_keyboard_alone(self):
        said = self.said(name="Zoë Rao", redirect_uri=f"{self.server.url}/home?from=portal#top")
        self.follow_from_portal(said)
        self.look("visit")
        self.assert_asked_for_code()
        self.assertNotIn(said["phone_number"][3:], self.text().replace(" ", ""))
        code = self.texted(said)
        self.press("123", Keys.ENTER)       # which the browser itself does not let through
        self.assertTrue(self.browser.execute_script("return document.activeElement.validity.patternMismatch"))
        self.select_all()
        self.leaves_with(f"{(int(code) + 1) % 1000000:06}", Keys.ENTER)
        self.look("visit-wrong-code", refused=True)
        self.assertEqual(self.assert_asked_for_code().get_attribute("aria-invalid"), "true")
        self.assertTrue(self.browser.find_element(By.CSS_SELECTOR, "[role=alert]").is_displayed())
        self.tab_to("form button")
        self.tab_back_to("form input:not([type=hidden])")
        self.press(code)
        self.tab_to("form button")
        self.leaves_with(Keys.SPACE)
        self.assertEqual(self.browser.current_url, said["redirect_uri"])
        self.assertIn("Zoë", self.text())
        self.look("home-after-visit")
        self.tab_to("form button")
        self.leaves_with(Keys.ENTER)
        self.browser.get_log("browser")

        self.follow_from_portal(self.said(**{name: said[name] for name in ("sub", "phone_number")}))
        self.assert_at_home("Zoë")      # and now without a code

    def test_going_back_during_a_visit_is_no_dead_end(self):
        said = self.said()
        self.follow_from_portal(said)
        code = self.texted(said)
        self.browser.refresh()
        self.assert_asked_for_code()
        self.browser.get(self.link_of(said | {"jti": "again"}))     # within the pause: the first code is still good
        self.assert_asked_for_code()
        self.leaves_with(code, Keys.ENTER)
        self.assert_at_home("Asha")
        self.browser.back()     # to a form that is done with
        self.browser.refresh()
        self.assertTrue(self.text())
        self.browser.get(f"{self.server.url}/home")
        self.assert_at_home("Asha")
        self.browser.get_log("browser")

    def test_every_page_of_a_visit_in_every_language(self):
        blocked, deleted, known = self.acquainted(), self.acquainted(), ("sub", "phone_number")
        self.server.must("user", "block", blocked["phone_number"])
        self.server.must("user", "delete", deleted["phone_number"])
        asked = {"visit-invalid": {"exp": 1000000000, "iat": 999999900},
                 "visit-unknown-school": {"school_id": "nowhere"},
                 "visit-blocked": {name: blocked[name] for name in known},
                 "visit-deleted": {name: deleted[name] for name in known},
                 "visit-without-number": {"phone_number": ABSENT}}
        titles = set()
        for language in ("nl", "fr", "en", "de"):
            self.speak(language)
            closely = language == "de"      # whose words are the longest
            said = self.said()
            self.browser.get(self.link_of(said))
            self.look(f"visit-code-{language}", closely=closely)
            self.assert_asked_for_code()
            for name, changes in asked.items():
                with self.subTest(f"{name} {language}"):
                    self.browser.get(self.link_of(self.said(**changes)))
                    self.assertEqual(self.browser.find_element(By.TAG_NAME, "html").get_attribute("lang"), language)
                    self.assertGreater(len(self.text().split()), 12)
                    titles.add(self.browser.title)
                    self.look(f"{name}-{language}", refused=True, closely=closely)
            client = Client(self.server, Accept_Language=language)
            client.cookies = {cookie["name"]: cookie["value"] for cookie in self.browser.get_cookies()}
            code = self.texted(said)
            for step in range(1, 6):
                client.submit(client.get("/otp"), text=f"{(int(code) + step) % 1000000:06}")
            self.browser.get(f"{self.server.url}/otp")
            self.leaves_with(code, Keys.ENTER)
            titles.add(self.browser.title)
            self.look(f"visit-too-many-codes-{language}", refused=True, closely=closely)
        self.assertEqual(len(titles), 4 * len(asked))       # a deleted person is told what a blocked one is

    def test_the_page_of_all_calls_reads_well_and_makes_them(self):
        self.browser.get(f"{self.server.url}/docs")
        self.look("docs")
        self.press(Keys.TAB)
        self.assertEqual(self.focused().text, "Skip to the calls")
        self.leaves_to_fragment("#calls")
        self.browser.find_element(By.ID, "token").send_keys(self.alpha)
        self.assertEqual(self.try_call("healthz", Keys.ENTER), "200 OK")
        link = self.created()
        body = f'{{"token": "{link.rpartition("/")[2]}"}}'
        self.assertEqual(self.try_call("redeemLoginToken", Keys.ENTER, body=body), "200 OK")
        self.look("docs-tried")
        self.assertEqual(self.try_call("redeemLoginToken", Keys.SPACE), "410 Gone")
        self.assertEqual(self.try_call("sendCode", Keys.ENTER, body="{}"), "422 Unprocessable Entity")
        self.assertEqual(self.try_call("getUser", Keys.ENTER, username="0151 12345678"), "403 Forbidden")
        self.browser.find_element(By.ID, "token").clear()
        self.assertEqual(self.try_call("checkCode", Keys.ENTER), "401 Unauthorized")
        self.assertEqual(self.try_call("getSession", Keys.ENTER), "401 Unauthorized")
        self.look("docs-refused", refused=True)

    def test_the_page_of_all_calls_is_complete_without_scripts(self):
        self.browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
        self.addCleanup(self.browser.execute_cdp_cmd, "Emulation.setScriptExecutionDisabled", {"value": False})
        self.browser.get(f"{self.server.url}/docs")
        self.assertIn(f"curl '{self.server.url}/v1/login-tokens/redeem'", self.text())
        self.assertIn('"loginUrl":', self.text())
        self.assertEqual(self.browser.find_elements(By.CSS_SELECTOR, "form, button"), [])

    def leaves_to_fragment(self, fragment):
        self.press(Keys.ENTER)
        self.assertEqual(self.browser.current_url, f"{self.server.url}/docs{fragment}")

    def try_call(self, name, key, **typed):
        """Fills in the form of a call on its page and sends it by keyboard; what is said of the answer's status."""
        details = self.browser.find_element(By.CSS_SELECTOR, f"#{name} details")
        if not details.get_attribute("open"):
            details.find_element(By.TAG_NAME, "summary").send_keys(Keys.ENTER)
        for field, text in typed.items():
            entry = details.find_element(By.ID, f"{name}-{field}")
            entry.clear()
            entry.send_keys(text)
        outcome = details.find_element(By.CLASS_NAME, "outcome")
        self.browser.execute_script("arguments[0].replaceChildren()", outcome)
        button = details.find_element(By.CSS_SELECTOR, "button[type=submit]")
        self.assert_comfortable(button)
        button.send_keys(key)
        return until(lambda: outcome.find_element(By.TAG_NAME, "p").text, what=f"an answer to {name}")

    def every_letter(self):
        """One letter of each kind, of a person with a long name."""
        token, plan = self.second_partner("beta")
        user, link = self.invited(firstName="Wilhelmina-Theodora " * 4, language="FR")
        browser = Client(self.server)
        browser.submit(browser.get(link), password=PASSWORD)
        browser.submit(browser.get("/forgot-password"), email=user["email"])
        link = self.mailed_link(user["email"], "reset-password")
        browser.submit(browser.get(link), password=OTHER)
        self.server.create(token, user | {"bikePlanCode": plan})
        self.server.create(token, user | {"bikePlanCode": "PLAN-NONE"})
        Client(self.server).get(self.updated(user | {"bikePlanCode": plan}, token))
        mails = {mail["X-Onboard-Letter"]: mail for mail in self.server.delivered() if user["email"] in mail["To"]}
        self.assertEqual(len(mails), 6, list(mails))
        return mails

    def test_every_letter_reads_well(self):
        for kind, mail in self.every_letter().items():
            with self.subTest(kind), tempfile.NamedTemporaryFile("w", suffix=".html") as file:
                file.write(mail.get_body(("html",)).get_content())
                file.flush()
                self.browser.get(f"file://{file.name}")
                self.assertLessEqual(self.browser.execute_script(
                    "return document.documentElement.scrollWidth - document.documentElement.clientWidth"), 0)
                self.assert_for_everybody(f"letter-{kind}")


class OnAPhone(Pages, Case):
    size = "phone", 360, 740


class OnADesktop(Pages, Case):
    size = "desktop", 1440, 900


if __name__ == "__main__":
    unittest.main()
