"""Rows about what becomes of runs and sessions in the long run. bench.py runs them."""

import json
import pathlib
import re
import socket
import string
import tempfile
import time

import ledger
from clocks import cpu_us, percentile

TOKENS = 20
TURNS, LONG = 25, 300
# What a text of the mock takes for each token.
TOKEN_BYTES = 13
DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase + "-_"
# How many turns before it a run is told, if nothing else is said.
HISTORY = 20


# Conversations.

class Asker:
    """One question after another in one session, over agentd's socket."""

    def __init__(self, directory):
        self.client = ledger.Client(directory)

    def ask(self, session, question):
        self.client.send(cmd="run", session_id=session, input=question)
        while (frame := self.client.frame()).get("event") != "run_completed":
            if frame.get("ok") is False or frame.get("event") in ("run_error", "run_cancelled"):
                raise RuntimeError(str(frame))
        return frame["content"]

    def close(self):
        self.client.__exit__()


def converse(asker, provider, pid, turns, asked_before=0):
    """CPU of each turn in microseconds, and how long each took; the model must have been told what was said before."""
    cpu, took = [], []
    before = cpu_us(pid)
    for turn in range(turns):
        began = time.perf_counter()
        answer = asker.ask("conversation", f"question {turn}")
        took.append((time.perf_counter() - began) * 1000)
        after = cpu_us(pid)
        cpu.append(after - before)
        before = after
        if len(answer) != TOKENS * TOKEN_BYTES:
            raise RuntimeError(f"turn {turn}: an answer of {len(answer)} bytes")
    report = provider.report()
    least = sum(min(turn, HISTORY) for turn in range(turns)) * TOKENS * TOKEN_BYTES
    if report["requests"] != turns + asked_before or report["request_bytes"] < least:
        raise RuntimeError(f"{turns} turns were {report['requests']} requests of {report['request_bytes']} bytes in all, "
                           f"which should be {least} at least")
    return {"cpu_us": cpu, "ms": took}


def conversation(bench):
    """What a run costs when much has been said before it."""
    short, long = [], []
    for _ in range(bench.count):
        for turns, results in [(TURNS, short), (LONG, long)]:
            with bench.alone(0, TOKENS) as (provider, directory, child):
                asker = Asker(directory)
                results.append(converse(asker, provider, child.pid, turns))
                asker.close()
    row = bench.row(f"{TURNS}-turn durable conversation", {"agentd": short})
    row.each("CPU in all", "ms", 2, lambda r: sum(r["cpu_us"]) / 1000)
    row.each("time in all", "ms", 1, lambda r: sum(r["ms"]))
    row = bench.row(f"{LONG} runs in one session", {"agentd": long})
    tenth = LONG // 10
    first, last = slice(0, tenth), slice(-tenth, None)
    row.each("CPU per run, first tenth", "us", 0, lambda r: percentile(r["cpu_us"][first], 0.5))
    row.each("CPU per run, last tenth", "us", 0, lambda r: percentile(r["cpu_us"][last], 0.5))
    row.line("CPU per run", "last/first", "x", 2,
             [percentile(r["cpu_us"][last], 0.5) / percentile(r["cpu_us"][first], 0.5) for r in long])


# Replay.

def digits(number):
    """A token's number in its stream, as the mock provider writes it."""
    return "".join(DIGITS[number >> shift & 63] for shift in (18, 12, 6, 0))


def receive(directory, run):
    """All that a replay of a run brings, in pieces as they came."""
    with socket.socket(socket.AF_UNIX) as door:
        door.connect(str(directory / "socket"))
        door.sendall(json.dumps({"cmd": "attach", "run_id": run}).encode() + b"\n")
        pieces, end = [], b""
        while b'"event":"run_completed"' not in end or not end.endswith(b"\n"):
            piece = door.recv(1 << 20)
            if not piece:
                raise RuntimeError(f"the replay of {run} broke off")
            pieces.append(piece)
            # A terminal event has the whole text, and its name comes first.
            end = end + piece if b'"event":"run_completed"' in end else end[-32:] + piece
        return pieces


def check(pieces, tokens):
    """How many events these are; they must be the whole run."""
    lines = b"".join(pieces).splitlines()
    seq, text = 0, []
    for line in lines[1:]:
        frame = json.loads(line)
        if frame["seq"] <= seq:
            raise RuntimeError(f"a replay: {seq}, and then {frame['seq']}")
        seq = frame["seq"]
        if frame["event"] == "run_content":
            text.append(frame["content"])
    text = "".join(text)
    numbers = [text[place + 1:place + 5] for place in range(0, len(text), TOKEN_BYTES)]
    if numbers != [digits(number) for number in range(tokens)] or frame["event"] != "run_completed" or \
            frame["content"] != text:
        raise RuntimeError(f"a replay has {len(set(numbers))} tokens of {tokens}, and ends with {frame['event']}")
    return len(lines) - 1


