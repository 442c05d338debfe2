"""What clients were told, and whether it can be true: a history of operations, judged when all is over beside what
the database and the folders of letters and texts hold then. An operation whose outcome is unknown may have happened or
not. Rules are numbered as the catalogue of attacks numbers its invariants."""

import collections
import contextlib
import dataclasses
import email
import email.policy
import functools
import itertools
import json
import sqlite3
import threading
import time

from support import Client, psql

OK, REFUSED, UNKNOWN = "ok", "refused", "unknown"
USES = {"redeem": "link", "follow": "link", "set_password": "link", "sign_up": "code"}


@dataclasses.dataclass
class Operation:
    """One thing that one client asked for. Whoever has no answer yet does not know how it ends."""

    process: int
    seq: int
    name: str
    arguments: dict
    begin: float
    end: float = float("inf")
    outcome: str = UNKNOWN
    told: dict = dataclasses.field(default_factory=dict)

    def __str__(self):
        said = " ".join(f"{name}={value}" for name, value in self.told.items())
        return f"{self.begin:.3f}..{self.end:.3f} {self.process}.{self.seq} {self.name} {self.arguments}: " \
               f"{self.outcome} {said}"


class History:
    """Operations in the order in which they began, from any number of threads."""

    def __init__(self):
        self.operations = []
        self._lock = threading.Lock()

    def begin(self, process, name, **arguments):
        with self._lock:
            operation = Operation(process, len(self.operations), name, arguments, time.time())
            self.operations.append(operation)
        return operation


@dataclasses.dataclass
class Violation:
    invariant: str
    what: str
    operations: list

    def __str__(self):
        return "\n    ".join([f"{self.invariant}: {self.what}", *map(str, self.operations)])


@dataclasses.dataclass
class Remains:
    """What there is when all is over: rows as dictionaries, letters and texts as they were delivered."""

    accounts: list = dataclasses.field(default_factory=list)
    enrolments: list = dataclasses.field(default_factory=list)
    passwords: list = dataclasses.field(default_factory=list)
    outbox: list = dataclasses.field(default_factory=list)      # as `outbox list --json` has them
    letters: list = dataclasses.field(default_factory=list)     # id, message_id, kind, to
    texts: list = dataclasses.field(default_factory=list)       # id, to
    ready: bool = True


COLUMNS = {"accounts": "id, email, email_key, phone_key, status", "enrolments": "account, partner, person_id",
           "passwords": "account"}
BLOCKED = 2


def rows_of_sqlite(path):
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)) as database:
        database.row_factory = sqlite3.Row
        database.execute("begin")
        return {table: [dict(row) for row in database.execute(f"select {columns} from {table}")]
                for table, columns in COLUMNS.items()}


def rows_of_postgres(url):
    def rows(table, columns):
        return json.loads(psql(url, f"select coalesce(json_agg(row), '[]') from (select {columns} from {table}) row"))
    return {table: rows(table, columns) for table, columns in COLUMNS.items()}


def what_remains(server):
    """Of a server whose database nobody writes to any more."""
    url = server.database
    rows = rows_of_sqlite(url.removeprefix("sqlite:")) if url.startswith("sqlite:") else rows_of_postgres(url)
    return Remains(**rows, outbox=json.loads(server.must("outbox", "list", "--json")),
                   letters=[letter_in(file) for file in server.mail.glob("*.eml")],
                   texts=[{"id": text["id"], "to": text["to"]} for text in server.texts()],
                   ready=Client(server).get("/readyz").status == 200)


def letter_in(file):
    mail = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    return {"id": file.stem, "message_id": mail["Message-ID"], "kind": mail["X-Onboard-Letter"],
            "to": [address.addr_spec for address in mail["To"].addresses]}


def repeated(values):
    return [value for value, count in collections.Counter(values).items() if count > 1 and value is not None]


