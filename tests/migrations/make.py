#!/usr/bin/env python3
"""Keeps the database of a release, with people in it, for the tests of later versions:

    BINARY=onboard-server ONBOARD_TEST_POSTGRES=postgresql:///… tests/migrations/make.py NUMBER

writes sqlite-NUMBER.sql and postgres-NUMBER.sql, and beside each a .json of who is in it and what they know. To be run
once, with the program of the release that is the first to write schema NUMBER.
"""

import contextlib
import json
import pathlib
import sqlite3
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "blackbox"))

from postgres import Database, OnPostgres, make_key  # noqa: E402
from support import LOGIN, Client, Server, bearer, code_in_text, link_in  # noqa: E402

PASSWORD = "velvet otter plays 7 quiet drums"
NOWHERE = "smtp://127.0.0.1:9"      # where letters wait


def user(email, **more):
    return {"bikePlanCode": "PLAN-A", "firstName": "Ada", "lastName": "Byron", "email": email, "language": "EN"} | more


def bring_on_board(server):
    """People of every kind; who they are and what they know."""
    alpha, site, gate = (server.partner(name, *rights) for name, *rights in (
        ("alpha", "partner", "redeem"), ("site", "sso"), ("gate", "sunbird")))
    server.plan("PLAN-A", "alpha")
    server.must("plan", "add", "PLAN-OLD", "--partner", "alpha")
    server.must("plan", "close", "PLAN-OLD")
    server.must("channel", "add", "kerala", "--organisation", "school-1")

    ada = server.login(alpha, user("ada@example.com", partner_PersonID="P-1", personnelNumber="77")).url
    browser = Client(server)
    browser.get(ada)
    unused = server.login(alpha, user("ada@example.com")).url

    server.create(alpha, user("ben@example.com", firstName="Ben"))
    [mail] = [mail for mail in server.delivered() if mail["To"] == "ben@example.com"]
    ben = Client(server)
    assert ben.submit(ben.get(link_in(mail)), text=PASSWORD).status == 303

    phone = "+4915112345678"
    Client(server).post("/sso/sms", {"telephone": phone})
    server.delivered()
    code = code_in_text(server.texts(phone)[-1])
    call = {"telephone": phone, "code": code, "agb": True, "dataprotection": True}
    assert Client(server).post("/sso/auth", call, bearer(site)).status == 201

    other = "+4915187654321"
    trusted = bearer(gate)
    Client(server).post("/v1/otp/generate", {"request": {"key": other, "type": "phone"}}, trusted)
    server.delivered()
    code = code_in_text(server.texts(other)[-1])
    request = {"firstName": "Asha", "phone": other, "OTP": code, "username": "asha"}
    assert Client(server).post("/v2/user/create", {"request": request}, trusted).status == 200

    for name in ("blocked", "deleted"):
        server.login(alpha, user(f"{name}@example.com"))
    server.must("user", "block", "blocked@example.com")
    server.must("user", "delete", "deleted@example.com")

    # A letter waits for a mail server that is not there.
    server.stop()
    server.settings["mail"] = NOWHERE
    server.start()
    server.create(alpha, user("carl@example.com", firstName="Carl"))
    server.stop()
    people = ["ada@example.com", "ben@example.com", phone, other, "blocked@example.com", "deleted@example.com",
              "carl@example.com"]
    return {"tokens": {"alpha": alpha, "site": site, "gate": gate}, "people": people,
            "password": {"email": "ben@example.com", "password": PASSWORD}, "link": unused.rpartition("/")[2]}


def keep(name, dump, known, folder):
    known["key"] = (pathlib.Path(folder) / "onboard.key").read_bytes().hex()
    (HERE / f"{name}.sql").write_text(dump)
    (HERE / f"{name}.json").write_text(json.dumps(known, indent=1) + "\n")


def make_sqlite(number):
    with tempfile.TemporaryDirectory() as folder:
        with Server(folder=folder) as server:
            known = bring_on_board(server)
        with contextlib.closing(sqlite3.connect(f"{folder}/onboard.db")) as database:
            pragmas = [f"PRAGMA {name} = {database.execute(f'PRAGMA {name}').fetchone()[0]};\n"
                       for name in ("application_id", "user_version")]
            keep(f"sqlite-{number}", "".join(pragmas) + "\n".join(database.iterdump()) + "\n", known, folder)


def make_postgres(number):
    with tempfile.TemporaryDirectory() as folder, Database() as database:
        make_key(folder)
        with OnPostgres(database, folder) as server:
            known = bring_on_board(server)
        dump = subprocess.run(["pg_dump", "--no-owner", "--no-privileges", "--inserts", "--dbname", database.url],
                              stdin=subprocess.DEVNULL, capture_output=True, check=True, text=True).stdout
        # What psql alone understands, and not every psql.
        dump = "".join(line for line in dump.splitlines(True) if not line.startswith("\\"))
        keep(f"postgres-{number}", dump, known, folder)


if __name__ == "__main__":
    make_sqlite(sys.argv[1])
    make_postgres(sys.argv[1])
