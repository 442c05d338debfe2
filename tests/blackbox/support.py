"""Starts the built server in a fresh directory and plays partner, browser and attacker against it."""

import contextlib
import email
import email.policy
import html.parser
import http.client
import io
import itertools
import json
import os
import pathlib
import queue
import re
import shutil
import signal
import socket
import sqlite3
import ssl
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.parse

from described import DESCRIPTION

BINARY = os.environ.get("BINARY") or str(
    pathlib.Path(__file__).resolve().parents[2] / "build/release/server/onboard-server")
LOGIN = "/receiver/APIv3/user.login"
CREATE = "/receiver/APIv3/user.create"
REDEEM = "/v1/login-tokens/redeem"
ABSENT = object()

_never = threading.Event()
_numbers = itertools.count(1)


def until(condition, seconds=10, what="the condition"):
    """Asks again and again, and returns the first true answer."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come true within {seconds} s")
        _never.wait(0.02)
    return answer


def together(count, action, ready=lambda number: None):
    """Runs action(number, what ready(number) made) in so many threads at once; their results, in order."""
    gate, results = threading.Barrier(count, timeout=30), [None] * count

    def run(number):
        try:
            prepared = ready(number)
            gate.wait()
            results[number] = action(number, prepared)
        except Exception as trouble:
            gate.abort()
            results[number] = trouble

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for result in results:
        if isinstance(result, Exception):
            raise result
    return results


def environment(settings):
    """What the process sees: nothing of ours but these settings."""
    ours = {f"ONBOARD_{name.upper()}": str(value) for name, value in settings.items()}
    return {name: value for name, value in os.environ.items() if not name.startswith("ONBOARD_")} | ours


def fresh_email(local="jane"):
    return f"{local}.{next(_numbers)}@example.com"


def person(**changes):
    """A complete user of plan PLAN-A whose address nobody else has. ABSENT leaves a member out."""
    user = {"bikePlanCode": "PLAN-A", "firstName": "Jane", "lastName": "Johansson", "email": fresh_email(),
            "language": "EN"}
    return {name: value for name, value in (user | changes).items() if value is not ABSENT}


def token_of(url):
    return urllib.parse.urlsplit(url).path.rpartition("/")[2]


def code_in(mail):
    """The one six-digit code of a letter."""
    [code] = set(re.findall(r"\b\d{6}\b", mail.get_body(("plain",)).get_content()))
    return code


def fresh_phone():
    """A mobile number that nobody else has, nor any that differs from it in the last four digits alone."""
    number = next(_numbers)
    return f"+49151{number:04}{7919 * number % 10000:04}"


def code_in_text(text):
    """The code that a telephone finds in a text message: the one of its last line."""
    host, _, code = text["text"].rpartition("\n")[2].partition(" #")
    assert host.startswith("@") and code.isdigit(), text
    return code


def link_in(mail):
    """The one link of a letter that leads to a form for a password."""
    [link] = set(re.findall(r"https?://[^\s\"<>]+/set-password/[\w-]+", mail.get_body(("plain",)).get_content()))
    return link


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def psql(database, text):
    """What PostgreSQL says to this."""
    done = subprocess.run(["psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--dbname", database,
                           "--command", text], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def unsound(folder):
    """What SQLite finds wrong with the database in a folder. Looks at a copy, so that looking repairs nothing."""
    with tempfile.TemporaryDirectory() as copy:
        for file in pathlib.Path(folder).glob("onboard.db*"):
            shutil.copy(file, copy)
        with contextlib.closing(sqlite3.connect(f"{copy}/onboard.db")) as database:
            found = database.execute("pragma integrity_check").fetchall()
            return [row for row in found if row != ("ok",)] + database.execute("pragma foreign_key_check").fetchall()


class Outcome:
    """What a command said when it ended."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    def __repr__(self):
        return f"exit {self.code}\nstdout: {self.out}\nstderr: {self.err}"


class Page(html.parser.HTMLParser):
    """The words, the language and the forms of an HTML page."""

    def __init__(self, text):
        super().__init__()
        self.forms, self.words, self.language, self.tags, self._silent = [], [], None, [], 0
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.tags.append(tag)
        if tag == "html":
            self.language = attributes.get("lang")
        elif tag in ("style", "script", "title"):
            self._silent += 1
        elif tag == "form":
            self.forms.append({"action": attributes.get("action"),
                               "method": attributes.get("method", "get").lower(),
                               "fields": {}, "visible": []})
        elif tag == "input" and self.forms and attributes.get("name"):
            form = self.forms[-1]
            form["fields"][attributes["name"]] = attributes.get("value") or ""
            if attributes.get("type", "text") not in ("hidden", "submit"):
                form["visible"].append(attributes["name"])

    def handle_endtag(self, tag):
        if tag in ("style", "script", "title"):
            self._silent -= 1

    def handle_data(self, data):
        if not self._silent and data.strip():
            self.words.append(" ".join(data.split()))

    def text(self):
        return " ".join(self.words)


