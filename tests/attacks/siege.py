"""A server under attack, and an honest client beside the attacker: how that fares, and what it costs the server."""

import contextlib
import json
import os
import pathlib
import subprocess
import sys
import threading

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "blackbox"))

from support import Client, Server, person  # noqa: E402

SETTINGS = {"log": "error", "sign_in_per_address_per_minute": 1000000}


class Siege:
    """A fresh server with a partner, and a person who is signed in there."""

    def __init__(self, stack, **settings):
        self.server = stack.enter_context(Server(**SETTINGS | settings))
        self.token = self.server.partner("alpha", "partner", "redeem")
        self.server.plan("PLAN-A", "alpha")
        user = person()
        browser = Client(self.server)
        assert browser.get(self.server.login(self.token, user).url).status == 303
        self.email, [cookie] = user["email"], browser.cookies.items()
        self.cookie = "=".join(cookie)

    def _proc(self, name):
        return pathlib.Path(f"/proc/{self.server.process.pid}") / name

    def memory(self, field):
        """In MB."""
        lines = self._proc("status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(field)) / 1024

    def descriptors(self):
        return len(os.listdir(self._proc("fd")))

    def processor_seconds(self):
        fields = self._proc("stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _start(self, program, *words):
        return subprocess.Popen([sys.executable, "-B", HERE / program, "--port", str(self.server.address[1]),
                                 "--token", self.token, *map(str, words)], stdout=subprocess.PIPE, text=True)

    @staticmethod
    def _result(process):
        out, _ = process.communicate(timeout=120)
        if process.returncode != 0:
            raise RuntimeError(f"{process.args} ended with {process.returncode}")
        return json.loads(out)

    def _good_calls(self, seconds):
        return self._start("good_calls.py", "--cookie", self.cookie, "--email", self.email, "--seconds", seconds)

    def quiet(self, seconds):
        """How the honest client fares alone."""
        return self._result(self._good_calls(seconds))

    def attacked(self, name, seconds):
        """How it fares while somebody attacks. The attacker gives way: it stands for machines of its own."""
        self._proc("clear_refs").write_text("5")        # the peak is counted from here on
        attack = self._start("attacks.py", name)
        os.setpriority(os.PRIO_PROCESS, attack.pid, 10)
        with contextlib.closing(Watch(self.descriptors)) as watch:
            assert attack.stdout.readline() == "under way\n"
            good = self._result(self._good_calls(seconds))
            attack.terminate()
            seen = self._result(attack)
        return {"good": good, "attack": seen, "peak_mb": self.memory("VmHWM"), "descriptors": watch.most}


class Watch:
    """Looks at a number all the time, and keeps the largest."""

    def __init__(self, number):
        self.most, self._number, self._ended = number(), number, threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self):
        while not self._ended.wait(0.1):
            self.most = max(self.most, self._number())

    def close(self):
        self._ended.set()
        self._thread.join()
