"""Holds frames against the JSON Schema, in both directions. Needs jsonschema from PyPI; nothing else here does."""

import json
import time

import jsonschema
from referencing import Registry, Resource

from player import Connection, Failure, show, strict_object

FILES = ("command", "reply", "event", "record")
REFUSED_AS_WRITTEN = {"invalid_params", "unsupported_feature", "unknown_command"}
# What a schema cannot say: bounds in bytes, and what is right or wrong only beside what the daemon has.
BEYOND_SCHEMA = {
    ("run", "agent"), ("run", "metadata"), ("list", "cursor"), ("history", "cursor"), ("hello", "require"),
    ("help", "topic"), ("ping", "id"), ("get", "message_id"),
}  # fmt: skip


def closed(schema):
    """A schema that fits only what it names: so no field of a frame is left out of it."""
    if isinstance(schema, list):
        return [closed(value) for value in schema]
    if not isinstance(schema, dict):
        return schema
    result = {name: closed(value) for name, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and schema.get("type") == "object":
        result.setdefault("additionalProperties", False)
    return result


class Validation:
    """The schema of every file, and how much was held against it."""

    def __init__(self, folder, socket_path, deadline):
        files = {name: json.loads((folder / f"{name}.json").read_text(encoding="utf-8")) for name in FILES}
        for schema in files.values():
            jsonschema.Draft202012Validator.check_schema(schema)
        # What daemons write is closed, so that nothing of it is left out; a command is closed as it is.
        registry = Registry().with_resources(
            (f"{name}.json", Resource.from_contents(schema if name == "command" else closed(schema)))
            for name, schema in files.items())
        self.validators = {
            name: jsonschema.Draft202012Validator({"$ref": f"{name}.json"}, registry=registry) for name in FILES}
        self.served = self.ask_for_schema(socket_path, deadline)
        self.counts = {"command": 0, "reply": 0, "event": 0}
        self.wrong = 0

    def ask_for_schema(self, path, deadline):
        """The schema of any frame as the daemon hands it out; those of all topics have to be schemas."""
        connection = Connection(path, deadline)

        def ask(**command):
            connection.send(json.dumps({"cmd": "help", **command}).encode() + b"\n")
            return connection.frame(time.monotonic() + deadline)

        try:
            for topic in ask()["topics"]:
                schema = ask(topic=topic)["schema"]
                jsonschema.Draft202012Validator.check_schema(schema)
            return jsonschema.Draft202012Validator(ask(topic="frame")["schema"])
        finally:
            connection.close()

    def check(self, connection):
        """Holds everything against the schema that was sent and received on a connection."""
        replies = [frame for frame in connection.frames if "ok" in frame]
        for frame in connection.frames:
            shape = "reply" if "ok" in frame else "event"
            self.counts[shape] += 1
            self.must_fit(self.validators[shape], frame, shape)
            self.must_fit(self.served, frame, "the schema that help gives")
        lines = [line for line in connection.sent.split(b"\n") if line.strip()]
        for line, reply in zip(lines, replies):
            self.check_command(line, reply)

    def check_command(self, line, reply):
        """A command that was taken fits, one that was refused as it is written does not."""
        try:
            command = json.loads(line, object_pairs_hook=strict_object)
        except (ValueError, RecursionError):
            command = None
        if not isinstance(command, dict) or reply.get("error", {}).get("code") in ("bad_json", "line_too_long"):
            return
        self.counts["command"] += 1
        command = {name: value for name, value in command.items() if value is not None}
        error = reply.get("error", {})
        if error.get("code") in REFUSED_AS_WRITTEN or "warnings" in reply:
            if (reply.get("cmd"), error.get("field")) not in BEYOND_SCHEMA:
                self.wrong += 1
                if self.validators["command"].is_valid(command):
                    raise Failure(f"{show(reply)}, but the schema takes {show(command)}")
        else:
            self.must_fit(self.validators["command"], command, "command")

    @staticmethod
    def must_fit(validator, frame, what):
        error = jsonschema.exceptions.best_match(validator.iter_errors(frame))
        if error:
            raise Failure(f"does not fit {what}: {error.json_path}: {str(error.message)[:300]}: {show(frame)}")

    def summary(self):
        counted = ", ".join(f"{count} of {shape}" for shape, count in self.counts.items())
        return f"held against the schema: {counted}; {self.wrong} commands that must not fit"