def notices():
    """Whether a replay that lacks an event, has one twice or in the wrong place, or tells less than it ends with is found."""
    tokens = [f" {digits(number)}{'0' * 8}" for number in range(3)]
    frames = [{"ok": True}] + [
        {"event": "run_content", "seq": seq, "content": token} for seq, token in enumerate(tokens, 1)]
    frames.append({"event": "run_completed", "seq": 9, "content": "".join(tokens)})

    def passes(*order):
        try:
            return check([json.dumps(frames[place]).encode() + b"\n" for place in order], len(tokens)) == len(tokens) + 1
        except RuntimeError:
            return False

    wrong = [(0, 1, 2, 4), (0, 1, 2, 2, 3, 4), (0, 2, 1, 3, 4), (0, 1, 2, 3)]
    return passes(0, 1, 2, 3, 4) and not any(passes(*order) for order in wrong)


def replay(bench):
    """Ten finished runs, attached to from their first event, one after the other."""
    runs, rate = 10, 800
    tokens = 2_000 if bench.quick else 10_000
    with bench.alone(rate, tokens) as (_, directory, child), ledger.Client(directory) as client:
        names = [client.ask(cmd="run", input="go", stream="none")["run_id"] for _ in range(runs)]
        until = time.monotonic() + 3 * tokens / rate + 10
        while len(client.ask(cmd="list", kind="runs", status="completed")["items"]) < runs:
            if time.monotonic() > until:
                raise RuntimeError("the runs to be replayed did not end")
            time.sleep(0.1)
        results = []
        for _ in range(bench.count):
            cpu, began = cpu_us(child.pid), time.perf_counter()
            replays = [receive(directory, name) for name in names]
            seconds = time.perf_counter() - began
            cpu = cpu_us(child.pid) - cpu
            results.append({
                "seconds": seconds, "cpu_us": cpu, "events": sum(check(pieces, tokens) for pieces in replays),
                "bytes": sum(len(piece) for pieces in replays for piece in pieces)})
    row = bench.row(f"attach replay of {runs * tokens:,} tokens", {"agentd": results})
    row.each("events", "", 0, lambda r: r["events"])
    row.each("events", "/s", 0, lambda r: r["events"] / r["seconds"])
    row.each("CPU per event", "us", 2, lambda r: r["cpu_us"] / r["events"])
    row.each("bytes", "MB/s", 0, lambda r: r["bytes"] / r["seconds"] / 1e6)


# Recovery.

def all_runs(client, status):
    """Every run of a status, page after page."""
    items, cursor = [], None
    while True:
        page = client.ask(cmd="list", kind="runs", status=status, limit=200, **({"cursor": cursor} if cursor else {}))
        items += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return items


def recover(bench, live):
    """Seconds from exec to READY after a kill with so many runs at work, and again with nothing to do."""
    with tempfile.TemporaryDirectory(prefix="agentd-bench-") as directory, bench.provider(20, 2000) as provider:
        directory = pathlib.Path(directory)
        base_url = f"http://127.0.0.1:{provider.port}/v1"
        with bench.daemon(directory, base_url) as (child, _), ledger.Client(directory) as client:
            for _ in range(live):
                client.ask(cmd="run", input="go", stream="none")
            time.sleep(0.5)
            if len(all_runs(client, "running")) != live:
                raise RuntimeError(f"not all of {live} runs are at work")
            child.kill()
            child.wait()
        with bench.daemon(directory, base_url) as (_, after_kill), ledger.Client(directory) as client:
            ended = all_runs(client, "error")
            if len(ended) != live or any(run["error"]["code"] != "daemon_restart" for run in ended) or \
                    all_runs(client, "running"):
                raise RuntimeError(f"of {live} runs {len(ended)} were recovered")
        with bench.daemon(directory, base_url) as (_, after_end):
            return {"after_kill": after_kill, "after_end": after_end}


def recovery(bench):
    results = {f"{live} live": [] for live in [100, 1000]}
    for _ in range(bench.count):
        for system, repetitions in results.items():
            repetitions.append(recover(bench, int(system.split()[0])))
    row = bench.row("restart recovery after kill -9", results)
    row.each("exec to READY, runs to be ended", "ms", 1, lambda r: r["after_kill"] * 1000)
    row.each("exec to READY, the same ledger at rest", "ms", 1, lambda r: r["after_end"] * 1000)


# Memory at rest.

def rest(bench):
    """Of a daemon that has started and had nobody to talk to, from its smaps_rollup."""
    found = []
    for _ in range(bench.count):
        with bench.alone(20, 1) as (_, _, child):
            time.sleep(0.5)
            text = pathlib.Path(f"/proc/{child.pid}/smaps_rollup").read_text()
            found.append({name: int(value) for name, value in re.findall(r"(?m)^(Rss|Pss|Anonymous):\s+(\d+) kB", text)})
    row = bench.row("idle RSS", {"agentd": found})
    for name, key in [("RSS", "Rss"), ("of which anonymous", "Anonymous"), ("PSS", "Pss")]:
        row.each(name, "MiB", 1, lambda r: r[key] / 1024)


ROWS = {"conversation": conversation, "replay": replay, "recovery": recovery, "rest": rest}
