"""Installs the packages in a fresh Debian 12, by the very lines of the Dockerfile, starts the server there as its unit
does, and builds a stranger's program against the library: installed_test.py PACKAGES CACHE.

CACHE keeps the fresh Debian from one run to the next. Needs root and the network."""

import contextlib
import http.client
import json
import os
import pathlib
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
PACKAGING = ROOT / "server/packaging"
PACKAGES, CACHE = map(pathlib.Path, sys.argv[1:3])
SUITE = ["mmdebstrap", "--quiet", "--variant=minbase", "--include=ca-certificates,g++,pkgconf", "bookworm"]


def run(*words, **more):
    done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=600, **more)
    if done.returncode != 0:
        raise AssertionError(f"exit {done.returncode} of {words}:\n{done.stdout}")
    return done.stdout


def fresh_debian():
    """An archive of it, made where there is none."""
    CACHE.mkdir(parents=True, exist_ok=True)
    archive = CACHE / "bookworm.tar"
    if not archive.exists():
        made = CACHE / f"making-{os.getpid()}.tar"
        try:
            run(*SUITE, made)
            made.rename(archive)
        finally:
            made.unlink(missing_ok=True)
    return archive


def stages():
    """Each stage of the Dockerfile as a list of (instruction, rest)."""
    text = (PACKAGING / "Dockerfile").read_text().replace("\\\n", " ")
    found = []
    for instruction, rest in re.findall(r"^([A-Z]+) (.*)$", text, re.M):
        if instruction == "FROM":
            found.append([])
        found[-1].append((instruction, rest))
    return found


