"""The manual page and the completion for bash know what the program knows: each command, what it takes, and what its
help says of it."""

import pathlib
import re
import subprocess
import tempfile
import unittest

from support import BINARY

PACKAGING = pathlib.Path(__file__).resolve().parents[2] / "server/packaging"
PAGE, COMPLETION = PACKAGING / "onboard-server.1", PACKAGING / "onboard-server.bash"


def told_by(*words):
    return subprocess.run(words, capture_output=True, text=True, check=True, timeout=60).stdout


class Help:
    """What --help of a command says."""

    def __init__(self, words):
        self.words = words
        text = re.sub(r"\n {20,}", "  ", told_by(BINARY, *words, "--help"))
        self.says, usage = text.splitlines()[:2]
        self.positionals = [word for word in usage.split("[OPTIONS]")[1].split() if word != "SUBCOMMAND"]
        self.commands = self.rows(text, "Subcommands")
        self.settings = self.rows(text, "Settings")
        self.flags = {flag.removeprefix("-h,"): row for flag, row in self.rows(text, "Options").items()}

    @staticmethod
    def rows(text, title):
        """The first word of each row -> the rest of it."""
        part = re.search(rf"^{title}:\n((?: .*\n)+)", text, re.M)
        return dict(re.findall(r"^  (\S+) *(.*?) *$", part[1], re.M)) if part else {}

    def choices(self, flag):
        found = re.match(r"TEXT:\{([\w,]+)\}", self.flags[flag])
        return found[1].split(",") if found else []


def helps(words=()):
    """The program's help, and that of each command below it."""
    one = Help(words)
    yield one
    for name in one.commands:
        yield from helps((*words, name))


def plain(troff):
    return re.sub(r"\\f.", "", troff).replace(r"\-", "-").replace(r"\e", "\\")


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        """Command -> its heading, what is said of it, and its flags, each with what is said of that."""
        cls.page = PAGE.read_text()
        part = plain(re.search(r"^\.SH COMMANDS\n(.*?)^\.SH ", cls.page, re.M | re.S)[1])
        flat = re.sub(r"^\.(RS|RE)\n", "", part, flags=re.M)
        cls.entries, cls.groups = [], dict(re.findall(r"^\.SS (.*)\n(.*)\n", flat, re.M))
        for heading, says in re.findall(r"^\.TP\n(.*)\n(.*)\n", flat + "\n", re.M):
            if heading.startswith("--"):
                cls.entries[-1][2].append((heading, says))
            else:
                cls.entries.append((heading, says, []))

    def assertSays(self, said, helped):
        self.assertEqual(said.lower(), helped.lower().removesuffix(".") + ".")

    def test_each_command_is_there_in_its_order_with_what_it_takes(self):
        commands = [one for one in helps() if one.words and not one.commands]
        self.assertGreater(len(commands), 20)
        self.assertEqual([heading for heading, *_ in self.entries],
                         [" ".join((*one.words, *one.positionals)) for one in commands])
        for one, (_, says, flags) in zip(commands, self.entries):
            with self.subTest(one.words):
                self.assertSays(says, one.says)
                self.assertEqual([heading.split()[0] for heading, _ in flags],
                                 [flag for flag in one.flags if flag != "--help"])
                for heading, says_flag in flags:
                    flag = heading.split()[0]
                    self.assertTrue(one.flags[flag].lower().endswith(says_flag.removesuffix(".").lower()),
                                    (one.flags[flag], says_flag))
                    if choices := one.choices(flag):
                        self.assertEqual(re.findall(r"\w+", heading.partition(" ")[2]), choices)

    def test_each_group_is_there(self):
        groups = {" ".join(one.words): one.says for one in helps() if one.words and one.commands}
        self.assertEqual(list(self.groups), list(groups))
        for name, says in groups.items():
            self.assertSays(self.groups[name], says)

    def test_flags_of_the_program_itself_are_there(self):
        for flag in (*Help(()).flags, "--config"):
            self.assertIn(flag, plain(self.page))

    def test_it_is_set_without_complaint(self):
        done = subprocess.run(["groff", "-man", "-Tutf8", "-ww", PAGE], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("onboard", done.stdout)


class Completion(unittest.TestCase):
    def completed(self, *words):
        """What bash offers behind these words; the last one has been begun."""
        script = ('source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _onboard_server; '
                  '[ ${#COMPREPLY[@]} -eq 0 ] || printf "%s\\n" "${COMPREPLY[@]}"')
        return told_by("bash", "-c", script, "bash", COMPLETION, "onboard-server", *words).splitlines()

    def test_each_command_is_offered_with_its_flags_and_every_setting(self):
        program = Help(())
        self.assertGreater(len(program.settings), 30)
        asked = 0
        for one in helps():
            with self.subTest(one.words):
                asked += 1
                if one.commands:
                    self.assertEqual(self.completed(*one.words, ""), list(one.commands))
                self.assertEqual(sorted(self.completed(*one.words, "-")), sorted({*one.flags, *program.settings}))
        self.assertGreater(asked, 25)

    def test_what_a_flag_can_be_is_offered(self):
        for one in helps():
            for flag in one.flags:
                if choices := one.choices(flag):
                    self.assertEqual(self.completed(*one.words, flag, ""), choices)
                    self.assertEqual(self.completed(*one.words, flag, "=", choices[0][:2]), [choices[0]])

    def test_what_a_setting_can_be_is_what_the_program_takes(self):
        offered = 0
        for setting in Help(()).settings:
            values = self.completed("serve", setting, "") if "FILE" not in setting else []
            if not values or "--config" == setting or setting.endswith(("-file", "-key", "-certificate")):
                continue
            offered += 1
            done = subprocess.run([BINARY, "check-config", setting, "nonsense"], capture_output=True, text=True)
            [rule] = re.findall(rf"^bad: {setting}: (.*)$", done.stdout, re.M)
            self.assertEqual(re.findall(r"\w+", rule.removeprefix("must be ").replace(" or ", " ")), values)
        self.assertGreaterEqual(offered, 4)

    def test_settings_in_front_are_no_commands(self):
        self.assertEqual(self.completed("--config", "user", "partner", "a"), ["add"])
        self.assertEqual(self.completed("--config", "=", "user", "partner", "a"), ["add"])
        self.assertEqual(self.completed("audit", "list", "--json", "--la"), ["--last"])

    def test_files_are_offered_where_one_is_wanted(self):
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "keys.pem").touch()
            for words in (["serve", "--config"], ["issuer", "add", "--public-key"], ["backup"]):
                self.assertEqual(self.completed(*words, f"{folder}/k"), [f"{folder}/keys.pem"])
        self.assertEqual(self.completed("partner", "add", ""), [])


if __name__ == "__main__":
    unittest.main()
