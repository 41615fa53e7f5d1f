#!/usr/bin/env python3
"""Plays transcripts against a running daemon: sends what they say, and compares what comes back.

    run_transcripts.py --socket PATH [FILE ...]

Without files, every transcript beside this script is played. A transcript is one JSON object a line, each a step;
protocol/README.md lists the steps and the patterns. Needs nothing but Python's standard library.
"""

import argparse
import json
import pathlib
import re
import secrets
import socket
import sys
import time

REPLY_BYTES = 1 << 20
REREADS = {"run", "attach"}
TERMINAL = {"run_completed", "run_cancelled", "run_error"}
POLL_SECONDS = 0.02


class Failure(Exception):
    """What a transcript promises and the daemon does not keep."""


def strict_object(pairs):
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a name occurs twice")
    return members


class Connection:
    """One connection, its frames in order, and the promises that hold for every connection."""

    def __init__(self, path, deadline):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(deadline)
        self.socket.connect(path)
        self.buffer = b""
        self.spaces = 0
        self.ended = False
        self.max_silence = None
        self.heard = time.monotonic()
        self.seqs = {}
        self.over = set()

    def send(self, data):
        self.socket.sendall(data)

    def receive(self, until):
        """Reads once; False when the deadline has passed."""
        now = time.monotonic()
        quiet_until = until if self.max_silence is None else min(until, self.heard + self.max_silence)
        if now >= quiet_until:
            if quiet_until < until:
                raise Failure(f"silent for {1000 * (now - self.heard):.0f} ms")
            return False
        self.socket.settimeout(quiet_until - now)
        try:
            data = self.socket.recv(65536)
        except TimeoutError:
            return True
        except ConnectionResetError:
            data = b""
        self.heard = time.monotonic()
        self.ended = not data
        self.buffer += data
        return True

    def frame(self, until):
        """The next frame; None at the end of the stream."""
        while True:
            stripped = self.buffer.lstrip(b" \r\n\t")
            self.spaces += self.buffer[: len(self.buffer) - len(stripped)].count(b" ")
            self.buffer = stripped
            if b"\n" in self.buffer:
                line, self.buffer = self.buffer.split(b"\n", 1)
                return self.checked(line)
            if self.ended:
                if self.buffer:
                    raise Failure(f"the stream ended inside a line: {self.buffer[:200]!r}")
                return None
            if not self.receive(until):
                raise Failure("nothing came before the deadline")

    def checked(self, line):
        if len(line) + 1 > REPLY_BYTES:
            raise Failure(f"a line of {len(line) + 1} bytes")
        try:
            frame = json.loads(line, object_pairs_hook=strict_object)
        except ValueError as error:
            raise Failure(f"not one JSON object: {line[:200]!r}: {error}") from error
        if not isinstance(frame, dict) or ("ok" in frame) == ("event" in frame):
            raise Failure(f"neither a reply nor an event: {line[:200]!r}")
        if frame.get("ok") and frame["cmd"] in REREADS:
            # The run is read anew, on a connection that may have read it before.
            self.seqs.pop(frame["run_id"], None)
            self.over.discard(frame["run_id"])
        if "seq" in frame:
            run = frame["run_id"]
            if run in self.over:
                raise Failure(f"an event after the terminal one: {show(frame)}")
            if frame["seq"] <= self.seqs.get(run, 0):
                raise Failure(f"seq does not rise: {show(frame)}")
            for name in ("event", "session_id", "ts"):
                if name not in frame:
                    raise Failure(f"an event without {name}: {show(frame)}")
            self.seqs[run] = frame["seq"]
            if frame["event"] in TERMINAL:
                self.over.add(run)
        return frame

    def close(self):
        self.socket.close()


def show(value):
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 400 else text[:400] + "…"


def matches(pattern, value, names):
    """Whether a value fits a pattern; new names are bound in `names` as they are met."""
    if isinstance(pattern, dict):
        if not isinstance(value, dict):
            return False
        return all(
            name not in value if inner == "!" else name in value and matches(inner, value[name], names)
            for name, inner in pattern.items()
        )
    if isinstance(pattern, list):
        if not isinstance(value, list):
            return False
        if pattern[:1] == ["..."]:
            return all(any(matches(inner, item, names) for item in value) for inner in pattern[1:])
        return len(pattern) == len(value) and all(matches(*pair, names) for pair in zip(pattern, value))
    if isinstance(pattern, str):
        if pattern == "*":
            return True
        if pattern.startswith("~"):
            return isinstance(value, str) and re.search(pattern[1:], value) is not None
        if pattern.startswith("="):
            return value == pattern[1:]
        if re.fullmatch(r"\$\w+", pattern):
            return names.setdefault(pattern, value) == value
    return type(pattern) is type(value) and pattern == value


