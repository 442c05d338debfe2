"""Whether shared libraries show exactly what is ours and declared for hosts: exported_test.py LIBRARIES HEADERS. Every
name that is seen has to be in namespace onboard, with each part of it in a public header."""

import pathlib
import re
import subprocess
import sys

LIBRARIES = ("onboard", "onboard-sqlite", "onboard-postgres", "onboard-jwt")
OF_A_TYPE = re.compile(r"^(?:vtable|VTT|typeinfo|typeinfo name|guard variable) for "
                       r"|^(?:non-)?virtual thunk to ")


def without_brackets(name):
    """A name without template arguments and parameters, however deep."""
    name = re.sub(r"operator(?:\(\)|<=>|<<|>>|->|[<>]=?)", "operator", name)
    while (shorter := re.sub(r"<[^<>]*>|\([^()]*\)|\[abi:\w+\]", "", name)) != name:
        name = shorter
    return name


def main(libraries, headers):
    declared = set(re.findall(r"\w+", "".join(path.read_text() for path in pathlib.Path(headers).rglob("*.hpp"))))
    trouble, known = [], {}
    for library in LIBRARIES:
        path = pathlib.Path(libraries) / f"lib{library}.so"
        lines = subprocess.run(["nm", "--dynamic", "--defined-only", "--demangle", path], check=True,
                               capture_output=True, text=True).stdout.splitlines()
        names = [line.split(" ", 2)[2] for line in lines]
        known[library] = len(names)
        for name in names:
            bare = without_brackets(OF_A_TYPE.sub("", name)).removesuffix(" const").split(" ")[-1]
            parts = re.findall(r"\w+", bare)
            if parts[:1] != ["onboard"]:
                trouble.append(f"lib{library}.so shows what is not ours: {name}")
            elif missing := [part for part in parts if part not in declared]:
                trouble.append(f"lib{library}.so shows {missing[0]}, which no header for hosts has: {name}")
        if f"onboard::open_{library.partition('-')[2]}(" not in "".join(names) and library in LIBRARIES[1:3]:
            trouble.append(f"lib{library}.so does not show what opens it")

    for line in trouble:
        print(line)
    print(", ".join(f"lib{library}.so shows {count} names" for library, count in known.items()))
    return 1 if trouble or known["onboard"] < 100 or known["onboard-jwt"] < 10 else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
