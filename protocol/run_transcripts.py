#!/usr/bin/env python3
"""Plays transcripts and bad input against a running daemon: sends what they say, and compares what comes back.

    run_transcripts.py --socket PATH [FILE ...]

Without files, every transcript beside this script is played, and bad_input.json. A transcript is one JSON object a
line, each a step; protocol/README.md lists the steps and the patterns.

    --serve COMMAND    starts the daemon itself, so that it can be killed and started again
    --times N          plays everything so often
    --cuts all|N       plays everything again with each write cut in two: at every byte, or at N places
    --bytes            plays everything again byte by byte
    --busy             measures no silences: the daemon has not the machine to itself
    --glued            plays everything again, what is sent in one go in one write
    --schema           holds every frame in both directions against the JSON Schema (needs jsonschema from PyPI)

What is played again must bring the same frames, but for identifiers, times and the pieces that a text comes in. Without
--schema nothing but Python's standard library is needed.
"""

import argparse
import concurrent.futures
import json
import pathlib
import secrets
import shlex
import signal
import socket
import subprocess
import sys
import time

from canon import canonical, difference
from player import Failure, Transcript, bytes_of, edges

HERE = pathlib.Path(__file__).resolve().parent


class Daemon:
    """A daemon that the player starts, and may kill."""

    def __init__(self, command, path):
        self.command = shlex.split(command)
        self.path = path
        self.process = None

    def start(self, until):
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, start_new_session=True)
        while True:
            if self.process.poll() is not None:
                raise Failure(f"the daemon ends by itself with {self.process.returncode}")
            try:
                with socket.socket(socket.AF_UNIX) as probe:
                    return probe.connect(self.path)
            except OSError as error:
                if time.monotonic() >= until:
                    raise Failure(f"the daemon does not listen at {self.path}: {error}") from error
            time.sleep(0.02)

    def signal(self, name):
        self.process.send_signal(signal.Signals["SIG" + name])

    def restart(self, how, until):
        """`kill` ends it at once, `wait` waits until it has ended by itself."""
        if how == "kill":
            self.process.kill()
        try:
            self.process.wait(max(0, until - time.monotonic()))
        except subprocess.TimeoutExpired as error:
            raise Failure("the daemon does not end") from error
        self.start(until)

    def end(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class Case:
    """A transcript's file, or one line of bad input with the ping that shows that the connection lives."""

    def __init__(self, name, read):
        self.name = name
        self.read = read
        self.before = None
        steps = [step for _, step in read("x" * 11)]
        self.restarts = any("restart" in step or "signal" in step for step in steps)
        self.alone = self.restarts or any("max_silence_ms" in step for step in steps)
        # Cut otherwise, it may be told something else: what is found first depends on what comes in one read.
        self.races = any(step.get("races") for step in steps)
        self.longest = max((self.size(step) for step in steps), default=0)

    @staticmethod
    def size(step):
        if "send_raw" in step:
            return len(bytes_of(step["send_raw"]))
        command = step.get("send") or step.get("repeat")
        return len(json.dumps(command)) + 1 if command else 0

    @staticmethod
    def transcript(path):
        return Case(path.stem, lambda unique: Transcript.read(path, unique))

    @staticmethod
    def bad_input(entry):
        error = {"code": entry["code"]} | ({"field": entry["field"]} if "field" in entry else {})
        unread = entry["code"] in ("bad_json", "line_too_long")
        steps = [
            {"send_raw": [entry["line"], "\n"]},
            {"send_raw": '{"cmd":"ping","id":"alive"}\n'},
            {"expect": {"ok": False, "error": error} | ({"cmd": "!", "id": "!"} if unread else {})},
            {"expect": {"ok": True, "cmd": "ping", "id": "alive"}},
        ]
        return Case("bad_input/" + entry["id"], lambda unique: list(enumerate(steps, 1)))

    def cuts(self, wanted):
        """The places to cut at: every one of them, or so many."""
        places = edges(self.longest)
        if wanted == "all" or len(places) <= wanted:
            return places
        return [places[number * len(places) // wanted] for number in range(wanted)]


class Player:
    """Plays cases, some at a time, and counts."""

    def __init__(self, options, daemon):
        self.options = options
        self.daemon = daemon
        self.prefix = secrets.token_hex(3)
        self.number = 0
        self.passed = self.failed = self.plays = 0
        self.schema = None
        if options.schema:
            from validation import Validation

            self.schema = Validation(HERE / "schema" / "v1", options.socket, options.deadline)

    def play(self, case, unique, way="whole", glued=False, alone=True):
        transcript = Transcript(case.read(unique), self.options.socket, self.options.deadline, way, glued, self.daemon)
        # Beside other plays the player itself may be late: silences are measured in the first play only.
        transcript.hears_silence = alone and not self.options.busy
        transcript.play()
        if self.schema:
            for connection in transcript.connections.values():
                self.schema.check(connection)
        return canonical(transcript, unique)

    def first(self, case, unique):
        """The play that the others are compared with."""
        try:
            case.before = self.play(case, unique)
            return None
        except (Failure, OSError, ValueError) as failure:
            return str(failure)

    def again(self, case, unique, way, glued):
        label = "glued" if glued else "byte by byte" if way == "bytes" else f"cut at {way}"
        try:
            after = self.play(case, unique, way, glued, alone=False)
        except (Failure, OSError, ValueError) as failure:
            return f"{label}: {failure}"
        other = None if case.races else difference(case.before, after)
        return f"{label}: other frames: {other}" if other else None

    def unique(self):
        self.number += 1
        return f"{self.prefix}-{self.number}"

    def run(self, cases):
        """Plays every case once, those alone that measure or stop the daemon; then, cut otherwise, all that can be."""
        options = self.options
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            first = [(case, pool.submit(self.first, case, self.unique())) for case in cases if not case.alone]
            for case, play in first:
                self.report(case, [play.result()])
            for case in cases:
                if case.alone and not (case.restarts and self.daemon is None):
                    self.report(case, [self.first(case, self.unique())])
                elif case.alone:
                    print(f"skip  {case.name}: needs --serve", flush=True)
            started = time.monotonic()
            again = [(case, self.submit(pool, case)) for case in cases if case.before and not case.restarts]
            for case, plays in again:
                failures = [failure for failure in (play.result() for play in plays) if failure]
                self.plays += len(plays)
                if failures:
                    self.passed -= 1
                    self.report(case, failures)
        if self.plays:
            print(f"played again, cut otherwise: {self.plays} times in {time.monotonic() - started:.0f} s")

    def submit(self, pool, case):
        """The plays of a case that are cut otherwise."""
        options = self.options
        ways = [(place, False) for place in case.cuts(options.cuts)] if options.cuts else []
        ways += [("bytes", False)] if options.bytes else []
        ways += [("whole", True)] if options.glued else []
        return [pool.submit(self.again, case, self.unique(), way, glued) for way, glued in ways]

    def report(self, case, failures):
        failures = [failure for failure in failures if failure]
        if not failures:
            self.passed += 1
            print(f"ok    {case.name}", flush=True)
            return
        self.failed += 1
        print(f"FAIL  {case.name}: {failures[0]}", flush=True)
        if len(failures) > 1:
            print(f"      and {len(failures) - 1} times more", flush=True)


def cuts(text):
    return text if text == "all" else int(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--socket", required=True, help="the daemon's socket")
    parser.add_argument("--serve", metavar="COMMAND", help="start the daemon with this command, and end it")
    parser.add_argument("--deadline", type=float, default=10, help="seconds that a step waits at most")
    parser.add_argument("--times", type=int, default=1, help="play everything so often")
    parser.add_argument("--cuts", type=cuts, metavar="all|N", help="cut each write in two, at every byte or N places")
    parser.add_argument("--bytes", action="store_true", help="write byte by byte")
    parser.add_argument("--busy", action="store_true", help="measure no silences: the daemon has not the machine to itself")
    parser.add_argument("--glued", action="store_true", help="write in one what is sent in one go")
    parser.add_argument("--jobs", type=int, default=12, help="plays at a time, when things are played again; "
                        "the longest lines of more than 15 are more than inbound_total")
    parser.add_argument("--schema", action="store_true", help="hold every frame against the JSON Schema")
    parser.add_argument("files", nargs="*", type=pathlib.Path, help="transcripts, or a list of bad input")
    options = parser.parse_args()
    files = options.files or [*sorted((HERE / "transcripts").glob("*.ndjson")), HERE / "bad_input.json"]
    cases = []
    for path in files:
        if path.suffix == ".ndjson":
            cases.append(Case.transcript(path))
        else:
            cases += [Case.bad_input(entry) for entry in json.loads(path.read_text(encoding="utf-8"))]
    daemon = Daemon(options.serve, options.socket) if options.serve else None
    try:
        if daemon:
            daemon.start(time.monotonic() + options.deadline)
        player = Player(options, daemon)
        for _ in range(options.times):
            player.run(cases)
        if player.schema:
            print(player.schema.summary())
    except Failure as failure:
        sys.exit(f"run_transcripts: {failure}")
    finally:
        if daemon:
            daemon.end()
    print(f"{player.passed} passed, {player.failed} failed")
    return 1 if player.failed or not player.passed else 0


if __name__ == "__main__":
    sys.exit(main())