class Checker:
    """Judges one history. It is never wrong about a breach; it may miss one."""

    def __init__(self, operations, remains):
        self.operations, self.remains = operations, remains
        self.account_of = {row["email_key"]: row for row in remains.accounts if row["email_key"]}
        self.account_of_phone = {row["phone_key"]: row for row in remains.accounts if row["phone_key"]}
        self.by_email, self.by_secret, self.by_phone = (collections.defaultdict(list) for _ in range(3))
        for operation in operations:
            for email in self.emails_of(operation):
                self.by_email[email].append(operation)
            if operation.name in USES:
                self.by_secret[self.secret_of(operation)].append(operation)
            if "phone" in operation.arguments:
                self.by_phone[operation.arguments["phone"]].append(operation)

    def violations(self):
        rules = (self.addresses_are_unique, self.numbers_and_ids_are_unique, self.acknowledged_is_there,
                 self.acknowledged_links_work, self.acknowledged_passwords_work, self.refused_left_nothing,
                 self.used_once, self.not_used_too_late, self.one_welcome_each, self.no_letter_vanished,
                 self.copies_are_alike, self.nothing_left_without_a_cause, self.doubt_is_told_as_doubt,
                 self.repetitions_agree, self.all_is_drained)
        return list(itertools.chain.from_iterable(rule() for rule in rules))

    # What an operation is about.

    @staticmethod
    def emails_of(operation):
        if operation.name == "create":
            return operation.arguments["emails"]
        return [operation.arguments["email"]] if "email" in operation.arguments else []

    @staticmethod
    def secret_of(operation):
        secret = operation.arguments[USES[operation.name]]
        return (operation.arguments["phone"], secret) if operation.name == "sign_up" else secret

    @staticmethod
    def verdict_on(operation, email):
        """The status that was told of this address; nothing if none was."""
        if operation.name == "create" and "results" in operation.told:
            return operation.told["results"][operation.arguments["emails"].index(email)]
        return operation.told.get("status") if operation.outcome != UNKNOWN else None

    def registrations(self, email):
        """(operation, status) of all that could have made this person."""
        return [(operation, self.verdict_on(operation, email)) for operation in self.by_email[email]
                if operation.name in ("login", "create")]

    def made(self, email):
        """The operations that were told they made this person; of those under one key, the first that was asked."""
        first = {}
        for operation, status in self.registrations(email):
            asked, told = first.setdefault(operation.arguments.get("key") or operation.seq, (operation, []))
            told.append(status)
        return [asked for asked, told in first.values() if 201 in told]

    def withdrawals(self, email):
        """What ends links and sessions of this person, if it happened."""
        return [operation for operation in self.by_email[email]
                if operation.name in ("block", "set_password") and operation.outcome != REFUSED]

    @functools.cached_property
    def issues(self):
        return {operation.told["link"]: operation for operation in self.operations if "link" in operation.told}

    # INV-01, INV-02

    def addresses_are_unique(self):
        for email in repeated(row["email_key"] for row in self.remains.accounts):
            yield Violation("INV-01", f"{email} is two accounts", self.by_email[email])
        for email in self.by_email:
            if len(makers := self.made(email)) > 1:
                yield Violation("INV-01", f"{email} was made twice", makers)

    def numbers_and_ids_are_unique(self):
        for phone in repeated(row["phone_key"] for row in self.remains.accounts):
            yield Violation("INV-02", f"{phone} is two accounts", self.by_phone[phone])
        for partner, person in repeated((row["partner"], row["person_id"]) for row in self.remains.enrolments
                                        if row["person_id"] is not None):
            yield Violation("INV-02", f"two are person {person} of partner {partner}", [])
        for phone, operations in self.by_phone.items():
            if len(makers := [operation for operation in operations if operation.told.get("is_new")]) > 1:
                yield Violation("INV-02", f"{phone} was made twice", makers)

    # INV-03

    def acknowledged_is_there(self):
        with_password = {row["account"] for row in self.remains.passwords}
        for operation in self.operations:
            for email in self.emails_of(operation):
                account = self.account_of.get(email)
                status = self.verdict_on(operation, email)
                if operation.name in ("login", "create") and status in (200, 201) and not account:
                    yield Violation("INV-03", f"{email} was acknowledged and is not there", [operation])
                if operation.outcome != OK:
                    continue
                if operation.name == "block" and (not account or account["status"] != BLOCKED):
                    yield Violation("INV-03", f"{email} was blocked and is not", [operation])
                if operation.name == "set_password" and (not account or account["id"] not in with_password):
                    yield Violation("INV-03", f"{email} has no password", [operation])
            if operation.name == "sign_up" and operation.outcome == OK and \
                    operation.arguments["phone"] not in self.account_of_phone:
                yield Violation("INV-03", f"{operation.arguments['phone']} is not there", [operation])
        for email in self.by_email:
            for maker in self.made(email):
                earlier = [operation for operation, status in self.registrations(email)
                           if status in (200, 201) and operation.end < maker.begin]
                if earlier:
                    yield Violation("INV-03", f"{email} was lost and made again", [*earlier, maker])

    def acknowledged_links_work(self):
        for link, uses in self.by_secret.items():
            issue = self.issues.get(link)
            for use in uses:
                if use.outcome != REFUSED or use.told["status"] not in (404, 410) or issue is None:
                    continue
                others = [other for other in uses if other is not use and other.outcome != REFUSED
                          and other.begin < use.end]
                withdrawn = [operation for operation in self.withdrawals(issue.arguments["email"])
                             if operation.begin < use.end]
                if not others and not withdrawn and use.end < issue.begin + issue.told["life"]:
                    yield Violation("INV-03", "a link that was acknowledged does not work", [issue, use])

    def acknowledged_passwords_work(self):
        for email, operations in self.by_email.items():
            changes = [operation for operation in operations
                       if operation.name == "set_password" and operation.outcome != REFUSED]
            for entry in operations:
                if entry.name != "sign_in" or entry.outcome == UNKNOWN:
                    continue
                possible = {change.arguments["password"] for change in changes if change.begin < entry.end}
                certain = [change for change in changes if change.outcome == OK and change.end < entry.begin]
                blocked = any(operation.name == "block" and operation.begin < entry.end for operation in operations)
                if entry.outcome == OK and entry.arguments["password"] not in possible:
                    yield Violation("INV-03", f"{email} signed in with what was never set", [*changes, entry])
                if entry.outcome == REFUSED and certain and not blocked and \
                        possible == {entry.arguments["password"]}:
                    yield Violation("INV-03", f"a password of {email} was lost", [*changes, entry])

    # INV-04

    def refused_left_nothing(self):
        for email, account in self.account_of.items():
            could = [operation for operation, status in self.registrations(email)
                     if status in (None, 200, 201)]
            if not could:
                yield Violation("INV-04", f"nobody made {email}", self.by_email[email])
        for phone in self.account_of_phone:
            if all(operation.outcome == REFUSED for operation in self.by_phone[phone]
                   if operation.name == "sign_up"):
                yield Violation("INV-04", f"nobody made {phone}", self.by_phone[phone])

    # INV-05, INV-06

    def used_once(self):
        for uses in self.by_secret.values():
            if len(taken := [use for use in uses if use.outcome == OK]) > 1:
                yield Violation("INV-05", "used twice", taken)

    def not_used_too_late(self):
        for link, uses in self.by_secret.items():
            if (issue := self.issues.get(link)) is None:
                continue
            for use in uses:
                if use.outcome == OK and use.begin > issue.end + issue.told["life"]:
                    yield Violation("INV-06", "a link was taken that had expired", [issue, use])
                if use.outcome == OK and (ended := self.withdrawn_between(issue, use)):
                    yield Violation("INV-06", "a link was taken that had been withdrawn", [issue, *ended, use])
        opened = {operation.told["session"]: operation for operation in self.operations
                  if "session" in operation.told}
        for look in self.operations:
            if look.name == "session" and look.outcome == OK:
                opening = opened[look.arguments["session"]]
                if ended := self.withdrawn_between(opening, look):
                    yield Violation("INV-06", "a session outlived what ends it", [opening, *ended, look])

    def withdrawn_between(self, issue, use):
        return [operation for operation in self.withdrawals(issue.arguments["email"])
                if operation.outcome == OK and issue.end < operation.begin and operation.end < use.begin]

    # INV-11 to INV-14

    def letters_to(self, email, kind):
        """The ids of the letters of a kind that were delivered or wait."""
        return self.ids_of_letters.get((email, kind), set())

    @functools.cached_property
    def ids_of_letters(self):
        ids = collections.defaultdict(set)
        for letter in self.remains.letters:
            for recipient in letter["to"]:
                ids[recipient, letter["kind"]].add(letter["id"])
        for text in self.remains.texts:
            ids[text["to"], "phone-code"].add(text["id"])
        for letter in self.remains.outbox:
            ids[letter["to"], letter["kind"]].add(letter["id"])
        return ids

    def one_welcome_each(self):
        for email, operations in self.by_email.items():
            registrations = self.registrations(email)
            told = [operation for operation in self.made(email) if operation.name == "create"]
            by_login = [operation for operation, status in registrations
                        if operation.name == "login" and status in (None, 201)]
            welcomes = len(self.letters_to(email, "welcome-set-password"))
            if welcomes > 1:
                yield Violation("INV-11", f"{email} was welcomed {welcomes} times", operations)
            if not welcomes and (told or registrations and email in self.account_of and not by_login) and \
                    not self.withdrawals(email):
                yield Violation("INV-11", f"{email} was not welcomed", operations)
            yield from self.one_for_each_request(email, "forgot", len(self.letters_to(email, "reset-password")))
        for phone in self.by_phone:
            yield from self.one_for_each_request(phone, "send_code", len(self.letters_to(phone, "phone-code")))

    def one_for_each_request(self, whom, name, letters):
        operations = [operation for operation in self.by_email.get(whom, []) + self.by_phone.get(whom, [])
                      if operation.name == name and operation.outcome != REFUSED]
        if letters > len(operations):
            yield Violation("INV-11", f"{whom} got {letters} for {len(operations)} requests", operations)
        if not letters and any(operation.outcome == OK for operation in operations) and \
                not self.withdrawals(whom) and (name != "forgot" or whom in self.account_of):
            yield Violation("INV-11", f"{whom} got nothing", operations)

    def no_letter_vanished(self):
        for letter in self.remains.outbox:
            if letter["state"] != "waiting" and not letter["reason"]:
                yield Violation("INV-12", f"letter {letter['id']} was given up without a reason", [])

    def copies_are_alike(self):
        for letter in self.remains.letters:
            if len(letter["to"]) != 1 or not letter["message_id"].startswith(f"<{letter['id']}@"):
                yield Violation("INV-13", f"letter {letter} has another id or not one recipient", [])
        for message in repeated(letter["message_id"] for letter in self.remains.letters):
            yield Violation("INV-13", f"two letters are {message}", [])

    def nothing_left_without_a_cause(self):
        for letter in self.remains.letters:
            email = letter["to"][0] if letter["to"] else None
            failed = [operation for operation, status in self.registrations(email)
                      if operation.name == "create" and status not in (200, 201)]
            if email not in self.account_of and not (letter["kind"] == "registration-failed" and failed):
                yield Violation("INV-14", f"letter {letter} has no cause", self.by_email[email])
            elif letter["kind"] == "reset-password" and all(operation.outcome == REFUSED
                                                            for operation in self.by_email[email]
                                                            if operation.name == "forgot"):
                yield Violation("INV-14", f"nobody asked for letter {letter}", self.by_email[email])
        for text in self.remains.texts:
            if all(operation.outcome == REFUSED for operation in self.by_phone[text["to"]]
                   if operation.name == "send_code"):
                yield Violation("INV-14", f"nobody asked for text {text}", self.by_phone[text["to"]])

    # INV-20, INV-27

    def doubt_is_told_as_doubt(self):
        for operation in self.operations:
            status = operation.told.get("status", 0)
            if status >= 500 and status != 503:
                yield Violation("INV-20", f"{status} does not say that nobody knows", [operation])
            if status == 503 and not operation.told.get("retry_after"):
                yield Violation("INV-20", "a 503 that does not say when to come again", [operation])

    def repetitions_agree(self):
        by_key = collections.defaultdict(list)
        for operation in self.operations:
            if operation.arguments.get("key") and operation.outcome == OK:
                by_key[operation.arguments["key"]].append(operation)
        for operations in by_key.values():
            said = {str(operation.told.get("results", operation.told["status"])) for operation in operations}
            if len(said) > 1:
                yield Violation("INV-20", "one key was answered in two ways", operations)

    def all_is_drained(self):
        if not self.remains.ready:
            yield Violation("INV-27", "the server is not ready", [])
        for letter in self.remains.outbox:
            if letter["state"] == "waiting":
                yield Violation("INV-27", f"letter {letter['id']} still waits: {letter['reason']}", [])


def fates(operations, remains):
    """How many unknown registrations turned out done, and how many not: a run in which either never happens has shown
    little."""
    there = {row["email_key"] for row in remains.accounts}
    known = {email for operation in operations if operation.outcome == OK for email in Checker.emails_of(operation)}
    doubted = {email for operation in operations if operation.outcome == UNKNOWN
               and operation.name in ("login", "create") for email in Checker.emails_of(operation)} - known
    return len(doubted & there), len(doubted - there)
