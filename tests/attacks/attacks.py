"""What attackers do to a server on this machine, until they are told to stop (SIGTERM) and for so many seconds at
most: attacks.py NAME --port N --seconds S --token TEXT. The token is a partner's, for an attacker who has one. Prints
a line when all are there and, at the end, how much of it there was, as JSON."""

import argparse
import asyncio
import collections
import contextlib
import itertools
import json
import random
import resource
import signal
import socket
import struct
import urllib.parse

OPEN_CALL = "/v1/sso/email-status"      # anybody may make it
PIECE = 65536


def request(target, *fields, method="GET", body=b""):
    lines = [f"{method} {target} HTTP/1.1", "Host: localhost", *fields]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def call(target, document, *fields, method="POST"):
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return request(target, "Content-Type: application/json", *fields, method=method, body=body)


def wide_object(keys):
    """Keys that begin alike, so that comparing any two of them takes long."""
    return {"k" * 40 + f"{number:05}": 0 for number in range(keys)}


def lookalikes():
    """Addresses, numbers and tokens that take long to be refused."""
    marks = "a" + "\u0301" * 120
    yield from (marks + "@example.com", "a@" + ".".join(["xn--" + "a" * 50] * 4), "a@" + "\u00fc." * 120 + "com",
                "\ufdfa" * 60 + "@example.com", "a" * 64 + "@" + "b." * 90 + "de", "\u1e9e" * 80 + "@\u00df.de")


