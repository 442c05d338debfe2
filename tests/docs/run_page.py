"""Runs the commands of a page, one after the other in an empty folder, as a reader would type them, and compares what they
print with what the page shows: run_page.py PAGE. How a page says what is what: see markdown.py.

The reader has onboard-server in the path, the library installed, PostgreSQL where there is one, and a machine with nginx.
Ports and what is below /etc are the reader's, too: here they are free ports, and folders of the page's own.
"""

import json
import os
import pathlib
import queue
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

import markdown

PORTS = ("8080", "8081", "8082", "443")
PATIENCE = 300    # seconds for one block; compiling is the longest


class Wrong(Exception):
    pass


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return str(one.getsockname()[1])


def pattern(shown):
    """What matches the output that a page shows: … is whatever it is, and alone on a line so many lines."""
    lines = ["(?:.*\n)*?" if line.strip() == "…" else ".*?".join(map(re.escape, line.rstrip().split("…"))) + "[ \r]*\n"
             for line in shown.rstrip("\n").split("\n")]
    return "".join(lines)


def same(shown, real):
    """Whether JSON is what the page shows, members in any order."""
    if shown == "…":
        return True
    if isinstance(shown, dict):
        return isinstance(real, dict) and shown.keys() == real.keys() and all(same(shown[key], real[key]) for key in shown)
    if isinstance(shown, list):
        return isinstance(real, list) and len(shown) == len(real) and all(map(same, shown, real))
    if isinstance(shown, str):
        return isinstance(real, str) and re.fullmatch(".*".join(map(re.escape, shown.split("…"))), real, re.S)
    return shown == real


def compare(block, printed):
    if block.language == "json":
        try:
            fits = same(json.loads(block.text), json.loads(printed))
        except ValueError:
            fits = False
    else:
        fits = re.fullmatch(pattern(block.text), printed.rstrip("\n") + "\n")
    if not fits:
        raise Wrong(f"line {block.line}: the page shows\n{block.text}\nand this was printed:\n{printed}")


class Server:
    """A command that goes on running, and whether it has said what the page shows."""

    def __init__(self, script, folder, environment):
        self.process = subprocess.Popen(["bash", "-c", script], cwd=folder, env=environment, start_new_session=True,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                        text=True)
        self.lines, self.said = queue.Queue(), ""
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            self.lines.put(line)
        self.lines.put(None)

    def wait_for(self, block):
        end = time.monotonic() + 30
        while not re.search("^" + pattern(block.text), self.said, re.M):
            try:
                line = self.lines.get(timeout=max(0, end - time.monotonic()))
            except queue.Empty:
                line = None
            if line is None:
                raise Wrong(f"line {block.line}: the page shows\n{block.text}\nand this was printed:\n{self.said}")
            self.said += line

    def stop(self):
        """As Ctrl-C does."""
        try:
            os.killpg(self.process.pid, signal.SIGINT if self.process.poll() is None else 0)
        except ProcessLookupError:
            pass
        self.process.wait(30)
        self.reader.join(30)
        self.process.stdout.close()
        return self.process.returncode


class Reader:
    """Somebody with a page, a terminal, and a second one for what goes on running."""

    def __init__(self, folder, machine):
        self.folder, self.machine = folder / "here", machine
        self.state = folder / "state"
        self.state.write_text("")
        self.folder.mkdir()
        self.servers, self.printed, self.ran = [], None, 0

    def follow(self, page):
        for part in markdown.parts(page):
            if isinstance(part, markdown.Stop):
                self.stop()
            elif part.remark.startswith("file: "):
                self.save(part)
            elif part.language == "sh" and not part.remark.startswith("not run: "):
                self.run(part)
                continue
            elif part.language in ("text", "json") and self.printed is not None:
                self.look(part)
            self.printed = None

    def save(self, block):
        path = self.folder / self.machine.here(block.remark.removeprefix("file: "))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.machine.here(block.text))

    def run(self, block):
        self.ran += 1
        command = self.machine.here(block.text)
        script = f'set -aeuo pipefail; cd "{self.folder}"; . "{self.state}"\n'
        if block.remark == "server":
            self.servers.append(Server(script + command, self.folder, self.machine.environment))
            self.printed = self.servers[-1]
            return
        script += f'''trap '{{ export -p; echo "cd \\"$PWD\\""; }} >"{self.state}"' EXIT\n'''
        done = subprocess.run(["bash", "-c", script + command], env=self.machine.environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=PATIENCE)
        if done.returncode != 0:
            raise Wrong(f"line {block.line}: exit code {done.returncode} of\n{command}\nwhich printed\n{done.stdout}")
        self.printed = done.stdout

    def look(self, block):
        block.text = self.machine.here(block.text)
        if isinstance(self.printed, Server):
            self.printed.wait_for(block)
        else:
            compare(block, self.printed)

    def stop(self):
        while self.servers:
            code = self.servers.pop().stop()
            if code != 0:
                raise Wrong(f"what the page stops ended with {code}")


