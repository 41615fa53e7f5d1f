"""Rows about what a client meets while the daemon is busy with others. bench.py runs them."""

import contextlib
import functools
import json
import os
import subprocess
import threading
import time

import ledger
import readers
from clocks import percentile, sync_ms

# Twenty thousand tokens a second: 1000 streams of 20.
STREAMS, RATE, RAMP, SETTLE, SLACK = 1000, 20, 1, 0.5, 0.8
GAP = 0.05
# Runs whose answers are the ledger that is copied.
TALL_RUNS = 40


@contextlib.contextmanager
def aside(work):
    """Does `work(is_over)` in a thread; yields a function that ends it and gives what it returned."""
    is_over = threading.Event()
    outcome = {}

    def body():
        try:
            outcome["result"] = work(is_over)
        except Exception as error:
            outcome["error"] = error

    thread = threading.Thread(target=body)
    thread.start()

    def end():
        is_over.set()
        thread.join()
        if "error" in outcome:
            raise RuntimeError(f"beside the load: {outcome['error']!r}") from outcome["error"]
        return outcome["result"]

    try:
        yield end
    finally:
        is_over.set()
        thread.join()


def paced(bench, name, beside):
    """The load of the row `latency 1000x20`, with something beside it."""
    window = 1.5 if bench.quick else 3
    return bench.repeat(
        name, bench.count, ["agentd"], RATE, int(RATE * (RAMP + SETTLE + window + SLACK)), "--connections", STREAMS,
        "--runs", STREAMS, "--ramp-ms", RAMP * 1000, "--settle-ms", int(SETTLE * 1000), "--window-ms",
        int(window * 1000), beside=beside)


# Seals.

@contextlib.contextmanager
def seals(directory):
    """Twenty sealed transactions a second, each of which is synced; what the disk takes for a sync is measured first."""
    syncs = sync_ms(directory)

    def work(is_over):
        with ledger.Client(directory) as client:
            client.ask(cmd="run", session_id="sealed", input="go", stream="none")
            times = []
            while not is_over.wait(GAP):
                began = time.perf_counter()
                client.ask(cmd="update", session_id="sealed", title=f"the {len(times)}th")
                times.append((time.perf_counter() - began) * 1000)
            title = client.ask(cmd="history", session_id="sealed", limit=1)["session"]["title"]
            if title != f"the {len(times) - 1}th":
                raise RuntimeError(f"after {len(times)} updates the title is {title}")
            return {"updates_ms": times, "sync_ms": syncs}

    with aside(work) as end:
        yield end


def sealed(bench):
    results = paced(bench, "latency with seals", seals)
    row = bench.row("latency 1000x20, 20 seals/s beside", results)
    row.each("p50", "us", 0, lambda r: r["latency_us"]["p50"])
    row.each("p99", "us", 0, lambda r: r["latency_us"]["p99"])
    row.each("p99 without one device sync", "us", 0,
             lambda r: r["latency_us"]["p99"] - 1000 * percentile(r["beside"]["sync_ms"], 0.5))
    row.each("a seal, from its command to its reply, p50", "ms", 2, lambda r: percentile(r["beside"]["updates_ms"], 0.5))
    row.each("a seal, from its command to its reply, p99", "ms", 2, lambda r: percentile(r["beside"]["updates_ms"], 0.99))
    row.each("one device sync, idle, p50", "ms", 2, lambda r: percentile(r["beside"]["sync_ms"], 0.5))
    row.each("one device sync, idle, p99", "ms", 2, lambda r: percentile(r["beside"]["sync_ms"], 0.99))


# Backups.

