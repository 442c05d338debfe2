"""Makes up what strangers may send on one connection: good requests, broken ones, and several in one go."""

import random

REDEEM = b"/v1/login-tokens/redeem"
JSON = b'{"token": "nobody-has-this"}'
LENGTHS = [b"0", b"5", b"+5", b"-1", b"0x1c", b"1_0", b"28, 28", b"28,5", b"2 8", b"28.0", b"", b"028", b"1e2",
           b"65537", b"4294967324", b"18446744073709551644", b"9" * 18, b"9" * 40, b"\xd9\xa2\xd9\xa8"]
CODINGS = [b"chunked", b"Chunked", b"gzip", b"identity", b"xchunked", b"chunked, gzip", b"gzip, chunked",
           b"chunked,", b"chunked, chunked", b"\tchunked", b"chunked\t", b"\x0bchunked", b'"chunked"',
           b"chunked;q=1", b"", b"chun ked"]
SIZES = [b"0x5", b"+5", b"-2", b" 5", b"5 ", b"5 ;a", b"5;", b"5;a=", b"5;a=b", b'5;a="b;c"', b'5;a="', b"5;a b",
         b"", b"xyz", b"00000005", b"80000000", b"FFFFFFFFFFFFFFFF", b"FFFFFFFFFFFFFFFFF", b"1" + b"0" * 40,
         b"5\x00", b"5;\ta=b", b"5; a = b", b"5;a ;b", b"5;a ", b"5;a=b ", b"5;;a", b"5;a==b",
         b'5;a="\\""', b'5;a="\x15"']
TRAILERS = [b"X-A: b", b"Content-Length: 3", b"Transfer-Encoding: chunked", b"Host: evil.example", b"X-A : b",
            b" X-A: b", b"X-A: b\r\n c", b"X\0A: b", b"X-A", b"Authorization: Bearer no", b"Connection: close",
            b": b", b"X-A: b\nX-B: c"]
FIELDS = [b"X-A: b\r\n c", b"X-A: b\r\n\tc", b"X-A : b", b"X-A\t: b", b": b", b"X-A", b"X(A): b", b"X-A: b\0c",
          b"X-A: b\x01", b"X-A: b\x7f", b"X-A: b\rc", b"X-A: b\nX-B: c", b"X-A: \xff\x80", b"X-A:",
          b"X-A: \t b \t", b"Host: localhost", b"Connection: close", b"Connection: keep-alive, Close",
          b"Connection: closed", b"Trailer: X-A", b"Expect: 100-continue", b"Expect: 200-ok", b"Cookie: a=b",
          b"Upgrade: h2c", b"Content-Type: application/json", b"X" * 128 + b": a", b"X" * 129 + b": a",
          b"X-Long: " + b"x" * 7000, b"X-Long: " + b"x" * 8200]
HOSTS = [b"Host:", b"Host: ", b"Host: a b", b"Host: a/b", b"Host: me@a", b"Host: a, b", b"Host: a:80x",
         b"Host: a:", b"Host: [::1]:80", b"Host: [::1", b"Host: a\x01", b"host: A.example", b"Host : a",
         b"Host: " + b"a" * 255, b"Host: " + b"a" * 256, b"Host: a:123456", b"Host: *", b"X-No-Host: a"]
FIRST_LINES = [b"GET  /healthz HTTP/1.1", b"GET /healthz  HTTP/1.1", b"get /healthz HTTP/1.1",
               b"GET /healthz HTTP/1.2", b"GET /healthz HTTP/2.0", b"GET /healthz HTTP/1.1 ",
               b"GET /healthz http/1.1", b"GET /healthz", b"GET http://localhost/healthz HTTP/1.1",
               b"GET //healthz HTTP/1.1", b"GET healthz HTTP/1.1", b"GET /health%7a HTTP/1.1",
               b"GET /healthz%0 HTTP/1.1", b"GET /healthz#x HTTP/1.1", b"OPTIONS * HTTP/1.1", b"GET * HTTP/1.1",
               b"CONNECT localhost:80 HTTP/1.1", b"G\0T /healthz HTTP/1.1", b"GET /\x80 HTTP/1.1",
               b"GET /healthz HTTP/1.10", b"GET /healthz\tHTTP/1.1", b"PURGE /healthz HTTP/1.1",
               b"ABCDEFGHIJKLMNOPQ /healthz HTTP/1.1", b"GET /" + b"x" * 2047 + b" HTTP/1.1",
               b"GET /" + b"x" * 2048 + b" HTTP/1.1", b"GET /" + b"x" * 9000 + b" HTTP/1.1",
               b"GET /healthz?a=b&c HTTP/1.0"]
STRAYS = [b"\r\n", b"\n", b"\r", b"\0", b" ", b"\t", b":", b"0", b"\r\n\r\n", b"0\r\n\r\n", b"\x80", b"%", b",",
          b";"]


