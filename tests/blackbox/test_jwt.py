"""Tokens that were changed in many ways: our verifier beside npm's jose. Ours never takes more."""

import collections
import json
import os
import pathlib
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODULES = ROOT / "build/node"  # put there by tests/run
PROBE = pathlib.Path(os.environ.get("JWT_PROBE") or ROOT / "build/release/tests/jwt-probe")
COUNT = int(os.environ.get("JWT_TOKENS") or 3000)  # before a release 100000, which take a minute or two

# For what we refuse tokens that jose takes: it reads JSON and base64url as JavaScript does, knows `b64`, takes
# fractions for times, asks nothing of `azp` and `typ`, and little of claims it was not told to check.
STRICTER = {"encoding_wrong", "json_wrong", "member_repeated", "header_refused", "type_wrong", "key_id_malformed",
            "claim_malformed", "party_wrong", "times_contradictory", "issued_in_future"}

Pair = collections.namedtuple("Pair", "token theirs ours")


def made_by(script, *words):
    command = ["node", ROOT / "tests" / script, MODULES, *words]
    return subprocess.run(command, capture_output=True, check=True, timeout=300).stdout


def rows(lines):
    return [[bytes.fromhex(cell).decode() for cell in line.split("\t")] for line in lines.decode().splitlines()]


def cases(corpus):
    """Everything in it but what is new each time."""
    return [[{name: value for name, value in case.items() if name not in ("token", "text")} for case in corpus[cases]]
            for cases in ("tokens", "key_texts", "key_sets")]


class Tokens(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        keys, _, made = made_by("support/jwt_mutations.mjs", str(COUNT)).partition(b"\n")
        tokens = b"".join(line.split(b"\t")[0] + b"\n" for line in made.splitlines())
        answers = subprocess.run([PROBE], input=keys + b"\n" + tokens, capture_output=True, check=True,
                                 timeout=100).stdout
        cls.pairs = [Pair(token, theirs, ours)
                     for (token, *theirs), ours in zip(rows(made), rows(answers), strict=True)]

    def test_what_we_take_jose_takes_and_reads_alike(self):
        wrong = [pair for pair in self.pairs if pair.ours[0] == "taken" and pair.theirs != pair.ours]
        self.assertEqual(wrong[:20], [], f"{len(wrong)} of {len(self.pairs)}")

    def test_many_were_taken_and_many_were_not(self):
        taken = sum(pair.ours[0] == "taken" for pair in self.pairs)
        self.assertEqual(len(self.pairs), COUNT)
        self.assertGreater(taken, COUNT / 50)
        self.assertLess(taken, COUNT / 2)

    def test_what_we_alone_refuse_we_refuse_for_a_known_reason(self):
        reasons = collections.Counter(pair.ours[1] for pair in self.pairs
                                      if pair.theirs[0] == "taken" and pair.ours[0] == "refused")
        self.assertEqual(set(reasons) - STRICTER, set(), reasons)

    def test_the_corpus_is_the_one_that_the_script_makes(self):
        kept = json.loads((ROOT / "tests/jwt/corpus.json").read_text())
        self.assertEqual(cases(json.loads(made_by("jwt/make_corpus.mjs"))), cases(kept))


if __name__ == "__main__":
    unittest.main()
