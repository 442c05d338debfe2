"""Databases with many people in them, made once and kept: each as logins would have left it, the rows of one real
login again and again under other names."""

import contextlib
import hashlib
import http.client
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess

from clusters import Cluster

# The people, their addresses and telephones; address_of() and phone_of() in tool.hpp say the same.
_PEOPLE = """
CREATE TEMP VIEW numbers (i, email, phone) AS
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {people})
    SELECT i, printf('jane.%08x@example.com', i * 2654435761 % 4294967296),
        printf('+324%08d', 50000000 + i * 2654435761 % 50000000) FROM n
"""

_PEOPLE_IN_POSTGRES = """
CREATE TEMP VIEW numbers (i, email, phone) AS
    SELECT i, 'jane.' || lpad(to_hex(i * 2654435761 % 4294967296), 8, '0') || '@example.com',
        '+324' || 50000000 + i * 2654435761 % 50000000
    FROM generate_series(1::bigint, {people}) AS i
"""

# What a person's rows have of their own; every other column is that of the first person.
_OWN_COLUMNS = {
    "accounts": {"id": "numbers.i", "handle": "'00000000-0000-4000-8000-' || substr(numbers.email, 6, 8) || '0000'",
                 "email": "numbers.email", "email_key": "numbers.email", "phone": "numbers.phone",
                 "phone_key": "numbers.phone"},
    "enrolments": {"account": "numbers.i", "person_id": "'ABC' || numbers.i"},
}

# There is no setting for how many numbers a partner may ask about in a day (Purpose::look_up): it has some in advance.
_LOOK_UPS = """
INSERT INTO code_tries (subject, purpose, used, window_ends)
    SELECT CAST(id AS TEXT), 23, -2000000000, 4000000000000 FROM partners
"""

# The tables of raw_sqlite's `lean-` statements.
_LEAN = """
CREATE TABLE people (
    id INTEGER PRIMARY KEY, email TEXT NOT NULL, first_name TEXT NOT NULL, last_name TEXT NOT NULL,
    language TEXT NOT NULL, contract_type TEXT, plan TEXT NOT NULL, person_id TEXT, personnel_number TEXT,
    additional_data TEXT, phone TEXT, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
    version INTEGER NOT NULL DEFAULT 1);
CREATE TABLE links (
    id INTEGER PRIMARY KEY, digest BLOB NOT NULL, person INTEGER NOT NULL, expires_at INTEGER NOT NULL,
    used_at INTEGER);
CREATE TABLE sessions (
    digest BLOB PRIMARY KEY, person INTEGER NOT NULL, opened_at INTEGER NOT NULL, ends_at INTEGER NOT NULL
    ) WITHOUT ROWID;
INSERT INTO people (id, email, first_name, last_name, language, contract_type, plan, person_id, personnel_number,
    additional_data, phone, created_at, updated_at)
    SELECT i, email, 'Jane', 'Johansson', 'FR', 'clerk', 'PLAN-A', 'ABC' || i, 'A' || i,
    '{"site": "Brussels", "costCentre": 4711, "tags": ["a", "b"]}', phone, 1700000000, 1700000000 FROM numbers;
CREATE UNIQUE INDEX people_email ON people (email);
CREATE UNIQUE INDEX people_phone ON people (phone) WHERE phone IS NOT NULL;
"""

# Those of raw_postgres.
_LEAN_IN_POSTGRES = """
CREATE SCHEMA lean;
CREATE TABLE lean.people (
    id bigserial PRIMARY KEY, email text NOT NULL, first_name text NOT NULL, last_name text NOT NULL,
    language text NOT NULL, contract_type text, plan text NOT NULL, person_id text, personnel_number text,
    additional_data jsonb, phone text, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL,
    version integer NOT NULL DEFAULT 1);
CREATE TABLE lean.links (
    id bigserial PRIMARY KEY, digest bytea NOT NULL, person bigint NOT NULL, expires_at timestamptz NOT NULL,
    used_at timestamptz);
INSERT INTO lean.people (email, first_name, last_name, language, contract_type, plan, person_id, personnel_number,
    additional_data, created_at, updated_at)
    SELECT email, 'Jane', 'Johansson', 'FR', 'clerk', 'PLAN-A', 'ABC' || i, 'A' || i,
    '{"site": "Brussels", "costCentre": 4711, "tags": ["a", "b"]}', now(), now() FROM numbers;
CREATE UNIQUE INDEX people_email ON lean.people (email);
"""