class Machine:
    """A Debian in a folder."""

    def __init__(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="onboard-debian-"))
        run("tar", "--extract", "--file", fresh_debian(), "--directory", self.root, "--numeric-owner")
        shutil.copy("/etc/resolv.conf", self.root / "etc/resolv.conf")

    def close(self):
        shutil.rmtree(self.root)

    def run(self, script, user="root", **variables):
        environment = {name: value for name, value in os.environ.items() if name.lower().endswith("_proxy")}
        environment |= {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
        return run("chroot", f"--userspec={user}", self.root, "/bin/sh", "-euc", script, env=environment | variables)

    def copy(self, what, where):
        target = self.root / where.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(what, target)


class Installed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.machine = Machine()
        cls.addClassCleanup(cls.machine.close)
        build, final = stages()
        assert final[0][1] == "debian:12-slim", final[0]

        # COPY, with only the packages made here for what the first stage makes.
        [copied] = [rest for instruction, rest in final if instruction == "COPY"]
        _, *patterns, target = copied.split()
        for pattern in patterns:
            [package] = PACKAGES.glob(pathlib.Path(pattern).name)
            cls.machine.copy(package, f"{target}/{package.name}")
        for instruction, line in final:
            if instruction == "RUN":
                cls.machine.run(line)

    @contextlib.contextmanager
    def serving(self, words, variables):
        """The server as user onboard in its folder; what it prints first, and its process."""
        inside = f"cd /var/lib/onboard && exec {shlex.join(words)}"
        process = subprocess.Popen(
            ["chroot", "--userspec=onboard:onboard", self.machine.root, "/bin/sh", "-c", inside],
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"} | variables, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)
        try:
            first = process.stdout.readline()
            yield re.fullmatch(r"listening on http://[\d.]+:(\d+)\n", first), process
        finally:
            process.terminate()
            said = process.communicate(timeout=30)
            self.assertEqual(process.returncode, 0, said)

    def answer(self, port, path):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        with contextlib.closing(connection):
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()

    def test_it_runs_as_its_unit_says_and_tells_when_it_answers(self):
        unit = (PACKAGING / "onboard-server.service").read_text()
        command = shlex.split(re.search(r"^ExecStart=(.*)$", unit, re.M)[1])
        self.assertIn("User=onboard\n", unit)
        with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as manager:
            name = f"onboard{self.machine.root}"
            manager.bind(f"\0{name}")
            manager.settimeout(30)
            with self.serving([*command, "--listen", "127.0.0.1:0"], {"NOTIFY_SOCKET": f"@{name}"}) as (first, process):
                self.assertTrue(first, process)
                self.assertEqual(manager.recv(100), b"READY=1")
                status, body = self.answer(int(first[1]), "/readyz")
                self.assertEqual((status, json.loads(body)), (200, {"status": "ready"}))
                told = self.machine.run(
                    "onboard-server partner add acme --config /etc/onboard/onboard.toml", user="onboard:onboard")
                self.assertIn("Partner acme was added.", told)
            self.assertEqual(manager.recv(100), b"STOPPING=1")

    def test_it_runs_as_the_container_says_and_is_healthy(self):
        final = dict(stages()[1])
        command = json.loads(final["ENTRYPOINT"]) + json.loads(final["CMD"])
        name, _, listen = final["ENV"].partition("=")
        self.assertEqual((final["USER"], name, listen), ("onboard", "ONBOARD_LISTEN", f"0.0.0.0:{final['EXPOSE']}"))
        variables = {name: listen.replace(final["EXPOSE"], "0"), "ONBOARD_PUBLIC_URL": "https://onboard.example",
                     "ONBOARD_BEHIND_PROXY": "yes"}
        check = json.loads(final["HEALTHCHECK"].partition("CMD ")[2])
        with self.serving(command, variables) as (first, process):
            self.assertTrue(first, process)
            here = shlex.join(check).replace(f"/{final['EXPOSE']}", f"/{first[1]}")
            self.assertNotEqual(here, shlex.join(check))
            self.machine.run(here, user="onboard:onboard")
        with self.assertRaises(AssertionError):
            self.machine.run(here, user="onboard:onboard")

    def test_what_the_container_is_built_with_can_be_had(self):
        """The lines of the first stage that install, with apt told to change nothing."""
        self.machine.copy(ROOT / "server/install", "/server/install")
        lines = [line for instruction, line in stages()[0]
                 if instruction == "RUN" and ("server/install" in line or "apt-get" in line)]
        self.assertEqual(len(lines), 2, lines)
        (self.machine.root / "simulate").write_text('APT::Get::Simulate "true";\n')
        for line in lines:
            self.machine.run(line, APT_CONFIG="/simulate")

    def test_its_pages_and_its_user_are_there(self):
        entry = self.machine.run("getent passwd onboard")
        self.assertRegex(entry, r"^onboard:.*:/var/lib/onboard:/usr/sbin/nologin\n$")
        self.assertEqual(self.machine.run("stat -c '%U %a' /var/lib/onboard"), "onboard 700\n")
        self.assertEqual(self.machine.run("bash -c 'source /usr/share/bash-completion/completions/onboard-server;"
                                          " complete -p onboard-server'"), "complete -F _onboard_server onboard-server\n")
        self.machine.run("test -s /lib/systemd/system/onboard-server.service")

    def test_strangers_build_with_the_library(self):
        [package] = PACKAGES.glob("libonboard-dev_*.deb")
        [runtime] = PACKAGES.glob("libonboard0.1_*.deb")
        for one in (package, runtime):
            self.machine.copy(one, f"/stranger/{one.name}")
        self.machine.copy(ROOT / "tests/package/main.cpp", "/stranger/main.cpp")
        self.machine.run("apt-get update; apt-get install --yes --no-install-recommends /stranger/*.deb")
        self.machine.run("cd /stranger; g++ -std=c++20 -Wall -Wextra -Werror -DWITH_ALL main.cpp -o stranger"
                         " $(pkg-config --cflags --libs onboard-sqlite onboard-postgres onboard-jwt onboard-testing)")
        self.assertIn("Jane is on board", self.machine.run("cd /stranger; ./stranger people.db"))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
