#!/usr/bin/env python3
"""Writes the manual pages: agentd(8) from what the binary says of itself, agentd.toml(5) from the JSON Schemas of the
configuration, agentd-protocol(7) from protocol/README.md. Needs nothing but Python.

    scripts/generate-man.py BINARY DIRECTORY      writes DIRECTORY/man8/agentd.8 and the others
"""

import datetime
import json
import os
import pathlib
import re
import subprocess
import sys
import textwrap

ROOT = pathlib.Path(__file__).resolve().parent.parent

ENVIRONMENT = [
    ("AGENTD_CONFIG", "The configuration, where --config does not say it."),
    ("AGENTD_SOCKET", "Where the daemon listens and clients connect, where --socket does not say it."),
    ("AGENTD_STATE_DIR", "Where the database is kept, where --state-dir does not say it."),
    ("XDG_CONFIG_HOME, XDG_STATE_HOME, XDG_RUNTIME_DIR", "Where a user's own files are, where nobody says anything."),
    ("STATE_DIRECTORY, RUNTIME_DIRECTORY, CREDENTIALS_DIRECTORY", "The unit's directories and credentials."),
    ("NOTIFY_SOCKET, WATCHDOG_USEC, LISTEN_FDS", "The service manager's side of readiness, watchdog and socket activation."),
    ("JOURNAL_STREAM", "Where it names standard error, log lines begin with their priority."),
    ("NO_COLOR", "No colours on a terminal."),
]

FILES = [
    ("/etc/agentd/agentd.toml", "The configuration of the system's daemon; a user's is agentd/agentd.toml in XDG_CONFIG_HOME."),
    ("agents.d/NAME.toml", "The agents, beside the configuration."),
    ("/run/agentd/agentd.sock", "The socket of the system's daemon."),
    ("/var/lib/agentd/agentd.db", "The database of the system's daemon: sessions, messages, runs and their events."),
]

SIGNALS = [
    ("SIGTERM, SIGINT", "The daemon drains: new runs are refused, live ones may end, for as long as drain_s says. A second one ends them at once."),
    ("SIGHUP", "The configuration is read again. Runs that have begun keep their agents, later ones and those in line take the new. If anything is wrong, all stays as it is, and the log, the status and hello say why."),
]


class Page:
    """Roff of the man macros, in lines."""

    def __init__(self, name, section, purpose, version):
        date = datetime.datetime.fromtimestamp(
            int(os.environ.get("SOURCE_DATE_EPOCH") or datetime.datetime.now().timestamp()), datetime.timezone.utc)
        self.name, self.section = name, section
        self.lines = [f'.TH {name.upper()} {section} {date:%Y-%m-%d} "{version}"', ".SH NAME", f"{escaped(name)} \\- {escaped(purpose)}"]
        self.fresh = False

    def heading(self, text, level=1):
        self.lines.append(f'.{"SH" if level == 1 else "SS"} {escaped(text.upper() if level == 1 else text)}')
        self.fresh = True

    def paragraph(self, text):
        """A paragraph of marked-up text."""
        if not text.strip():
            return
        if not self.fresh:
            self.lines.append(".PP")
        self.text(text)

    def text(self, text):
        sentences = re.split(r'(?<=[.!?:;]) +(?=[A-Z`"(\[])', " ".join(text.split()))
        for sentence in sentences:
            for line in textwrap.wrap(marked(sentence), 78, break_long_words=False, break_on_hyphens=False):
                self.lines.append(line if line[0] not in ".'" else "\\&" + line)
        self.fresh = False

    def item(self, tag, text, more=()):
        """A term and what is said of it."""
        self.lines += [".TP", tag]
        self.text(text or "\\&")
        for line in more:
            self.lines.append(".br")
            self.text(line)

    def bullet(self, text):
        self.lines.append(".IP \\(bu 2")
        self.text(text)

    def example(self, lines):
        if not self.fresh:
            self.lines.append(".PP")
        self.lines += [".RS 4", ".EX"] if not self.fresh else [".EX"]
        indented = not self.fresh
        for line in lines:
            line = escaped(line).replace("-", "\\-")
            self.lines.append(line if line[:1] not in (".", "'") else "\\&" + line)
        self.lines += [".EE", ".RE"] if indented else [".EE"]
        self.fresh = False

    def write(self, directory):
        path = pathlib.Path(directory) / f"man{self.section}" / f"{self.name}.{self.section}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(self.lines) + "\n", encoding="ascii")


