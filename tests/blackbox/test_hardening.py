"""What was built is hardened as OpenSSF's guide for compilers has it: read from the program, and from the commands that
made it where a program does not show it."""

import json
import os
import pathlib
import re
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("BINARY") or ROOT / "build/release/server/onboard-server")
BUILD = BINARY.resolve().parents[1]

# What leaves no trace that is always there. No file of ours may be compiled without.
FLAGS = {"-D_FORTIFY_SOURCE=3", "-D_GLIBCXX_ASSERTIONS", "-fPIE", "-fcf-protection", "-fstack-clash-protection",
         "-fstack-protector-strong", "-ftrivial-auto-var-init=zero"}


def told_by(program, *arguments):
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=True, timeout=100).stdout


class Program(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.head = told_by("readelf", "--wide", "--file-header", BINARY)
        cls.segments = re.findall(r"^ +(\w+) +(?:0x\w+ +){5}([R ][W ][E ]) ",
                                  told_by("readelf", "--wide", "--program-headers", BINARY), re.MULTILINE)
        cls.dynamic = told_by("readelf", "--wide", "--dynamic", BINARY)
        cls.imported = set(re.findall(r" UND (\w+)", told_by("readelf", "--wide", "--dyn-syms", BINARY)))

    def test_it_runs_wherever_it_is_put(self):
        self.assertRegex(self.head, r"Type: +DYN ")
        self.assertRegex(self.dynamic, r"\(FLAGS_1\) .*\bPIE\b")
        self.assertNotIn("TEXTREL", self.dynamic)

    def test_what_it_calls_is_looked_up_before_it_starts_and_cannot_be_changed_after(self):
        self.assertRegex(self.dynamic, r"\(FLAGS_1\) .*\bNOW\b")
        self.assertIn("GNU_RELRO", dict(self.segments))

    def test_no_memory_can_be_both_written_and_run(self):
        self.assertEqual(dict(self.segments).get("GNU_STACK"), "RW ")
        self.assertGreater(len(self.segments), 5)
        self.assertEqual([segment for segment in self.segments if "W" in segment[1] and "E" in segment[1]], [])

    def test_code_and_data_share_no_page(self):
        loaded = [rights for kind, rights in self.segments if kind == "LOAD"]
        self.assertEqual(loaded, ["R  ", "R E", "R  ", "RW "])

    def test_it_looks_for_libraries_only_where_the_system_has_them(self):
        self.assertIn("(NEEDED)", self.dynamic)
        self.assertNotRegex(self.dynamic, r"\((RPATH|RUNPATH)\)")

    def test_it_watches_its_stack_and_its_copies_and_its_containers(self):
        self.assertIn("__stack_chk_fail", self.imported)
        self.assertTrue({"__memcpy_chk", "__memmove_chk"} & self.imported, self.imported)
        self.assertIn("_ZSt21__glibcxx_assert_failPKciS0_S0_", self.imported)

    def test_it_touches_each_page_of_a_large_frame(self):
        code = told_by("objdump", "--disassemble", "--no-show-raw-insn", BINARY)
        self.assertRegex(code, r"\sorq +\$0x0,(0x[0-9a-f]+)?\(%rsp\)")


class Objects(unittest.TestCase):
    def test_each_allows_jumps_and_returns_only_where_they_belong(self):
        """The program as a whole cannot say so: what Debian links into every program does not."""
        archives = [*BUILD.glob("libonboard/*.a"), *BUILD.glob("server/*.a")]
        notes = told_by("readelf", "--wide", "--notes", *archives)
        objects = re.split(r"^File: ", notes, flags=re.MULTILINE)[1:]
        self.assertGreater(len(objects), 100)
        for one in objects:
            with self.subTest(one.splitlines()[0]):
                self.assertRegex(one, r"x86 feature: IBT, SHSTK")

    def test_each_was_compiled_with_all_there_is(self):
        commands = json.loads((BUILD / "compile_commands.json").read_text())
        ours = [one for one in commands if re.match(r"(libonboard|server|examples)/",
                                                    os.path.relpath(one["file"], ROOT))]
        self.assertGreater(len(ours), 100)
        for one in ours:
            with self.subTest(one["file"]):
                words = {"-fPIE" if word == "-fPIC" else word for word in one["command"].split()}
                self.assertEqual(FLAGS - words, set())


if __name__ == "__main__":
    unittest.main()