class Streams:
    """The same ones for the same seed. `token` lets a request through to its body."""

    def __init__(self, seed, token):
        self.random, self.token, self.made = random.Random(seed), token.encode(), 0

    def stream(self):
        """The bytes of one connection, in the pieces in which they are to be sent."""
        requests = [self.request() for _ in range(self.random.choice((1, 2, 2, 3, 5)))]
        broken = self.random.randrange(len(requests) + 1)
        data = b"".join(requests[:broken])
        if broken < len(requests):
            data += self.spoilt(requests[broken]) + b"".join(requests[broken + 1:])
        if self.random.random() < 0.05:
            data = data[:self.random.randrange(1, len(data) + 1)]
        return self.pieces(data)

    def request(self):
        """One that is in order, though it may be one that is unusual."""
        first, fields, body = self.random.choice((self.get, self.post, self.chunked))()
        self.made += 1
        self.random.shuffle(fields)
        fields.append(b"X-Request-Id: call-%d" % self.made)
        return b"\r\n".join((first, *fields)) + b"\r\n\r\n" + body

    def get(self):
        target = self.random.choice((b"/healthz", b"/healthz", b"/readyz", b"/nothing", b"/healthz?x=%41"))
        method = self.random.choice((b"GET", b"GET", b"HEAD"))
        version = self.random.choice((b"HTTP/1.1",) * 9 + (b"HTTP/1.0",))
        return b"%s %s %s" % (method, target, version), [b"Host: localhost"], b""

    def post(self):
        first, fields = self.start_of_post()
        return first, fields + [b"Content-Length: %d" % len(JSON)], JSON

    def chunked(self):
        first, fields = self.start_of_post()
        body, rest = b"", JSON
        while rest:
            size = self.random.choice((1, 7, len(rest)))
            piece, rest = rest[:size], rest[size:]
            size = self.random.choice((b"%x", b"%X", b"0%x")) % len(piece)
            body += size + self.random.choice((b"", b"", b";a=b", b';a="x y";b')) + b"\r\n" + piece + b"\r\n"
        body += self.random.choice((b"0", b"000", b"0;a=b")) + b"\r\n\r\n"
        return first, fields + [b"Transfer-Encoding: " + self.random.choice((b"chunked", b"CHUNKED"))], body

    def start_of_post(self):
        return b"POST " + REDEEM + b" HTTP/1.1", [
            b"Host: localhost:8080", b"Authorization: Bearer " + self.token, b"Content-Type: application/json"]

    # Ways to break it

    def spoilt(self, request):
        for _ in range(self.random.choice((1, 1, 1, 2))):
            request = self.random.choice((
                self.with_length, self.with_coding, self.with_field, self.with_field, self.with_host,
                self.with_first_line, self.with_size, self.with_trailer, self.with_bare_end, self.with_stray,
                self.with_stray, self.without_bytes, self.with_twice, self.with_many, self.with_other_byte))(request)
        return request

    def with_line(self, request, line):
        lines = request.split(b"\r\n")
        lines.insert(self.random.randrange(1, max(2, lines.index(b"") if b"" in lines else 2)), line)
        return b"\r\n".join(lines)

    def in_place_of(self, request, name, line):
        """With this line where that field was, or added to it."""
        lines = request.split(b"\r\n")
        there = [number for number, old in enumerate(lines) if old.lower().startswith(name)]
        if not there or self.random.random() < 0.3:
            return self.with_line(request, line)
        lines[there[0]] = line
        return b"\r\n".join(lines)

    def with_length(self, request):
        return self.in_place_of(request, b"content-length:", b"Content-Length: " + self.random.choice(LENGTHS))

    def with_coding(self, request):
        return self.in_place_of(request, b"transfer-encoding:", b"Transfer-Encoding: " + self.random.choice(CODINGS))

    def with_field(self, request):
        return self.with_line(request, self.random.choice(FIELDS))

    def with_host(self, request):
        return self.in_place_of(request, b"host:", self.random.choice(HOSTS))

    def with_first_line(self, request):
        return self.random.choice(FIRST_LINES) + request[max(0, request.find(b"\r\n")):]

    def with_size(self, request):
        """With another first chunk size, or the right one in another spelling."""
        head, _, body = request.partition(b"\r\n\r\n")
        old, _, rest = body.partition(b"\r\n")
        right = self.random.choice((old.partition(b";")[0], b"5"))
        return head + b"\r\n\r\n" + self.random.choice(SIZES).replace(b"5", right, 1) + b"\r\n" + rest

    def with_trailer(self, request):
        return request[:-2] + self.random.choice(TRAILERS) + b"\r\n" + request[-2:]

    def with_bare_end(self, request):
        ends = [at for at in range(len(request)) if request.startswith(b"\r\n", at)]
        if not ends:
            return request
        at = self.random.choice(ends)
        return request[:at] + self.random.choice((b"\n", b"\r", b"\r\r\n", b"\n\r", b"")) + request[at + 2:]

    def with_stray(self, request):
        at = self.random.randrange(len(request) + 1)
        return request[:at] + self.random.choice(STRAYS) + request[at:]

    def without_bytes(self, request):
        at = self.random.randrange(len(request) + 1)
        return request[:at] + request[at + self.random.choice((1, 2, 10)):]

    def with_twice(self, request):
        start, end = sorted(self.random.randrange(len(request) + 1) for _ in range(2))
        return request[:end] + request[start:]

    def with_many(self, request):
        return self.with_line(request, b"\r\n".join([b"X-%d: a" % self.made] * self.random.choice((58, 62, 100))))

    def with_other_byte(self, request):
        if not request:
            return request
        at = self.random.randrange(len(request))
        return request[:at] + bytes([self.random.randrange(256)]) + request[at + 1:]

    # How it arrives

    def pieces(self, data):
        how = self.random.random()
        if how < 0.15 and len(data) < 1500:
            return [data[at:at + 1] for at in range(len(data))]
        if how < 0.5:
            cuts = sorted(self.random.randrange(len(data) + 1) for _ in range(self.random.randrange(1, 5)))
            return [data[start:end] for start, end in zip([0, *cuts], [*cuts, len(data)])]
        return [data]