class Answer:
    """One HTTP response, read to its end."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def __repr__(self):
        return f"{self.status}\n{self.headers}{self.body[:2000].decode(errors='replace')}"

    def __getitem__(self, header):
        return self.headers.get(header)

    @property
    def text(self):
        return self.body.decode()

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def page(self):
        return Page(self.text)

    @property
    def url(self):
        return self.json["loginUrl"]

    @property
    def cookies(self):
        """Name -> (value, attributes by lower-case name) of every cookie that is set here."""
        found = {}
        for line in self.headers.get_all("Set-Cookie") or []:
            first, *rest = (part.strip() for part in line.split(";"))
            name, _, value = first.partition("=")
            found[name] = (value, {key.lower(): text for key, _,
                                   text in (part.partition("=") for part in rest)})
        return found


def responses(data, bodiless=False):
    """Every response in these bytes; anything left over is an error."""
    found, stream = [], io.BytesIO(data)
    while line := stream.readline():
        version, _, rest = line.partition(b" ")
        if not version.startswith(b"HTTP/1.") or not rest[:3].isdigit():
            raise AssertionError(f"not a response: {line!r} after {found}")
        headers = http.client.parse_headers(stream)
        status = int(rest[:3])
        length = 0 if bodiless or status < 200 or status == 204 else int(headers.get("Content-Length", "0"))
        found.append(Answer(status, headers, stream.read(length)))
    return found


class Client:
    """A browser or a partner's system: keeps cookies, follows no redirect, one connection a request. Whatever it is
    answered has to be described."""

    description = DESCRIPTION

    def __init__(self, server, address=None, **headers):
        self.server, self.address, self.cookies = server, address, {}
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        self._connection = None

    def connect(self):
        """Opens the connection of the next request beforehand."""
        source = (self.address, 0) if self.address else None
        host, port = self.server.address
        if self.server.url.startswith("https:"):
            context = ssl._create_unverified_context()
            self._connection = http.client.HTTPSConnection(host, port, timeout=30, context=context,
                                                           source_address=source)
        else:
            self._connection = http.client.HTTPConnection(host, port, timeout=30, source_address=source)
        self._connection.connect()
        return self

    def request(self, method, target, body=None, headers=None, form=None):
        fields = dict(self.headers)
        if form is not None:
            body = urllib.parse.urlencode(form)
            fields["Content-Type"] = "application/x-www-form-urlencoded"
        elif isinstance(body, (dict, list)):
            body = json.dumps(body)
        if body is not None and form is None:
            fields["Content-Type"] = "application/json"
        if self.cookies:
            fields["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        fields |= headers or {}
        fields = {name: value for name, value in fields.items() if value is not ABSENT}
        if target.startswith("http"):
            parts = urllib.parse.urlsplit(target)
            target = parts.path + (f"?{parts.query}" if parts.query else "")
        if self._connection is None:
            self.connect()
        connection, self._connection = self._connection, None
        try:
            connection.request(method, target, body.encode() if isinstance(body, str) else body, fields)
            response = connection.getresponse()
            answer = Answer(response.status, response.headers, response.read())
        finally:
            connection.close()
        self.description.check(method, target, fields, body, answer)
        for name, (value, attributes) in answer.cookies.items():
            self.cookies[name] = value
            if not value or attributes.get("max-age") == "0":
                del self.cookies[name]
        return answer

    def get(self, target, **headers):
        return self.request("GET", target,
                            headers={name.replace("_", "-"): text for name, text in headers.items()})

    def post(self, target, body=None, headers=None, form=None):
        return self.request("POST", target, body, headers, form)

    def submit(self, page, **answers):
        """Fills in the one form of a page and sends it; `text` goes into its visible field."""
        [form] = page.page.forms
        fields = dict(form["fields"])
        if "text" in answers:
            fields[form["visible"][0]] = answers.pop("text")
        return self.post(form["action"], form=fields | answers)


class StartFailed(Exception):
    pass


class Server:
    """The program under test, in a directory of its own; settings are keywords: Server(log="debug"). `variables`
    are for the environment of the server alone."""

    def __init__(self, *flags, folder=None, variables=None, **settings):
        self._temporary = None if folder else tempfile.TemporaryDirectory(prefix="onboard-")
        self.folder = pathlib.Path(folder or self._temporary.name)
        self.database = f"sqlite:{self.folder}/onboard.db"
        self.mail = self.folder / "mail"
        self.flags, self.settings = flags, {"mail": f"dir:{self.mail}"} | settings
        self.variables = variables or {}
        self.lines, self.process = [], None
        self.start()

    def __enter__(self):
        return self

    def __exit__(self, *trouble):
        if self.process.poll() is None:
            self.kill9()
        self._drain()
        if self._temporary:
            self._temporary.cleanup()

    def start(self):
        listen = () if "listen" in self.settings else ("--listen", "127.0.0.1:0")
        self.process = subprocess.Popen(
            [BINARY, "serve", "--database", self.database, *listen, *self.flags], cwd=self.folder,
            env=environment(self.settings) | self.variables, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        said = queue.Queue()
        self._readers = [threading.Thread(target=self._read,
                                          args=(self.process.stdout, said.put, lambda: said.put("")),
                                         daemon=True),
                         threading.Thread(target=self._read, args=(self.process.stderr, self.lines.append),
                                          daemon=True)]
        for reader in self._readers:
            reader.start()
        try:
            first = said.get(timeout=15)
        except queue.Empty:
            first = None
        if not first or not first.startswith("listening on "):
            self.process.kill()
            self._drain()
            raise StartFailed(f"exit {self.process.returncode}, stdout {first!r}, stderr {self.lines[-5:]}")
        self.url = first.removeprefix("listening on ")
        parts = urllib.parse.urlsplit(self.url)
        self.address = (parts.hostname, parts.port)

    @staticmethod
    def _read(stream, take, at_end=lambda: None):
        for line in stream:
            take(line.decode(errors="replace").rstrip("\n"))
        at_end()

    def _drain(self):
        self.process.wait(timeout=15)
        for reader in self._readers:
            reader.join(timeout=15)
        self.process.stdout.close()
        self.process.stderr.close()
        # A race is told and survived, so that nobody else would notice.
        told = [line for line in self.lines if "Sanitizer: " in line or "runtime error: " in line]
        assert not told, "\n".join(self.lines)

    def kill9(self):
        self.process.kill()
        self._drain()

    def stop(self, number=signal.SIGTERM):
        """Asks the server to stop and returns its exit code."""
        self.process.send_signal(number)
        self._drain()
        return self.process.returncode

    def restart(self):
        if self.process.poll() is None:
            self.stop()
        self.start()

    def command(self, *words, **settings):
        """Runs a command against the same database."""
        done = subprocess.run([BINARY, *words, "--database", self.database], cwd=self.folder, timeout=60,
                              text=True,
                              env=environment(self.settings | settings), stdin=subprocess.DEVNULL,
                              capture_output=True)
        return Outcome(done.returncode, done.stdout, done.stderr)

    def must(self, *words):
        """A command that has to succeed; its output."""
        outcome = self.command(*words)
        assert outcome.code == 0, f"{words}: {outcome}"
        return outcome.out

    def partner(self, name, *rights, link_existing=None):
        """Makes a partner and returns its bearer token."""
        options = [word for right in rights for word in ("--right", right)]
        options += ["--link-existing", link_existing] if link_existing else []
        return self.must("partner", "add", name, *options).splitlines()[-1]

    def plan(self, code, partner):
        self.must("plan", "add", code, "--partner", partner)

    def login(self, token, user, **headers):
        """One user.login."""
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        return Client(self).post(LOGIN, {"user": user}, bearer(token) | more)

    def create(self, token, users, **headers):
        """One user.create: of a person, or of a list of them."""
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        return Client(self).post(CREATE, {"user": users}, bearer(token) | more)

    def redeem(self, token, url):
        return Client(self).post(REDEEM, {"token": token_of(url)}, bearer(token))

    def open(self, data, address=None, seconds=10):
        """A bare connection on which these bytes have been sent."""
        source = (address, 0) if address else None
        connection = socket.create_connection(self.address, seconds, source)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            connection.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass        # it answered and closed before it had read everything, which is its right
        return connection

    def raw(self, data, address=None, seconds=10):
        """Sends bytes and returns every byte that comes back until the server closes."""
        with self.open(data, address, seconds) as connection:
            return read_to_close(connection)

    def alive(self):
        try:
            return Client(self).get("/healthz").status == 200
        except (OSError, http.client.HTTPException):
            return False

    def mails(self):
        """Every letter in the mail directory, oldest first."""
        files = sorted(self.mail.glob("*.eml"),
                       key=lambda file: file.stat().st_mtime_ns) if self.mail.is_dir() else []
        return [email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in files]

    def wait_for_mail(self, count=1):
        """The letters, once there are so many."""
        return until(lambda: (found := self.mails()) and len(found) >= count and found,
                     what=f"{count} letters")

    def texts(self, to=None):
        """Every message in the directory of text messages, oldest first; those to one number, if one is named."""
        files = sorted(self.folder.glob("outgoing/sms/*.json"), key=lambda file: file.stat().st_mtime_ns)
        texts = [json.loads(file.read_bytes()) for file in files]
        return [text for text in texts if to in (None, text["to"])]

    def wait_for_texts(self, count=1, to=None):
        """The same, once there are so many."""
        return until(lambda: len(found := self.texts(to)) >= count and found, what=f"{count} text messages")

    def rows(self, *tables):
        """Every row of these tables, or of all: name of the table -> rows as text. Looks without touching anything."""
        path = f"file:{self.database.removeprefix('sqlite:')}?mode=ro"
        with contextlib.closing(sqlite3.connect(path, uri=True, timeout=10)) as database:
            database.execute("begin")       # one state of all tables
            tables = tables or [name for name, in database.execute(
                "select name from sqlite_master where type = 'table' order by name").fetchall()]
            return {table: sorted(map(repr, database.execute(f"select * from {table}"))) for table in tables}

    def delivered(self):
        """The letters of the mail directory, once none waits any more."""
        until(lambda: not self.rows("outbox")["outbox"], what="an empty outbox")
        return self.mails()


def read_to_close(connection):
    received = b""
    try:
        while some := connection.recv(65536):
            received += some
    except ConnectionResetError:
        pass
    except TimeoutError:
        raise AssertionError(f"the connection stays open; so far {received!r}") from None
    return received


def try_to_serve(folder, *flags, **settings):
    """A start that is expected to be refused: how it ended, at once."""
    listen = () if "listen" in settings or "--listen" in flags else ("--listen", "127.0.0.1:0")
    database = () if "database" in settings or "--database" in flags else ("--database",
                                                                           f"sqlite:{folder}/onboard.db")
    process = subprocess.Popen([BINARY, "serve", *database, *listen, *flags], cwd=folder,
                               env=environment(settings),
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True)
    with process:
        guard = threading.Timer(20, process.kill)
        guard.start()
        first = process.stdout.readline()
        if first.startswith("listening on"):
            process.kill()
        out, err = process.communicate()
        guard.cancel()
    return Outcome("started" if first.startswith("listening on") else process.returncode, first + out, err)


class Case(unittest.TestCase):
    """One server a class, with partner alpha (and its plan PLAN-A), for promises that no state disturbs."""

    settings = {}
    link_existing = None

    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Server(**cls.settings))
        cls.alpha = cls.server.partner("alpha", "partner", "redeem", link_existing=cls.link_existing)
        cls.server.plan("PLAN-A", "alpha")

    def second_partner(self, name, link_existing=None):
        """A partner with a plan of its own: its token, and that plan's code."""
        name = f"{name}-{next(_numbers)}"
        token = self.server.partner(name, "partner", "redeem", link_existing=link_existing)
        self.server.plan(f"PLAN-{name}", name)
        return token, f"PLAN-{name}"

    def login(self, user=None, token=None, **headers):
        return self.server.login(token or self.alpha, user or person(), **headers)

    def created(self, user=None, token=None, **headers):
        answer = self.login(user, token, **headers)
        self.assertEqual(answer.status, 201, answer)
        return answer.url

    def updated(self, user, token=None, **headers):
        answer = self.login(user, token, **headers)
        self.assertEqual(answer.status, 200, answer)
        return answer.url

    def redeemed(self, url, token=None):
        answer = self.server.redeem(token or self.alpha, url)
        self.assertEqual(answer.status, 200, answer)
        return answer.json["user"]

    def signed_in(self, url):
        """A browser that has followed the link."""
        browser = Client(self.server)
        answer = browser.get(url)
        self.assertEqual(answer.status, 303, answer)
        self.assertEqual(browser.get("/session").status, 200)
        return browser

    def assert_refused(self, answer, status, field=None):
        self.assertEqual(answer.status, status, answer)
        self.assertTrue((answer["Content-Type"] or "").startswith("application/json"), answer)
        said = answer.json
        self.assertIs(said["success"], False)
        self.assertIsInstance(said["result"], str)
        self.assertTrue(said["result"].strip())
        self.assertNotIn("loginUrl", said)
        self.assertIsInstance(said["errors"], list)
        for error in said["errors"]:
            self.assertIsInstance(error["field"], str)
            self.assertTrue(error["code"])
        if field:
            self.assertIn(plain(field), [plain(error["field"]) for error in said["errors"]], answer)

    def assert_not_signed_in(self, browser):
        self.assertEqual(browser.get("/session").status, 401)


def plain(field):
    """A field's name whatever its spelling, with or without the object it is in."""
    return field.rpartition(".")[2].casefold().replace("employeeid", "personid")
