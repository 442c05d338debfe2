"""Makes the reference of the library, which fails on any warning, and looks whether everything public in it says what it
is: reference_test.py DOXYGEN FOLDER. A comment may be about several that stand together; a constructor, a destructor, an
operator or a one-line body needs none, and what a store has to do is on docs/writing-a-storage.md."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree

import markdown


def says_something(element):
    return any("".join(element.find(part).itertext()).strip() for part in ("briefdescription", "detaileddescription"))


def documented(folder):
    """Everything that ought to have a comment, and whether it has: one of its own, or one of those before it in the file
    without a blank line between."""
    sources = {}
    for file in folder.glob("xml/*.xml"):
        for compound in xml.etree.ElementTree.parse(file).iter("compounddef"):
            kind, name = compound.get("kind"), compound.findtext("compoundname")
            if kind in ("class", "struct"):
                yield name, says_something(compound)
            for member in compound.iter("memberdef"):
                name = f"{compound.findtext('compoundname')}::{member.findtext('name')}"
                if member.get("prot") != "public" or kind not in ("class", "struct", "namespace"):
                    continue
                if member.get("kind") == "enum" or member.get("kind") == "function" and not is_plain(member):
                    place = member.find("location")
                    lines = sources.setdefault(place.get("file"), (
                        markdown.ROOT / "libonboard/include" / place.get("file")).read_text().splitlines())
                    yield name, says_something(member) or has_company(lines, int(place.get("line")))


def is_plain(member):
    """What everybody knows: how it begins, ends, compares and is read."""
    name = member.findtext("name")
    return name.startswith(("~", "operator", "explicit operator")) or member.findtext("type") == "" or \
        member.findtext("argsstring").startswith("()") or member.get("inline") == "yes" or member.get("virt") != "non-virtual"


def has_company(lines, number):
    """Whether a comment stands above, with no blank line between."""
    while number > 1 and lines[number - 2].strip():
        number -= 1
        if lines[number - 1].lstrip().startswith("//"):
            return True
    return False


def main(doxygen, folder):
    folder = pathlib.Path(folder)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    made = subprocess.run([doxygen, "docs/Doxyfile"], cwd=markdown.ROOT, env=os.environ | {"ONBOARD_REFERENCE": str(folder)},
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    print(made.stdout, end="")
    found = list(documented(folder))
    gaps = sorted({name for name, says in found if not says})
    for name in gaps:
        print(f"{name} has no comment")
    print(f"{len(found)} classes, lists of names and functions")
    return 1 if made.returncode != 0 or gaps or len(found) < 200 else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
