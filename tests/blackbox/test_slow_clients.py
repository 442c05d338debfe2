"""Clients that dawdle: each is let go in time, and nobody else notices. Half a minute, all at once."""

import json
import os
import pathlib
import selectors
import socket
import tempfile
import time
import unittest
import unittest.mock

import support
from support import LOGIN, Case, Server, person, responses, until


class SlowClients(Case):
    def test_whoever_dawdles_is_let_go_in_time(self):
        user = person()
        body = json.dumps({"user": user})
        head = (f"POST {LOGIN} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {self.alpha}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n")
        # What is sent at once, what follows a byte every half second, how many seconds may pass (with some
        # grace), and whether an answer comes.
        rows = [("says nothing", "", "", 30 + 5, False), ("half a header", head[:60], "", 10 + 5, False),
                ("a header byte by byte", head[:20], head[20:], 10 + 5, False),
                ("half a body", head + body[:20], "", 20 + 5, False),
                ("a body byte by byte", head, body, 20 + 5, False),
                ("idle after an answer", "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n", "", 30 + 5, True)]
        started, waiting = time.monotonic(), selectors.DefaultSelector()
        received, slow = {}, {}
        for why, first, rest, limit, answered in rows:
            line = self.server.open(first.encode(), seconds=40)
            self.addCleanup(line.close)
            received[why], slow[why] = b"", iter(rest)
            waiting.register(line, selectors.EVENT_READ, (why, limit, answered))
        beat = started
        while lines := [(key.fileobj, *key.data) for key in waiting.get_map().values()]:
            now = time.monotonic() - started
            for line, why, limit, _ in lines:
                self.assertLess(now, limit, f"{why}: still connected")
            for key, _ in waiting.select(0.1):
                why, _, answered = key.data
                try:
                    some = key.fileobj.recv(65536)
                except ConnectionResetError:
                    some = b""
                received[why] += some
                if not some:
                    waiting.unregister(key.fileobj)
                    statuses = [answer.status for answer in responses(received[why])]
                    self.assertIn(statuses, ([200],) if answered else ([], [408]), why)
            if time.monotonic() > beat + 0.5:
                beat = time.monotonic()
                self.assertTrue(self.server.alive())
                for line, why, *_ in lines:
                    if letter := next(slow[why], None):
                        try:
                            line.sendall(letter.encode())
                        except (BrokenPipeError, ConnectionResetError):
                            pass
        self.assertEqual(self.login(user).status, 201, "half a request was run")

    def test_one_address_cannot_take_every_connection(self):
        address = address_of_this_machine()
        if address.startswith("127."):
            self.skipTest("loopback is not counted, and this machine has no other address")
        with Server(listen=f"{address}:0", behind_proxy="yes", public_url="https://id.example") as server:
            lines = [server.open(b"") for _ in range(130)]
            for line in lines:
                self.addCleanup(line.close)
            # Beyond a hundred of one address the newest are turned away.
            until(lambda: sum(is_closed(line) for line in lines) == 30,
                  what="thirty of them being turned away")
            self.assertEqual([is_closed(line) for line in lines], [False] * 100 + [True] * 30)
            lines[0].close()
            until(server.alive, what="a free place")

    def test_who_says_nothing_makes_room_for_who_speaks(self):
        with server_with_files(600) as server:
            lines = [server.open(b"GET" if number % 2 else b"") for number in range(700)]
            for line in lines:
                self.addCleanup(line.close)
            until(server.alive, what="room for who comes right behind them")
            self.assertEqual([server.alive() for _ in range(50)], [True] * 50)
            self.assertLess(len(os.listdir(f"/proc/{server.process.pid}/fd")), 600 - 200)
            until(lambda: is_closed(lines[0]) and is_closed(lines[1]), what="room")
            self.assertFalse(is_closed(lines[-1]), "the newest were sent away")


def server_with_files(count):
    """A server that may have so many open files and no more."""
    with tempfile.TemporaryDirectory() as folder:
        script = pathlib.Path(folder) / "onboard-server"
        script.write_text(f'#!/bin/sh\nulimit -n {count}\nexec "{support.BINARY}" "$@"\n')
        script.chmod(0o755)
        with unittest.mock.patch("support.BINARY", str(script)):
            return Server()


def address_of_this_machine():
    """The address it would reach others from; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        try:
            line.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"
        return line.getsockname()[0]


def is_closed(line):
    line.settimeout(0)
    try:
        return line.recv(1, socket.MSG_PEEK) == b""
    except BlockingIOError:
        return False
    except ConnectionResetError:
        return True


if __name__ == "__main__":
    unittest.main()