@contextlib.contextmanager
def _filling(path, people):
    """A connection for making a file quickly; nobody needs the file if the power goes meanwhile."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = OFF")
        database.execute("PRAGMA synchronous = OFF")
        database.execute("PRAGMA cache_size = -1000000")
        database.execute("PRAGMA temp_store = MEMORY")
        database.execute(_PEOPLE.format(people=people))
        yield database
    with open(path, "rb") as file:
        os.fsync(file.fileno())


def _kept(cache, name, make):
    """The folder of this name in the cache, made if it is not there. Half a folder is never taken for one."""
    folder = pathlib.Path(cache) / name
    if not folder.is_dir():
        aside = folder.with_name(f"{name}.unfinished")
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(parents=True)
        make(aside)
        aside.rename(folder)
    return folder


def _log_in_the_first(server, token):
    """One login of person number 1, over the wire."""
    user = {"bikePlanCode": "PLAN-A", "firstName": "Jane", "lastName": "Johansson", "language": "FR",
            "email": f"jane.{2654435761 % 2**32:08x}@example.com", "contractType": "clerk",
            "partner_PersonID": "ABC1", "personnelNumber": "A1",
            "partner_additionalData": {"site": "Brussels", "costCentre": 4711, "tags": ["a", "b"]}}
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request("POST", "/receiver/APIv3/user.login", json.dumps({"user": user}),
                       {"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
    status = connection.getresponse().status
    connection.close()
    if status != 201:
        raise RuntimeError(f"the first login was answered {status}")


def begin(onboard, folder, database):
    """A key, a partner `bench`, its token in a file, its plan, and the first person."""
    with open(os.open(folder / "onboard.key", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as key:
        key.write(os.urandom(32))
    token = onboard.command(folder, database, "partner", "add", "bench", "--right", "partner", "--right", "redeem",
                            "--right", "sso", "--right", "sunbird").splitlines()[-1]
    onboard.command(folder, database, "plan", "add", "PLAN-A", "--partner", "bench")
    (folder / "token").write_text(token)
    with onboard.serve(folder, database) as server:
        _log_in_the_first(server, token)


def copies_of_the_first(columns_of, own_columns=None):
    """For each table with people, the statement that fills it from `numbers` and the first person's row."""
    for table, own in (own_columns or _OWN_COLUMNS).items():
        columns = columns_of(table)
        missing = set(own) - set(columns)
        if missing:
            raise RuntimeError(f"table {table} has no {missing} any more: mend people.py")
        values = ", ".join(own.get(column, f"first.{column}") for column in columns)
        key = next(iter(own))
        yield (f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM numbers,"
               f" (SELECT * FROM {table} WHERE {key} = 1) AS first WHERE numbers.i > 1")


def code_count(people):
    """How many people who are not there yet have been sent a code. A range of numbers gets twenty texts an hour, and
    there are five thousand ranges: half of that leaves room for those that are sent while it is measured."""
    return min(50_000, 10 * people)


def _send_codes(onboard, folder, people, *database):
    """The file codes: a number and its code, a line each."""
    subprocess.run([onboard.tool("codes"), *database, "--key", folder / "onboard.key", "--first", str(people + 1),
                    "--count", str(code_count(people)), "--save", folder / "codes"], check=True)


def sqlite_folder(onboard, cache, people):
    """onboard.db, onboard.key, token and codes, with so many people."""
    def make(folder):
        begin(onboard, folder, f"sqlite:{folder}/onboard.db")
        with _filling(folder / "onboard.db", people) as database:
            def columns_of(table):
                return [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
            for statement in copies_of_the_first(columns_of):
                database.execute(statement)
            database.execute(_LOOK_UPS)
        _send_codes(onboard, folder, people, "--database", folder / "onboard.db")
        for file in folder.glob("onboard.db-*"):
            file.unlink()
    return _kept(cache, f"sqlite-{onboard.schema()}-{_make()}-{people}", make)


def postgres_folder(onboard, cache, people):
    """A stopped cluster, onboard.key, token and codes, with so many people."""
    def make(folder):
        with Cluster(folder / "cluster").make() as cluster:
            begin(onboard, folder, cluster.url)

            def columns_of(table):
                return cluster.execute(f"SELECT attname FROM pg_attribute WHERE attrelid = '{table}'::regclass"
                                       " AND attnum > 0 AND NOT attisdropped ORDER BY attnum").split()
            # A replica takes what it is told: whether every reference is good need not be looked up.
            cluster.execute("SET session_replication_role = replica", _PEOPLE_IN_POSTGRES.format(people=people),
                            *copies_of_the_first(columns_of),
                            f"SELECT setval(pg_get_serial_sequence('accounts', 'id'), {people})", _LOOK_UPS,
                            _LEAN_IN_POSTGRES)
            _send_codes(onboard, folder, people, "--url", cluster.url)
            cluster.execute("VACUUM ANALYZE")
            cluster.execute("CHECKPOINT")
    return _kept(cache, f"postgres-{onboard.schema()}-{_make()}-{people}", make)


def lean_file(cache, people):
    """The database of the leanest statements."""
    def make(folder):
        with _filling(folder / "lean.db", people) as database:
            database.executescript(_LEAN)
    return _kept(cache, f"lean-{_short(_PEOPLE + _LEAN)}-{people}", make) / "lean.db"


def peer_file(cache, name, statements, people):
    """The database of a peer, by its own statements, which may ask the view numbers (i, email, phone)."""
    def make(folder):
        with _filling(folder / "peer.db", people) as database:
            for statement in statements:
                database.execute(statement)
    return _kept(cache, f"peer-{_short(_PEOPLE + json.dumps(statements))}-{people}", make) / "peer.db"


def _make():
    """A word that changes with what is said here."""
    return _short(pathlib.Path(__file__).read_text())


def _short(text):
    return hashlib.sha256(text.encode()).hexdigest()[:12]
