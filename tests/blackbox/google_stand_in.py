"""What stands in for Google: pages that a test decides and counts, and a signer of tokens."""

import base64
import http.server
import json
import pathlib
import subprocess
import threading
import time
import uuid

from support import ABSENT

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODULES = ROOT / "build/node"       # put there by tests/run
ISSUER, CLIENT = "https://accounts.google.com", "123456-ours.apps.example.com"


class Page:
    """One page of the web on a port of its own. It can go away and come back; `answer` makes the status, the header
    fields and the body; `asked` has the targets that were asked for."""

    def __init__(self, answer):
        self.answer, self.asked, self._port, self._server = answer, [], 0, None
        self.up()

    def __enter__(self):
        return self

    def __exit__(self, *trouble):
        self.down()

    @property
    def url(self):
        return f"http://127.0.0.1:{self._port}/page"

    def up(self):
        page = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                page.asked.append(self.path)
                status, fields, body = page.answer()
                self.send_response(status)
                for name, value in ({"Content-Length": len(body)} | fields).items():
                    self.send_header(name, value)
                self.end_headers()
                try:
                    self.wfile.write(body)
                except OSError:
                    pass        # whoever asked has heard enough

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", self._port), Handler)
        self._server.daemon_threads = True
        self._port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def down(self):
        if self._server:
            self._server.shutdown()
            self._server.server_close()
        self._server = None


def as_json(said, status=200, **fields):
    fields = {name.replace("_", "-"): value for name, value in fields.items()}
    return status, {"Content-Type": "application/json; charset=UTF-8"} | fields, json.dumps(said).encode()


def raw(part):
    """A part of a token."""
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def claims(**changes):
    """What Google says of somebody nobody has heard of yet. ABSENT leaves a claim out."""
    sub, now = str(uuid.uuid4().int)[:21], int(time.time())
    said = {"iss": ISSUER, "azp": CLIENT, "aud": CLIENT, "sub": sub, "email": f"ada.{sub}@example.org",
            "email_verified": True, "name": "Ada Lovelace", "given_name": "Ada", "family_name": "Lovelace",
            "iat": now, "exp": now + 3600}
    return {name: value for name, value in (said | changes).items() if value is not ABSENT}


class Signer:
    """Signs tokens; `keys` are its public keys by name: those of Google are first and second."""

    def __init__(self):
        self._process = subprocess.Popen(["node", pathlib.Path(__file__).parent / "google_tokens.mjs", MODULES],
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        told = json.loads(self._process.stdout.readline())
        self.keys, self.issuer = told["keys"], told["issuer"]

    def close(self):
        self._process.stdin.close()
        self._process.wait(timeout=15)
        self._process.stdout.close()

    def _ask(self, **words):
        self._process.stdin.write(json.dumps(words) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())["token"]

    def sign(self, said, key="first", **header):
        """A token that says this, a dict or a text of JSON."""
        fields = {"alg": "RS256", "typ": "JWT", "kid": key} | header
        return self._ask(key=key, header={name: value for name, value in fields.items() if value is not ABSENT},
                         payload=said if isinstance(said, str) else json.dumps(said))

    def issue(self, said):
        """A token of oauth2-mock-server."""
        return self._ask(issue=said)

    def key_set(self, *names, max_age=3600):
        """The page of these keys."""
        return lambda: as_json({"keys": [self.keys[name] for name in names]},
                               Cache_Control=f"public, max-age={max_age}, must-revalidate, no-transform")