class Attack:
    """Connections from many addresses of this machine, all on one thread."""

    def __init__(self, port, seconds, token):
        self.port, self.seconds, self.token = port, seconds, token
        self.seen, self.addresses, self.turns = collections.Counter(), itertools.count(), itertools.count(1)
        self.open = 0

    async def run(self, name):
        self.loop = asyncio.get_running_loop()
        stopped = asyncio.Event()
        self.loop.add_signal_handler(signal.SIGTERM, stopped.set)
        attack = asyncio.ensure_future(ATTACKS[name](self))
        end = asyncio.ensure_future(stopped.wait())
        await asyncio.wait({attack, end}, timeout=self.seconds, return_when=asyncio.FIRST_COMPLETED)
        if attack.done():
            attack.result()     # which says why it could not go on
        attack.cancel()
        return dict(self.seen)

    # Connections

    @contextlib.asynccontextmanager
    async def line(self, receive_buffer=None):
        line = socket.socket()
        line.setblocking(False)
        if receive_buffer:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        number = next(self.addresses)
        try:
            line.bind((f"127.0.{number // 200 % 200}.{2 + number % 200}", 0))
            await self.loop.sock_connect(line, ("127.0.0.1", self.port))
            self.seen["connections"] += 1
            self.open += 1
            self.seen["most at once"] = max(self.seen["most at once"], self.open)
            try:
                yield line
            finally:
                self.open -= 1
        finally:
            line.close()

    async def crowd(self, count, visit):
        """So many visitors, each of whom comes again when its visit has ended."""
        async def come_again():
            while True:
                try:
                    await visit()
                except OSError as trouble:
                    self.seen[type(trouble).__name__] += 1
                    await self.pause(0.05)
        async with asyncio.TaskGroup() as group:
            for number in range(count):
                group.create_task(come_again())
                if number % 200 == 199:
                    await self.pause(0.02)      # or the kernel's queue of new connections overflows
            await self.pause(0.2)
            print("under way", flush=True)

    @staticmethod
    async def pause(seconds):
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), seconds)

    async def read(self, line):
        """Something of an answer. False at the end of the connection."""
        some = await self.loop.sock_recv(line, PIECE)
        for answer in some.split(b"HTTP/1.1 ")[1:]:
            self.seen[answer[:3].decode()] += 1
        return bool(some)

    # Kinds of visits

    async def trickle(self, first, rest, every):
        """Says a little, and then a byte now and then until it is shown out."""
        async with self.line() as line:
            await self.loop.sock_sendall(line, first)
            for byte in itertools.cycle(rest):
                gone = asyncio.ensure_future(self.loop.sock_recv(line, PIECE))
                done, _ = await asyncio.wait({gone}, timeout=every)
                if done:
                    return gone.result()
                gone.cancel()
                await self.loop.sock_sendall(line, bytes([byte]))

    async def say_nothing(self):
        async with self.line() as line:
            await self.read(line)

    async def ask(self, make, at_once=1):
        """One question after the other."""
        async with self.line() as line:
            while True:
                await self.loop.sock_sendall(line, b"".join(make(next(self.turns)) for _ in range(at_once)))
                if not await self.read(line):
                    return

    async def ask_and_leave(self, data, rudely):
        async with self.line() as line:
            if rudely:
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            await self.loop.sock_sendall(line, data)
            if not rudely:
                await self.read(line)

    async def never_read(self, data):
        async with self.line(receive_buffer=2304) as line:
            while True:
                await self.loop.sock_sendall(line, data)

    async def pour(self, data):
        """Asks without end and drops what is answered."""
        async with self.line() as line:
            sending = asyncio.ensure_future(self.pour_in(line, data))
            try:
                while await self.read(line):
                    pass
            finally:
                sending.cancel()

    async def pour_in(self, line, data):
        with contextlib.suppress(OSError):
            while True:
                await self.loop.sock_sendall(line, data)

    # Attacks

    def slow_heads(self):
        return self.crowd(2000, lambda: self.trickle(b"GET /healthz HTTP/1.1\r\nHost: a\r\n", b"X-A: b\r\n", 1))

    def slow_bodies(self):
        head = call(OPEN_CALL, b"x" * 60000, method="PATCH").partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
        return self.crowd(2000, lambda: self.trickle(head, b" ", 1))

    def half_bodies(self):
        most = call(OPEN_CALL, b" " * 65536, method="PATCH")[:-1000]
        return self.crowd(1000, lambda: self.trickle(most, b" ", 5))

    def slow_reads(self):
        return self.crowd(500, lambda: self.never_read(request("/assets/onboard.css") * 20))

    def idle_connections(self):
        return self.crowd(10000, self.say_nothing)

    def churn(self):
        return self.crowd(50, lambda: self.ask_and_leave(request("/healthz"), rudely=False))

    def resets(self):
        return self.crowd(50, lambda: self.ask_and_leave(request("/session"), rudely=True))

    def pipelining(self):
        return self.crowd(8, lambda: self.pour(request("/healthz") * 900))

    def noise(self):
        bytes_of = random.Random(1).randbytes
        return self.crowd(32, lambda: self.ask(lambda _: b"GET /" + bytes_of(500)))

    def big_heads(self):
        fields = ["X-Filler: " + "x" * 990] * 8
        return self.crowd(32, lambda: self.ask(lambda _: request("/healthz", *fields)))

    def big_bodies(self):
        body = b'{"email": "' + b"x" * 16000 + b'", "a": "' + b"y" * 16000 + b'", "b": "' + b"z" * 16000 + b'"}'
        return self.crowd(32, lambda: self.ask(lambda _: call(OPEN_CALL, body.ljust(65536), method="PATCH")))

    def deep_json(self):
        return self.crowd(32, lambda: self.ask(lambda _: call(OPEN_CALL, b'{"a":' * 13000, method="PATCH")))

    def wide_json(self):
        data = call(OPEN_CALL, json.dumps([wide_object(999)]).encode(), method="PATCH")
        return self.crowd(32, lambda: self.ask(lambda _: data))

    def costly_texts(self):
        texts = itertools.cycle(lookalikes())
        return self.crowd(32, lambda: self.ask(lambda _: call(
            OPEN_CALL, {"email": next(texts), "telephone": "+49 (0) 151 / " + "-" * 500}, method="PATCH")))

    def forged_tokens(self):
        token = "eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ." + "eyJpc3MiOiJodHRwczovL2EifQ" * 10 + "." + "A" * 342
        return self.crowd(32, lambda: self.ask(lambda _: request("/v2/user/session/create?token=" + token)))

    def wrong_bearers(self):
        return self.crowd(32, lambda: self.ask(lambda turn: call(
            "/receiver/APIv3/user.login", {}, f"Authorization: Bearer onboard_{turn:060}", method="POST")))

    def wrong_links(self):
        return self.crowd(32, lambda: self.ask(lambda turn: request(f"/login/{turn:043}")))

    def wrong_sessions(self):
        return self.crowd(32, lambda: self.ask(lambda turn: request("/session", f"Cookie: onboard={turn:043}")))

    def not_found(self):
        return self.crowd(32, lambda: self.ask(lambda turn: request(f"/wp-admin/{turn}.php")))

    def greedy_partner(self):
        """A partner that posts as many new people as it can."""
        bearer = f"Authorization: Bearer {self.token}"
        return self.crowd(16, lambda: self.ask(lambda turn: call("/receiver/APIv3/user.login", {"user": {
            "bikePlanCode": "PLAN-A", "firstName": "A", "lastName": "B", "email": f"greedy{turn}@example.com",
            "language": "EN"}}, bearer)))

    async def passwords(self):
        """Passwords to be hashed, all wrong."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(request("/sign-in", "Connection: close"))
        page = (await reader.read()).decode()
        writer.close()
        cookie = page.partition("Set-Cookie: ")[2].partition(";")[0]
        token = page.partition('name="form_token" value="')[2].partition('"')[0]

        def form(turn):
            body = urllib.parse.urlencode({"email": f"nobody{turn}@example.com", "password": "mijn fiets is rood",
                                           "form_token": token}).encode()
            return request("/sign-in", f"Cookie: {cookie}", "Content-Type: application/x-www-form-urlencoded",
                           method="POST", body=body)
        await self.crowd(64, lambda: self.ask(form))


ATTACKS = {name: getattr(Attack, name) for name in (
    "slow_heads", "slow_bodies", "half_bodies", "slow_reads", "idle_connections", "churn", "resets", "pipelining",
    "noise", "big_heads", "big_bodies", "deep_json", "wide_json", "costly_texts", "forged_tokens", "wrong_bearers",
    "wrong_links", "wrong_sessions", "not_found", "greedy_partner", "passwords")}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=ATTACKS)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--token", default="")
    chosen = parser.parse_args()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    print(json.dumps(asyncio.run(Attack(chosen.port, chosen.seconds, chosen.token).run(chosen.name))))


if __name__ == "__main__":
    main()
