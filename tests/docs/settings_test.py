"""Whether docs/settings.md says what the program does: every setting once, its default, and what it takes."""

import os
import re
import subprocess
import sys
import tempfile

import markdown

ROW = re.compile(r"^\| `(\w+)` \| (.+?) \| (.+?) \| (.+?) \|$", re.M)


def check_config(settings):
    """What the program says of its settings, in an environment that has only these."""
    environment = {"PATH": os.environ["PATH"]} | {f"ONBOARD_{key.upper()}": text for key, text in settings.items()}
    with tempfile.TemporaryDirectory() as folder:
        return subprocess.run([os.environ["BINARY"], "check-config"], cwd=folder, env=environment, text=True,
                              stdin=subprocess.DEVNULL, capture_output=True).stdout


def defaults():
    """Every setting and its value if nobody sets it."""
    table = check_config({}).split("\n\n")[0].splitlines()
    return dict(re.match(r"(\S+) +(.+?)  +", line).groups() for line in table[1:])


def rules(keys):
    """What the program says of a setting that is wrong, where it lists what it takes."""
    said = check_config({key: "no such value" for key in keys})
    return {key.lower(): rule for key, rule in re.findall(r"^bad: ONBOARD_(\w+): must be (.+)$", said, re.M)}


def as_documented(rule):
    """A rule in the words of the page; nothing for one that the page puts into words of its own."""
    if bounds := re.fullmatch(r"a whole number of (\w+) from (\d+) to (\d+)", rule):
        return f"{bounds[2]} to {bounds[3]} {bounds[1]}"
    if re.fullmatch(r"\w+(, \w+)* or \w+", rule):
        return re.sub(r"(?!\bor\b)\b\w+", r"`\g<0>`", rule)
    return None


def main():
    rows = ROW.findall((markdown.ROOT / "docs/settings.md").read_text())
    documented = {key: (default, takes) for key, default, takes, _ in rows}
    known = defaults()
    trouble = [f"{key} is there {count} times" for key in documented
               if (count := [row[0] for row in rows].count(key)) != 1]
    trouble += [f"{key} is not on the page" for key in known.keys() - documented.keys()]
    trouble += [f"{key} is on the page, and no setting" for key in documented.keys() - known.keys()]

    checked = 0
    said = rules(known)
    for key in known.keys() & documented.keys():
        default, takes = documented[key]
        if default.startswith("`") and default != f"`{known[key]}`":
            trouble.append(f"{key}: the page has {default} for its default, the program {known[key]}")
        if default.startswith("`") != (known[key] not in ("-", "as it listens")):
            trouble.append(f"{key}: a default is in backticks, and what stands for none is not: {default}, {known[key]}")
        if expected := as_documented(said.get(key, "")):
            checked += 1
            if takes != expected:
                trouble.append(f"{key}: the page says that it takes {takes}, the program {expected}")

    for line in trouble:
        print(line)
    print(f"{len(known)} settings, {checked} of which the program lists what they take")
    return 1 if trouble or checked < 15 else 0


if __name__ == "__main__":
    sys.exit(main())
