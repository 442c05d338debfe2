"""Whether the commands of every page that docs/README.md lists under «Tasks» are run by the tests."""

import re
import sys

import markdown

# Whose commands need more than an empty folder, and are run by a test of their own.
ELSEWHERE = {"watching", "install"}


def main():
    contents = (markdown.ROOT / "docs/README.md").read_text()
    tasks = set(re.findall(r"\]\(([\w-]+)\.md\)", contents.partition("## Tasks")[2].partition("\n## ")[0]))
    listed = (markdown.ROOT / "tests/docs/CMakeLists.txt").read_text()
    run = set(re.findall(r"[\w-]+", re.search(r"foreach\(page IN ITEMS\s+([^)]*)\)", listed)[1]))
    for page in sorted(tasks - run - ELSEWHERE):
        print(f"docs/{page}.md is a task, and no test runs it")
    print(f"{len(tasks)} tasks, {len(run)} pages that are run")
    return 1 if tasks - run - ELSEWHERE or len(tasks) < 10 else 0


if __name__ == "__main__":
    sys.exit(main())
