"""The server beside another reader of HTTP: of whatever comes on one connection, both see the same requests, and
nobody sees one behind what either refuses. FRAMING_STREAMS says how many connections are made up, FRAMING_SEED
which."""

import collections
import json
import os
import re
import socket
import unittest

import strict_http
from request_streams import JSON, REDEEM, Streams
from support import Case
from test_malformed import CHUNKING, FIELDS, FRAMING

COUNT = int(os.environ.get("FRAMING_STREAMS", "6000"))
SEED = int(os.environ.get("FRAMING_SEED", "9112"))
AT_ONCE = 64
CONTRACT = {400, 401, 404, 405, 413, 415,
            422}      # what a call says that was understood as a request and is still refused
Answer = collections.namedtuple("Answer", "status fields body")


class Disagreement(Exception):
    pass


def without_interim(data):
    """Without the word to go on that may come before an answer, even to a request that then does not go on."""
    return data.partition(b"\r\n\r\n")[2] if data.startswith(b"HTTP/1.1 100 ") else data


def take_answer(data, method):
    """The first response in these bytes, and what follows it."""
    head, found, rest = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    version, _, status = first.partition(" ")
    if not found or version != "HTTP/1.1":
        raise Disagreement(f"no answer: {data[:200]!r}")
    fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    status = int(status[:3])
    size = 0 if method == b"HEAD" else int(fields.get("content-length", 0))
    return Answer(status, fields, rest[:size]), rest[size:]


class Framing(Case):
    settings = {"log": "error", "sign_in_per_address_per_minute": 1000000}

    def test_the_other_reader_refuses_what_is_known_to_be_dangerous(self):
        for why, data, *_ in FRAMING + CHUNKING + FIELDS:
            with self.subTest(why):
                [first] = strict_http.read(data)
                self.assertIsNone(first.body)

    def test_both_see_the_same_requests(self):
        streams = Streams(SEED, self.alpha)
        seen, under_way = collections.Counter(), collections.deque()
        for number in range(COUNT):
            pieces = streams.stream()
            under_way.append((number, b"".join(pieces), self.sent(number, pieces)))
            if len(under_way) == AT_ONCE:
                self.compare(seen, *under_way.popleft())
        while under_way:
            self.compare(seen, *under_way.popleft())
        print(dict(seen))
        for what in ("accepted", "refused", "unfinished"):
            self.assertGreater(seen[what], COUNT / 20, f"hardly any request was {what}: {seen}")

    def sent(self, number, pieces):
        """The connection on which all of it has been sent, and which sends no more."""
        line = self.server.open(b"", address=f"127.0.0.{1 + number % 250}", seconds=30)
        self.addCleanup(line.close)
        try:
            for piece in pieces:
                line.send(piece)
            line.shutdown(socket.SHUT_WR)
        except OSError:
            pass        # refused and closed already
        return line

    def compare(self, seen, number, data, line):
        received = b""
        with line:
            while some := line.recv(65536):
                received += some
        try:
            self.agree(seen, data, received)
        except (Disagreement, ValueError) as trouble:
            self.fail(f"stream {number} of seed {SEED}: {trouble}\nsent {data!r}\ngot {received!r}")

    def agree(self, seen, data, received):
        for reading in strict_http.read(data):
            what = "refused" if reading.refusal else "unfinished" if reading.body is None else "accepted"
            seen[what] += 1
            received = without_interim(received)
            if not received and self.may_be_silent(reading):
                return
            answer, received = take_answer(received, reading.head.method if reading.head else b"GET")
            self.judge(reading, answer)
            if answer.fields.get("connection") == "close":
                break
        if received:
            raise Disagreement(f"one answer too many: {received[:200]!r}")

    @staticmethod
    def may_be_silent(reading):
        """Nobody has to answer half a request, nor to see that a body cannot end well before it has ended."""
        return reading.body is None and not (reading.refusal and reading.head is None)

    def judge(self, reading, answer):
        """Whether an answer is one to what was read."""
        head, refusal, closes = reading.head, reading.refusal, answer.fields.get("connection") == "close"
        if head is None:
            if answer.status not in (refusal.statuses if refusal else ()) or not closes:
                raise Disagreement(f"{answer} to {refusal or 'half a head'}")
            return
        if re.fullmatch(rb"call-[0-9]+", head.get(b"x-request-id")):
            self.must(answer.fields["x-request-id"] == head.get(b"x-request-id").decode("latin-1"), answer,
                      "its request")
        if refusal or reading.body is None:
            statuses = CONTRACT | set(refusal.statuses if refusal else ())
            self.must(answer.status in statuses and closes, answer, "a refusal before the end of the body")
            return
        may_close = not head.keeps_alive or (head.has_body and answer.status in CONTRACT)
        self.must(not closes or may_close, answer, "a connection that goes on")
        self.must(closes or head.keeps_alive, answer, "a connection that ends")
        self.must(answer.status in self.statuses(head, reading.body), answer, f"{head} {reading.body}")
        if self.is_call(head):
            self.must(not closes or not head.keeps_alive, answer, "a body that was read")

    @staticmethod
    def must(condition, answer, what):
        if not condition:
            raise Disagreement(f"{answer} is no answer to {what}")

    def is_call(self, head):
        """Whether it gets as far as to have its body read."""
        return (head.method, head.target.partition(b"?")[0]) == (b"POST", REDEEM) and \
            head.get(b"authorization") == b"Bearer " + self.alpha.encode() and \
            head.get(b"content-type") == b"application/json" and not head.all(b"content-encoding") and \
            int(head.get(b"content-length", b"0")) <= 65536

    def statuses(self, head, body):
        if self.is_call(head):
            try:
                return {404} if json.loads(body) == json.loads(JSON) else {400, 404, 422}
            except ValueError:
                return {400}
        if head.method in (b"GET", b"HEAD") and not head.has_body and head.target.partition(b"?")[0] in (
                b"/healthz", b"/readyz"):
            return {200}
        return CONTRACT | {200} if head.has_body and head.method in (b"GET", b"HEAD") else CONTRACT


if __name__ == "__main__":
    unittest.main()
