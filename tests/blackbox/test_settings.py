"""Settings: where they come from, which are refused and why, the secret file, TLS, exit codes."""

import os
import pathlib
import socket
import ssl
import subprocess
import tempfile
import unittest

from support import BINARY, Client, Server, environment, person, responses, try_to_serve

# A bad setting, and what the refusal has to name.
BAD = [
    ("a link of no seconds", dict(login_link_seconds=0)),
    ("a link that lives too long", dict(login_link_seconds=601)),
    ("a link below zero", dict(login_link_seconds=-1)),
    ("seconds with a unit", dict(login_link_seconds="5m")),
    ("seconds that are no number", dict(login_link_seconds="soon")),
    ("seconds left empty", dict(login_link_seconds="")),
    ("seconds with a fraction", dict(login_link_seconds="1.5")), ("seconds beyond any number",
                                                                  dict(login_link_seconds="9" * 30)),
    ("a listener without a port", dict(listen="127.0.0.1")),
    ("a port too high", dict(listen="127.0.0.1:65536")),
    ("a port in words", dict(listen="127.0.0.1:http")),
    ("a listener that is no address", dict(listen="nonsense")),
    ("an unknown database", dict(database="mysql://localhost/x")),
    ("a database without a path", dict(database="sqlite:")),
    ("a public address without a scheme", dict(public_url="id.example")),
    ("a public address that is no web address", dict(public_url="ftp://id.example")),
    ("a public address with a user", dict(public_url="https://me:pw@id.example", behind_proxy="yes")),
    ("a public address with a query", dict(public_url="https://id.example/?x=1", behind_proxy="yes")),
    ("a public address with a line feed", dict(public_url="https://id.example/\nx", behind_proxy="yes")),
    ("a link template without the token", dict(login_url="https://app.example/enter")),
    ("a link template of a script", dict(login_url="javascript:alert('{token}')")),
    ("a home of a script", dict(home_url="javascript:alert(1)")),
    ("mail by pigeon", dict(mail="pigeon:loft")), ("mail into nothing", dict(mail="dir:")),
    ("mail from nobody", dict(mail_from="nobody")),
    ("mail from two lines", dict(mail_from="a@b.example\r\nBcc: x@y.example")),
    ("texts in the clear", dict(sms="http://sms.example/send")),
    ("texts as somebody", dict(sms="https://me:pw@sms.example/send")),
    ("a token of two words", dict(sms_token="a b", sms="https://sms.example")),
    ("a guard who is not there", dict(sms_guard="off")),
    ("terms of no version", dict(terms_version="")), ("a notice of a long version", dict(privacy_version="1" * 65)),
    ("a proxy that is neither yes nor no", dict(behind_proxy="perhaps")),
    ("deleted people in limbo", dict(deleted="limbo")), ("a log that shouts", dict(log="shouting")),
    ("proxies that are no addresses", dict(trusted_proxies="everybody")),
    ("no guesses at all", dict(sign_in_per_address_per_minute="-1")),
    ("a code that lives too long", dict(otp_seconds=601)), ("a code of too many digits", dict(otp_digits=11)),
    ("too many tries", dict(otp_tries=11)),
    ("a certificate without a key", dict(tls_certificate="/nowhere/certificate.pem")),
    ("a key without a certificate", dict(tls_key="/nowhere/key.pem")),
    ("an unknown variable", dict(bogus_setting="1")), ("a misspelt variable", dict(login_link_second="100")),
]
# Each of these is fine alone.
UNSAFE = [
    ("links in plain http to another machine", dict(public_url="http://id.example", behind_proxy="yes"),
     "public_url"),
    ("everybody behind a proxy, and no public address", dict(listen="0.0.0.0:0", behind_proxy="yes"),
     "public_url"),
    ("a proxy on loopback, and no public address", dict(behind_proxy="yes"), "public_url"),
    ("a token for a directory", dict(sms_token="hush"), "sms_token"),
    ("https to the public, and nobody who speaks it",
     dict(listen="0.0.0.0:0", public_url="https://id.example"),
     "tls|behind_proxy"),
]


def names(text):
    """Text in which a setting has one spelling: flag, variable and key alike."""
    return text.lower().replace("-", "_").replace("onboard_", "")


