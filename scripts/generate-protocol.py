#!/usr/bin/env python3
"""Writes Sources/AgentProtocol/Generated from protocol/errors.json, protocol/limits.json and protocol/schema.

The two tables are the only lists of error codes and wire limits; the schema is what `help` and `agentd schema` show.
With --check nothing is written; the exit status is 1 if a generated file differs from what those files say.
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
SCHEMA_FILES = ("command", "reply", "event", "record")


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


def names_met(schema):
    """The definitions that a schema refers to."""
    if isinstance(schema, dict):
        named = [schema["$ref"].rpartition("/")[2]] if "$ref" in schema else []
        return named + [name for value in schema.values() for name in names_met(value)]
    return [name for value in schema for name in names_met(value)] if isinstance(schema, list) else []


def flattened(schema, prefix):
    """A schema of one file as a definition beside those of all: references go to definitions of one document."""
    if isinstance(schema, list):
        return [flattened(value, prefix) for value in schema]
    if not isinstance(schema, dict):
        return schema
    result = {name: flattened(value, prefix) for name, value in schema.items()}
    if "$ref" in schema:
        file, _, name = schema["$ref"].partition("#/$defs/")
        result["$ref"] = "#/$defs/" + (name if file or not prefix else prefix + name)
    return result


def wire_name(definition):
    """The command or event that a definition is for."""
    properties = definition.get("properties", {})
    return next((properties[key]["const"] for key in ("cmd", "event") if "const" in properties.get(key, {})), None)


def schema_table(files):
    """The schema's definitions, each once, and for each topic those that describe it."""
    definitions, topics = {}, {"frame": [], "command": [], "reply": [], "event": []}
    for file, schema in files.items():
        prefix = "" if file == "record" else file + "_"
        for name, definition in schema["$defs"].items():
            if prefix + name in definitions:
                sys.exit(f"defined twice: {prefix + name}")
            definitions[prefix + name] = flattened(definition, prefix)
        for option in schema.get("oneOf", []):
            name = prefix + option["$ref"].rpartition("/")[2]
            for topic in ("frame", file, wire_name(definitions[name])):
                if topic:
                    topics.setdefault(topic, []).append(name)
    for topic in topics:
        if f"reply_{topic}" in topics["reply"] or any(name.startswith(f"reply_{topic}_") for name in topics["reply"]):
            topics[topic].append("reply_failure")
    lines = [
        "// swift-format-ignore-file",
        "",
        "/// The JSON Schema of every frame, as definitions that refer to each other.",
        "enum SchemaTable {",
        "    /// Each definition: its name, the names of those that it refers to, and its text.",
        "    static let definitions: [(name: String, needs: [String], json: String)] = [",
    ]
    for name, definition in definitions.items():
        needs = json.dumps(sorted(set(names_met(definition))))
        text = json.dumps(definition, separators=(",", ":"), ensure_ascii=False)
        lines.append(f'        ("{name}", {needs}, ##"{text}"##),')
    lines += [
        "    ]",
        "",
        "    /// What can be asked about, and the definitions of which one has to fit.",
        "    static let topics: [(name: String, definitions: [String])] = [",
    ]
    for topic, names in topics.items():
        lines.append(f'        ("{topic}", {json.dumps(names)}),')
    lines += ["    ]", "}", ""]
    return "\n".join(lines)


def listed(source, key):
    return unique(json.loads((ROOT / source).read_text()), key)


def schemas(folder):
    files = {name: json.loads((ROOT / folder / f"{name}.json").read_text()) for name in SCHEMA_FILES}
    codes = [error["code"] for error in listed("protocol/errors.json", "code")]
    if files["record"]["$defs"]["error_code"]["examples"] != codes:
        sys.exit("the examples of error_code in record.json are not the codes of errors.json")
    return files


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a file is out of date")
    check = parser.parse_args().check
    outdated = []
    for source, name, body in (
        ("protocol/errors.json", "ErrorCode.swift", error_codes(listed("protocol/errors.json", "code"))),
        ("protocol/limits.json", "Limits.swift", limits(listed("protocol/limits.json", "name"))),
        ("protocol/schema/v1", "SchemaTable.swift", schema_table(schemas("protocol/schema/v1"))),
    ):
        text = HEADER.format(source=source) + body
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
