"""Rows about what grows with the number of streams, runs, sessions and messages. bench.py runs them."""

import pathlib
import tempfile
import time

import ledger

STREAMS = [10, 100, 1000, 4000]
# Sessions and messages; half of the messages are questions, and a fiftieth of the runs is in one session.
LEDGERS = [(100, 10_000), (1_000, 100_000), (10_000, 300_000), (100_000, 1_000_000)]
# A connection streams 64 runs at most.
ON_ONE_CONNECTION = 40
SYSTEMS = ["agentd", "lax"]


def connections(streams):
    return -(-streams // ON_ONE_CONNECTION)


def tokens(bench):
    """CPU per token with so many streams of 10 tokens a second."""
    row = bench.row("scale: CPU per token, streams of 10/s")
    for streams in STREAMS[::2] if bench.quick else STREAMS:
        ramp, settle, window = max(0.5, streams / 1000), 0.5, 1.5 if bench.quick else 4
        results = bench.repeat(
            f"scale, {streams} streams", bench.count, SYSTEMS, 10, int(10 * (ramp + settle + window + 2)),
            "--connections", connections(streams), "--runs", streams, "--ramp-ms", int(ramp * 1000), "--settle-ms",
            int(settle * 1000), "--window-ms", int(window * 1000))
        row.results = results
        row.kept["repetitions"][streams] = results
        row.each(f"{streams} streams", "us", 1, lambda r: r["cpu_us_per_token"])
        row.ratios(f"{streams} streams", lambda r: r["cpu_us_per_token"])


def runs(bench):
    """What a one-chunk run costs with so many at a time."""
    row = bench.row("scale: one-chunk runs at a time")
    for streams in STREAMS[::2] if bench.quick else STREAMS:
        results = bench.repeat(
            f"scale, {streams} runs", bench.count, ["agentd"], 0, 1, "--connections", connections(streams), "--runs",
            streams, "--form", "loop", "--settle-ms", 500, "--window-ms", 1000 if bench.quick else 2000)
        row.results = results
        row.kept["repetitions"][streams] = results
        row.each(f"{streams} runs, CPU per run", "us", 0, lambda r: r["cpu_us_per_run"])
        row.each(f"{streams} runs", "/s", 0, lambda r: r["runs_per_s"])


def page_ms(client, command, count):
    times = []
    for _ in range(count):
        began = time.perf_counter()
        reply = client.ask(**command)
        times.append((time.perf_counter() - began) * 1000)
    items = len(reply["messages" if command["cmd"] == "history" else "items"])
    if items != command["limit"]:
        raise RuntimeError(f"{command}: a page of {items}")
    return times


def sizes(bench):
    """Pages, starts and runs on ledgers of several sizes."""
    row = bench.row("scale: sessions and messages")
    for sessions, messages in LEDGERS[:2] if bench.quick else LEDGERS:
        with tempfile.TemporaryDirectory(prefix="agentd-bench-") as directory, bench.provider(0, 1) as provider:
            directory = pathlib.Path(directory)
            base_url = f"http://127.0.0.1:{provider.port}/v1"
            with bench.daemon(directory, base_url):
                pass
            path = directory / "state" / "agentd.db"
            long = ledger.fill(path, sessions, messages // 2, messages // 100)
            starts, kept = [], []
            found = {"list": [], "history": []}
            for _ in range(bench.count):
                with bench.daemon(directory, base_url) as (child, started), ledger.Client(directory) as client:
                    starts.append(started * 1000)
                    found["list"] += page_ms(client, {"cmd": "list", "limit": 50}, 40)
                    found["history"] += page_ms(client, {"cmd": "history", "session_id": long, "limit": 50}, 40)
                    result = bench.load("agentd", directory, child, 1, "--connections", 50, "--runs", 50, "--form",
                                        "loop", "--settle-ms", 300, "--window-ms", 1000)
                    if result["errors"]:
                        raise RuntimeError(f"{result['errors']} errors, the first: {result['first_error']}")
                    kept.append(result)
            system = f"{sessions:,}/{messages:,}"
            row.kept["repetitions"][system] = kept
            row.line("one-chunk runs, CPU per run", system, "us", 0, [r["cpu_us_per_run"] for r in kept])
            row.line("list, a page of 50", system, "ms", 2, found["list"])
            row.line("history, a page of 50", system, "ms", 2, found["history"])
            row.line("exec to READY", system, "ms", 1, starts)
            row.line("bytes of file per message", system, "B", 0, [path.stat().st_size / messages])


ROWS = {"scale-tokens": tokens, "scale-runs": runs, "scale-sizes": sizes}