class Refused(unittest.TestCase):
    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory(prefix="onboard-"))

    def refusal(self, *flags, **settings):
        """The one line with which the start is refused."""
        outcome = try_to_serve(self.folder, *flags, **settings)
        self.assertEqual(outcome.code, 1, outcome)
        self.assertEqual(len(outcome.err.strip().splitlines()), 1, outcome)
        self.assertNotIn("terminate", outcome.err)
        return outcome.err

    def test_a_bad_setting_stops_the_start_and_is_named(self):
        for why, settings in BAD:
            with self.subTest(why):
                self.assertIn(next(iter(settings)), names(self.refusal(**settings)))
        self.assertEqual(list(pathlib.Path(self.folder).glob("onboard.*")), [],
                         "a refused start leaves nothing behind")

    def test_an_unsafe_combination_stops_the_start(self):
        for why, settings, named in UNSAFE:
            with self.subTest(why):
                self.assertRegex(names(self.refusal(**settings)), named)

    def test_check_config_says_the_same_as_the_start(self):
        for why, settings, *named in BAD + UNSAFE:
            with self.subTest(why):
                outcome = self.check_config(**settings)
                self.assertEqual(outcome.returncode, 1, outcome)
                text = names(outcome.stdout + outcome.stderr)
                self.assertRegex(text, *named or [next(iter(settings))])

    def check_config(self, *flags, **settings):
        flags = flags if "database" in settings else ("--database", f"sqlite:{self.folder}/onboard.db",
                                                      *flags)
        return subprocess.run([BINARY, "check-config", *flags], cwd=self.folder, env=environment(settings),
                              text=True,
                              capture_output=True, timeout=20)

    def test_check_config_lists_every_bad_setting_at_once(self):
        outcome = self.check_config(login_link_seconds=601, deleted="limbo", bogus_setting=1,
                                    tls_key="/nowhere/key")
        self.assertEqual(outcome.returncode, 1)
        text = names(outcome.stdout + outcome.stderr)
        for name in ("login_link_seconds", "deleted", "bogus_setting", "tls_key"):
            self.assertIn(name, text)
        self.assertIn("600", text, "the rule that was broken")

    def test_check_config_shows_what_is_in_force(self):
        outcome = self.check_config(login_link_seconds=123)
        self.assertEqual(outcome.returncode, 0, outcome)
        self.assertRegex(names(outcome.stdout), r"login_link_seconds\W+123\b")
        self.assertRegex(names(outcome.stdout), "public_url")
        self.assertEqual(outcome.stdout.splitlines()[-1],
                         "guessed codes: at most 1 in 10000 per number or address and day (5 guesses an hour, 10 codes a day, "
                         "6 digits)")
        self.assertEqual(list(pathlib.Path(self.folder).glob("onboard.*")), [], "looking makes nothing")

    def test_secrets_in_settings_are_never_shown(self):
        for settings in (dict(mail="smtp://me:Hunter2secret@mail.example"), dict(sms_token="Hunter2secret"),
                         dict(sms="https://sms.example/?key=Hunter2secret"),
                         dict(sms="https://sms.example", sms_token="Hunter2secret"),
                         dict(database="postgresql://me:Hunter2secret@db.example/x")):
            with self.subTest(str(settings)):
                outcome = self.check_config(**settings)
                self.assertNotIn("Hunter2secret", outcome.stdout + outcome.stderr)

    def test_a_key_the_file_should_not_have_is_named(self):
        for why, text, named in [("unknown", "bogus_setting = 1", "bogus_setting"),
                                 ("out of bounds", "login_link_seconds = 601", "login_link_seconds"),
                                 ("of another type", "login_link_seconds = true", "login_link_seconds"),
                                 ("a list", "login_link_seconds = [300]", "login_link_seconds"),
                                 ("in a table", "[server]\nlogin_link_seconds = 300", "server"),
                                 ("in capitals", "LOGIN_LINK_SECONDS = 300", "login_link_seconds"),
                                 ("twice", "deleted = 'block'\ndeleted = 'release'", "deleted|toml|line"),
                                 ("no toml", "this is = = no toml", "toml|line|parse")]:
            with self.subTest(why):
                file = pathlib.Path(self.folder) / "bad.toml"
                file.write_text(text)
                self.assertRegex(names(self.refusal("--config", str(file))), named)

    def test_a_file_that_is_not_there_is_named(self):
        self.assertIn("none.toml", self.refusal("--config", f"{self.folder}/none.toml"))
        self.refusal("--config", self.folder)

    def test_a_port_that_is_taken_is_named(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            self.assertIn(str(port), self.refusal(listen=f"127.0.0.1:{port}"))

    def test_an_address_of_another_machine_is_refused(self):
        self.refusal(listen="192.0.2.1:8080", behind_proxy="yes", public_url="https://id.example")

    def test_wrong_usage_ends_with_two_and_one_line(self):
        for words in ([], ["dance"], ["serve", "now"], ["partner"], ["partner", "add"], ["partner", "dance"],
                      ["plan"],
                      ["plan", "add", "X"], ["user", "show"], ["user"], ["serve", "--bogus-flag", "1"],
                      ["serve", "--listen"], ["partner", "add", "x", "--right", "everything"],
                      ["partner", "add", "x", "--link-existing", "perhaps"]):
            with self.subTest(" ".join(words)):
                done = subprocess.run([BINARY, *words], cwd=self.folder, env=environment({}), text=True,
                                      capture_output=True, timeout=20)
                self.assertEqual(done.returncode, 2, done)
                self.assertTrue(done.stderr.strip())
                self.assertEqual(done.stdout, "")
        self.assertEqual(os.listdir(self.folder), [])

    def test_help_is_given(self):
        done = subprocess.run([BINARY, "--help"], env=environment({}), text=True, capture_output=True,
                              timeout=20)
        self.assertEqual(done.returncode, 0)
        for word in ("serve", "check-config", "migrate", "partner", "plan", "user"):
            self.assertIn(word, done.stdout)


class Precedence(unittest.TestCase):
    def link(self, *flags, **settings):
        """The beginning of a link made under these settings."""
        with Server(*flags, **settings) as server:
            token = server.partner("alpha")
            server.plan("PLAN-A", "alpha")
            return server.login(token, person()).url.rpartition("/login/")[0]

    def setUp(self):
        self.file = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory())) / "onboard.toml"
        self.file.write_text('public_url = "http://127.0.0.1:1001"\nlogin_link_seconds = 200\n')

    def test_a_file_is_read(self):
        self.assertEqual(self.link("--config", str(self.file)), "http://127.0.0.1:1001")

    def test_a_variable_beats_the_file(self):
        self.assertEqual(self.link("--config", str(self.file), public_url="http://127.0.0.1:1002"),
                         "http://127.0.0.1:1002")

    def test_a_flag_beats_the_variable(self):
        self.assertEqual(self.link("--config", str(self.file), "--public-url", "http://127.0.0.1:1003",
                                   public_url="http://127.0.0.1:1002"), "http://127.0.0.1:1003")

    def test_a_bad_value_is_refused_even_where_a_better_one_wins(self):
        self.file.write_text("login_link_seconds = 601\n")
        with tempfile.TemporaryDirectory() as folder:
            self.assertIn(try_to_serve(folder, "--config", str(self.file), login_link_seconds=100).code,
                          (1, "started"))

    def test_commands_read_the_file_too(self):
        with Server() as server:
            self.file.write_text(f'database = "{server.database}"\n')
            done = subprocess.run([BINARY, "partner", "add", "filed", "--config", str(self.file)], cwd="/",
                                  text=True,
                                  env=environment({}), capture_output=True, timeout=20)
            self.assertEqual(done.returncode, 0, done)
            self.assertIn("filed", server.must("partner", "list"))