@contextlib.contextmanager
def commits(directory, agentd, copies):
    """Commit times as the daemon tells them, and seals, with one backup after the other beside them, or none.

    The ledger has 36 MB of answers before the load begins, all of which must be in each copy.
    """
    with ledger.Client(directory) as client:
        for _ in range(TALL_RUNS):
            client.ask(cmd="run", session_id="tall", agent="tall", input="go", stream="final")
            while client.frame().get("event") != "run_completed":
                pass

    def copy(is_over):
        made = []
        while not is_over.is_set():
            target = directory / f"copy-{len(made)}"
            made.append(json.loads(subprocess.run(
                [agentd, "backup", "--json", "--state-dir", directory / "state", target], check=True,
                capture_output=True).stdout))
            target.unlink()
            if made[-1]["runs"] < TALL_RUNS:
                raise RuntimeError(f"a copy of {made[-1]}")
        return made

    def watch(is_over):
        p99, times = [], []
        with ledger.Client(directory) as client:
            if is_over.wait(RAMP + SETTLE):
                raise RuntimeError("the load ended before all streamed")
            while not is_over.wait(GAP):
                p99.append(client.ask(cmd="hello")["commit_p99_ms"])
                # Seals are a quarter of a hundredth of all commits, or the percentile would be the edge between the two kinds.
                if len(p99) % 4:
                    continue
                began = time.perf_counter()
                client.ask(cmd="update", session_id="tall", title=f"the {len(times)}th")
                times.append((time.perf_counter() - began) * 1000)
        return {"p99_ms": p99, "updates_ms": times}

    with contextlib.ExitStack() as stack:
        ends = [stack.enter_context(aside(work)) for work in ([watch, copy] if copies else [watch])]

        def end():
            watched, *copied = [end() for end in ends]
            return {**watched, "copies": sum(copied, [])}

        yield end


def backups(bench):
    """What commits and readers notice of backups made one after the other, as fast as they go."""
    window = 1.5 if bench.quick else 5

    def measure(form):
        return bench.measure(
            "agentd", RATE, int(RATE * (RAMP + SETTLE + window + SLACK)), "--connections", STREAMS, "--runs", STREAMS,
            "--ramp-ms", RAMP * 1000, "--settle-ms", int(SETTLE * 1000), "--window-ms", int(window * 1000),
            scripts=readers.TALL,
            beside=functools.partial(commits, agentd=bench.agentd, copies=form == "beside"))

    results = bench.take_turns("backups", bench.count, ["none", "beside"], measure)
    row = bench.row("backups beside 1000x20", results)
    for name, unit, digits, figure in [
        ("commit p99", "ms", 3, lambda r: percentile(r["beside"]["p99_ms"], 0.5)),
        ("a seal, from its command to its reply, p50", "ms", 2, lambda r: percentile(r["beside"]["updates_ms"], 0.5)),
        ("latency p50", "us", 0, lambda r: r["latency_us"]["p50"]),
        ("latency p99", "us", 0, lambda r: r["latency_us"]["p99"]),
    ]:
        row.each(name, unit, digits, figure)
        row.line(name, "beside/none", "x", 2, [
            figure(b) / figure(a) for a, b in zip(results["none"], results["beside"])])
    copies = [copy for r in results["beside"] for copy in r["beside"]["copies"]]
    row.line("copies, all verified", "agentd", "", 0, [len(copies)])
    row.line("bytes of a copy", "agentd", "MB", 1, [copy["bytes"] / 1e6 for copy in copies])


# Turns.

@contextlib.contextmanager
def pings(directory):
    """A ping every two milliseconds: the longest answer bounds the longest turn."""
    def work(is_over):
        with contextlib.suppress(PermissionError):
            # Of this thread alone: it is not to wait for those whom it measures.
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), -20)
        with ledger.Client(directory) as client:
            times = []
            while not is_over.wait(0.002):
                began = time.perf_counter()
                client.ask(cmd="ping")
                times.append((time.perf_counter() - began) * 1000)
            return times

    with aside(work) as end:
        yield end


@contextlib.contextmanager
def core_of_its_own(bench):
    """The system has one core, and provider, client and we have another: no turn is waiting for a core."""
    cores = os.sched_getaffinity(0)
    if len(cores) < 2:
        raise RuntimeError("two cores are needed")
    first, second = sorted(cores)[:2]
    bench.wrap = ["taskset", "-c", str(first)]
    os.sched_setaffinity(0, {second})
    try:
        yield
    finally:
        bench.wrap = []
        os.sched_setaffinity(0, cores)


def turns(bench):
    with core_of_its_own(bench):
        results = bench.repeat(
            "longest turn", bench.count, ["agentd"], 0, 20000, "--connections", 100, "--runs", 100, "--form", "flat",
            beside=pings)
    row = bench.row("longest turn, fast-out 100 streams", results)
    row.each("ping p50", "ms", 2, lambda r: percentile(r["beside"], 0.5))
    row.each("ping p99", "ms", 2, lambda r: percentile(r["beside"], 0.99))
    row.each("longest ping", "ms", 2, lambda r: max(r["beside"]))
    row.each("tokens", "/s", 0, lambda r: r["tokens_per_s"])


# Stops, and first frames.

