#!/usr/bin/env python3
"""Checks that every test and file that THREAT_MODEL.md names exists.

A name is a suite, `SuiteTests`, or a suite and a function in one file of the tests, `SuiteTests.function`; or a path.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def main():
    sources = [path.read_text() for folder in ("Tests", "Fuzz/Tests") for path in (ROOT / folder).rglob("*.swift")]
    missing, count = [], 0
    for number, line in enumerate((ROOT / "THREAT_MODEL.md").read_text().splitlines(), 1):
        for name in re.findall(r"`([^`]+)`", line):
            if re.fullmatch(r"[A-Z]\w*Tests(\.\w+)?", name):
                suite, _, function = name.partition(".")
                patterns = [rf"\b(?:struct|class|enum|extension) {suite}\b"]
                if function:
                    patterns.append(rf"\bfunc {function}\(")
                found = any(all(re.search(pattern, text) for pattern in patterns) for text in sources)
            elif re.fullmatch(r"[A-Za-z]\w*/\S+\.\w+", name):
                found = (ROOT / name).is_file()
            else:
                continue
            count += 1
            if not found:
                missing.append(f"THREAT_MODEL.md:{number}: there is no {name}")
    if not count:
        missing.append("THREAT_MODEL.md names no test")
    sys.exit("\n".join(missing) if missing else 0)


if __name__ == "__main__":
    main()
