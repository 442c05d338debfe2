"""Whether every test that docs/security.md names is there. Prints those that are not."""

import ast
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
LITERAL = r'"((?:[^"\\]|\\.)*)"'
CASE = re.compile(rf'TEST_CASE\(\s*((?:{LITERAL}\s*)+)')
ASVS = {"6": (3, 12, 8, 6, 8, 4, 2, 4), "7": (3, 4, 2, 5, 3, 2)}   # how many items each section has


def tests_in_cpp():
    for file in ROOT.glob("tests/**/*.cpp"):
        for case in CASE.finditer(file.read_text()):
            yield "".join(re.findall(LITERAL, case[1])).replace('\\"', '"')


def tests_in_python():
    for file in ROOT.glob("tests/blackbox/*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                yield f"{file.stem}: {node.name.removeprefix('test_')}"


def tests_in_cmake():
    """Those that are one program each. A list in the same file fills what a name leaves open."""
    for file in ROOT.glob("tests/**/CMakeLists.txt"):
        text = file.read_text()
        lists = [re.findall(LITERAL, items) or items.split()
                 for items in re.findall(r"foreach\(\s*\w+(?: IN ITEMS)?\s+([^)]*)\)", text)]
        for name in re.findall(rf"add_test\(\s*NAME {LITERAL}", text):
            open_part = re.search(r"\$\{\w+\}", name)
            yield from [name] if not open_part else [name.replace(open_part[0], item) for items in lists for item in items]


def promises(text):
    """Each promise, and what holds it."""
    for promise, tests in re.findall(r"^\*\*(.+?)\*\*\nHeld by: (.*?)(?:\n\n|\Z)", text, re.M | re.S):
        yield promise, re.findall(r"`([^`]+)`", tests)


def items(text):
    """Each item of ASVS: its number, what is said of it, and what holds it."""
    for number, verdict, why in re.findall(r"^\| (\d+\.\d+\.\d+) \| (\S+) \| (.*) \|$", text, re.M):
        yield number, verdict, re.findall(r"`([^`]+)`", why)


def main():
    text = (ROOT / "docs/security.md").read_text()
    known = {*tests_in_cpp(), *tests_in_python(), *tests_in_cmake()}
    trouble = []

    promised = list(promises(text))
    bold = re.findall(r"^\*\*.+\*\*$", text, re.M)
    if len(bold) != len(promised):
        trouble.append(f"{len(bold)} promises, of which {len(promised)} say what holds them")
    listed = list(items(text))
    expected = [f"{chapter}.{section}.{item}" for chapter, sections in ASVS.items()
                for section, count in enumerate(sections, 1) for item in range(1, count + 1)]
    if [number for number, *_ in listed] != expected:
        trouble.append(f"not the items of ASVS: {set(expected) ^ {number for number, *_ in listed}}")
    trouble += [f"{number} is met by no test" for number, verdict, tests in listed if verdict == "tests" and not tests]
    trouble += [f"{number} is {verdict}" for number, verdict, _ in listed
                if verdict not in ("tests", "caller", "n/a", "no")]

    for where, tests in promised + [(number, tests) for number, _, tests in listed]:
        trouble += [f"{where}: there is no test `{test}`" for test in tests if test not in known]
    for line in trouble:
        print(line)
    print(f"{len(promised)} promises and {len(listed)} items, {len(known)} tests")
    return 1 if trouble or not promised else 0


if __name__ == "__main__":
    sys.exit(main())