class Transcript:
    """One file, played once."""

    def __init__(self, path, socket_path, deadline, unique):
        self.steps = []
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
            if line.strip():
                self.steps.append((number, json.loads(line.replace("${run}", unique))))
        self.socket_path = socket_path
        self.deadline = deadline
        self.names = {}
        self.connections = {}

    def play(self):
        try:
            self.open("a")
            for number, step in self.steps:
                try:
                    self.step(step)
                except (Failure, OSError) as failure:
                    raise Failure(f"line {number}: {failure}") from failure
        finally:
            for connection in self.connections.values():
                connection.close()

    def open(self, name):
        self.connections[name] = Connection(self.socket_path, self.deadline)

    def filled(self, value):
        """A value to send, with the names that are bound put in."""
        if isinstance(value, dict):
            return {name: self.filled(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self.filled(inner) for inner in value]
        if isinstance(value, str) and re.fullmatch(r"\$\w+", value):
            if value not in self.names:
                raise Failure(f"{value} has no value yet")
            return self.names[value]
        return value

    def step(self, step):
        until = time.monotonic() + step.get("within_ms", 1000 * self.deadline) / 1000
        if "title" in step:
            return
        if "open" in step:
            return self.open(step["open"])
        if "equal" in step:
            left, right = self.filled(step["equal"])
            if left != right:
                raise Failure(f"{show(left)} is not {show(right)}")
            return
        connection = self.connections[step.get("on", "a")]
        if "repeat" in step:
            return self.repeat(connection, step["repeat"], step["until"], until)
        if "send" in step:
            connection.send(json.dumps(self.filled(step["send"])).encode() + b"\n")
        elif "send_raw" in step:
            connection.send(step["send_raw"].encode())
        elif "expect" in step:
            frame = self.next_frame(connection, until, step["expect"])
            if not self.fits(step["expect"], frame):
                raise Failure(f"expected {show(step['expect'])}\n      but got {show(frame)}")
        elif "expect_until" in step:
            self.expect_until(connection, step, until)
        elif "expect_all" in step:
            self.expect_all(connection, list(step["expect_all"]), until)
        elif "expect_eof" in step:
            frame = connection.frame(until)
            if frame is not None:
                raise Failure(f"expected the end of the stream but got {show(frame)}")
        elif "expect_spaces" in step:
            if connection.spaces < step["expect_spaces"]:
                raise Failure(f"only {connection.spaces} spaces came")
        elif "half_close" in step:
            connection.socket.shutdown(socket.SHUT_WR)
        elif "close" in step:
            connection.close()
        elif "max_silence_ms" in step:
            connection.max_silence = step["max_silence_ms"] / 1000
            connection.heard = time.monotonic()
        else:
            raise Failure(f"no such step: {show(step)}")

    def fits(self, pattern, frame):
        """Names met in a frame that does not fit in the end stay unbound."""
        names = dict(self.names)
        if not matches(pattern, frame, names):
            return False
        self.names = names
        return True

    def next_frame(self, connection, until, wanted):
        try:
            frame = connection.frame(until)
        except Failure as failure:
            raise Failure(f"{failure}; waiting for {show(wanted)}") from failure
        if frame is None:
            raise Failure(f"the stream ended; waiting for {show(wanted)}")
        return frame

    def expect_until(self, connection, step, until):
        """Skips frames until one fits; `collect` joins a field of the frames skipped on the way."""
        field, name = step.get("collect"), "$" + step.get("as", "text")
        source = step.get("from", {"event": "run_content"})
        if field:
            self.names.setdefault(name, "")
        while True:
            try:
                frame = self.next_frame(connection, until, step["expect_until"])
            except Failure as failure:
                collected = f"; {name} is {self.names[name]!r}" if field else ""
                raise Failure(f"{failure}{collected}") from failure
            if self.fits(step["expect_until"], frame):
                return
            if field and self.fits(source, frame):
                self.names[name] += frame[field]
            elif self.is_instead(frame, step["expect_until"]):
                raise Failure(f"expected {show(step['expect_until'])}\n      but got {show(frame)}")

    def is_instead(self, frame, wanted):
        """Whether a run has ended as it should, but not with what it should: waiting on would be in vain."""
        mine = {name: wanted[name] for name in ("event", "run_id") if name in wanted}
        return wanted.get("event") in TERMINAL and self.fits(mine, frame)

    def expect_all(self, connection, patterns, until):
        """Skips frames until every pattern has been met, in whatever order."""
        while patterns:
            frame = self.next_frame(connection, until, patterns)
            met = next((pattern for pattern in patterns if self.fits(pattern, frame)), None)
            if met is not None:
                patterns.remove(met)

    def repeat(self, connection, command, pattern, until):
        """Sends a command again and again until its reply fits."""
        while True:
            connection.send(json.dumps(self.filled(command)).encode() + b"\n")
            frame = self.next_frame(connection, until, pattern)
            if self.fits(pattern, frame):
                return
            if time.monotonic() >= until:
                raise Failure(f"expected {show(pattern)}\n      but got {show(frame)}")
            time.sleep(POLL_SECONDS)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--socket", required=True, help="the daemon's socket")
    parser.add_argument("--deadline", type=float, default=10, help="seconds that a step waits at most")
    parser.add_argument("files", nargs="*", type=pathlib.Path, help="transcripts; default: all beside this script")
    options = parser.parse_args()
    files = options.files or sorted((pathlib.Path(__file__).parent / "transcripts").glob("*.ndjson"))
    prefix = secrets.token_hex(4)
    failed = 0
    for number, path in enumerate(files, 1):
        try:
            Transcript(path, options.socket, options.deadline, f"{prefix}-{number}").play()
            print(f"ok    {path.stem}", flush=True)
        except (Failure, OSError, ValueError) as failure:
            failed += 1
            print(f"FAIL  {path.stem}: {failure}", flush=True)
    print(f"{len(files) - failed} passed, {failed} failed")
    return 1 if failed or not files else 0


if __name__ == "__main__":
    sys.exit(main())
