"""What systemd and others like it are told: that the server answers, and that it is stopping (sd_notify(3)). And what
the unit that we ship lets the server do."""

import contextlib
import pathlib
import re
import signal
import socket
import subprocess
import tempfile
import unittest

from support import Client, Server

UNIT = pathlib.Path(__file__).resolve().parents[2] / "server/packaging/onboard-server.service"


class Manager:
    """Whoever started the server, with a socket to be told through."""

    def __init__(self, name, given):
        self.given = given
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(name)
        self.socket.settimeout(15)

    def told(self):
        return self.socket.recv(4096).decode().splitlines()

    def told_more(self):
        self.socket.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            return self.told()
        return None


class Told(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def managers(self):
        path = f"{self.folder}/notify"
        yield "a path", Manager(path, path)
        name = f"onboard{self.folder}/notify"
        yield "an abstract name", Manager(f"\0{name}", f"@{name}")

    def test_ready_when_it_answers_and_stopping_while_it_still_does(self):
        for kind, manager in self.managers():
            with self.subTest(kind), contextlib.closing(manager.socket), \
                    Server(variables={"NOTIFY_SOCKET": manager.given}) as server:
                self.assertEqual(manager.told(), ["READY=1"])
                self.assertEqual(Client(server).get("/healthz").status, 200)

                with socket.create_connection(server.address) as under_way:
                    under_way.sendall(b"POST /sso/sms HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                                      b"Content-Length: 2\r\nExpect: 100-continue\r\n\r\n")
                    self.assertTrue(under_way.recv(4096).startswith(b"HTTP/1.1 100 "))
                    server.process.send_signal(signal.SIGTERM)
                    self.assertEqual(manager.told(), ["STOPPING=1"])
                    under_way.sendall(b"{}")
                    self.assertTrue(under_way.recv(4096).startswith(b"HTTP/1.1 422 "))
                self.assertEqual(server.process.wait(timeout=20), 0)
                self.assertIsNone(manager.told_more())

    def test_settings_that_are_read_again_are_no_new_start(self):
        for kind, manager in self.managers():
            with self.subTest(kind), contextlib.closing(manager.socket), \
                    Server(variables={"NOTIFY_SOCKET": manager.given}) as server:
                self.assertEqual(manager.told(), ["READY=1"])
                server.process.send_signal(signal.SIGHUP)
                self.assertEqual(server.stop(), 0)
                self.assertEqual(manager.told(), ["STOPPING=1"])

    def test_nobody_listening_stops_nothing(self):
        for given in (f"{self.folder}/nobody", "@onboard/nobody", "relative", "/" + "x" * 200):
            with self.subTest(given), Server(variables={"NOTIFY_SOCKET": given}) as server:
                self.assertEqual(Client(server).get("/healthz").status, 200)
                self.assertEqual(server.stop(), 0)
                warnings = [line for line in server.lines if "the service manager was not told" in line]
                self.assertEqual(len(warnings), 2, server.lines)


class Unit(unittest.TestCase):
    def test_it_allows_what_is_needed_and_little_more(self):
        """0 is nothing, 10 is everything; the threshold is in tenths."""
        done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=20", UNIT],
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(done.stdout, r"Overall exposure level for onboard-server\.service: [01]\.\d")

    def test_it_is_a_unit(self):
        """The program is not where the unit looks for it on the machine of the tests: one from here stands in."""
        with tempfile.TemporaryDirectory() as folder:
            unit = pathlib.Path(folder) / "onboard-server.service"
            text = re.sub(r"^(ExecStart=)/usr/bin/onboard-server", r"\1/bin/true", UNIT.read_text(), flags=re.M)
            self.assertIn("ExecStart=/bin/true serve ", text)
            unit.write_text(re.sub(r"^Documentation=man:.*\n", "", text, flags=re.M))
            done = subprocess.run(["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main()
