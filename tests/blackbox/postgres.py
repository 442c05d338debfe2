"""Databases on the PostgreSQL server that the environment names, and servers of ours on them."""

import itertools
import os
import pathlib
import re
import subprocess
import sys

from support import Server, psql, until

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import postgres_server  # noqa: E402

SERVER = os.environ["ONBOARD_TEST_POSTGRES"]
[FOLDER] = re.findall(r"host=([^&]+)", SERVER)
_numbers = itertools.count(1)


def sql(text, database=SERVER):
    return psql(database, text)


class Database:
    """An empty database with a password in its URL, gone afterwards."""

    def __init__(self):
        self.name = f"blackbox_{os.getpid()}_{next(_numbers)}"
        sql(f"CREATE DATABASE {self.name}")
        self.url = SERVER.replace("postgresql:///postgres?", f"postgresql:///{self.name}?") + "&password=Hunter2secret"

    def __enter__(self):
        return self

    def __exit__(self, *trouble):
        sql(f"DROP DATABASE {self.name} WITH (FORCE)")

    def dump(self):
        return subprocess.run(["pg_dump", "--dbname", self.url], stdin=subprocess.DEVNULL, capture_output=True,
                              check=True).stdout

    def end_connections(self):
        sql(f"SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '{self.name}'")


class OnPostgres(Server):
    """A server in a folder that has a key, on a database that others may share."""

    def __init__(self, database, folder, **more):
        self._url = database.url
        super().__init__(folder=folder, **more)

    def start(self):
        self.database = self._url
        super().start()

    def delivered(self):
        until(lambda: sql("SELECT count(*) FROM outbox", self.database) == "0", what="an empty outbox")
        return self.mails()


def make_key(folder):
    key = pathlib.Path(folder) / "onboard.key"
    key.touch(0o600)
    key.write_bytes(os.urandom(32))


class OwnServer:
    """A PostgreSQL server of the test's own, beside the one that the environment names; gone with it."""

    def __init__(self, name, primary=None, **settings):
        self.folder = pathlib.Path(f"{FOLDER}-{name}")
        if primary is None:
            postgres_server.start(self.folder, settings)
        else:
            postgres_server.follow(self.folder, primary.folder)

    def __enter__(self):
        return self

    def __exit__(self, *trouble):
        postgres_server.stop(self.folder)

    @property
    def url(self):
        return f"postgresql:///postgres?host={self.folder}&user=onboard"

    def sql(self, text):
        return psql(self.url, text)

    def restart(self):
        postgres_server.restart(self.folder)

    def crash(self):
        postgres_server.crash(self.folder)

    def resume(self):
        postgres_server.resume(self.folder)

    def promote(self):
        postgres_server.promote(self.folder)
