"""The packages for Debian: what they hold, what they ask for, and what lintian says: packages_test.py BUILD PACKAGES,
where BUILD is the build they were made of."""

import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

BUILD, PACKAGES = map(pathlib.Path, sys.argv[1:3])
NAMES = ("libonboard0.1", "libonboard-dev", "onboard-server")
FOR_PACKAGES_ALONE = re.compile(
    r"/etc/onboard/onboard\.toml|/lib/systemd/system/onboard-server\.service|/usr/lib/sysusers\.d/onboard-server\.conf"
    r"|/usr/share/doc/[\w.-]+/(copyright|changelog\.Debian\.gz|settings\.md)|/usr/share/man/man1/onboard-server\.1\.gz")


def told_by(*words):
    return subprocess.run(words, capture_output=True, text=True, check=True, timeout=300).stdout


def package(name):
    [path] = PACKAGES.glob(f"{name}_*.deb")
    return path


def contents(name):
    """Path -> (mode, owner) of every file."""
    rows = (line.split(maxsplit=5) for line in told_by("dpkg-deb", "--contents", package(name)).splitlines())
    return {path.split(" -> ")[0].removeprefix("."): (mode, owner) for mode, owner, *_, path in rows if mode[0] != "d"}


def field(name, which):
    return told_by("dpkg-deb", "--field", package(name), which).strip()


class Packages(unittest.TestCase):
    def test_there_are_three(self):
        self.assertEqual(sorted(path.name.split("_")[0] for path in PACKAGES.glob("*.deb")), sorted(NAMES))

    def test_what_is_installed_is_in_one_of_them_and_nothing_else_is(self):
        with tempfile.TemporaryDirectory() as root:
            subprocess.run(["cmake", "--install", BUILD], env={"PATH": "/usr/bin:/bin", "DESTDIR": root}, check=True,
                           capture_output=True)
            installed = sorted(f"/{path.relative_to(root)}" for path in pathlib.Path(root).rglob("*")
                               if path.is_symlink() or path.is_file())
        packed = sorted(path for name in NAMES for path in contents(name))
        self.assertGreater(len(installed), 50)
        self.assertEqual([path for path in packed if not FOR_PACKAGES_ALONE.fullmatch(path)], installed)

    def test_each_says_whose_it_is_and_what_changed(self):
        for name in NAMES:
            for file in ("copyright", "changelog.Debian.gz"):
                self.assertIn(f"/usr/share/doc/{name}/{file}", contents(name))

    def test_the_server_comes_with_all_it_takes_to_run_it(self):
        held = contents("onboard-server")
        for path in ("/usr/bin/onboard-server", "/lib/systemd/system/onboard-server.service",
                     "/usr/lib/sysusers.d/onboard-server.conf", "/etc/onboard/onboard.toml",
                     "/usr/share/man/man1/onboard-server.1.gz", "/usr/share/doc/onboard-server/settings.md",
                     "/usr/share/bash-completion/completions/onboard-server"):
            self.assertIn(path, held)

    def test_everything_is_roots_and_for_all_to_read(self):
        for name in NAMES:
            for path, (mode, owner) in contents(name).items():
                program = path.startswith("/usr/bin/")
                self.assertEqual((mode, owner), ("l" + 3 * "rwx" if mode[0] == "l" else
                                                 "-rwxr-xr-x" if program else "-rw-r--r--", "root/root"), path)

    def test_they_ask_for_what_they_are_linked_to_and_for_each_other(self):
        version = field("libonboard0.1", "Version")
        for name in NAMES[1:]:
            self.assertIn(f"libonboard0.1 (= {version})", field(name, "Depends"))
        for library in ("libc6", "libicu72", "libidn2-0", "libpq5", "libsodium23", "libsqlite3-0", "libssl3", "libzxcvbn0"):
            self.assertRegex(field("libonboard0.1", "Depends"), rf"\b{library} \(>= ")
        for library in ("libboost-json1.81.0", "libcurl4", "libfmt9"):
            self.assertRegex(field("onboard-server", "Depends"), rf"\b{library} \(>= ")

    def test_lintian_finds_no_error(self):
        done = subprocess.run(["lintian", "--no-cfg", "--allow-root", "--fail-on", "error", *PACKAGES.glob("*.deb")],
                              capture_output=True, text=True, timeout=300)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_the_licences_in_copyright_are_all_there(self):
        """Whatever a paragraph names is written out, once."""
        text = (pathlib.Path(__file__).resolve().parents[3] / "server/packaging/debian/copyright").read_text()
        paragraphs = text.strip().split("\n\n")
        self.assertTrue(paragraphs[0].startswith("Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/"))
        named = {re.search(r"^License: (.*)$", one, re.M)[1] for one in paragraphs[1:] if one.startswith("Files: ")}
        written = [re.match(r"License: (.*)\n ", one)[1] for one in paragraphs if one.startswith("License: ")]
        self.assertEqual(sorted(named), sorted(written))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
