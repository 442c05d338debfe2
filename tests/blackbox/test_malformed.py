"""Requests no honest client sends, as bytes: each gets one clear answer, and nothing behind it is run."""

import gzip
import json
import socket
import time
import unittest

from support import LOGIN, Case, fresh_email, person, read_to_close, responses

PATH = LOGIN.encode()
BODY = b'{"user": 1}'


def request(*fields, body=b"", method=b"POST", target=PATH, version=b"HTTP/1.1", host=b"Host: localhost"):
    """A request with exactly these header lines; TOKEN stands for a token that is right."""
    lines = [method + b" " + target + b" " + version, *([host] if host else []), *fields]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def length(body):
    return b"Content-Length: %d" % len(body)


def chunks(body, size=None):
    size = size or len(body)
    pieces = [body[start:start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


AUTH = b"Authorization: Bearer TOKEN"
JSON = b"Content-Type: application/json"
CHUNKED = b"Transfer-Encoding: chunked"
CLOSE = b"Connection: close"
GOOD = (AUTH, JSON)

# Everything that makes two readers disagree about where a request ends: refused, and the connection with it.
FRAMING = [
    ("length, then chunked", request(*GOOD, length(BODY), CHUNKED, body=chunks(BODY))),
    ("chunked, then length", request(*GOOD, CHUNKED, length(BODY), body=chunks(BODY))),
    ("length 0 and chunked", request(*GOOD, b"Content-Length: 0", CHUNKED, body=chunks(BODY))),
    ("chunked, gzip", request(*GOOD, b"Transfer-Encoding: chunked, gzip", body=chunks(BODY))),
    ("gzip, chunked", request(*GOOD, b"Transfer-Encoding: gzip, chunked", body=chunks(BODY))),
    ("encoding gzip", request(*GOOD, b"Transfer-Encoding: gzip")),
    ("encoding identity", request(*GOOD, b"Transfer-Encoding: identity")),
    ("encoding xchunked", request(*GOOD, b"Transfer-Encoding: xchunked", body=chunks(BODY))),
    ("encoding chunkedx", request(*GOOD, b"Transfer-Encoding: chunkedx", body=chunks(BODY))),
    ("chunked on two lines", request(*GOOD, CHUNKED, CHUNKED, body=chunks(BODY))),
    ("chunked twice on one line", request(*GOOD, b"Transfer-Encoding: chunked, chunked", body=chunks(BODY))),
    ("empty encoding", request(*GOOD, b"Transfer-Encoding:", body=chunks(BODY))),
    ("tab before chunked", request(*GOOD, b"Transfer-Encoding: \tchunked", body=chunks(BODY))),
    ("vertical tab before chunked", request(*GOOD, b"Transfer-Encoding: \x0bchunked", body=chunks(BODY))),
    ("chunked in quotes", request(*GOOD, b'Transfer-Encoding: "chunked"', body=chunks(BODY))),
    ("chunked with a parameter", request(*GOOD, b"Transfer-Encoding: chunked;q=1", body=chunks(BODY))),
    ("gzip, then length", request(*GOOD, b"Transfer-Encoding: gzip", length(BODY), body=BODY)),
    ("length, then gzip", request(*GOOD, length(BODY), b"Transfer-Encoding: gzip", body=BODY)),
    ("chunked on HTTP/1.0", request(*GOOD, CHUNKED, version=b"HTTP/1.0", body=chunks(BODY))),
    ("blank before the colon of the encoding",
     request(*GOOD, b"Transfer-Encoding : chunked", body=chunks(BODY))),
    ("a list of lengths", request(*GOOD, b"Content-Length: 11, 11", body=BODY)),
    ("a list of two lengths", request(*GOOD, b"Content-Length: 11, 5", body=BODY)),
    ("equal lengths on two lines", request(*GOOD, length(BODY), length(BODY), body=BODY)),
    ("two lengths", request(*GOOD, b"Content-Length: 5", length(BODY), body=BODY)),
    ("length with plus", request(*GOOD, b"Content-Length: +11", body=BODY)),
    ("length below zero", request(*GOOD, b"Content-Length: -1", body=BODY)),
    ("length in base 16", request(*GOOD, b"Content-Length: 0xb", body=BODY)),
    ("empty length", request(*GOOD, b"Content-Length:", body=BODY)),
    ("length in two words", request(*GOOD, b"Content-Length: 1 1", body=BODY)),
    ("length with a dot", request(*GOOD, b"Content-Length: 11.0", body=BODY)),
    ("length in arabic digits", request(*GOOD, "Content-Length: \u0661\u0661".encode(), body=BODY)),
    ("length with an underscore", request(*GOOD, b"Content-Length: 1_1", body=BODY)),
    ("length 2^64", request(*GOOD, b"Content-Length: 18446744073709551616", body=BODY), 413),
    ("length 2^64 + 11", request(*GOOD, b"Content-Length: 18446744073709551627", body=BODY), 413),
    ("length of 40 digits", request(*GOOD, b"Content-Length: " + b"1" * 40, body=BODY), 413),
]

# What a chunked body may not look like.
CHUNKING = [(why, request(*GOOD, CHUNKED, body=body), *more) for why, body, *more in [
    ("chunk size beyond 64 bits", b"FFFFFFFFFFFFFFFFF\r\n" + BODY, 413),
    ("chunk size of 2 GB", b"80000000\r\n" + BODY, 413),
    ("chunk size of 2^63", b"8000000000000000\r\n" + BODY, 413),
    ("chunk size below zero", b"-2\r\n" + BODY),
    ("chunk size with plus", b"+b\r\n" + BODY + b"\r\n0\r\n\r\n"),
    ("chunk size with 0x", b"0xb\r\n" + BODY + b"\r\n0\r\n\r\n"),
    ("chunk size with a blank before it", b" b\r\n" + BODY + b"\r\n0\r\n\r\n"),
    ("chunk size and blank before an extension", b"b ;a\r\n" + BODY + b"\r\n0\r\n\r\n"),
    ("no chunk size", b"\r\n" + BODY + b"\r\n0\r\n\r\n"),
    ("chunk size in letters", b"xyz\r\n" + BODY + b"\r\n0\r\n\r\n"),
    ("chunk extension ending in a bare line feed", b"b;a=b\n" + BODY + b"\r\n0\r\n\r\n"),
    ("chunk size ending in a bare line feed", b"b\n" + BODY + b"\r\n0\r\n\r\n"),
    ("chunk longer than its size", b"5\r\n" + BODY + b"\r\n0\r\n\r\n"),
    ("chunk not ended", b"b\r\n" + BODY + b"0\r\n\r\n"),
    ("last chunk ending in a bare line feed", b"b\r\n" + BODY + b"\r\n0\n\n"),
    ("nul in a chunk extension", b"b;a=\0\r\n" + BODY + b"\r\n0\r\n\r\n"),
    ("0x15 in quotes in a chunk extension", b'b;a="\x15"\r\n' + BODY + b"\r\n0\r\n\r\n"),
    ("a chunk extension of 1 MB", b"b;a=" + b"x" * 2**20 + b"\r\n" + BODY + b"\r\n0\r\n\r\n", 413, 431),
    ("1 MB of trailers", b"b\r\n" + BODY + b"\r\n0\r\n" + b"X-T: y\r\n" * 2**17 + b"\r\n", 413, 431),
]]

# Lines no field can be made of.
FIELDS = [(why, request(*GOOD, *fields, length(BODY), body=BODY)) for why, *fields in [
    ("folded with a blank", b"X-A: b\r\n c"),
    ("folded with a tab", b"X-A: b\r\n\tc"),
    ("folded into nothing", b"X-A: b\r\n "),
    ("blank before the colon", b"X-A : b"),
    ("tab before the colon", b"X-A\t: b"),
    ("no name", b": b"),
    ("no colon", b"Something"),
    ("blank in the name", b"X A: b"),
    ("name in brackets", b"X(A): b"),
    ("name beyond ASCII", "X-Ä: b".encode()),
    ("nul in the name", b"X-\0A: b"),
    ("nul in the value", b"X-A: b\0c"),
    ("0x01 in the value", b"X-A: b\x01c"),
    ("0x7f in the value", b"X-A: b\x7fc"),
    ("bare carriage return in the value", b"X-A: b\rc"),
    ("line ending in a bare line feed", b"X-A: b\nX-B: c"),
    ("line ending in carriage return twice", b"X-A: b\r\r\nX-B: c"),
    ("two authorizations", AUTH),
    ("two content types", JSON),
    ("two content types that differ", b"Content-Type: text/plain"),
    ("two hosts", b"Host: localhost"),
    ("two hosts that differ", b"Host: evil.example"),
]] + [
    ("first line folded", request(*GOOD, length(BODY), body=BODY, host=b" Host: localhost")),
    ("folded authorization", request(b"Authorization:\r\n Bearer TOKEN", JSON, length(BODY), body=BODY)),
    ("no host", request(*GOOD, length(BODY), body=BODY, host=None)),
    ("empty host", request(*GOOD, length(BODY), body=BODY, host=b"Host:")),
    ("host with a path", request(*GOOD, length(BODY), body=BODY, host=b"Host: a/b@c")),
    ("host with a user", request(*GOOD, length(BODY), body=BODY, host=b"Host: me@localhost")),
    ("host with 0x01", request(*GOOD, length(BODY), body=BODY, host=b"Host: a\x01b")),
    ("host with a blank", request(*GOOD, length(BODY), body=BODY, host=b"Host: a b")),
    ("a list of hosts", request(*GOOD, length(BODY), body=BODY, host=b"Host: a, b")),
    ("host with a bad port", request(*GOOD, length(BODY), body=BODY, host=b"Host: localhost:80x")),
]

# First lines that are none.
GET = dict(method=b"GET", target=b"/healthz")
FIRST_LINES = [
    ("only line feeds", request(**GET).replace(b"\r\n", b"\n"), 400),
    ("only carriage returns", request(**GET).replace(b"\r\n", b"\r"), 400),
    ("two empty lines first", b"\r\n\r\n" + request(**GET), 400),
    ("an empty line without carriage return first", b"\n" + request(**GET), 400),
    ("blank first", b" " + request(**GET), 400),
    ("method in small letters", request(CLOSE, method=b"post"), 400, 405, 501),
    ("unknown method", request(CLOSE, method=b"PURGE", target=b"/healthz"), 400, 405, 501),
    ("method with a nul", request(method=b"G\0ET", target=b"/healthz"), 400),
    ("method of 9 kB", request(method=b"G" * 9000, target=b"/healthz"), 400, 414, 431),
    ("TRACE", request(CLOSE, b"X-Secret: echo-me", method=b"TRACE", target=b"/healthz"), 400, 405, 501),
    ("CONNECT", request(CLOSE, method=b"CONNECT", target=b"localhost:80"), 400, 405, 501),
    ("no target", b"GET HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    ("empty target", request(method=b"GET", target=b""), 400),
    ("two blanks", request(method=b"GET ", target=b"/healthz"), 400),
    ("two targets", request(method=b"GET", target=b"/healthz /readyz"), 400),
    ("no version", b"GET /healthz\r\nHost: localhost\r\n\r\n", 400, 505),
    ("version 0.9", request(**GET, version=b"HTTP/0.9"), 400, 505),
    ("version 1.2", request(CLOSE, **GET, version=b"HTTP/1.2"), 200, 400, 505),
    ("version 2.0", request(**GET, version=b"HTTP/2.0"), 400, 505),
    ("version 11", request(**GET, version=b"HTTP/11"), 400, 505),
    ("version in small letters", request(**GET, version=b"http/1.1"), 400, 505),
    ("blank behind the version", request(**GET, version=b"HTTP/1.1 "), 400, 505),
    ("HTTP/2 at once", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, 505),
    ("a TLS hello", bytes.fromhex("16030100c8010000c40303") + b"\x01" * 200, 400),
    ("noise", bytes(range(256)) * 8 + b"\r\n\r\n", 400),
]

# Targets: each reaches its own answer and never somebody else's handler.
TARGETS = [(why, request(CLOSE, method=b"GET", target=target), *statuses) for why, target, *statuses in [
    ("target of 4 KiB", b"/" + b"x" * 4096, 414),
    ("target with 0x80", b"/healthz\x80", 400),
    ("target with a tab", b"/healthz\tx", 400),
    ("target with a nul", b"/healthz\0", 400),
    ("target with a fragment", b"/healthz#x", 400),
    ("target with an escaped nul", b"/healthz%00", 400, 404),
    ("target with a broken escape", b"/healthz%2", 400, 404),
    ("target with an escape of no digits", b"/healthz%zz", 400, 404),
    ("target with an escaped parent", b"/x/%2e%2e/healthz", 400, 404),
    ("target with a parent", b"/x/../healthz", 400, 404),
    ("target with a dot", b"/./healthz", 400, 404),
    ("target with two slashes", b"//healthz", 400, 404),
    ("target of another host", b"//evil.example/healthz", 400, 404),
    ("target with a parameter", b"/healthz;x", 400, 404),
    ("target with a backslash", b"/x\\..\\healthz", 400, 404),
    ("target with an escaped slash", b"/x%2f..%2fhealthz", 400, 404),
    ("target with quotes", b'/healthz"', 400, 404),
    ("target without a slash", b"healthz", 400, 404),
    ("target of an asterisk", b"*", 400, 404),
    ("target of another scheme", b"ftp://localhost/healthz", 400, 404),
    ("target of a host alone", b"localhost:80", 400, 404),
]]

# Too much of something.
SIZES = [
    ("header a little beyond 8 KiB", request(*GOOD, *[b"X-A: " + b"x" * 1000] * 7, b"X-B: " + b"x" * 1020),
     431),
    ("header of 16 KiB", request(*GOOD, b"X-A: " + b"x" * 16384), 431),
    ("header of 1 MB without an end", b"GET /healthz HTTP/1.1\r\nX-A: " + b"x" * 2**20, 431),
    ("101 fields", request(*GOOD, *[b"X-%d: a" % number for number in range(101)]), 431),
    ("1,500 empty fields", request(*[b"a:"] * 1500), 431),
    ("name of 300 bytes", request(*GOOD, b"X" * 300 + b": a"), 431),
    ("announced body one byte too long", request(*GOOD, b"Content-Length: 65537"), 413),
    ("announced body of 1 GB", request(*GOOD, b"Content-Length: 1000000000"), 413),
    ("chunked body one byte too long", request(*GOOD, CHUNKED, body=chunks(b" " * 65537, 8192)), 413),
    ("one chunk announced too long", request(*GOOD, CHUNKED, body=b"10001\r\n"), 413),
    ("too long and announced with Expect", request(*GOOD, b"Content-Length: 65537", b"Expect: 100-continue"),
     413),
    ("another Expect", request(*GOOD, CLOSE, length(BODY), b"Expect: 200-ok", body=BODY), 417),
]

# JSON that is none (400), or is right and still no user (400 or 422).
USER = json.dumps(person(email="not-created@example.com")).encode()
LONE = json.dumps(person(email="perhaps-created@example.com")).encode()
DOCUMENTS = [(why, document, statuses or (400,)) for why, document, *statuses in [
    ("nothing", b""), ("blanks", b"  \r\n\t "), ("null", b"null"), ("a list", b"[]"), ("a number", b"1"),
    ("a text", b'"user"'),
    ("true", b"true"), ("no end", b'{"user":' + USER), ("one brace", b"{"), ("one bracket", b"["),
    ("data behind", b'{"user":' + USER + b"} x"),
    ("two documents", b'{"user":' + USER + b'}{"user":' + USER + b"}"),
    ("a nul behind", b'{"user":' + USER + b"}\0"), ("a comment", b'/* x */{"user":' + USER + b"}"),
    ("a line comment", b'{"user":' + USER + b"} // x"), ("a comma at the end", b'{"user":' + USER + b",}"),
    ("a comma at the end of a list", b'{"user":' + USER + b',"x":[1,]}'),
    ("two commas", b'{"user":' + USER + b',,"x":1}'),
    ("single quotes", b"{'user':1}"), ("no quotes", b"{user:1}"), ("a colon missing", b'{"user" 1}'),
    ("a key that is no text", b'{1:1,"user":' + USER + b"}"),
    ("a capital True", b'{"user":' + USER + b',"x":True}'),
    ("not a number", b'{"user":' + USER + b',"x":NaN}'), ("infinity", b'{"user":' + USER + b',"x":Infinity}'),
    ("minus infinity", b'{"user":' + USER + b',"x":-Infinity}'),
    ("a leading zero", b'{"user":' + USER + b',"x":01}'),
    ("a plus sign", b'{"user":' + USER + b',"x":+1}'), ("a minus alone", b'{"user":' + USER + b',"x":-}'),
    ("a dot first", b'{"user":' + USER + b',"x":.5}'), ("a dot last", b'{"user":' + USER + b',"x":5.}'),
    ("an empty exponent", b'{"user":' + USER + b',"x":1e}'), ("base 16", b'{"user":' + USER + b',"x":0x1}'),
    ("a byte order mark", b'\xef\xbb\xbf{"user":' + USER + b"}"), ("UTF-16", ('{"user":1}').encode("utf-16")),
    ("UTF-32", ('{"user":1}').encode("utf-32")),
    ("a form feed as blank", b'{\x0c"user":' + USER + b"}"), ("a wide blank", '{\u00a0"user":1}'.encode()),
    ("a raw line feed in a text", b'{"user":{"firstName":"Ja\nne"}}'),
    ("a raw tab in a text", b'{"user":{"firstName":"Ja\tne"}}'),
    ("a raw nul in a text", b'{"user":{"firstName":"Ja\0ne"}}'),
    ("an unknown escape", b'{"user":{"firstName":"\\x41"}}'),
    ("a short escape", b'{"user":{"firstName":"\\u00"}}'),
    ("an escape of no digits", b'{"user":{"firstName":"\\u00zz"}}'),
    ("a lone high surrogate", b'{"user":{"firstName":"\\ud800"}}'),
    ("a lone low surrogate", b'{"user":{"firstName":"\\udc00"}}'),
    ("surrogates the wrong way round", b'{"user":{"firstName":"\\udc00\\ud800"}}'),
    ("a lone surrogate in a key", b'{"user":{"\\ud800":1}}'),
    ("a lone surrogate in additional data",
     b'{"user":' + USER[:-1] + b',"partner_additionalData":{"a":"\\ud800"}}}'),
    ("an overlong slash", b'{"user":{"firstName":"\xc0\xaf"}}'),
    ("an overlong nul", b'{"user":{"firstName":"\xc0\x80"}}'),
    ("an encoded surrogate", b'{"user":{"firstName":"\xed\xa0\x80"}}'),
    ("beyond unicode", b'{"user":{"firstName":"\xf4\x90\x80\x80"}}'),
    ("a stray byte", b'{"user":{"firstName":"\xff"}}'),
    ("a character cut short", b'{"user":{"firstName":"\xe2\x82"}}'),
    ("latin-1", b'{"user":{"firstName":"Zo\xeb"}}'), ("a stray byte in a key", b'{"user":{"\xff":1}}'),
    ("a stray byte in an ignored text", b'{"user":' + USER[:-1] + b',"x":"\xff"}}'),
    ("33 levels", b'{"user":' + USER + b',"x":' + b"[" * 32 + b"]" * 32 + b"}"),
    ("60,000 brackets", b"[" * 60000), ("60,000 braces", b'{"a":' * 12000),
    ("30,000 elements", b'{"user":' + USER[:-1] + b',"partner_additionalData":{"a":[' + b"0," * 29999 +
     b"0]}}}", 400, 422),
    ("5,000 members", b'{"user":' + USER[:-1] + b',"partner_additionalData":{' +
     b",".join(b'"k%d":0' % number for number in range(5000)) + b"}}}", 400, 422),
    ("a text of 60 kB", b'{"user":' + LONE[:-1] + b',"x":"' + b"x" * 60000 + b'"}}', 200, 201, 400, 413, 422),
    ("the user twice", b'{"user":' + USER + b',"user":' + USER + b"}"),
    ("the user twice, once escaped", b'{"user":' + USER + b',"\\u0075ser":' + USER + b"}"),
    ("a field twice, once escaped", b'{"user":' + USER[:-1] + b',"\\u0065mail":"eve@example.com"}}'),
    ("a number for a name", b'{"user":' + USER.replace(b'"Jane"', b"12345678901234567890") + b"}", 422),
    ("minus nought for a name", b'{"user":' + USER.replace(b'"Jane"', b"-0") + b"}", 422),
    ("a huge number for a name", b'{"user":' + USER.replace(b'"Jane"', b"1e400") + b"}", 400, 422),
]] + [(f"an escaped nul in {name}", b'{"user":' + json.dumps(
    person(**{"partner_PersonID": "p", "personnelNumber": "n"}) | {name: "Ja\0ne"}).encode() + b"}", (422,))
    for name in ("firstName", "lastName", "email", "language", "bikePlanCode", "partner_PersonID",
                 "personnelNumber")]


class Malformed(Case):
    def setUp(self):
        self.smuggled = fresh_email("smuggled")

    def send(self, data):
        """The answers to these bytes, with a login behind them that must never be run, until it closes."""
        hidden = json.dumps({"user": person(email=self.smuggled)}).encode()
        behind = request(AUTH, JSON, length(hidden), body=hidden)
        received = self.server.raw((data + behind).replace(b"TOKEN", self.alpha.encode()))
        answers = responses(received)
        self.assertTrue(self.server.alive())
        return answers

    def assert_one_refusal(self, data, statuses):
        answers = self.send(data)
        self.assertEqual(len(answers), 1, answers)
        self.assertIn(answers[0].status, statuses, answers[0])
        self.assertNotIn(b"loginUrl", answers[0].body)
        self.assertNotIn(b"echo-me", answers[0].body)

    def assert_nothing_ran(self):
        self.assertEqual(self.server.command("user", "show", self.smuggled).code, 1)

    def check(self, table, *statuses):
        for why, data, *more in table:
            with self.subTest(why):
                self.assert_one_refusal(data, (*statuses, *more))
        self.assert_nothing_ran()

    def test_a_request_that_could_end_in_two_places_ends_the_connection(self):
        self.check(FRAMING, 400, 501)

    def test_a_body_with_broken_chunks_ends_the_connection(self):
        self.check(CHUNKING, 400)

    def test_a_broken_field_ends_the_connection(self):
        self.check(FIELDS, 400)

    def test_a_broken_first_line_ends_the_connection(self):
        self.check(FIRST_LINES)

    def test_a_strange_target_reaches_no_handler(self):
        self.check(TARGETS)

    def test_too_much_of_anything_is_refused_before_it_is_read(self):
        self.check(SIZES)

    def test_unreadable_json_is_refused(self):
        for why, document, statuses in DOCUMENTS:
            with self.subTest(why):
                [answer] = responses(self.server.raw(request(
                    bearer_line(self.alpha), JSON, CLOSE, length(document), body=document)))
                self.assertIn(answer.status, statuses, answer)
                if answer.status >= 400:
                    self.assert_refused(answer, answer.status)
                self.assertTrue(self.server.alive())
        self.assertEqual(self.server.command("user", "show", "not-created@example.com").code, 1)


class Unusual(Case):
    """Requests that are odd and yet have one right answer, or a small choice of them."""

    def answers(self, data, bodiless=False):
        found = responses(self.server.raw(data.replace(b"TOKEN", self.alpha.encode())), bodiless)
        self.assertTrue(self.server.alive())
        return found

    def statuses(self, data):
        return [answer.status for answer in self.answers(data)]

    def body(self):
        return json.dumps({"user": person()}).encode()

    def test_one_empty_line_before_a_request_does_no_harm(self):
        self.assertIn(self.statuses(b"\r\n" + request(CLOSE, **GET)), ([200], [400]))

    def test_http_1_0_is_served_and_closed(self):
        self.assertEqual(self.statuses(request(**GET, version=b"HTTP/1.0", host=None)), [200])

    def test_a_chunked_body_is_read(self):
        for size in (None, 7, 1):
            self.assertEqual(self.statuses(request(*GOOD, CHUNKED, CLOSE, body=chunks(self.body(), size))),
                             [201])

    def test_a_chunk_extension_is_ignored(self):
        body = self.body()
        data = request(*GOOD, CHUNKED, CLOSE, body=b"%x;a=b\r\n%s\r\n0\r\n\r\n" % (len(body), body))
        self.assertIn(self.statuses(data), ([201], [400]))

    def test_sixty_thousand_tiny_chunks_are_a_body_like_any_other(self):
        started = time.monotonic()
        [status] = self.statuses(request(*GOOD, CHUNKED, CLOSE, body=chunks(self.body().ljust(60000), 1)))
        self.assertIn(status, (201, 400, 413))
        self.assertLess(time.monotonic() - started, 5)

    def test_a_trailer_brings_no_credentials(self):
        tail = b"%x\r\n%s\r\n0\r\n" % (len(BODY), BODY)
        data = request(JSON, CHUNKED, CLOSE, body=tail + AUTH + b"\r\n\r\n")
        self.assertIn(self.statuses(data), ([401], [400]))
        data = request(JSON, CHUNKED, CLOSE, b"Trailer: Authorization", body=tail + AUTH + b"\r\n\r\n")
        self.assertIn(self.statuses(data), ([401], [400]))

    def test_a_trailer_is_refused(self):
        for line in (b"Host: evil.example", b"Content-Type: text/plain", b"Content-Length: 3",
                     b"Transfer-Encoding: gzip",
                     b"Authorization: Bearer wrong", b"X-Forwarded-Host: evil.example", b"X-A: b", b"X-A: b\r\n c",
                     b"Connection: close"):
            with self.subTest(line.decode()):
                body = self.body()
                [answer] = self.answers(request(*GOOD, CHUNKED, body=b"%x\r\n%s\r\n0\r\n%s\r\n\r\n" % (
                    len(body), body, line)) + request(CLOSE, **GET))
                self.assertEqual(answer.status, 400)
                self.assertNotIn(b"evil.example", answer.body)

    def test_what_is_longer_than_announced_is_another_request(self):
        body = self.body()
        self.assertEqual(self.statuses(request(*GOOD, length(body), body=body + b"junk\r\n\r\n")), [201, 400])

    def test_a_body_that_ends_early_is_never_run(self):
        user = person()
        body = json.dumps({"user": user}).encode()
        with self.server.open(request(bearer_line(self.alpha), JSON, b"Content-Length: %d" % (len(body) + 1),
                                      body=body)) as line:
            line.shutdown(1)
            self.assertIn([answer.status for answer in responses(read_to_close(line))], ([], [400], [408]))
        self.assertEqual(self.login(user).status, 201)

    def test_the_body_of_a_refused_request_is_never_run(self):
        user = person()
        hidden = json.dumps({"user": user}).encode()
        hidden = request(bearer_line(self.alpha), JSON, length(hidden), body=hidden)
        rows = [(401, [b"Authorization: Bearer wrong", JSON], {}), (401, [JSON], {}),
                (415, [AUTH, b"Content-Type: text/plain"], {}), (404, GOOD, dict(target=b"/nothing")),
                (405, GOOD, dict(method=b"PUT")), (405, GOOD, dict(target=b"/healthz")),
                (417, [*GOOD, b"Expect: something"], {}), (400, GOOD, {}),
                (401, [JSON], dict(target=b"/v1/login-tokens/redeem")), (200, [], GET)]
        for status, fields, line in rows:
            for framing, body in [(length(hidden), hidden), (CHUNKED, chunks(hidden))]:
                with self.subTest(f"{status} {line} {framing}"):
                    statuses = self.statuses(request(*fields, framing, body=body, **line) + request(CLOSE,
                                                                                                    **GET))
                    # A body of GET may also be refused.
                    self.assertIn(statuses, ([status], [status, 200], *[[400], [413]] * (line == GET)))
        self.assertEqual(self.login(user).status, 201)

    def test_a_refusal_arrives_however_much_is_still_being_sent(self):
        body = b"x" * 65536
        for fields in ([b"Authorization: Bearer wrong", JSON], [AUTH, b"Content-Type: text/plain"], GOOD):
            for _ in range(10):
                [answer] = self.answers(request(*fields, CLOSE, length(body), body=body) + b"y" * 100000)
                self.assertIn(answer.status, (400, 401, 415, 429))

    def test_the_body_is_asked_for_once_the_rest_is_in_order(self):
        body = self.body()
        head = request(bearer_line(self.alpha), JSON, length(body), CLOSE, b"Expect: 100-continue")
        with self.server.open(head) as line:
            self.assertTrue(line.recv(4096).startswith(b"HTTP/1.1 100"))
            line.sendall(body)
            self.assertEqual([answer.status for answer in responses(read_to_close(line))], [201])

    def test_the_body_of_a_stranger_is_not_asked_for(self):
        head = request(b"Authorization: Bearer wrong", JSON, length(BODY), CLOSE, b"Expect: 100-continue")
        with self.server.open(head) as line:
            self.assertEqual([answer.status for answer in responses(read_to_close(line))], [401])

    def test_a_get_on_a_post_route_is_told_so(self):
        [answer] = self.answers(request(AUTH, CLOSE, method=b"GET"))
        self.assertEqual((answer.status, answer["Allow"]), (405, "POST"))

    def test_head_is_get_without_the_body(self):
        for path in ("/healthz", "/readyz", "/session", "/home", "/nothing"):
            with self.subTest(path):
                browser = self.signed_in(self.created())
                get, head = browser.get(path), browser.request("HEAD", path)
                self.assertEqual((head.status, head.body), (get.status, b""))
                varying = {"date", "x-request-id", "content-length"}
                self.assertEqual({name.lower() for name in head.headers} | varying,
                                 {name.lower() for name in get.headers} | varying)

    def test_offers_to_change_the_protocol_are_ignored(self):
        for fields in ([b"Connection: Upgrade", b"Upgrade: websocket",
                        b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
                        b"Sec-WebSocket-Version: 13"],
                       [b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c",
                        b"HTTP2-Settings: AAMAAABkAAQAAP__"]):
            self.assertEqual(self.statuses(request(*fields, **GET) + request(CLOSE, **GET)), [200, 200])

    def test_one_bad_request_among_good_ones_stops_the_line_there(self):
        good = request(**GET)
        bad = request(b"Transfer-Encoding: gzip", **GET)
        self.assertEqual(self.statuses(good + bad + good), [200, 400])

    def test_ten_requests_in_one_go_are_answered_in_order(self):
        users = [person() for _ in range(10)]
        bodies = [json.dumps({"user": user}).encode() for user in users]
        data = b"".join(request(*GOOD, b"X-Request-Id: call-%d" % number, length(body),
                                *([CLOSE] if number == 9 else []),
                                body=body) for number, body in enumerate(bodies))
        answers = self.answers(data)
        self.assertEqual([answer.status for answer in answers], [201] * 10)
        self.assertEqual([answer["X-Request-Id"] for answer in answers],
                         [f"call-{number}" for number in range(10)])
        for user, answer in zip(users, answers):
            self.assertEqual(self.redeemed(answer.url)["email"], user["email"])

    def test_a_request_that_comes_byte_by_byte_is_served(self):
        body = self.body()
        data = request(bearer_line(self.alpha), JSON, length(body), CLOSE, body=body)
        with self.server.open(b"") as line:
            for number in range(len(data)):
                line.sendall(data[number:number + 1])
            self.assertEqual([answer.status for answer in responses(read_to_close(line))], [201])

    def test_a_connection_serves_a_thousand_requests_and_says_so_at_the_last(self):
        answers = self.answers(request(**GET) * 1200)
        self.assertEqual(len(answers), 1000)
        self.assertEqual(answers[-1]["Connection"], "close")
        self.assertEqual({answer.status for answer in answers}, {200})

    def test_no_answer_is_lost_when_the_server_closes_before_it_was_asked_everything(self):
        for why, closing in [("asked to", request(CLOSE, **GET)),
                             ("at a refusal", request(b"Transfer-Encoding: gzip", **GET))]:
            with self.subTest(why), socket.socket() as line:
                # So little room that most answers still wait on the server's side when it closes.
                line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                line.settimeout(10)
                line.connect(self.server.address)
                line.sendall(request(**GET) * 100 + closing + b"x" * 100000)
                self.assertEqual(len(responses(read_to_close(line))), 101)

    def test_packed_bodies_are_not_unpacked(self):
        for why, body in [("small", gzip.compress(self.body())), ("bomb", gzip.compress(b" " * 30_000_000))]:
            for coding in (b"gzip", b"x-gzip", b"deflate", b"br"):
                with self.subTest(f"{why}, {coding.decode()}"):
                    self.assertEqual(self.statuses(request(*GOOD, CLOSE, b"Content-Encoding: " + coding,
                                                           length(body),
                                                           body=body)), [415])

    def test_two_session_cookies_are_refused_cleanly(self):
        for fields in ([b"Cookie: onboard=a; onboard=b"], [b"Cookie: onboard=a", b"Cookie: onboard=b"]):
            self.assertIn(self.statuses(request(*fields, CLOSE, method=b"GET", target=b"/session")),
                          ([400], [401]))

    def test_a_request_id_cannot_split_an_answer(self):
        for value in (b"a b", b"a%0d%0aSet-Cookie:x=1", b"<script>", b"x" * 2000, "\u00e9".encode(), b'"',
                      b""):
            with self.subTest(str(value[:20])):
                [answer] = self.answers(request(CLOSE, b"X-Request-Id: " + value, **GET))
                self.assertEqual(answer.status, 200)
                self.assertRegex(answer["X-Request-Id"], r"^[!-~]{1,200}$")

    def test_a_huge_trailer_or_extension_costs_no_memory(self):
        def resident():
            with open(f"/proc/{self.server.process.pid}/status") as status:
                return int(next(line for line in status if line.startswith("VmRSS")).split()[1])
        self.created()
        before = resident()
        lines = [self.server.open(request(bearer_line(self.alpha), JSON, CHUNKED,
                                          body=b"b;a=" + b"x" * 2**20)) for _ in range(32)]
        for line in lines:
            with line:
                [answer] = responses(read_to_close(line))
                self.assertIn(answer.status, (400, 413, 431))
        self.assertLess(resident() - before, 32 * 128 + 4096)


def bearer_line(token):
    return b"Authorization: Bearer " + token.encode()


if __name__ == "__main__":
    unittest.main()