def escaped(text):
    """Text without markup."""
    text = text.replace("\\", "\\e").replace("`", "\\(ga").replace("^", "\\(ha").replace("~", "\\(ti")
    return "".join(c if ord(c) < 128 else f"\\[u{ord(c):04X}]" for c in text)


def marked(text):
    """A sentence of Markdown: code, bold, emphasis, links."""
    result = ""
    for part in re.split(r"(`[^`]+`|\*\*[^*]+\*\*)", text):
        if len(part) > 2 and part[0] == part[-1] == "`":
            result += f"\\fB{escaped(part[1:-1]).replace('-', chr(92) + '-')}\\fR"
        elif part.startswith("**") and part.endswith("**") and len(part) > 4:
            result += f"\\fB{marked(part[2:-2]).replace(chr(92) + 'fR', chr(92) + 'fB')}\\fR"
        else:
            part = re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", part)
            part = escaped(part)
            result += re.sub(r"(?<![\w*])\*(\w[^*]*)\*", r"\\fI\1\\fR", part)
    return result


def option_names(argument):
    names = [("--" if n["kind"] == "long" else "-") + n["name"] for n in argument.get("names", [])]
    return sorted(names, key=len)


def tag(argument):
    """How an argument is typed."""
    value = argument.get("valueName", "").upper()
    if argument["kind"] == "positional":
        return f"\\fI{escaped(value)}\\fR"
    names = ", ".join(f"\\fB{escaped(n)}\\fR".replace("-", "\\-") for n in option_names(argument))
    return names if argument["kind"] == "flag" else f"{names} \\fI{escaped(value)}\\fR"


def synopsis(command, path):
    words = [f"\\fB{escaped(' '.join(path))}\\fR".replace("-", "\\-")]
    for argument in shown_arguments(command):
        word = tag({**argument, "names": argument.get("names", [])[:1]}).replace(", ", "|")
        if argument.get("isRepeating"):
            word += " ..."
        words.append(f"[{word}]" if argument["isOptional"] else word)
    return words


def shown_arguments(command):
    hidden = {"help", "version"}
    return [a for a in command.get("arguments", []) if a.get("shouldDisplay", True) and a.get("valueName") not in hidden]


def discussion(page, text):
    """Paragraphs; lines that are indented are examples, and what stands above them is their heading."""
    for block in re.split(r"\n\s*\n", text.strip()):
        lines = block.split("\n")
        prose = [l for l in lines if not l.startswith("  ")]
        examples = [l[2:] for l in lines if l.startswith("  ")]
        if prose and prose != ["EXAMPLES"]:
            page.paragraph(" ".join(prose))
        if examples:
            page.example(examples)


def commands(command, path=("agentd",)):
    """All commands that are shown, with how they are reached."""
    for inner in command.get("subcommands", []):
        if inner["commandName"] != "help" and inner.get("shouldDisplay", True):
            yield inner, [*path, inner["commandName"]]
            yield from commands(inner, [*path, inner["commandName"]])


