"""A real Chromium with a profile of its own, and the checker of what a page is to somebody who cannot see it."""

import os
import pathlib
import tempfile

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--lang=en"]
AXE = pathlib.Path(os.environ.get("AXE") or pathlib.Path(__file__).resolve().parents[2]
                   / "build/node/node_modules/axe-core/axe.min.js")


def start(case):
    """A browser for a class of tests, ended with it."""
    profile = case.enterClassContext(tempfile.TemporaryDirectory(prefix="onboard-chromium-",
                                                                 ignore_cleanup_errors=True))
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    browser = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
    case.addClassCleanup(browser.quit)
    return browser


def violations(browser):
    """What the checker has against the page that is open, of any impact, and what it names as the culprit."""
    if not AXE.is_file():
        raise AssertionError(f"there is no {AXE}: tests/run installs it")
    # From outside, like the tools of a developer: a page's own policy has no say in it.
    browser.execute_script(AXE.read_text(encoding="utf-8"))
    # Its rule for the size of what is pressed is off unless it is asked for.
    found = browser.execute_async_script(
        "let done = arguments[0];"
        "axe.run(document, {resultTypes: ['violations'], rules: {'target-size': {enabled: true}}})"
        ".then(found => done(found.violations), trouble => done([{id: String(trouble), nodes: []}]));")
    return [f"{rule['id']} ({rule.get('impact')}): {node['html']} {node.get('failureSummary')}"
            for rule in found for node in rule["nodes"] or [{"html": rule["id"]}]]
