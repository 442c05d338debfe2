"""Whether docs/architecture.md speaks of this tree: every folder it names is there, and its tables list every folder that
has a part of its own."""

import re
import sys

import markdown

PARTS = ("libonboard/src", "server", "tests")    # whose folders are all on the page


def main():
    text = (markdown.ROOT / "docs/architecture.md").read_text()
    tables = "".join(re.findall(r"^\|.*\n", text, re.M))
    named, listed = ({path.rstrip("/") for path in re.findall(r"`([\w./]+/)`", part)} for part in (text, tables))
    trouble = [f"{path}/ is on the page, and not in the tree" for path in named
               if not (markdown.ROOT / path).is_dir()]

    top = [path for path in markdown.ROOT.iterdir() if path.name not in ("build", "data")]
    folders = [path for path in top + [inner for part in PARTS for inner in (markdown.ROOT / part).iterdir()]
               if path.is_dir() and path.name[0] not in "._"]
    trouble += [f"{path}/ is in no table of the page" for folder in folders
                if (path := str(folder.relative_to(markdown.ROOT))) not in listed]

    drawn = (markdown.ROOT / "docs/architecture.svg").read_text()
    trouble += [f"{path}/ is in the picture, and not on the page" for path in re.findall(r">([\w./]+)/<", drawn)
                if not any(f"/{known}".endswith(f"/{path}") for known in named)]

    for line in trouble:
        print(line)
    print(f"{len(named)} folders on the page, {len(folders)} to be named")
    return 1 if trouble or len(folders) < 20 else 0


if __name__ == "__main__":
    sys.exit(main())
