#!/usr/bin/env python3
"""Writes Sources/AgentProtocol/Generated from protocol/errors.json and protocol/limits.json.

The two JSON files are the only lists of error codes and wire limits. With --check nothing is written; the exit
status is 1 if a generated file differs from what the lists say.
"""

import argparse
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = ROOT / "Sources" / "AgentProtocol" / "Generated"
HEADER = "// Written by scripts/generate-protocol.py from {source}; change that file instead.\n\n"
INITIALISMS = {"id": "ID", "json": "JSON"}
SUFFIXES = {"s": "seconds", "ms": "milliseconds"}
KEYWORDS = {"internal"}


def camel(words):
    first, *rest = words
    return first + "".join(INITIALISMS.get(word, word.capitalize()) for word in rest)


def case_name(code):
    return camel(code.split("_"))


def limit_name(name):
    *words, last = name.split("_")
    return camel(words + [SUFFIXES.get(last, last)])


def declared(name):
    return f"`{name}`" if name in KEYWORDS else name


def unique(items, key):
    names = [item[key] for item in items]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        sys.exit(f"listed twice: {', '.join(sorted(twice))}")
    return items


def error_codes(errors):
    lines = [
        "/// What went wrong, in a reply (`error.code`) or in a run; the raw value is the name on the wire.",
        "///",
        "/// Codes are never reused. A client that does not know a code acts on `retryable`.",
        "public enum ErrorCode: String, Sendable, CaseIterable {",
    ]
    for error in errors:
        name = case_name(error["code"])
        raw = "" if name == error["code"] else f' = "{error["code"]}"'
        lines += [f"    /// {error['help']}", f"    case {declared(name)}{raw}"]
    lines += [
        "",
        "    /// Whether the same request may succeed later, unless an error says otherwise for itself.",
        "    public var retryable: Bool {",
        "        switch self {",
    ]
    retryable = [f".{case_name(error['code'])}" for error in errors if error["retryable"]]
    lines += wrapped("case ", retryable, ":")
    lines += [
        "            true",
        "        default:",
        "            false",
        "        }",
        "    }",
        "",
        "    /// One line for people.",
        "    public var help: String {",
        "        switch self {",
    ]
    for error in errors:
        lines += [f"        case .{case_name(error['code'])}:", f"            {json.dumps(error['help'])}"]
    lines += ["        }", "    }", "}", ""]
    return "\n".join(lines)


def wrapped(start, words, end):
    """A switch case of many patterns, broken as swift-format breaks it."""
    lines, line = [], "        " + start
    for number, word in enumerate(words):
        piece = word + ("," if number + 1 < len(words) else end)
        if len(line) + len(piece) > 120:
            lines.append(line.rstrip())
            line = "            "
        line += piece + " "
    return lines + [line.rstrip()]


def limits(entries):
    lines = ["/// Every bound of the wire, with the value that `hello` reports.", "public enum Limits {"]
    for entry in entries:
        lines += [
            f"    /// {entry['help']} In {entry['unit']}.",
            f"    public static let {limit_name(entry['name'])} = {entry['value']:_}",
        ]
    lines += [
        "",
        "    /// The limits under their names on the wire.",
        "    public static let all: [(name: String, value: Int64, unit: String)] = [",
    ]
    for entry in entries:
        lines.append(f'        ("{entry["name"]}", Int64({limit_name(entry["name"])}), "{entry["unit"]}"),')
    lines += ["    ]", "}", ""]
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a file is out of date")
    check = parser.parse_args().check
    outdated = []
    for source, key, render, name in (
        ("protocol/errors.json", "code", error_codes, "ErrorCode.swift"),
        ("protocol/limits.json", "name", limits, "Limits.swift"),
    ):
        entries = unique(json.loads((ROOT / source).read_text()), key)
        text = HEADER.format(source=source) + render(entries)
        path = TARGET / name
        if path.exists() and path.read_text() == text:
            continue
        outdated.append(str(path.relative_to(ROOT)))
        if not check:
            TARGET.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    if check and outdated:
        sys.exit(f"out of date, run scripts/generate-protocol.py: {', '.join(outdated)}")


if __name__ == "__main__":
    main()
