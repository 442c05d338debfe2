"""What stands in for the portal of a state: keys, and tokens that they sign."""

import base64
import functools
import itertools
import json
import pathlib
import subprocess
import tempfile
import time

from support import ABSENT, fresh_phone

PATH, OLD_PATH = "/v2/user/session/create", "/v1/user/session/create"
KINDS = {"rsa": ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"], "small": ["RSA", "-pkeyopt", "rsa_keygen_bits:1024"],
         "p256": ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"], "p384": ["EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
         "ed25519": ["ED25519"]}

_people = itertools.count(1)


def openssl(*words, given=b""):
    return subprocess.run(["openssl", *words], input=given, capture_output=True, check=True).stdout


def base64url(part):
    part = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def member(number):
    """A number as a member of a signature by P-256."""
    return number.to_bytes(32, "big")


class Key:
    """A key pair; `private` and `public` are its PEM files."""

    _folder = tempfile.TemporaryDirectory(prefix="onboard-keys-")

    def __init__(self, kind, number):
        self.elliptic = kind == "p256"
        self.private = pathlib.Path(self._folder.name) / f"{kind}-{number}.pem"
        self.public = self.private.with_suffix(".pub.pem")
        openssl("genpkey", "-algorithm", *KINDS[kind], "-out", self.private)
        openssl("pkey", "-in", self.private, "-pubout", "-out", self.public)

    @property
    def algorithm(self):
        return "ES256" if self.elliptic else "RS256"

    def sign(self, text, *options, digest="sha256"):
        """The signature of a text. Options are those of openssl dgst."""
        signature = openssl("dgst", f"-{digest}", "-sign", self.private, *options, given=text.encode())
        return b"".join(member(number) for number in self.numbers(signature)) if self.elliptic else signature

    @staticmethod
    def numbers(der):
        """The two numbers of a signature in DER."""
        first = 4 + der[3]
        return int.from_bytes(der[4:first], "big"), int.from_bytes(der[first + 2:], "big")


@functools.cache
def key(kind="rsa", number=1):
    """The key of this kind and number; it is made when it is asked for first."""
    return Key(kind, number)


def token(said, by, header=None, signed=None):
    """A token that says this, a dict or bytes. `header` adds to the usual one, `signed` signs in another way."""
    fields = {"alg": by.algorithm, "typ": "JWT"} | (header or {})
    fields = {name: value for name, value in fields.items() if value is not ABSENT}
    text = f"{base64url(fields)}.{base64url(said)}"
    return f"{text}.{base64url((signed or by.sign)(text))}"


def claims(issuer, audience, **changes):
    """What a portal says of somebody nobody has heard of. ABSENT leaves a claim out."""
    now, number = int(time.time()), next(_people)
    said = {"iss": issuer, "sub": f"teacher-{number}", "aud": audience, "iat": now, "exp": now + 300,
            "jti": f"visit-{number}", "name": "Asha Rao", "phone_number": fresh_phone()}
    return {name: value for name, value in (said | changes).items() if value is not ABSENT}
