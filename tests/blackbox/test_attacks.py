"""A server under every attack of tests/attacks, beside an honest client: the client is served rightly, the server
stays within its bounds, and is as it was when the attacker has gone. How fast the client is served is for
tests/attacks/run to say: here is only what no busy machine can blur."""

import contextlib
import os
import pathlib
import resource
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "attacks"))

from attacks import ATTACKS  # noqa: E402
from siege import Siege  # noqa: E402
from support import until  # noqa: E402

SECONDS = float(os.environ.get("ATTACK_SECONDS", "1.5"))
MEMORY = 256            # MB, with as many connections as there may be
CONNECTIONS = 10000
FILES = 256             # beside those of connections
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
LEAST = {"idle_connections": 9000, "slow_heads": 2000, "slow_bodies": 2000, "half_bodies": 1000,
         "slow_reads": 400}


class Attacked(unittest.TestCase):
    def siege(self, **settings):
        stack = contextlib.ExitStack()
        self.addCleanup(stack.close)
        return Siege(stack, **settings)

    def answered(self, connection):
        connection.sendall(HEALTH)
        return b" 200 " in connection.recv(4096)

    def test_an_honest_client_is_served_beside_any_attacker(self):
        for name in ATTACKS:
            with self.subTest(name):
                siege = self.siege()
                before = siege.descriptors()
                attacked = siege.attacked(name, SECONDS)
                good, attack = attacked["good"], attacked["attack"]
                self.assertGreaterEqual(attack["most at once"], LEAST.get(name, 1), "hardly an attack")
                self.assertGreater(good["calls"], 5)
                self.assertEqual(good["wrong"], [])
                self.assertLess(attacked["peak_mb"], MEMORY)
                self.assertLess(attacked["descriptors"], CONNECTIONS + FILES)
                until(lambda: siege.descriptors() <= before + 8, what="everybody's leaving")
                self.assertEqual(siege.quiet(0.1)["wrong"], [])
                self.assertEqual(siege.server.stop(), 0)

    def test_refusals_over_and_over_on_one_connection_are_held_back(self):
        siege = self.siege()
        refused = b"GET /session HTTP/1.1\r\nHost: x\r\n\r\n"
        with siege.server.open(b"") as line:
            began = time.monotonic()
            for _ in range(16 + 25 + 15):
                line.sendall(refused)
                self.assertIn(b" 401 ", line.recv(4096))
            self.assertGreater(time.monotonic() - began, (sum(range(1, 26)) + 15 * 25) / 1000)
            self.assertTrue(self.answered(line))

    def test_a_shell_that_lends_few_descriptors_does_not_make_room_for_few(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        siege = self.siege()
        attacked = siege.attacked("slow_heads", 1)
        self.assertEqual(attacked["good"]["wrong"], [])
        self.assertGreater(attacked["descriptors"], 1000)

    def test_descriptors_that_run_out_are_waited_for(self):
        siege = self.siege()
        self.assertEqual(siege.quiet(0.1)["wrong"], [], "everything is open that it takes to serve")
        _, hard = resource.prlimit(siege.server.process.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(siege.server.process.pid, resource.RLIMIT_NOFILE, (siege.descriptors() + 4, hard))
        with contextlib.ExitStack() as crowd:
            others = [crowd.enter_context(siege.server.open(b"")) for _ in range(20)]
            self.assertTrue(self.answered(others[0]), "the first who came is served")
            others[-1].sendall(HEALTH)
            before = siege.processor_seconds()
            others[-1].settimeout(1)
            with self.assertRaises(TimeoutError):
                others[-1].recv(1)
            self.assertLess(siege.processor_seconds() - before, 0.3, "it waits, and does not try all the time")
            for other in others[:-1]:
                other.close()
            others[-1].settimeout(10)
            self.assertIn(b" 200 ", others[-1].recv(4096), "there is room again")
        self.assertEqual(siege.quiet(0.1)["wrong"], [])
        self.assertEqual(siege.server.stop(), 0)


if __name__ == "__main__":
    unittest.main()