def write_commands(binary, directory, version):
    root = json.loads(subprocess.run(
        [binary, "--experimental-dump-help"], check=True, capture_output=True, text=True).stdout)["command"]
    page = Page("agentd", 8, "runs LLM agents for other programs, over a Unix socket", version)
    page.heading("Synopsis")
    page.lines += ["\\fBagentd\\fR \\fICOMMAND\\fR [\\fIOPTION\\fR ...]"]
    page.heading("Description")
    page.paragraph(
        "An existing web backend, in any language, connects to a Unix socket, writes one line of JSON and reads streamed "
        "event frames. agentd runs the agent, keeps sessions, messages and runs in SQLite, and answers stop, list and "
        "history. Every event is committed before it is delivered.")
    page.heading("Examples")
    discussion(page, root.get("discussion", ""))
    page.heading("Commands")
    for command, path in commands(root):
        page.heading(" ".join(path[1:]), level=2)
        page.lines += textwrap.wrap(" ".join(synopsis(command, path)), 78, break_long_words=False, break_on_hyphens=False)
        page.paragraph(command.get("abstract", ""))
        discussion(page, command.get("discussion", ""))
        for argument in shown_arguments(command):
            text = argument.get("abstract", "")
            if argument.get("defaultValue"):
                text += f" The default is {argument['defaultValue']}."
            page.item(tag(argument), text)
    for title, entries in [("Signals", SIGNALS), ("Environment", ENVIRONMENT), ("Files", FILES)]:
        page.heading(title)
        for name, text in entries:
            page.item(f"\\fB{escaped(name)}\\fR", text)
    page.heading("Exit status")
    for code, text in [
        ("0", "All went well."), ("1", "The run failed or was interrupted."), ("64", "Usage."),
        ("65", "The input was refused, or the database is damaged."), ("69", "The daemon is not reachable."),
        ("70", "Something of agentd is broken."), ("71", "Data cannot be forced to the disk."),
        ("73", "A socket, directory or file cannot be made."), ("74", "Reading or writing failed."),
        ("75", "Not now; the same may work later."), ("77", "Not permitted."), ("78", "The configuration is wrong."),
    ]:
        page.item(f"\\fB{code}\\fR", text)
    page.heading("See also")
    page.lines += [".BR agentd.toml (5),", ".BR agentd\\-protocol (7),", ".BR systemd.service (5)"]
    page.write(directory)


def constraint(schema):
    """What a setting may be, in words."""
    words = []
    if "enum" in schema:
        words.append("One of " + ", ".join(f"`{w}`" for w in schema["enum"]) + ".")
    elif "const" in schema:
        words.append(f"Always {schema['const']}.")
    elif "type" in schema and schema["type"] != "object":
        text = {"string": "A text", "integer": "A whole number", "number": "A number", "boolean": "true or false"}[schema["type"]]
        if "minimum" in schema and "maximum" in schema:
            text += f" from {schema['minimum']} to {schema['maximum']}"
        elif "minimum" in schema:
            text += f" of at least {schema['minimum']}"
        if "maxLength" in schema:
            text += f" of up to {schema['maxLength']} bytes"
        words.append(text + ".")
    if "default" in schema:
        words.append(f"The default is `{json.dumps(schema['default'])}`.")
    return " ".join(words)


# Tables whose keys are the operator's own words: they are told like a setting.
FREE = {"headers", "models"}


def settings(page, root, schema, path):
    """The settings of a table, then its tables."""
    def resolved(inner):
        return {**root["$defs"][inner["$ref"].rsplit("/", 1)[1]], **inner} if "$ref" in inner else inner
    inner = {n: resolved(s) for n, s in schema.get("properties", {}).items()}
    required = set(schema.get("required", []))
    is_table = {n: "properties" in s or "patternProperties" in s for n, s in inner.items()}
    for name, value in inner.items():
        if is_table[name] and name not in FREE:
            continue
        text = value.get("description", "")
        rule = constraint(value)
        page.item(f"\\fB{escaped(name)}\\fR", (text + (" Required." if name in required else "")).strip(), [rule] if rule else [])
    for name, value in inner.items():
        if not is_table[name] or name in FREE:
            continue
        named = value.get("patternProperties")
        if named:
            label = {"providers": "NAME", "prices": '"PROVIDER/MODEL"'}[name]
            page.heading(f"[{'.'.join([*path, name])}.{label}]", level=2)
            page.paragraph(value.get("description", ""))
            settings(page, root, resolved(next(iter(named.values()))), [*path, name])
        else:
            path_here = [*path, "NAME"] if path == ["providers"] else path
            page.heading(f"[{'.'.join([*path_here, name])}]", level=2)
            page.paragraph(value.get("description", ""))
            settings(page, root, value, [*path_here, name])