class SecretFile(unittest.TestCase):
    def setUp(self):
        self.server = self.enterContext(Server())
        self.token = self.server.partner("alpha")
        self.server.plan("PLAN-A", "alpha")
        self.file = self.server.folder / "onboard.key"

    def refused(self):
        self.server.stop()
        outcome = try_to_serve(self.server.folder)
        self.assertEqual(outcome.code, 1, outcome)
        self.assertEqual(len(outcome.err.strip().splitlines()), 1, outcome)
        self.assertRegex(names(outcome.err), "secret.file")

    def test_it_is_made_for_its_owner_alone(self):
        self.assertEqual(self.file.stat().st_mode & 0o777, 0o600)
        self.assertGreaterEqual(self.file.stat().st_size, 32)

    def test_it_is_kept(self):
        before, url = self.file.read_bytes(), self.server.login(self.token, person()).url
        self.server.restart()
        self.assertEqual(self.file.read_bytes(), before)
        self.assertEqual(Client(self.server).get(url).status, 303)

    def test_two_databases_have_two_secrets(self):
        with Server() as other:
            self.assertNotEqual(self.file.read_bytes(), (other.folder / "onboard.key").read_bytes())

    def test_without_it_an_existing_database_is_not_served(self):
        self.file.unlink()
        self.refused()
        self.assertFalse(self.file.exists(), "a new one would silently end every link, session and token")

    def test_a_short_one_is_refused(self):
        for size in (0, 16, 31):
            with self.subTest(size):
                self.file.write_bytes(os.urandom(size))
                if self.server.process.poll() is None:
                    self.server.stop()
                outcome = try_to_serve(self.server.folder)
                self.assertEqual(outcome.code, 1, outcome)
                self.assertRegex(names(outcome.err), "secret.file")

    def test_one_that_is_given_is_used(self):
        with tempfile.TemporaryDirectory() as folder:
            key = pathlib.Path(folder) / "my.key"
            key.write_bytes(os.urandom(48))
            key.chmod(0o600)
            with Server(secret_file=key) as server:
                self.assertFalse((server.folder / "onboard.key").exists())
                token = server.partner("alpha")
                server.plan("PLAN-A", "alpha")
                self.assertEqual(server.login(token, person()).status, 201)

    def test_a_directory_is_no_secret(self):
        self.file.unlink()
        self.file.mkdir()
        self.refused()


