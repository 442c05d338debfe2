"""What is asked of a server: one entry for each kind of request. To measure another wire, add one."""

import dataclasses

_PERSON = ('{"bikePlanCode": "PLAN-A", "firstName": "Jane", "lastName": "Johansson", "email": "{email}",'
           ' "language": "FR", "contractType": "clerk", "partner_PersonID": "ABC{i}",'
           ' "personnelNumber": "A{turn}", "partner_additionalData":'
           ' {"site": "Brussels", "costCentre": 4711, "tags": ["a", "b"]}}')
_LOGIN = '{"user": ' + _PERSON + '}'
_LIST = '{"user": [{repeat 100}' + _PERSON + '{end}]}'
_POLLED = '{"user": [' + ", ".join(
    _PERSON.replace("{email}", f"polled{i}@example.com").replace("{i}", f"-P{i}").replace("{turn}", f"{i}")
    for i in range(100)) + ']}'
_NUMBERS = '{"user": [{repeat 100}"{phone}"{end}]}'
_PARTNER = ("Authorization: Bearer {partner}", "Content-Type: application/json")


@dataclasses.dataclass(frozen=True)
class Scenario:
    name: str                   # as figures and peers' files call it
    title: str                  # as tables do
    path: str
    method: str = "POST"
    headers: tuple = _PARTNER   # {partner} is the bearer token
    body: str = ""
    expect: str = "200"
    people: str = ""            # "new": each request is about somebody else who is not there yet; "known": about one
                                # of those there; "any": about one of twice as many, of whom half are there
    of: int = 1                 # about how many
    uses: str = ""              # the scenario whose captured texts are this one's variables, each good once
    reuses: str = ""            # or good for ever
    after: str = ""             # what is captured from the answer stands behind this
    until: str = '"'
    line: str = "{captured}"    # and becomes a line of variables like this
    statements: str = ""        # what raw_sqlite and raw_postgres call it: the bare limit of the database
    writes: bool = True
    slow: bool = False          # measured with the slow disk, too
    last: bool = False          # leaves letters behind, whose delivery everything after it would feel


SCENARIOS = [
    Scenario("login_new", "user.login, new", "/receiver/APIv3/user.login", body=_LOGIN, people="new",
             expect="201", after="/login/", statements="login-new", slow=True),
    Scenario("login_known", "user.login, known", "/receiver/APIv3/user.login", body=_LOGIN, people="known",
             after="/login/", statements="login-known"),
    Scenario("redeem", "redeem", "/v1/login-tokens/redeem", body='{"token": "{1}"}', uses="login_new",
             statements="redeem", slow=True),
    Scenario("open_session", "follow a link", "/login/{1}", method="GET", headers=(), expect="303",
             uses="login_known", after="Set-Cookie: onboard=", until=";", statements="open-session"),
    Scenario("sms", "send a code", "/sso/sms", headers=("Content-Type: application/json",),
             body='{"telephone": "{phone}"}', people="new", expect="201", statements="sms", last=True),
    Scenario("auth", "sign in with a code", "/sso/auth", uses="sms", expect="201", statements="auth",
             body='{"telephone": "{1}", "code": "{2}", "agb": true, "dataprotection": true}'),
    Scenario("status", "status of 100", "/sso/user/status", body=_NUMBERS, people="any", of=100, expect="201",
             statements="status"),
    Scenario("create", "user.create of 100, new", "/receiver/APIv3/user.create", body=_LIST, people="new", of=100,
             last=True),
    Scenario("create_again", "user.create of 100, unchanged", "/receiver/APIv3/user.create", body=_POLLED, last=True),
    Scenario("session", "session check", "/session", method="GET", headers=("Cookie: onboard={1}",),
             reuses="open_session", statements="session", writes=False, slow=True),
]


def as_peer_has_it(scenario, changes):
    """The same with what a peer's file says differently of it."""
    told = {key: tuple(value) if isinstance(value, list) else value for key, value in changes.items()}
    return dataclasses.replace(scenario, **told)