class Machine:
    """What a reader has besides an empty folder."""

    def __init__(self, folder):
        self.folder = folder
        self.changes = [(rf"(?<![\w.]){port}(?!\w)", free_port()) for port in PORTS] + [(r"(?<![\w.])/etc/", f"{folder}/etc/")]
        self.programs = folder / "bin"
        self.programs.mkdir()
        # Its own address is this machine's, too, where the page does not say another.
        self.program("onboard-server",
                     f'case "$*" in *--listen*|*--config*) ;; serve*) set -- "$@" --listen {self.here("127.0.0.1:8080")} ;;'
                     f' esac\nexec "{os.environ["BINARY"]}" "$@"')
        self.program("sudo", 'exec "$@"')

        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("ONBOARD_")}
        self.environment |= {"PATH": f"{self.programs}:{os.environ['PATH']}:/usr/sbin", "HOME": str(folder),
                             "CURL_HOME": str(folder), "LC_ALL": "C.UTF-8"}
        self.curl = ["silent", "show-error"]

    def here(self, text):
        """A text of the page with this machine's ports and folders in it."""
        for what, ours in self.changes:
            text = re.sub(what, ours, text)
        return text

    def program(self, name, script):
        path = self.programs / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def have_postgres(self):
        """A database server that lets the reader in, as Debian's does."""
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(os.environ["ONBOARD_TEST_POSTGRES"]).query)
        self.environment |= {"PGHOST": query["host"][0], "PGUSER": query["user"][0]}
        self.drop_databases()

    def drop_databases(self):
        if "PGHOST" in self.environment:
            for name in ("onboard", "moved", "restored"):
                subprocess.run(["dropdb", "--if-exists", "--force", name], env=self.environment, check=True,
                               capture_output=True)

    def have_nginx(self):
        """nginx as Debian sets it up, for all that a page can see, and a certificate for onboard.example."""
        etc = self.folder / "etc"
        port = self.here("443")
        for path in ("nginx/sites-available", "nginx/sites-enabled", "letsencrypt/live/onboard.example", "onboard"):
            (etc / path).mkdir(parents=True)
        live = etc / "letsencrypt/live/onboard.example"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-days", "2", "-subj", "/CN=onboard.example", "-addext", "subjectAltName=DNS:onboard.example",
                        "-keyout", live / "privkey.pem", "-out", live / "fullchain.pem"], check=True, capture_output=True)
        self.curl += [f'cacert = "{live}/fullchain.pem"', f'connect-to = "onboard.example:443:127.0.0.1:{port}"']
        user = "user root;\n" if os.geteuid() == 0 else ""
        temporary = "".join(f"    {kind}_temp_path {self.folder}/{kind};\n"
                            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        (etc / "nginx/nginx.conf").write_text(
            f"{user}pid {self.folder}/nginx.pid;\nerror_log {self.folder}/nginx.log;\nevents {{ }}\n"
            f"http {{\n    access_log off;\n{temporary}    include {etc}/nginx/sites-enabled/*;\n}}\n")
        nginx = shutil.which("nginx", path=self.environment["PATH"])
        if not nginx:
            raise Wrong("nginx is not installed")
        self.program("nginx", f'exec "{nginx}" -e "{self.folder}/nginx.log" -c "{etc}/nginx/nginx.conf" "$@"')
        self.program("systemctl", f'[ "$*" = "reload nginx" ] || exit 1\n'
                                  f'[ -s "{self.folder}/nginx.pid" ] && exec nginx -s reload\nexec nginx')

    def begin(self, page):
        if "createdb" in page:
            self.have_postgres()
        if "sites-available" in page:
            self.have_nginx()
        (self.folder / ".curlrc").write_text("\n".join(self.curl) + "\n")

    def end(self):
        pid = self.folder / "nginx.pid"
        if pid.exists() and pid.read_text().strip():
            subprocess.run([self.programs / "nginx", "-s", "stop"], check=True)
            end = time.monotonic() + 10
            while pid.exists() and time.monotonic() < end:
                threading.Event().wait(0.05)
        self.drop_databases()


def main(name):
    page = (markdown.ROOT / name).read_text()
    with tempfile.TemporaryDirectory(prefix="onboard-docs-") as folder:
        folder = pathlib.Path(folder)
        machine = Machine(folder)
        reader = Reader(folder, machine)
        try:
            machine.begin(page)
            reader.follow(page)
            reader.stop()
        except Wrong as trouble:
            print(f"{name}, {trouble}")
            return 1
        finally:
            for server in reader.servers:
                server.stop()
            machine.end()
    print(f"{name}: {reader.ran} blocks were run")
    return 0 if reader.ran else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
