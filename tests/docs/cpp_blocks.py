"""Writes one C++ source of all blocks of C++ on all pages, each in a namespace of its own, so that one run of the compiler
tries them all; the program runs those that have a main(): cpp_blocks.py TARGET.cpp."""

import pathlib
import re
import sys

import markdown

MAIN = re.compile(r"^int main\(\)$", re.M)


def blocks():
    for page in markdown.pages():
        for block in markdown.parts(page.read_text()):
            if isinstance(block, markdown.Block) and block.language == "cpp":
                yield page.relative_to(markdown.ROOT), block


def main(target):
    includes, namespaces, calls = set(), [], []
    for number, (page, block) in enumerate(blocks()):
        includes |= set(re.findall(r"^#include .*$", block.text, re.M))
        body = re.sub(r"^#include .*$", "", block.text, flags=re.M)
        if MAIN.search(body):
            # Only the real main() may end without a return.
            body = MAIN.sub("int run()", body).rstrip().removesuffix("}") + "    return 0;\n}\n"
            calls.append(f'    std::cout << "== {page}, line {block.line}" << std::endl;\n'
                         f"    failed |= block_{number}::run();\n")
        namespaces.append(f'namespace block_{number} {{\n#line {block.line + 1} "{markdown.ROOT / page}"\n{body}}}\n')
    text = "#undef NDEBUG\n" + "\n".join(sorted(includes | {"#include <iostream>"})) + "\n\n" + "\n".join(namespaces)
    text += "\nint main()\n{\n    int failed = 0;\n" + "".join(calls) + "    return failed;\n}\n"
    pathlib.Path(target).write_text(text)


if __name__ == "__main__":
    main(*sys.argv[1:])
