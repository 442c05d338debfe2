"""The pages in a real Chromium, on a phone and on a desktop. SCREENSHOTS names a directory for pictures."""

import os
import pathlib
import re
import tempfile
import unittest

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

from support import Case, code_in, person, until

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--lang=en"]


class Pages:
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        profile = cls.enterClassContext(tempfile.TemporaryDirectory(prefix="onboard-chromium-",
                                                                    ignore_cleanup_errors=True))
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        for flag in (*FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        cls.browser = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
        cls.addClassCleanup(cls.browser.quit)
        cls.browser.implicitly_wait(10)

    def setUp(self):
        name, width, height = self.size
        self.browser.delete_all_cookies()
        self.browser.get("about:blank")
        self.browser.get_log("browser")
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 2 if name == "phone" else 1,
            "mobile": name == "phone"})

    def text(self):
        return self.browser.find_element(By.TAG_NAME, "body").text

    def sign_out(self, button):
        button.click()
        until(lambda: self.browser.current_url != f"{self.server.url}/home" and self.text(),
              what="the next page")

    def look(self, name, refused=False):
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
                      if entry["level"] != "INFO" and not (refused and re.search(r"status of 4\d\d",
                                                                                 entry["message"]))]
        self.assertEqual(complaints, [])
        self.picture(name)

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

    def test_a_letter_reads_well(self):
        token, plan = self.second_partner("beta")
        user = person()
        self.created(user)
        count = len(self.server.mails())
        self.browser.get(self.updated(user | {"bikePlanCode": plan}, token))
        html = self.server.wait_for_mail(count + 1)[-1].get_body(("html",)).get_content()
        with tempfile.NamedTemporaryFile("w", suffix=".html") as file:
            file.write(html)
            file.flush()
            self.browser.get(f"file://{file.name}")
            self.assertLessEqual(self.browser.execute_script(
                "return document.documentElement.scrollWidth - document.documentElement.clientWidth"), 0)
            self.picture("letter")
            self.browser.get_log("browser")


class OnAPhone(Pages, Case):
    size = "phone", 360, 740


class OnADesktop(Pages, Case):
    size = "desktop", 1440, 900


if __name__ == "__main__":
    unittest.main()