def write_configuration(directory, version):
    page = Page("agentd.toml", 5, "the configuration of agentd", version)
    main = json.loads((ROOT / "docs/agentd.toml.schema.json").read_text(encoding="utf-8"))
    agent = json.loads((ROOT / "docs/agent.toml.schema.json").read_text(encoding="utf-8"))
    page.heading("Description")
    page.paragraph(
        "The configuration is a file of TOML, agentd.toml. Agents stand beside it in agents.d/NAME.toml, the files of the "
        "script provider in scripts/NAME.json. A key that nobody knows is an error with file, line and the nearest name. "
        "Flags win over the environment, the environment over the file, the file over the defaults; agentd config "
        "--show-origin says what holds and why. SIGHUP reads all of it again; only [socket] and [retention] wait for the "
        "next start.")
    page.paragraph(
        "Keys of providers are never written here: key_env, key_file or a systemd credential names the place. "
        "JSON Schemas of both files are installed with the documentation.")
    page.heading("agentd.toml")
    settings(page, main, main, [])
    page.heading("agents.d/NAME.toml")
    page.paragraph(agent["description"])
    settings(page, agent, agent, [])
    page.heading("Example")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    page.example(re.search(r"```toml\n(# agentd\.toml\n.*?)\n```", readme, re.S).group(1).split("\n"))
    page.heading("See also")
    page.lines += [".BR agentd (8),", ".BR agentd\\-protocol (7)"]
    page.write(directory)


def write_protocol(directory, version):
    page = Page("agentd-protocol", 7, "what is spoken on the socket of agentd", version)
    page.heading("Description")
    lines = (ROOT / "protocol/README.md").read_text(encoding="utf-8").split("\n")[1:]
    paragraph = []

    def flush():
        if paragraph:
            text = "\n".join(paragraph)
            page.bullet(text[2:]) if text.startswith("- ") else page.paragraph(text)
            paragraph.clear()

    while lines:
        line = lines.pop(0)
        if line.startswith("```"):
            flush()
            end = lines.index("```")
            page.example(lines[:end])
            lines = lines[end + 1:]
        elif line.startswith("#"):
            flush()
            depth, title = line.split(" ", 1)
            page.heading(title.replace("`", ""), level=1 if len(depth) == 2 else 2)
        elif line.startswith("|"):
            flush()
            rows = [line]
            while lines and lines[0].startswith("|"):
                rows.append(lines.pop(0))
            table(page, [[c.strip() for c in re.split(r"(?<!\\)\|", row)[1:-1]] for row in rows])
        elif not line.strip():
            flush()
        else:
            if line.startswith("- "):
                flush()
            paragraph.append(line.strip() if paragraph else line)
    flush()
    page.heading("See also")
    page.lines += [".BR agentd (8),", ".BR agentd.toml (5)"]
    page.write(directory)


def table(page, rows):
    """A row is a term; where it has several columns, their heads say what each is."""
    heads = rows[0]
    for row in rows[2:]:
        cells = row[1:]
        if len(cells) == 1:
            page.item(marked(row[0]), cells[0])
        else:
            told = [f"{head}: {cell}" if head else cell for head, cell in zip(heads[1:], cells) if cell]
            page.item(marked(row[0]), told[0] if told else "", told[1:])
    page.fresh = False


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__.strip())
    binary, directory = sys.argv[1:]
    version = subprocess.run([binary, "version"], check=True, capture_output=True, text=True).stdout.strip()
    write_commands(binary, directory, version)
    write_configuration(directory, version)
    write_protocol(directory, version)


if __name__ == "__main__":
    main()
