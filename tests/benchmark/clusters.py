"""PostgreSQL servers of our own: with people in them, kept stopped, copied and started for a run."""

import contextlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import postgres_server  # noqa: E402

_SETTINGS = """
listen_addresses = ''
max_connections = 100
shared_buffers = 1GB
max_wal_size = 4GB
log_min_messages = warning
"""


class Cluster:
    """A server whose files are in a folder; running inside a `with`. Whoever may open its socket is its superuser."""

    def __init__(self, folder, disk=None):
        self.folder, self.disk = pathlib.Path(folder), disk
        self._data = self.folder / "data"

    def make(self):
        self.folder.mkdir()
        _give_away(self.folder)
        postgres_server.run("initdb", "--pgdata", str(self._data), "--username", "onboard", "--auth", "trust",
                            "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync", "--no-instructions")
        with open(self._data / "postgresql.conf", "a") as file:
            file.write(_SETTINGS)
        return self

    def copy_of(self, other):
        subprocess.run(["cp", "-a", other.folder, self.folder], check=True)
        os.sync()

    def __enter__(self):
        # The path of a socket must be short, and that of a build folder need not be.
        self._sockets = tempfile.mkdtemp(prefix="onboard-")
        _give_away(self._sockets)
        self.url = f"postgresql://onboard@/postgres?host={self._sockets}"
        with _environment(self.disk.environment if self.disk else {}):
            postgres_server.run("pg_ctl", "start", "--wait", "--pgdata", str(self._data), "--log",
                                str(self.folder / "log"), "--options", f"-k {self._sockets}")
        return self

    def __exit__(self, *trouble):
        postgres_server.run("pg_ctl", "stop", "--wait", "--pgdata", str(self._data), "--mode", "fast")
        shutil.rmtree(self._sockets, ignore_errors=True)

    def execute(self, *statements):
        """Runs statements in one session, and returns what the last of them printed."""
        words = [word for statement in statements for word in ("-c", statement)]
        done = subprocess.run([f"{postgres_server.programs()}/psql", "-XAtq", "-v", "ON_ERROR_STOP=1", self.url,
                               *words], text=True, capture_output=True)
        if done.returncode != 0:
            raise RuntimeError(f"psql: {done.stderr}")
        return done.stdout

    def main_process(self):
        return int((self._data / "postmaster.pid").read_text().split()[0])


def _give_away(folder):
    """To whom the server runs as, if that is somebody else."""
    owner = postgres_server.owner()
    if owner is not None:
        os.chown(folder, owner.pw_uid, owner.pw_gid)


@contextlib.contextmanager
def _environment(more):
    before = dict(os.environ)
    os.environ.update(more)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
