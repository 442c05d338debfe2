"""What a newcomer does first: the README's command, the call it prints, and the examples."""

import contextlib
import http.client
import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import unittest

from support import until

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLES = pathlib.Path(os.environ.get("EXAMPLES") or ROOT / "build/release/examples")


class Program:
    """A program that goes on running, and what it has printed so far."""

    def __init__(self, *command, **environment):
        self.out = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen([str(word) for word in command], stdout=self.out, stderr=subprocess.DEVNULL,
                                        env=os.environ | environment, text=True, start_new_session=True)

    def __enter__(self):
        return self

    def __exit__(self, *trouble):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)     # a script has started what would outlive it
        self.process.wait()
        self.out.close()

    def printed(self):
        self.out.seek(0)
        return self.out.read()

    def wait_for(self, pattern, seconds):
        return until(lambda: re.search(pattern, self.printed()), seconds, pattern)


def call(method, url, body=None, headers={}):
    host, path = re.fullmatch(r"http://([^/]+)(/.*)", url).groups()
    connection = http.client.HTTPConnection(host, timeout=10)
    try:
        connection.request(method, path, body=body and json.dumps(body), headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode(), answer.headers
    finally:
        connection.close()


class FirstSteps(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def start(self):
        return Program(ROOT / "server/run", DATA=str(self.folder), ONBOARD_LISTEN="127.0.0.1:0")

    def paste(self, printed, call="user.login", **typed):
        """Runs the line that begins with curl and makes this call, as a shell would, with words typed in."""
        line = re.search(rf"^curl .*{re.escape(call)}.*$", printed, re.MULTILINE)[0]
        for word, text in typed.items():
            line = line.replace(word, text)
        return json.loads(subprocess.run(line, shell=True, capture_output=True, check=True, timeout=30).stdout)

    def test_the_call_that_the_first_command_prints_works_when_pasted_and_its_link_signs_in(self):
        for result in ("User was created.", "User was updated."):  # the second start finds what the first one left
            with self.subTest(result), self.start() as program:
                program.wait_for("Stop with Ctrl-C", 600)
                answer = self.paste(program.printed())
                self.assertEqual((answer["result"], answer["success"]), (result, True))
                status, _, headers = call("GET", answer["loginUrl"])
                self.assertEqual(status, 303)
                self.assertIn(headers["Location"], program.printed())
                cookie = headers["Set-Cookie"].split(";")[0]
                status, page, _ = call("GET", headers["Location"], headers={"Cookie": cookie})
                self.assertEqual(status, 200)
                self.assertIn("Jane", page)
                program.process.send_signal(signal.SIGTERM)
                self.assertEqual(program.process.wait(20), 0)

    def test_the_calls_for_a_telephone_work_when_pasted_with_the_code_that_was_texted(self):
        with self.start() as program:
            program.wait_for("Stop with Ctrl-C", 600)
            self.assertEqual(self.paste(program.printed(), "/sso/sms"), {"telephone": "0151 12345678"})
            [text] = until(lambda: list(self.folder.glob("outgoing/sms/*.json")), what="a text")
            code = json.loads(text.read_text())["text"].rpartition("#")[2]
            answer = self.paste(program.printed(), "/sso/auth", **{"THE-CODE": code})
            self.assertTrue(answer["isNew"])

    def test_the_calls_of_a_sunbird_client_work_when_pasted_with_the_code_that_was_mailed(self):
        with self.start() as program:
            program.wait_for("Stop with Ctrl-C", 600)
            self.assertEqual(self.paste(program.printed(), "/v1/otp/generate")["result"], {"response": "SUCCESS"})
            [mail] = until(lambda: list(self.folder.glob("outgoing/mail/*.eml")), what="a letter")
            code = re.search(r"^ *(\d{6})\r?$", mail.read_text(), re.MULTILINE)[1]
            answer = self.paste(program.printed(), "/v2/user/create", **{"THE-CODE": code})
            self.assertRegex(answer["result"]["userName"], r"^asha\d{4}$")

    def test_the_example_of_fifteen_lines_prints_a_link(self):
        done = subprocess.run([EXAMPLES / "embed"], cwd=self.folder, capture_output=True, text=True, check=True)
        self.assertRegex(done.stdout, r"^https://my\.example/login/[A-Za-z0-9_-]{54}\n$")

    def test_the_example_in_the_readme_is_the_one_that_is_built(self):
        readme = (ROOT / "README.md").read_text()
        example = (ROOT / "examples/embed.cpp").read_text()
        self.assertIn(example[example.index("#include"):], readme)

    def example(self, name):
        return subprocess.run([EXAMPLES / name], cwd=self.folder, capture_output=True, text=True, check=True, timeout=60).stdout

    def test_the_example_of_a_mailer_delivers_and_says_what_was_refused(self):
        self.assertRegex(self.example("own_mailer"),
                         r"\ATo: jeanne@example\.com\nChoisissez un mot de passe : https://my\.example/set-password/[\w-]{54}\n"
                         r"Not delivered: jane@full\.example, that mailbox is full for good\n\Z")

    def test_the_example_of_a_storage_tells_how_long_each_commit_took(self):
        said = self.example("own_storage")
        self.assertRegex(said, r"\A(committed in \d+ us\n){2}hello Jane\n\Z")
        self.assertTrue((self.folder / "stopwatch.db").exists())

    def test_the_example_of_a_rule_passes(self):
        said = self.example("rule_test").splitlines()
        self.assertEqual(len(said), 4)
        self.assertTrue(all(line.startswith("ok: ") for line in said), said)

    def test_the_example_service_takes_user_login_beside_its_own_route(self):
        with Program(EXAMPLES / "own_service", self.folder) as program:
            base = program.wait_for(r"listening on (\S+)", 10)[1]
            token = re.search(r"CITY-1: (\S+)", program.printed())[1]
            bearer = {"Authorization": f"Bearer {token}"}
            user = {"bikePlanCode": "CITY-1", "firstName": "Jane", "lastName": "Johansson",
                    "email": "jane@example.com", "language": "EN"}

            self.assertEqual(call("GET", f"{base}/bikes")[0], 200)
            status, text, _ = call("POST", f"{base}/receiver/APIv3/user.login", {"user": user}, bearer)
            self.assertEqual((status, json.loads(text)["result"]), (201, "User was created."))
            link = json.loads(text)["loginUrl"]
            self.assertEqual(call("GET", link)[:2], (200, '{"hello":"Jane"}'))
            self.assertEqual(call("GET", link)[0], 410)
            status, text, _ = call("POST", f"{base}/receiver/APIv3/user.login", {"user": user}, bearer)
            self.assertEqual((status, json.loads(text)["result"]), (200, "User was updated."))
            status, text, _ = call("POST", f"{base}/receiver/APIv3/user.login", {"user": user | {"email": "x"}}, bearer)
            self.assertEqual((status, json.loads(text)["errors"]), (422, [{"field": "email", "code": "email_malformed"}]))
            self.assertEqual(call("POST", f"{base}/receiver/APIv3/user.login", {"user": user})[0], 401)


if __name__ == "__main__":
    unittest.main()