def stop_runs(directory, is_over, tokens_before):
    """One run after another, each stopped after some tokens: when each stop was sent, and how the starts went."""
    stops, replies, events, contents, ends = [], [], [], [], []
    with ledger.Client(directory) as client:
        while not is_over.is_set():
            began = time.monotonic_ns()
            reply = client.ask(cmd="run", input="go")
            replies.append(time.monotonic_ns() - began)
            seen = 0
            while seen <= tokens_before(len(stops)):
                frame = client.frame()
                if frame["event"] == "run_started":
                    events.append(time.monotonic_ns() - began)
                elif frame["event"] == "run_content":
                    if seen == 0:
                        contents.append(time.monotonic_ns() - began)
                    seen += 1
                else:
                    raise RuntimeError(f"a run that should be stopped: {frame}")
            stops.append(time.monotonic_ns())
            client.send(cmd="stop", run_id=reply["run_id"])
            replied = False
            while (frame := client.frame()).get("event") != "run_cancelled":
                replied = replied or frame.get("status") == "stopping"
            if not replied or frame["reason"] != "stop":
                raise RuntimeError(f"a stop without its reply, or for another reason: {frame}")
            ends.append(time.monotonic_ns() - stops[-1])
    return {"stops_ns": stops, "reply_ns": replies, "first_event_ns": events, "first_content_ns": contents,
            "cancelled_ns": ends}


def closed_ms(stops, aborted):
    """From each stop to the provider's seeing its reader go away, in milliseconds."""
    if len(stops) != len(aborted):
        raise RuntimeError(f"{len(stops)} stops, and the provider saw {len(aborted)} readers go away")
    for number, (stop, close) in enumerate(zip(stops, aborted)):
        if close < stop or number + 1 < len(stops) and close > stops[number + 1]:
            raise RuntimeError("a provider's connection was closed out of turn")
    return [(close - stop) / 1e6 for stop, close in zip(stops, aborted)]


def notices():
    """Whether a close that is missing, came before its stop, or only after the next one is found."""
    def passes(stops, aborted):
        try:
            return len(closed_ms(stops, aborted)) == len(stops)
        except RuntimeError:
            return False

    return passes([10, 20], [11, 21]) and not any([
        passes([10, 20], [11]), passes([10, 20], [9, 21]), passes([10, 20], [21, 22])])


@contextlib.contextmanager
def stopper(directory, seconds):
    """Stops runs in the time in which all others stream."""
    def work(is_over):
        if is_over.wait(RAMP + SETTLE):
            raise RuntimeError("the load ended before all streamed")
        over = threading.Event()
        timer = threading.Timer(seconds, over.set)
        timer.start()
        try:
            return stop_runs(directory, over, lambda _: 0)
        finally:
            timer.cancel()

    with aside(work) as end:
        yield end


def stop(bench):
    """From the command to the provider's socket closed, alone and beside 20,000 tokens a second."""
    idle = []
    for number in range(bench.count):
        with bench.alone(RATE, 1000) as (provider, directory, _):
            over = threading.Event()
            stops = 20 if bench.quick else 100

            def before(count):
                if count == stops - 1:
                    over.set()
                # Not always at the same moment of a stream.
                return count % 2

            found = stop_runs(directory, over, before)
            idle.append({**found, "aborted_ns": provider.report()["aborted_ns"]})
    window = 1.5 if bench.quick else 3
    busy = paced(bench, "stop, busy", functools.partial(stopper, seconds=window))
    busy = [{**r["beside"], "aborted_ns": r["provider"]["aborted_ns"]} for r in busy["agentd"]]
    loads = {"idle": idle, "20k tok/s": busy}
    row = bench.row("stop", loads)
    for system, repetitions in loads.items():
        closes = [closed_ms(r["stops_ns"], r["aborted_ns"]) for r in repetitions]
        for share in [0.5, 0.99]:
            row.line(f"provider's socket closed p{share * 100:.0f}", system, "ms", 2,
                     [percentile(times, share) for times in closes])
            row.line(f"run_cancelled p{share * 100:.0f}", system, "ms", 2,
                     [percentile(r["cancelled_ns"], share) / 1e6 for r in repetitions])
    row = bench.row("first frame")
    for system, repetitions in loads.items():
        for name, key in [("reply", "reply_ns"), ("run_started", "first_event_ns"), ("first content", "first_content_ns")]:
            for share in [0.5, 0.99]:
                row.line(f"command to {name} p{share * 100:.0f}", system, "ms", 2,
                         [percentile(r[key], share) / 1e6 for r in repetitions])


ROWS = {"seals": sealed, "backups": backups, "turns": turns, "stop": stop}
