"""Whether every link from one page to another leads somewhere, to the heading that it names, and every page of docs is
linked from docs/README.md."""

import sys

import markdown


def broken(page):
    for link in markdown.links(page.read_text()):
        if ":" in link.split("/")[0]:
            continue
        path, _, heading = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists():
            yield f"{link}: there is no such file"
        elif heading and target.suffix == ".md" and heading not in markdown.anchors(target.read_text()):
            yield f"{link}: there is no such heading"


def main():
    pages = list(markdown.pages())
    trouble = [f"{page.relative_to(markdown.ROOT)}: {what}" for page in pages for what in broken(page)]

    contents = markdown.ROOT / "docs/README.md"
    listed = {(contents.parent / link.partition("#")[0]).resolve() for link in markdown.links(contents.read_text())}
    trouble += [f"{page.relative_to(markdown.ROOT)} is not in docs/README.md"
                for page in (markdown.ROOT / "docs").glob("*.md") if page != contents and page not in listed]

    for line in trouble:
        print(line)
    print(f"{sum(len(markdown.links(page.read_text())) for page in pages)} links on {len(pages)} pages")
    return 1 if trouble or len(pages) < 10 else 0


if __name__ == "__main__":
    sys.exit(main())
