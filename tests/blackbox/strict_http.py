"""A second reader of HTTP/1.1 requests, written from RFC 9112 and RFC 9110 and from nothing of ours. Where they leave
a recipient a choice it refuses; what docs/contracts.md refuses beyond them it refuses by the rules named HOUSE."""

import dataclasses
import re

# docs/limits.md
HEAD, TARGET, FIELDS, NAME = 8192, 2048, 64, 128
METHOD_LETTERS, LENGTH_DIGITS, CHUNK_LINES = 16, 18, 16384

TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"                                    # RFC 9110, 5.6.2
QUOTED = rb'"(?:[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t \x21-\x7e\x80-\xff])*"'    # RFC 9110, 5.6.4
NOT_IN_A_HEAD = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n|\Z)|(?<!\r)\n")
FIELD = re.compile(rb"(" + TOKEN + rb"):[\t ]*([^\r\n]*?)[\t ]*")            # RFC 9112, 5: no blank before the colon
VERSION = re.compile(rb"HTTP/[0-9]\.[0-9]")                                  # RFC 9112, 2.3
PATH = re.compile(rb"/(?:[\-._~!$&'()*+,;=:@/?0-9A-Za-z]|%[0-9A-Fa-f]{2})*")    # RFC 9112, 3.2.1; RFC 3986, 3.3
HOST = re.compile(rb"(?:\[[0-9A-Fa-f:.]+\]|[\-._0-9A-Za-z]+)(?::[0-9]{0,5})?")    # RFC 9110, 7.2; HOUSE: plain names
BLANKS = rb"[\t ]*"
VALUE = rb"(?:" + TOKEN + rb"|" + QUOTED + rb")"
EXTENSION = rb";" + BLANKS + TOKEN + rb"(?:" + BLANKS + rb"=" + BLANKS + VALUE + rb")?"     # RFC 9112, 7.1.1
CHUNK = re.compile(rb"([0-9A-Fa-f]+)(?:" + EXTENSION + rb"(?:" + BLANKS + EXTENSION + rb")*)?")
ONCE = (b"host", b"content-length", b"transfer-encoding", b"content-type", b"content-encoding", b"authorization",
        b"cookie", b"expect", b"origin", b"x-request-id", b"idempotency-key", b"forwarded")    # HOUSE


class Refused(Exception):
    """What stands here is no request, and nothing behind it can be one. Says with which statuses."""

    def __init__(self, why, *statuses):
        super().__init__(why)
        self.statuses = statuses or (400,)


class Unfinished(Exception):
    """The bytes end before the request does."""


@dataclasses.dataclass
class Head:
    method: bytes
    target: bytes
    version: bytes
    fields: list        # of name in small letters and value

    def all(self, name):
        return [value for key, value in self.fields if key == name]

    def get(self, name, default=b""):
        return next(iter(self.all(name)), default)

    @property
    def chunked(self):
        return bool(self.all(b"transfer-encoding"))

    @property
    def has_body(self):
        return self.chunked or int(self.get(b"content-length", b"0")) > 0

    @property
    def keeps_alive(self):
        options = b",".join(self.all(b"connection")).lower().split(b",")
        return self.version == b"HTTP/1.1" and b"close" not in [option.strip(b" \t") for option in options]


@dataclasses.dataclass
class Reading:
    """What became of one request. Without a head it was refused, or unfinished, before there was one."""
    head: Head = None
    body: bytes = None              # None unless the request is whole
    refusal: Refused = None


def read(data):
    """Every request in these bytes, one after the other, up to the last that may be one."""
    at = 0
    while at < len(data):
        reading = Reading()
        try:
            reading.head, at = read_head(data, at)
            reading.body, at = read_body(reading.head, data, at)
        except Refused as refusal:
            reading.refusal = refusal
        except Unfinished:
            pass
        yield reading
        if reading.body is None or not reading.head.keeps_alive:
            return


def read_head(data, at):
    if not data[at:at + 1].isalpha():
        raise Refused("something before the method")      # HOUSE: an empty line, too
    end = data.find(b"\r\n\r\n", at)
    seen = data[at:end + 4] if end >= 0 else data[at:]
    stray = NOT_IN_A_HEAD.search(seen)
    if stray and stray.start() <= HEAD:
        raise Refused(f"byte {stray.start()} of the head")
    if len(seen) > HEAD:
        raise Refused("head too long", 431 if b"\r\n" in seen[:HEAD] else 414)
    if end < 0:
        raise Unfinished
    first, *lines = seen[:-4].split(b"\r\n")
    head = Head(*read_request_line(first), read_fields(lines))
    judge(head)
    return head, end + 4


