"""Telephone numbers of every region, written in many ways: our reader beside google-libphonenumber."""

import collections
import os
import pathlib
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODULES = ROOT / "build/node"  # put there by tests/run
PROBE = pathlib.Path(os.environ.get("PHONE_PROBE") or ROOT / "build/release/tests/phone-probe")

# What the other calls regions and ISO 3166-1 does not: islands of SH.
ISLANDS = {"AC": "SH", "TA": "SH"}

Row = collections.namedtuple("Row", "home text verdict e164 region textable", defaults=(None, None, None))


def made_by(script, *words):
    command = ["node", ROOT / "tests/support" / script, MODULES, *words]
    return subprocess.run(command, capture_output=True, check=True, timeout=120).stdout.decode()


class Phones(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.rows = [Row(*line.split("\t")) for line in made_by("phone_numbers.mjs").splitlines()]
        asked = "".join(f"{row.home}\t{row.text}\n" for row in cls.rows)
        answers = subprocess.run([PROBE], input=asked.encode(), capture_output=True, check=True, timeout=60).stdout
        cls.ours = [tuple(line.split("\t")) for line in answers.decode().splitlines()]

    def beside(self, *verdicts):
        """Pairs of what the other says and what we say."""
        self.assertEqual(len(self.rows), len(self.ours))
        return [(row, ours) for row, ours in zip(self.rows, self.ours) if row.verdict in verdicts]

    def assert_all(self, pairs, holds):
        wrong = [pair for pair in pairs if not holds(*pair)]
        self.assertEqual(wrong[:20], [], f"{len(wrong)} of {len(pairs)}")

    def test_the_numbers_are_many_and_of_every_region(self):
        valid = self.beside("valid")
        self.assertGreater(len(valid), 40000)
        # All 245 but EH, which looks like MA, and MF, most of which looks like GP.
        self.assertGreaterEqual(len({row.region for row, _ in valid}), 243)
        self.assertGreater(len(self.beside("impossible")), 10000)

    def test_a_valid_number_gives_the_same_e164_region_and_kind(self):
        # Not what E.164 is too short or too long for: seven digits are the least, fifteen the most.
        pairs = [pair for pair in self.beside("valid") if 7 <= len(pair[0].e164) - 1 <= 15]
        self.assertGreater(len(pairs), len(self.beside("valid")) - 10)
        self.assert_all(pairs, lambda row, ours:
                        ours == (row.e164, ISLANDS.get(row.region, row.region), row.textable))

    def test_a_number_that_is_valid_but_no_line_of_a_person_gives_the_same_or_is_refused_for_its_length(self):
        pairs = self.beside("special")
        self.assert_all(pairs, lambda row, ours: ours == ("phone_malformed",) or
                        ours == (row.e164, ISLANDS.get(row.region, row.region), "0"))
        self.assertGreater(sum(ours[0] == row.e164 for row, ours in pairs), len(pairs) * 3 / 4)

    def test_what_no_number_can_be_is_refused(self):
        self.assert_all(self.beside("impossible"), lambda row, ours: ours == ("phone_malformed",))

    def test_a_number_in_e164_stays_as_it_is(self):
        numbers = sorted({ours[0] for ours in self.ours if len(ours) == 3})
        asked = "".join(f"{region}\t{number}\n" for number in numbers for region in ("DE", "US"))
        answers = subprocess.run([PROBE], input=asked.encode(), capture_output=True, check=True, timeout=60).stdout
        self.assertEqual([line.split("\t")[0] for line in answers.decode().splitlines()],
                         [number for number in numbers for _ in ("DE", "US")])

    def test_the_table_and_the_golden_numbers_are_those_that_the_scripts_make(self):
        self.assertEqual(made_by("phone_table.mjs"), (ROOT / "libonboard/src/phone_table.hpp").read_text())
        self.assertEqual(made_by("phone_numbers.mjs", "golden"),
                         (ROOT / "tests/values/phone_numbers.tsv").read_bytes().decode())


if __name__ == "__main__":
    unittest.main()