class Tls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        cls.certificate, cls.key = cls.make("first")
        cls.server = cls.enterClassContext(Server(tls_certificate=cls.certificate, tls_key=cls.key))
        cls.token = cls.server.partner("alpha", "partner", "redeem")
        cls.server.plan("PLAN-A", "alpha")

    @classmethod
    def make(cls, name):
        """A self-made certificate for 127.0.0.1, and its key."""
        certificate, key = f"{cls.folder}/{name}.pem", f"{cls.folder}/{name}.key"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:prime256v1", "-nodes",
                        "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
                        "-keyout", key,
                        "-out", certificate], check=True, capture_output=True)
        return certificate, key

    def connect(self, **limits):
        context = ssl.create_default_context(cafile=self.certificate)
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.TLSv1
        for name, value in limits.items():
            setattr(context, name, value)
        context.set_alpn_protocols(["h2", "http/1.1"])
        return context.wrap_socket(socket.create_connection(self.server.address, 10),
                                   server_hostname="127.0.0.1")

    def test_everything_is_https(self):
        self.assertTrue(self.server.url.startswith("https://127.0.0.1:"))
        answer = self.server.login(self.token, person())
        self.assertEqual(answer.status, 201)
        self.assertTrue(answer.url.startswith(self.server.url + "/login/"))
        browser = Client(self.server)
        followed = browser.get(answer.url)
        self.assertEqual(followed["Location"], f"{self.server.url}/home")
        [(name, (_, attributes))] = followed.cookies.items()
        self.assertEqual(name, "__Host-onboard")
        self.assertIn("secure", attributes)
        self.assertIn("httponly", attributes)
        self.assertEqual(attributes["path"], "/")
        self.assertNotIn("domain", attributes)
        self.assertEqual(browser.get("/home").status, 200)
        self.assertIn(browser.submit(browser.get("/home")).status, (200, 303))
        self.assertEqual(browser.cookies, {})

    def test_the_certificate_is_the_one_given(self):
        with self.connect() as line:
            self.assertIn(line.version(), ("TLSv1.2", "TLSv1.3"))
            self.assertIn(line.selected_alpn_protocol(), (None, "http/1.1"))

    def test_old_versions_are_not_spoken(self):
        with self.assertRaises((ssl.SSLError, ConnectionError)):
            self.connect(maximum_version=ssl.TLSVersion.TLSv1_1)
        with self.connect(maximum_version=ssl.TLSVersion.TLSv1_2) as line:
            self.assertEqual(line.version(), "TLSv1.2")

    def test_plain_bytes_on_the_tls_port_do_no_harm(self):
        for data in (b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n", b"\0" * 500,
                     b"\x16\x03\x01\xff\xff" + b"x" * 100):
            received = self.server.raw(data, seconds=15)
            self.assertNotIn(b"HTTP/1.1 200", received)
            self.assertTrue(self.server.alive())

    def test_tls_on_a_plain_port_does_no_harm(self):
        with Server() as server:
            with self.assertRaises((ssl.SSLError, ConnectionError)):
                ssl._create_unverified_context().wrap_socket(socket.create_connection(server.address, 10))
            self.assertTrue(server.alive())

    def test_a_line_cut_without_goodbye_does_no_harm(self):
        for _ in range(5):
            with self.connect() as line:
                line.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
                self.assertTrue(line.recv(4096).startswith(b"HTTP/1.1 200"))
                line.shutdown(socket.SHUT_RDWR)
        self.assertTrue(self.server.alive())

    def test_malformed_requests_are_refused_here_too(self):
        with self.connect() as line:
            line.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n"
                         b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
            received = b""
            while some := line.recv(4096):
                received += some
        self.assertEqual([answer.status for answer in responses(received)], [400])

    def test_a_certificate_that_cannot_be_used_is_refused(self):
        other_certificate, other_key = self.make("second")
        junk = f"{self.folder}/junk.pem"
        pathlib.Path(junk).write_text("no certificate")
        for why, certificate, key in [("key of another", self.certificate, other_key),
                                      ("junk", junk, self.key),
                                      ("junk key", self.certificate, junk),
                                      ("missing", "/nowhere.pem", self.key),
                                      ("missing key", self.certificate, "/nowhere.key"),
                                      ("key as certificate", self.key, self.key)]:
            with self.subTest(why), tempfile.TemporaryDirectory() as folder:
                outcome = try_to_serve(folder, tls_certificate=certificate, tls_key=key)
                self.assertEqual(outcome.code, 1, outcome)
                self.assertEqual(len(outcome.err.strip().splitlines()), 1, outcome)
                self.assertRegex(names(outcome.err), "tls.(certificate|key)")


if __name__ == "__main__":
    unittest.main()
