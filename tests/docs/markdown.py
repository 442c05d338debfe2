"""Reads a page as GitHub shows it: its blocks of code, its links and its headings.

What a reader does not see, and the tests do, is said in a comment before a block:

    <!-- file: NAME -->       the block is what to put into this file
    <!-- server -->           the command goes on running, as if in a terminal of its own
    <!-- stop -->             here the reader stops what runs there, with Ctrl-C
    <!-- not run: REASON -->  the block is for another machine, or for another test

Every block of `sh` is run. A block of `text` or `json` right behind it is what it prints, where … stands for whatever
differs from one time to the next.
"""

import dataclasses
import pathlib
import re
import unicodedata

ROOT = pathlib.Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^( *)```(\w*) *$")
COMMENT = re.compile(r"^ *<!-- (file: .+?|server|stop|not run: .+?) -->$")    # others are somebody else's


@dataclasses.dataclass
class Block:
    language: str
    text: str
    line: int                 # where it begins, to be named
    remark: str = ""          # of the comment before it


@dataclasses.dataclass
class Stop:
    """Where the reader stops what runs in the other terminal."""


def parts(text):
    """The blocks of a page, and where what runs is stopped, in their order."""
    lines = iter(enumerate(text.splitlines(), 1))
    remark = ""
    for number, line in lines:
        if comment := COMMENT.match(line):
            if comment[1] == "stop":
                yield Stop()
            else:
                remark = comment[1]
        elif fence := FENCE.match(line):
            inside = []
            for _, line in lines:
                if FENCE.match(line):
                    break
                inside.append(line.removeprefix(fence[1]))
            yield Block(fence[2], "\n".join(inside) + "\n", number, remark)
            remark = ""
        elif line.strip():
            if remark:
                raise ValueError(f"line {number}: the comment «{remark}» has no block behind it")


def without_code(text):
    """The page without its blocks and its code within lines."""
    text = re.sub(r"^( *)```.*?^\1```$", "", text, flags=re.M | re.S)
    return re.sub(r"`[^`\n]*`", "", text)


def anchor(heading):
    """What GitHub calls a heading in a link."""
    heading = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
    kept = [character for character in heading
            if character in " -_" or unicodedata.category(character)[0] in "LNM"]
    return "".join(kept).replace(" ", "-")


def anchors(text):
    found = set()
    for heading in re.findall(r"^#{1,6} +(.+?) *#*$", re.sub(r"^( *)```.*?^\1```$", "", text, flags=re.M | re.S), re.M):
        name = anchor(heading)
        number = next(n for n in range(1000) if (f"{name}-{n}" if n else name) not in found)
        found.add(f"{name}-{number}" if number else name)
    return found


def links(text):
    """Where a page leads to, pictures included."""
    return re.findall(r"\]\(([^)\s]+)\)", without_code(text))


def pages():
    """Every page of the repository."""
    for folder in (".", "docs", "examples", ".github", "libonboard", "server", "tests"):
        yield from sorted(ROOT.glob(f"{folder}/*.md") if folder in (".", ".github") else ROOT.glob(f"{folder}/**/*.md"))
