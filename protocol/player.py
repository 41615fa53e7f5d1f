"""Plays a transcript on a socket. Standard library only; `run_transcripts.py` is the command that uses it."""

import fcntl
import json
import re
import socket
import struct
import termios
import time

REPLY_BYTES = 1 << 20
REREADS = {"run", "attach"}
TERMINAL = {"run_completed", "run_cancelled", "run_error"}
POLL_SECONDS = 0.02
TAKEN_SECONDS = 1
EDGE = 1024


class Failure(Exception):
    """What a transcript promises and the daemon does not keep."""


def strict_object(pairs):
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a name occurs twice")
    return members


def show(value):
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 400 else text[:400] + "…"


def bytes_of(parts):
    """Bytes as vectors write them: a text, or a list of texts, {"hex": ...} and {"repeat": text, "times": n}."""
    if isinstance(parts, str):
        return parts.encode()
    if isinstance(parts, list):
        return b"".join(bytes_of(part) for part in parts)
    return bytes.fromhex(parts["hex"]) if "hex" in parts else parts["repeat"].encode() * parts["times"]


def edges(count):
    """The places at which so many bytes are cut: all of them, but of a long line only those near its two ends."""
    return [place for place in range(1, count) if place <= EDGE or count - place <= EDGE]


def pieces(data, way):
    """Bytes as they are written: `whole`, `bytes` (one by one), or cut in two at a place, a number."""
    if way == "whole" or len(data) < 2:
        return [data]
    places = edges(len(data)) if way == "bytes" else [way] if way < len(data) else []
    return [data[start:end] for start, end in zip([0, *places], [*places, len(data)])]


def await_taken(connection):
    """Waits until the other side has read what was written, so that the next piece comes to it alone; false if it does
    not read."""
    until = time.monotonic() + TAKEN_SECONDS
    while struct.unpack("i", fcntl.ioctl(connection, termios.TIOCOUTQ, bytes(4)))[0]:
        if time.monotonic() >= until:
            return False
        time.sleep(0)
    return True


class Connection:
    """One connection, its frames in order, and the promises that hold for every connection."""

    def __init__(self, path, deadline, way="whole"):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(deadline)
        self.socket.connect(path)
        self.way = way
        self.sent = b""
        self.frames = []
        self.buffer = b""
        self.spaces = 0
        self.ended = False
        self.max_silence = None
        self.heard = time.monotonic()
        self.seqs = {}
        self.over = set()

    def send(self, data):
        self.sent += data
        first, *rest = pieces(data, self.way)
        self.socket.sendall(first)
        for place, piece in enumerate(rest):
            if not await_taken(self.socket):
                # A daemon whose replies are not read does not read either: the rest waits in one piece.
                return self.socket.sendall(b"".join(rest[place:]))
            self.socket.sendall(piece)

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
                self.frames.append(self.checked(line))
                return self.frames[-1]
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
    """One conversation, played once. `way` is how each write is cut; `glued` joins writes that nothing separates."""

    def __init__(self, steps, socket_path, deadline, way="whole", glued=False, daemon=None):
        self.steps = steps
        self.socket_path = socket_path
        self.deadline = deadline
        self.way = way
        self.glued = glued
        self.daemon = daemon
        self.hears_silence = True
        self.unsent = {}
        self.names = {}
        self.connections = {}
        self.polled = []

    @staticmethod
    def read(path, unique):
        """A file's steps with their line numbers; `unique` stands for what is different in every play."""
        lines = enumerate(path.read_text(encoding="utf-8").replace("${run}", unique).split("\n"), 1)
        return [(number, json.loads(line)) for number, line in lines if line.strip()]

    def play(self):
        try:
            self.open("a")
            for number, step in self.steps:
                try:
                    self.step(step)
                except (Failure, OSError) as failure:
                    raise Failure(f"line {number}: {failure}") from failure
            self.flush()
        finally:
            for connection in self.connections.values():
                connection.close()

    def open(self, name):
        self.connections[name] = Connection(self.socket_path, self.deadline, self.way)

    def filled(self, value):
        """A value to send or to compare, with what stands for something else put in."""
        if isinstance(value, dict):
            if "$repeat" in value:
                text, times = value["$repeat"]
                return text * times
            return {name: self.filled(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self.filled(inner) for inner in value]
        if isinstance(value, str) and re.fullmatch(r"\$\w+", value):
            if value not in self.names:
                raise Failure(f"{value} has no value yet")
            return self.names[value]
        return value

    def line(self, command):
        return json.dumps(self.filled(command)).encode() + b"\n"

    def send(self, connection, data):
        if self.glued:
            self.unsent[connection] = self.unsent.get(connection, b"") + data
        else:
            connection.send(data)

    def flush(self):
        for connection, data in self.unsent.items():
            connection.send(data)
        self.unsent = {}

    def step(self, step):
        until = time.monotonic() + step.get("within_ms", 1000 * self.deadline) / 1000
        if "title" in step:
            return
        if "send" in step or "send_raw" in step:
            connection = self.connections[step.get("on", "a")]
            return self.send(connection, self.line(step["send"]) if "send" in step else bytes_of(step["send_raw"]))
        self.flush()
        if "open" in step:
            return self.open(step["open"])
        if "restart" in step:
            return self.daemon.restart(step["restart"], until)
        if "signal" in step:
            return self.daemon.signal(step["signal"])
        if "equal" in step:
            left, right = ("".join(side) if isinstance(side, list) else side for side in self.filled(step["equal"]))
            if left != right:
                raise Failure(f"{show(left)} is not {show(right)}")
            return
        connection = self.connections[step.get("on", "a")]
        if "repeat" in step:
            self.repeat(connection, step["repeat"], step["until"], until)
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
            if self.hears_silence and connection.spaces < step["expect_spaces"]:
                raise Failure(f"only {connection.spaces} spaces came")
        elif "half_close" in step:
            connection.socket.shutdown(socket.SHUT_WR)
        elif "close" in step:
            connection.close()
        elif "max_silence_ms" in step:
            if not self.hears_silence:
                return
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
            connection.send(self.line(command))
            frame = self.next_frame(connection, until, pattern)
            if self.fits(pattern, frame):
                return
            self.polled.append(id(frame))
            if time.monotonic() >= until:
                raise Failure(f"expected {show(pattern)}\n      but got {show(frame)}")
            time.sleep(POLL_SECONDS)
