"""The contract as examples: every transcript below `transcripts` is played to the built server, word for word.

A transcript is a request and its answer. Lines before them that begin with # say what is going on, and those that
begin with "# Given" set the scene. A line of a body that begins with a blank continues the line before. {code} and
the like stand for what varies: what the scene gave, or what only the server can know. Host, Content-Length and
Connection are left out, and so are the fields of an answer that do not matter for the example."""

import base64
import pathlib
import re
import shutil
import tempfile
import unittest

from described import DESCRIPTION
from support import Client, Server, bearer, code_in_text, person, responses

TRANSCRIPTS = pathlib.Path(__file__).resolve().parent / "transcripts"
PLACEHOLDER = re.compile(r"\{([A-Za-z]+)\}")


class Transcript:
    """A request and an answer as they are written down."""

    def __init__(self, path):
        lines = path.read_text().splitlines()
        told = [line.removeprefix("#").strip() for line in lines if line.startswith("#")]
        self.givens = [line.removeprefix("Given ") for line in told if line.startswith("Given ")]
        text = "\n".join(line for line in lines if not line.startswith("#")).strip()
        request, _, answer = text.partition("\n\nHTTP/1.1 ")
        self.request, self.body = self.parts(request)
        (self.status, *self.fields), self.answer = self.parts("HTTP/1.1 " + answer)

    @staticmethod
    def parts(message):
        """The lines of the head, and the body as it goes over the wire."""
        head, _, body = message.partition("\n\n")
        return head.splitlines(), re.sub(r"\n\s+", "", body)


class Scene:
    """A server, a site with the right `sso`, a portal with the right `sunbird`, and what has happened before."""

    def __init__(self, server, tokens):
        self.server, self.known = server, dict(tokens)

    def send(self, method, path, body, token="token"):
        answer = Client(self.server).request(method, path, body, bearer(self.known[token]))
        assert answer.status < 300, answer
        return answer

    def was_sent(self, phone):
        """+49… was sent {code}."""
        before = len(self.server.texts(phone))
        self.send("POST", "/sso/sms", {"telephone": phone})
        self.known["code"] = code_in_text(self.server.wait_for_texts(before + 1, phone)[-1])

    def has_signed_in(self, phone):
        """+49… has signed in with {authCode}."""
        self.was_sent(phone)
        agreed = {"agb": True, "dataprotection": True}
        answer = self.send("POST", "/sso/auth", {"telephone": phone, "code": self.known["code"]} | agreed)
        self.known["authCode"] = answer.json["authCode"]

    def was_blocked(self, phone):
        """+49… was blocked."""
        self.server.must("user", "block", phone)

    def wants(self, phone, address):
        """+49… wants ada@example.org, which was mailed {c}."""
        self.send("PATCH", "/sso/email", {"telephone": phone, "email": address})
        [mail] = self.server.wait_for_mail()
        [self.known["c"]] = set(re.findall(r"/email-optin/([\w-]+)", mail.get_body(("plain",)).get_content()))

    def has_confirmed(self, phone, address):
        """+49… has confirmed ada@example.org."""
        self.wants(phone, address)
        self.send("PATCH", "/sso/email-optin", {"c": self.known["c"]})

    def was_deleted(self, phone):
        """+49… was deleted."""
        self.server.must("user", "delete", phone)

    def was_sent_otp(self, phone):
        """+49… was sent {otp}."""
        before = len(self.server.texts(phone))
        self.send("POST", "/v1/otp/generate", {"request": {"key": phone, "type": "phone"}}, "portalsToken")
        self.known["otp"] = code_in_text(self.server.wait_for_texts(before + 1, phone)[-1])

    def has_verified(self, phone):
        """+49… has verified {otp}."""
        self.was_sent_otp(phone)
        request = {"key": phone, "type": "phone", "otp": self.known["otp"]}
        self.send("POST", "/v1/otp/verify", {"request": request}, "portalsToken")

    def has_signed_up(self, phone, name):
        """+49… has signed up as asha1234."""
        self.has_verified(phone)
        request = {"firstName": "Asha", "phone": phone, "username": name}
        self.send("POST", "/v2/user/create", {"request": request}, "portalsToken")

    def is_a_channel(self, name, organisation):
        """The channel kerala has the organisation school-1."""
        self.server.must("channel", "add", name, "--organisation", organisation)

    def is_taken(self, address):
        """ada@example.org was taken by somebody else."""
        answer = self.server.login(self.known["strangersToken"], person(email=address))
        assert answer.status == 201, answer

    GIVENS = [(r"(\S+) was sent \{code\}\.", was_sent),
              (r"(\S+) has signed in with \{authCode\}\.", has_signed_in),
              (r"(\S+) was blocked\.", was_blocked),
              (r"(\S+) was deleted\.", was_deleted),
              (r"(\S+) was sent \{otp\}\.", was_sent_otp),
              (r"(\S+) has verified \{otp\}\.", has_verified),
              (r"(\S+) has signed up as (\S+)\.", has_signed_up),
              (r"The channel (\S+) has the organisation (\S+)\.", is_a_channel),
              (r"(\S+) wants (\S+), which was mailed \{c\}\.", wants),
              (r"(\S+) has confirmed (\S+)\.", has_confirmed),
              (r"(\S+) was taken by somebody else\.", is_taken)]

    def set(self, given):
        [(found, step)] = [(found, step) for pattern, step in self.GIVENS if (found := re.fullmatch(pattern, given))]
        step(self, *found.groups())

    def filled(self, text):
        """The text, with everything in it that the scene knows."""
        return PLACEHOLDER.sub(lambda found: self.known.get(found[1], found[0]), text)

    def pattern(self, text):
        """What matches the text, whatever stands where the scene knows nothing."""
        pieces = PLACEHOLDER.split(self.filled(text))
        return "".join(r"[\w.-]+" if number % 2 else re.escape(piece) for number, piece in enumerate(pieces))


