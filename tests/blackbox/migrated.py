"""Databases of earlier releases, as tests/migrations keeps them, and what must be true of them after an upgrade."""

import json
import pathlib

from support import Client, bearer, code_in_text, person

KEPT = pathlib.Path(__file__).resolve().parents[1] / "migrations"


class Release:
    """A kept database: its dump, its key, and what its people know."""

    def __init__(self, dump):
        self.name, self.dump = dump.stem, dump
        self.known = json.loads(dump.with_suffix(".json").read_text())

    def write_key(self, folder):
        key = pathlib.Path(folder) / "onboard.key"
        key.touch(0o600)
        key.write_bytes(bytes.fromhex(self.known["key"]))


def releases(kind):
    """Those of one kind of database, the first release first."""
    found = sorted(KEPT.glob(f"{kind}-*.sql"), key=lambda file: int(file.stem.rpartition("-")[2]))
    assert found, "no release is kept"
    return [Release(dump) for dump in found]


class Upgraded:
    """What is checked of a server on a database that was upgraded; for a test case."""

    def check_people(self, server, release):
        known = release.known
        for one in known["people"]:
            shown = json.loads(server.must("user", "show", one, "--json"))
            self.assertIn(one, (shown.get("email"), shown.get("phone")))
            self.assertEqual(shown["status"], one.partition("@")[0] if one[:7] in ("blocked", "deleted") else "active")
        ada = json.loads(server.must("user", "show", "ada@example.com", "--json"))
        self.assertEqual((ada["firstName"], ada["lastName"]), ("Ada", "Byron"))
        [enrolment] = ada["enrolments"]
        self.assertEqual((enrolment["partner"], enrolment["planCode"], enrolment["partner_PersonID"]),
                         ("alpha", "PLAN-A", "P-1"))
        self.assertTrue(json.loads(server.must("user", "show", "+4915112345678", "--json"))["consents"])
        self.assertIn("as it was written", server.must("audit", "verify"))

    def check_doors(self, server, release):
        known = release.known
        alpha, site = known["tokens"]["alpha"], known["tokens"]["site"]
        # Partners know their tokens, and people who they are.
        answer = server.login(alpha, person(email="ada@example.com", firstName="Ada", lastName="Byron"))
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(Client(server).get(answer.url).status, 303)
        self.assertEqual(server.login(alpha, person(email="blocked@example.com")).status, 403)

        browser = Client(server)
        form = browser.get("/sign-in").page.forms[0]["fields"]
        self.assertEqual(browser.post("/sign-in", form=form | known["password"]).status, 303)
        self.assertEqual(browser.get("/session").status, 200)

        phone = "+4915112345678"
        self.assertEqual(Client(server).post("/sso/sms", {"telephone": phone}).status, 201)
        [text] = server.wait_for_texts(1, phone)
        call = {"telephone": phone, "code": code_in_text(text), "agb": True, "dataprotection": True}
        answer = Client(server).post("/sso/auth", call, bearer(site))
        self.assertEqual(answer.status, 201, answer)
        self.assertIs(answer.json["isNew"], False)

        # A link of those days is known, if only as one that is over.
        self.assertIn(Client(server).get(f"/login/{known['link']}").status, (303, 410))
