#!/usr/bin/env python3
"""Checks that every promise of protocol/README.md names what guards it, and that every vector is named.

In the sections about what daemons and clients do, each paragraph and each list item has to end in brackets with names:
of transcripts, lines of bad input (`bad:`), vectors for clients (`fold:`) or tests (`test:`). Every name has to exist,
every transcript and every vector for clients has to be named, and every line of bad input has to be a cause of its own.
"""

import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROTOCOL = ROOT / "protocol"
PROMISES = {
    "Framing", "Three shapes", "Names and values", "Commands", "Of version 1, but not built yet", "Events",
    "When a connection ends", "What survives", "Errors", "Limits",
}  # fmt: skip
NAMES = r"[A-Za-z0-9-]+(?:,\s+[A-Za-z0-9-]+)*"
MARK = re.compile(rf"\[((?:(?:bad|fold|test):\s+)?{NAMES}(?:;\s+(?:bad|fold|test):\s+{NAMES})*)\](?!\()")
KINDS = {"": "transcript", "bad": "line of bad input", "fold": "vector for clients", "test": "test"}


def blocks(text):
    """The paragraphs, list items and tables of a text, each with its section."""
    section = ""
    text = re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)
    for paragraph in re.split(r"\n\s*\n", text):
        paragraph = paragraph.strip("\n")
        if paragraph.startswith("#"):
            section = paragraph.lstrip("# ")
        elif paragraph:
            for item in re.split(r"\n(?=- )", paragraph):
                yield section, item


def is_promise(section, block):
    introduces = block.rstrip().endswith((":", ",", "says:")) or "star. Every command" in block
    return section in PROMISES and not block.startswith("|") and not introduces


def existing():
    causes = json.loads((PROTOCOL / "bad_input.json").read_text(encoding="utf-8"))
    return {
        "": {path.stem for path in (PROTOCOL / "transcripts").glob("*.ndjson")},
        "bad": {cause["id"] for cause in causes},
        "fold": {path.stem for path in (PROTOCOL / "fold").glob("*.json")},
        "test": {path.stem for path in (ROOT / "Tests").rglob("*Tests.swift")},
    }, causes


def problems():
    there, causes = existing()
    named = {kind: set() for kind in KINDS}
    for section, block in blocks((PROTOCOL / "README.md").read_text(encoding="utf-8")):
        marks = MARK.findall(re.sub(r"`[^`]*`", "", block))
        if is_promise(section, block) and not marks:
            yield f"{section}: nothing guards: {' '.join(block.split())[:100]}"
        for group in (group for mark in marks for group in mark.split(";")):
            kind, _, names = group.rpartition(":")
            named[kind.strip()].update(name.strip() for name in names.split(","))
    for kind, names in named.items():
        for name in sorted(names - there[kind]):
            yield f"there is no {KINDS[kind]} named {name}"
        if kind in ("", "fold"):
            for name in sorted(there[kind] - names):
                yield f"the {KINDS[kind]} {name} is not named"
    lines = [json.dumps(cause["line"]) for cause in causes]
    if len(there["bad"]) < len(causes) or len(set(lines)) < len(lines):
        yield "bad_input.json has an id or a line twice"
    codes = {error["code"] for error in json.loads((PROTOCOL / "errors.json").read_text(encoding="utf-8"))}
    for cause in causes:
        if cause["code"] not in codes:
            yield f"bad input {cause['id']}: no code {cause['code']}"


def main():
    found = list(problems())
    for problem in found:
        print(f"check-vectors: {problem}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