class Played(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.folder = cls.enterClassContext(tempfile.TemporaryDirectory(prefix="onboard-"))
        with Server(folder=f"{cls.folder}") as server:
            token = server.partner("site", "sso")
            cls.tokens = {"token": token, "nameAndToken": base64.b64encode(f"site:{token}".encode()).decode(),
                          "strangersToken": server.partner("stranger", "partner"),
                          "portalsToken": server.partner("portal", "sunbird")}
            server.plan("PLAN-A", "stranger")
            server.stop()

    def play(self, transcript):
        """The answer, and a scene that knows what was given."""
        with tempfile.TemporaryDirectory(prefix="onboard-") as folder:
            shutil.copytree(self.folder, folder, dirs_exist_ok=True)
            with Server(folder=folder, otp_pause_seconds=0) as server:
                scene = Scene(server, self.tokens)
                for given in transcript.givens:
                    scene.set(given)
                server.settings.pop("otp_pause_seconds")
                server.restart()
                head, body = scene.filled("\r\n".join(transcript.request)), scene.filled(transcript.body).encode()
                length = f"Content-Length: {len(body)}\r\n" if body else ""
                wire = f"{head}\r\nHost: localhost\r\n{length}Connection: close\r\n\r\n".encode() + body
                received = server.raw(wire)
        [answer] = responses(received)
        answer.status_line = received.partition(b"\r\n")[0].decode()
        (request_line, *fields) = head.split("\r\n")
        method, target, _ = request_line.split(" ")
        fields = dict(field.split(": ", 1) for field in fields)
        DESCRIPTION.check(method, target, fields, body or None, answer)
        return answer, scene

    def check(self, transcript):
        answer, scene = self.play(transcript)
        self.assertEqual(answer.status_line, transcript.status, answer)
        fields = [field.partition(": ")[::2] for field in transcript.fields]
        for name in dict(fields):
            told = [value for other, value in fields if other == name]
            found = answer.headers.get_all(name) or []
            self.assertEqual(len(found), len(told), answer)
            for value, pattern in zip(found, told):
                self.assertRegex(value, f"^{scene.pattern(pattern)}$")
        if not re.fullmatch(scene.pattern(transcript.answer), answer.text):
            self.assertEqual(answer.text, scene.filled(transcript.answer))

    def test_every_transcript_is_what_the_server_says(self):
        paths = sorted(TRANSCRIPTS.rglob("*.txt"))
        self.assertTrue(paths)
        for path in paths:
            with self.subTest(str(path.relative_to(TRANSCRIPTS))):
                self.check(Transcript(path))

    def test_every_documented_status_has_a_transcript(self):
        documented = {"auth": "201 400 401 403 404 406 415 422", "code": "201 400 401 403 404 406 415 422",
                      "sms": "201 404 406 415 422 429", "email": "200 400 401 403 404 406 415 422",
                      "email-status": "200 400 404 406 415 422", "email-optin": "200 400 404 406 415 422",
                      "user-status": "201 400 401 403 404 406 415 422",
                      "user-post": "201 400 401 403 404 406 415 422", "user-get": "200 401 403 404 406"}
        files = {path.stem: Transcript(path).status for path in (TRANSCRIPTS / "sso").glob("*.txt")}
        for call, statuses in documented.items():
            for status in statuses.split():
                with self.subTest(f"{call} {status}"):
                    self.assertTrue(files[f"{call}-{status}"].startswith(f"HTTP/1.1 {status} "))


if __name__ == "__main__":
    unittest.main()
