"""Text messages to gateways as they are: good ones, strict ones, broken ones, and those who only pretend."""

import json
import os
import ssl
import subprocess
import tempfile
import time
import unittest

from smtp_server import Authority, Outcome
from sms_gateway import TOKEN, Gateway, code_in, drops, hangs, says

PROBE = os.environ.get("SMS_PROBE")
NUMBER, CODE = "+4915112345678", "042917"
GOSSIP = "gossip-of-the-gateway"
SHORT = {"connect": 0.5, "message": 0.5}
OK = b"HTTP/1.1 200 Fine\r\n"


class Probe:
    """The delivering program, with one connection that it keeps as it likes."""

    def __init__(self, url, token=TOKEN, connect=5, message=15, **variables):
        words = [PROBE, url, token, str(int(1000 * connect)), str(int(1000 * message))]
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("SSL_CERT")}
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env=inherited | variables)

    def __enter__(self):
        return self

    def __exit__(self, *trouble):
        self.process.stdin.close()
        self.process.stdout.close()
        code = self.process.wait(20)
        if code != 0:
            raise AssertionError(f"the probe ended with {code}")

    def text(self, **order):
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise AssertionError(f"the probe ended with {self.process.wait(10)}")
        return Outcome(**json.loads(answer))

    def peak(self):
        """The most memory it ever had, in bytes."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            [line] = [line for line in status if line.startswith("VmHWM:")]
        return 1024 * int(line.split()[1])


class TextTest(unittest.TestCase):
    def given(self, thing):
        return self.enterContext(thing)

    def deliver(self, gateway, path="/send", **limits):
        """The outcome of one message, by a program of its own."""
        with Probe(gateway.url(path), **limits) as probe:
            return probe.text()

    def assert_outcome(self, outcome, kind, *words):
        self.assertEqual(outcome.outcome, kind, outcome)
        for word in words:
            self.assertIn(word, outcome.text)
        for secret in (TOKEN, NUMBER, NUMBER[1:], CODE, GOSSIP, "hush", "/send", "your code"):
            self.assertNotIn(secret, outcome.text)
        self.assertLess(len(outcome.text), 300)
        self.assertTrue(outcome.text.isascii() and outcome.text.isprintable() or kind == "taken", outcome)


class Accepted(TextTest):
    def test_a_message_arrives_as_it_was_written(self):
        gateway = self.given(Gateway())
        self.assert_outcome(self.deliver(gateway), "taken")
        [posted] = gateway.posted
        self.assertEqual((posted.method, posted.target), ("POST", "/send"))
        self.assertEqual(posted.headers["Content-Type"], "application/json")
        self.assertEqual(posted.headers["Authorization"], f"Bearer {TOKEN}")
        self.assertEqual(posted.headers["Idempotency-Key"], "5d1f2a0e")
        self.assertEqual(sorted(posted.headers.keys()), ["Accept", "Authorization", "Content-Length", "Content-Type",
                                                         "Host", "Idempotency-Key"])
        self.assertEqual(posted.json, {
            "id": "5d1f2a0e", "to": NUMBER,
            "text": f"{CODE} is your code for example.com. Do not share it.\n\n@example.com #{CODE}"})
        self.assertEqual(code_in(posted.json), CODE)

    def test_letters_beyond_ascii_are_utf8(self):
        gateway = self.given(Gateway())
        probe = self.given(Probe(gateway.url()))
        self.assert_outcome(probe.text(language="FR"), "taken")
        self.assertIn("à personne".encode(), gateway.posted[0].body)

    def test_every_2xx_is_a_yes(self):
        for status in (200, 201, 202, 204, 299):
            with self.subTest(status), Gateway((status, {}, b"")) as gateway:
                self.assert_outcome(self.deliver(gateway), "taken")

    def test_a_key_in_the_query_is_kept(self):
        gateway = self.given(Gateway())
        self.assert_outcome(self.deliver(gateway, "/a/b?key=hush%20hush&x=1"), "taken")
        self.assertEqual(gateway.posted[0].target, "/a/b?key=hush%20hush&x=1")

    def test_without_a_token_there_is_no_authorization(self):
        gateway = self.given(Gateway())
        self.assert_outcome(self.given(Probe(gateway.url(), token="")).text(), "taken")
        self.assertNotIn("Authorization", gateway.posted[0].headers)

    def test_one_connection_carries_many_messages(self):
        gateway = self.given(Gateway((200, {}, GOSSIP.encode())))
        probe = self.given(Probe(gateway.url()))
        for number in range(5):
            self.assert_outcome(probe.text(id=f"text-{number}"), "taken")
        self.assertEqual(len({posted.peer for posted in gateway.posted}), 1)
        self.assertEqual([posted.key for posted in gateway.posted], [f"text-{number}" for number in range(5)])

    def test_a_connection_that_was_closed_meanwhile_is_made_again(self):
        gateway = self.given(Gateway([says(OK + b"Content-Length: 0\r\n\r\n")]))
        probe = self.given(Probe(gateway.url()))
        self.assert_outcome(probe.text(), "taken")
        gateway.ended.get(timeout=10)
        self.assert_outcome(probe.text(), "taken")
        self.assertEqual(len(gateway.posted), 2)

    def test_a_message_that_is_posted_again_has_the_same_key(self):
        gateway = self.given(Gateway([drops, 503]))
        probe = self.given(Probe(gateway.url()))
        self.assertEqual([probe.text(id="same").outcome for _ in range(3)], ["failure", "failure", "taken"])
        self.assertEqual([posted.key for posted in gateway.posted], 3 * ["same"])
        self.assertEqual(len(gateway.texts()), 1)

    def test_a_kept_connection_that_is_closed_on_a_message_is_made_again(self):
        gateway = self.given(Gateway([200, drops]))
        probe = self.given(Probe(gateway.url()))
        for number in range(2):
            self.assert_outcome(probe.text(id=f"text-{number}"), "taken")
        self.assertEqual([posted.key for posted in gateway.posted], ["text-0", "text-1", "text-1"])

    def test_neither_proxies_nor_other_settings_of_the_environment_matter(self):
        gateway = self.given(Gateway())
        home = self.given(tempfile.TemporaryDirectory())
        with open(f"{home}/.netrc", "w", encoding="ascii") as netrc:
            netrc.write("machine 127.0.0.1 login me password hush\n")
        probe = self.given(Probe(gateway.url(), token="", HOME=home, ALL_PROXY="http://127.0.0.1:1",
                                 all_proxy="socks5://127.0.0.1:1", http_proxy="http://127.0.0.1:1",
                                 https_proxy="http://127.0.0.1:1"))
        self.assert_outcome(probe.text(), "taken")
        self.assertNotIn("Authorization", gateway.posted[0].headers)


class Answered(TextTest):
    def test_what_is_temporary_is_tried_again(self):
        for status in (408, 425, 429, 500, 502, 503, 504, 599):
            with self.subTest(status), Gateway((status, {"Retry-After": "1"}, GOSSIP.encode())) as gateway:
                self.assert_outcome(self.deliver(gateway), "failure", f"http://127.0.0.1:{gateway.port} puts",
                                    f"status {status}")
                self.assertEqual(len(gateway.posted), 1)

    def test_every_other_status_is_a_refusal(self):
        for status in (300, 304, 400, 402, 409, 410, 418, 422, 451, 600, 999):
            with self.subTest(status), Gateway((status, {}, b"" if status == 304 else GOSSIP.encode())) as gateway:
                self.assert_outcome(self.deliver(gateway), "refused", f"http://127.0.0.1:{gateway.port} refuses",
                                    f"status {status}")
                self.assertEqual(len(gateway.posted), 1)

    def test_what_an_operator_can_mend_is_told(self):
        for status, setting in ((401, "setting sms_token"), (403, "setting sms_token"), (404, "setting sms"),
                                (405, "setting sms")):
            challenge = {"WWW-Authenticate": f'Digest realm="{GOSSIP}", nonce="x", qop="auth"'}
            with self.subTest(status), Gateway((status, challenge, b"")) as gateway:
                self.assert_outcome(self.deliver(gateway), "refused", f"status {status}", setting)
                self.assertEqual(len(gateway.posted), 1)

    def test_no_redirect_is_followed(self):
        elsewhere = self.given(Gateway())
        for status in (301, 302, 303, 307, 308):
            for where in ("/other", elsewhere.url()):
                with self.subTest(status, where=where), Gateway((status, {"Location": where}, b"")) as gateway:
                    self.assert_outcome(self.deliver(gateway), "refused", f"status {status}", "no redirect", "sms")
                    self.assertEqual(len(gateway.posted), 1)
        self.assertEqual(elsewhere.posted, [])

    def test_a_message_follows_one_that_was_refused(self):
        gateway = self.given(Gateway([(400, {}, GOSSIP.encode())]))
        probe = self.given(Probe(gateway.url()))
        self.assert_outcome(probe.text(), "refused")
        self.assert_outcome(probe.text(), "taken")

    def test_a_status_decides_whatever_becomes_of_the_line(self):
        for status, kind in ((200, "taken"), (400, "refused"), (503, "failure")):
            head = f"HTTP/1.1 {status} x\r\n".encode()
            for why, rest in (("body cut", b"Content-Length: 100\r\n\r\nhalf"), ("head cut", b"X: y\r\n"),
                              ("broken chunk", b"Transfer-Encoding: chunked\r\n\r\nzz\r\n")):
                with self.subTest(status, why=why), Gateway(says(head + rest)) as gateway:
                    self.assert_outcome(self.deliver(gateway), kind)

    def test_what_comes_before_the_last_word_is_none(self):
        for first in (b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Hints\r\nX: y\r\n\r\n"):
            with self.subTest(first), Gateway(says(first)) as gateway:
                self.assert_outcome(self.deliver(gateway), "failure")
            with self.subTest(first, then=200), Gateway(says(first + OK + b"Content-Length: 0\r\n\r\n")) as gateway:
                self.assert_outcome(self.deliver(gateway), "taken")


class Cut(TextTest):
    def test_a_line_cut_before_the_status_is_a_failure(self):
        for said in (b"", b"H", b"HTTP/1.1 20", b"HTTP/1.1 200"):
            with self.subTest(said), Gateway(says(said)) as gateway:
                self.assert_outcome(self.deliver(gateway), "failure")

    def test_an_answer_that_is_none_is_a_failure(self):
        for said in (f"{GOSSIP}\r\n\r\n".encode(), b"\r\n\r\n", b"\0\0\0\0\0\0\0\0",
                     f"HTTP/1.1 {GOSSIP}\r\n\r\n".encode(), b"220 mail.example\r\n",
                     b"HTTP/7.5 200 x\r\n\r\n", b"ICY 200 OK\r\n\r\n"):
            with self.subTest(said), Gateway(says(said)) as gateway:
                self.assert_outcome(self.deliver(gateway), "failure")

    def test_nobody_there_is_a_failure(self):
        with Gateway() as gateway:
            url = gateway.url()
        with Probe(url) as probe:
            self.assert_outcome(probe.text(), "failure", "cannot reach http://127.0.0.1:")
        with Probe("https://nowhere.invalid/send?key=hush") as probe:
            self.assert_outcome(probe.text(), "failure", "cannot reach https://nowhere.invalid")


class Slow(TextTest):
    def assert_quick(self, since):
        self.assertLess(time.monotonic() - since, 8)

    def test_a_gateway_that_stands_still_is_left(self):
        for why, answer in (("at once", hangs), ("within the status", says(b"HTTP/1.1 2", hangs)),
                            ("behind 100", says(b"HTTP/1.1 100 Go on\r\n\r\n", hangs))):
            with self.subTest(why), Gateway(answer) as gateway:
                since = time.monotonic()
                self.assert_outcome(self.deliver(gateway, **SHORT), "failure", "does not answer in time")
                self.assert_quick(since)

    def test_a_gateway_that_stands_still_behind_its_status_has_answered(self):
        for status, kind in ((200, "taken"), (400, "refused"), (500, "failure")):
            head = f"HTTP/1.1 {status} x\r\nContent-Length: 10\r\n\r\n".encode()
            with self.subTest(status), Gateway(says(head, hangs)) as gateway:
                since = time.monotonic()
                self.assert_outcome(self.deliver(gateway, **SHORT), kind)
                self.assert_quick(since)

    def test_endless_answers_take_neither_memory_nor_time(self):
        def endless(piece):
            def say(handler):
                handler.wfile.write(OK)
                for _ in range(30 * 2**20 // len(piece)):
                    handler.wfile.write(piece)
            return say

        with Gateway() as gateway, Probe(gateway.url()) as probe:
            probe.text()
            usual = probe.peak()
        for why, piece in (("a body", b"\r\n" + b"x" * 65536), ("fields", b"X-Y: " + b"z" * 60 + b"\r\n"),
                           ("one field", b"x" * 65536)):
            with self.subTest(why), Gateway(endless(piece)) as gateway, \
                    Probe(gateway.url(), connect=5, message=5) as probe:
                since = time.monotonic()
                self.assert_outcome(probe.text(), "taken")
                self.assertLess(time.monotonic() - since, 4)
                self.assertLess(probe.peak() - usual, 6 * 2**20)


class Encrypted(TextTest):
    @classmethod
    def setUpClass(cls):
        folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        cls.authority = Authority(folder)
        cls.stranger = Authority(folder, "stranger")
        cls.good = cls.authority.context()

    def probe(self, gateway, host="localhost", **more):
        more = {"SSL_CERT_FILE": self.authority.certificate} | more
        return self.given(Probe(gateway.url("/send?key=hush", host), **more))

    def test_a_good_certificate_is_taken(self):
        for host in ("localhost", "127.0.0.1"):
            with self.subTest(host), Gateway(tls=self.good) as gateway:
                probe = self.probe(gateway, host)
                for _ in range(3):
                    self.assert_outcome(probe.text(), "taken")
                self.assertEqual(len({posted.peer for posted in gateway.posted}), 1)

    def test_a_certificate_that_is_not_to_be_trusted_ends_it(self):
        for why, context, more in (("another maker", self.stranger.context(), {}),
                                   ("another host", self.authority.context("DNS:other.example"), {}),
                                   ("the system knows no such maker", self.good, {"SSL_CERT_FILE": ""}),
                                   ("no such file", self.good, {"SSL_CERT_FILE": "/nowhere.pem"})):
            with self.subTest(why), Gateway(tls=context) as gateway:
                outcome = self.probe(gateway, **more).text()
                self.assert_outcome(outcome, "failure", f"certificate of https://localhost:{gateway.port}",
                                    "SSL_CERT_FILE")
                self.assertEqual(gateway.posted, [])

    def test_old_versions_are_not_spoken(self):
        old = self.authority.context()
        old.set_ciphers("ALL:@SECLEVEL=0")
        old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
        gateway = self.given(Gateway(tls=old))
        self.assert_outcome(self.probe(gateway).text(), "failure", "no TLS with")
        self.assertEqual(gateway.posted, [])

    def test_a_gateway_without_tls_is_told_nothing(self):
        gateway = self.given(Gateway())
        url = gateway.url("/send?key=hush", "localhost").replace("http:", "https:")
        self.assert_outcome(self.given(Probe(url)).text(), "failure", "no TLS with")
        self.assertEqual(gateway.posted, [])


if __name__ == "__main__":
    unittest.main()