def read_request_line(line):
    """RFC 9112, 3."""
    method, _, rest = line.partition(b" ")
    target, blank, version = rest.rpartition(b" ")
    if not blank or not (method.isalpha() and method.isupper()):    # HOUSE: methods are of capital letters
        raise Refused("request line")
    if len(method) > METHOD_LETTERS:
        raise Refused("method", 501)
    if not VERSION.fullmatch(version):
        raise Refused("version")
    if version not in (b"HTTP/1.1", b"HTTP/1.0"):
        raise Refused("version", 505)
    if len(target) > TARGET:
        raise Refused("target", 414)
    if not PATH.fullmatch(target) and (method, target) != (b"OPTIONS", b"*"):    # HOUSE: no absolute-form
        raise Refused("target")
    return method, target, version


def read_fields(lines):
    """RFC 9112, 5."""
    fields = []
    for line in lines:
        if len(fields) == FIELDS:
            raise Refused("fields", 431)
        matched = FIELD.fullmatch(line)
        if not matched:
            raise Refused("field line")
        name, value = matched[1].lower(), matched[2]
        if len(name) > NAME:
            raise Refused("field name", 431)
        if name == b"transfer-encoding" and b"\t" in line:      # HOUSE
            raise Refused("tab")
        fields.append((name, value))
    return fields


def judge(head):
    """What fields may not say together."""
    for name in ONCE:
        if len(head.all(name)) > 1:
            raise Refused(f"two of {name}")
    host = head.get(b"host", None)
    if host is None and head.version == b"HTTP/1.1":        # RFC 9112, 3.2
        raise Refused("no host")
    if host is not None and not (HOST.fullmatch(host) and len(host) < 256):
        raise Refused("host")
    if head.all(b"trailer"):                                # HOUSE
        raise Refused("trailer")
    judge_length(head)
    if head.version == b"HTTP/1.1" and head.get(b"expect", b"100-continue").lower() != b"100-continue":
        raise Refused("expect", 417)                        # RFC 9110, 10.1.1


def judge_length(head):
    """RFC 9112, 6.1 to 6.3. HOUSE: no coding but chunked, which may not come twice, and no length beside it."""
    coding, length = head.get(b"transfer-encoding", None), head.get(b"content-length", None)
    if coding is not None and (head.version == b"HTTP/1.0" or length is not None or coding.lower() != b"chunked"):
        raise Refused("transfer coding")
    if length is not None and not re.fullmatch(rb"[0-9]{1,%d}" % LENGTH_DIGITS, length):
        raise Refused("length")


def read_body(head, data, at):
    if head.chunked:
        return read_chunks(data, at)
    size = int(head.get(b"content-length", b"0"))
    if len(data) < at + size:
        raise Unfinished
    return data[at:at + size], at + size


def read_chunks(data, at):
    """RFC 9112, 7.1. HOUSE: no blanks behind a size, and no fields behind the last chunk."""
    body = b""
    while True:
        line, at = read_line(data, at)
        chunk = CHUNK.fullmatch(line)
        if not chunk:
            raise Refused("chunk", 400, 413)
        size = int(chunk[1], 16)
        if size == 0:
            break
        piece, end = data[at:at + size], data[at + size:at + size + 2]
        if not b"\r\n".startswith(end):
            raise Refused("end of chunk", 400, 413)
        if len(end) < 2:
            raise Unfinished
        body, at = body + piece, at + size + 2
    line, at = read_line(data, at)
    if line:
        raise Refused("fields behind the body")     # HOUSE
    return body, at


def read_line(data, at):
    end = data.find(b"\r\n", at, at + CHUNK_LINES)
    if end < 0 and len(data) - at >= CHUNK_LINES:
        raise Refused("line of a chunk", 400, 413)
    stray = NOT_IN_A_HEAD.search(data, at, end + 2 if end >= 0 else len(data))
    if stray:
        raise Refused("line of a chunk", 400, 413)
    if end < 0:
        raise Unfinished
    return data[at:end], end + 2
