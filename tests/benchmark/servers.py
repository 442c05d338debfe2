"""Starts what is measured: our server, a peer, a bare limit."""

import contextlib
import hashlib
import http.client
import os
import pathlib
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from slow_disk import SlowDisk  # noqa: E402

_never = threading.Event()


def until(condition, seconds=30):
    """Asks again and again until the answer is true."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError(f"nothing came of it within {seconds} s")
        _never.wait(0.002)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def clean_environment(more=None):
    """Nothing of ours but what is told."""
    return {name: value for name, value in os.environ.items() if not name.startswith("ONBOARD_")} | (more or {})


def family(process):
    """A process and all that it started."""
    children = {}
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                parent = (entry / "stat").read_text().rpartition(")")[2].split()[1]
                children.setdefault(int(parent), []).append(int(entry.name))
    found = [process]
    for member in found:
        found += children.get(member, [])
    return found


def processor_time(processes):
    """The seconds they have used."""
    ticks = 0
    for process in processes:
        with contextlib.suppress(OSError):
            fields = pathlib.Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


class Server:
    """A program that answers HTTP on a port it was told. Its syncs are counted and can be slowed down; or those of
    the PostgreSQL server that works for it."""

    def __init__(self, name, command, port, folder, slow_disk_library, environment=None, cluster=None):
        self.name, self.port, self.folder, self.cluster = name, port, pathlib.Path(folder), cluster
        self.disk = cluster.disk if cluster else SlowDisk(slow_disk_library, self.folder / "slow-disk")
        if not cluster:
            environment = (environment or {}) | self.disk.environment
        self.log = open(self.folder / "server.log", "ab")
        began = time.monotonic()
        self.process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=self.log,
                                        stderr=self.log,
                                        env=clean_environment(environment))
        self._wait_for_an_answer()
        self.start_ms = (time.monotonic() - began) * 1000
        self.idle_mb = self.memory("VmRSS")

    def _wait_for_an_answer(self):
        deadline = time.monotonic() + 60
        while True:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
                connection.request("GET", "/healthz")
                connection.getresponse().read()
                return connection.close()
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    said = pathlib.Path(self.log.name).read_text(errors="replace")[-1000:]
                    raise RuntimeError(f"{self.name} does not start: {said}") from None
            _never.wait(0.001)

    def memory(self, field):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith(field)) / 1024

    def processor_time(self):
        """Seconds, its own and those of whoever works for it."""
        processes = family(self.process.pid)
        if self.cluster:
            processes += family(self.cluster.main_process())
        return processor_time(processes)

    def __enter__(self):
        return self

    def __exit__(self, *trouble):
        self.disk.delay = 0
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()


def form_on(port, path):
    """The cookie and the token of a page's form."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", path)
    answer = connection.getresponse()
    page = answer.read().decode()
    connection.close()
    return answer.getheader("Set-Cookie").split(";")[0], page.partition('name="form_token" value="')[2].partition('"')[0]


class Onboard:
    """The built server and what belongs to it."""

    def __init__(self, build):
        self.build = pathlib.Path(build).resolve()
        self.binary = self.build / "server/onboard-server"
        self.slow_disk_library = self.build / "tests/slow_disk.so"
        self._schema = None

    def tool(self, name):
        return self.build / "tests/benchmark" / name

    def command(self, folder, database, *words):
        done = subprocess.run([self.binary, *words, "--database", database, "--secret-file", "onboard.key"],
                              cwd=folder, env=clean_environment(), text=True, capture_output=True)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(words)}: {done.stderr}")
        return done.stdout

    def serve(self, folder, database, cluster=None):
        port = free_port()
        # Every limit is counted; none is reached.
        command = [self.binary, "serve", "--database", database, "--secret-file", "onboard.key", "--listen",
                   f"127.0.0.1:{port}", "--sign-in-per-address-per-minute", "1000000", "--sms-countries", "BE",
                   "--sms-per-address-per-hour", "1000000", "--sms-per-day", "1000000", "--sms-guard", "record"]
        return Server("onboard", command, port, folder, self.slow_disk_library, cluster=cluster)

    def schema(self):
        """A word that changes with the tables, so that no database of an old make is used."""
        if self._schema is None:
            with tempfile.TemporaryDirectory() as folder:
                self.command(folder, f"sqlite:{folder}/onboard.db", "migrate")
                with contextlib.closing(sqlite3.connect(f"{folder}/onboard.db")) as database:
                    rows = database.execute("SELECT sql FROM sqlite_schema ORDER BY name").fetchall()
            source = pathlib.Path(__file__).resolve().parents[2] / "libonboard/src/migrations.hpp"
            self._schema = hashlib.sha256(repr(rows).encode() + source.read_bytes()).hexdigest()[:12]
        return self._schema


class RawHttp:
    """Bare HTTP that gives one answer to everything."""

    def __init__(self, program, answer):
        self.process = subprocess.Popen([program, "--answer", answer], stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *trouble):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()
