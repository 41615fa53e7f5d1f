#!/usr/bin/env python3
"""Measures agentd beside the yardstick: one mock provider, one load client, systems in turns, medians.

Everything it starts it ends, also when it is interrupted; everything lies in a temporary directory; nothing listens but
on loopback and on Unix sockets. README.md beside it says what is measured and how to read it.
"""

import argparse
import contextlib
import ctypes
import functools
import json
import os
import pathlib
import platform
import re
import select
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import traceback

import clocks
import goals
import ledger
import lives
import loaded
import readers
import scale

HERE = pathlib.Path(__file__).resolve().parent
DEADLINE = 20
# How late the provider's latest hundredth may be in a repetition that counts.
LATE_US = 10000
YARDSTICKS = ["lax", "equal"]
TOOLS = {"mock-provider": [], "load-client": [], "yardstick": ["-lcurl", "-lsqlite3"]}


class Failure(RuntimeError):
    """What makes every figure worthless."""


def build(scratch):
    """Compiles the tools."""
    scratch.mkdir(parents=True, exist_ok=True)
    for name, libraries in TOOLS.items():
        command = [os.environ.get("CC", "cc"), "-O2", "-Wall", "-Wextra", "-o", scratch / name, HERE / f"{name}.c"]
        subprocess.run(command + libraries, check=True)


def die_with_parent():
    """In a child that is about to become a daemon: it ends with this process, however that ends."""
    PR_SET_PDEATHSIG = 1
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def await_condition(condition, child, what, deadline=DEADLINE):
    until = time.monotonic() + deadline
    while not condition():
        if child.poll() is not None:
            raise Failure(f"{what}: the process ended with {child.returncode}")
        if time.monotonic() > until:
            raise Failure(f"{what} did not come within {deadline} s")
        time.sleep(0.005)


@contextlib.contextmanager
def running(arguments, **options):
    """A child that is ended at the end, by its id."""
    child = subprocess.Popen([str(argument) for argument in arguments], stdin=subprocess.DEVNULL, **options)
    try:
        yield child
    finally:
        child.terminate()
        try:
            child.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


class Bench:
    def __init__(self, agentd, scratch, quick):
        self.agentd = agentd
        self.scratch = scratch
        self.quick = quick
        self.count = 2 if quick else 5
        # What a measured system is started with.
        self.wrap = []
        self.results = {}

    def row(self, name, results=None):
        """A new row of the table."""
        return Row(self, name, results if results is not None else {})

    # One measurement: a mock, a system, a load.

    def measure(self, system, rate, tokens, *load, fault="none", beside=None, scripts={}):
        """What the load client says about a system that was started for it, and what it had in memory before.

        `beside` is what goes on meanwhile: a context that is given the system's directory and yields a function which
        ends it and says what it saw.
        """
        with tempfile.TemporaryDirectory(prefix="agentd-bench-") as directory:
            directory = pathlib.Path(directory)
            with contextlib.ExitStack() as stack:
                provider = stack.enter_context(self.provider(rate, tokens))
                child = stack.enter_context(self.system(system, directory, provider.port, fault, scripts))
                idle = memory(child.pid)
                end = stack.enter_context(beside(directory)) if beside else None
                result = self.load(system, directory, child, tokens, *load)
                if end:
                    result["beside"] = end()
                if child.poll() is not None:
                    raise Failure(f"{system} ended with {child.returncode}\n{tail(directory)}")
                result["provider"] = provider.report()
        if result["errors"] and fault == "none":
            raise Failure(f"{system}: {result['errors']} errors, the first: {result['first_error']}")
        result["idle_rss_kb"] = idle["VmRSS"]
        result["idle_anonymous_kb"] = idle["RssAnon"]
        return result

    @contextlib.contextmanager
    def alone(self, rate, tokens, system="agentd"):
        """A provider, a directory, and a system that nobody talks to yet."""
        with tempfile.TemporaryDirectory(prefix="agentd-bench-") as directory, self.provider(rate, tokens) as provider:
            directory = pathlib.Path(directory)
            with self.system(system, directory, provider.port) as child:
                yield provider, directory, child

    @contextlib.contextmanager
    def provider(self, rate, tokens):
        """A mock provider that listens."""
        command = [self.scratch / "mock-provider", "--rate", rate, "--tokens", tokens]
        with running(command, stdout=subprocess.PIPE, text=True) as mock:
            yield Provider(mock)

    def load(self, system, directory, child, tokens, *load):
        """What the load client says about the system that listens in the directory."""
        port = directory / "port"
        door = ["--http", port.read_text()] if port.exists() else ["--socket", directory / "socket"]
        command = [self.scratch / "load-client", *door, "--pid", child.pid, "--tokens", tokens, *load]
        with running(command, stdout=subprocess.PIPE, text=True) as client:
            report = client.stdout.read()
            client.wait(DEADLINE)
        if not report:
            raise Failure(f"{system}: the load client broke off\n{tail(directory)}")
        return json.loads(report)

    @contextlib.contextmanager
    def system(self, name, directory, port, fault="none", scripts={}):
        path = directory / "socket"
        base_url = f"http://127.0.0.1:{port}/v1"
        if name == "agentd":
            with self.daemon(directory, base_url, scripts, preexec_fn=die_with_parent) as (child, _):
                yield child
            if child.returncode != 0:
                raise Failure(f"agentd ended with {child.returncode}\n{tail(directory)}")
            return
        with running([*self.wrap, self.scratch / "yardstick", "--socket", path, "--base-url", base_url,
                      "--db", directory / "yardstick.db", "--commit", name, "--fault", fault]) as child:
            await_condition(path.exists, child, "the yardstick's socket")
            yield child

    @contextlib.contextmanager
    def daemon(self, directory, base_url, scripts={}, **options):
        """agentd, ready, and how many seconds that took; with agents that play scripts, if there are any."""
        for name in ["agents.d", "scripts"]:
            (directory / name).mkdir(exist_ok=True)
        (directory / "agents.d" / "bench.toml").write_text('model = "mock/bench"\n')
        for name, script in scripts.items():
            (directory / "agents.d" / f"{name}.toml").write_text(f'model = "script/{name}"\n')
            (directory / "scripts" / f"{name}.json").write_text(json.dumps(script))
        (directory / "agentd.toml").write_text(
            'version = 1\ndefault_agent = "bench"\n'
            f'[providers.mock]\nkind = "openai"\nbase_url = "{base_url}"\nkey_env = "BENCH_KEY"\n')
        notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        (directory / "notify").unlink(missing_ok=True)
        notify.bind(str(directory / "notify"))
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(directory), "BENCH_KEY": "sk-bench",
            "NOTIFY_SOCKET": str(directory / "notify")}
        command = [*self.wrap, self.agentd, "serve", "--config", directory / "agentd.toml", "--socket", directory / "socket",
                   "--state-dir", directory / "state"]
        with notify, open(directory / "log", "wb") as log:
            began = time.monotonic()
            with running(command, stdout=log, stderr=log, env=environment, **options) as child:
                if not select.select([notify], [], [], DEADLINE)[0] or b"READY=1" not in notify.recv(4096):
                    raise Failure(f"agentd is not ready\n{tail(directory)}")
                yield child, time.monotonic() - began

    def repeat(self, name, count, systems, *arguments, **options):
        """So many repetitions of one load on each system; who goes first changes from one to the next.

        On a full machine tokens come in clumps, which cost less than one by one: a repetition in which the provider
        could not keep its pace is made again, as long as there is patience.
        """
        return self.take_turns(name, count, systems, lambda system: self.measure(system, *arguments, **options))

    def take_turns(self, name, count, systems, measure):
        results = {system: [] for system in systems}
        discarded = doubtful = 0
        while len(results[systems[0]]) < count:
            turn = len(results[systems[0]]) % len(systems)
            repetition = {}
            for system in systems[turn:] + systems[:turn]:
                say(f"{name}: {system}, {len(results[system]) + 1} of {count}")
                repetition[system] = measure(system)
            late = max(result["provider"]["late_p99_us"] for result in repetition.values())
            is_short = any(result["is_short"] for result in repetition.values())
            if late > LATE_US or is_short:
                if discarded < count:
                    discarded += 1
                    continue
                if is_short:
                    raise Failure(f"{name}: runs ended in the first half of the window, again and again")
                doubtful += 1
            for system, result in repetition.items():
                results[system].append(result)
        if discarded:
            print(f"\n{name}: the machine was full; {discarded} repetitions made again, {doubtful} of those that count "
                  "are doubtful")
        return results

    # The rows.

    def self_test(self):
        """A client that believed what it is sent could not tell a fast system from one that loses tokens."""
        load = ["--connections", 20, "--runs", 100, "--ramp-ms", 100, "--settle-ms", 100, "--window-ms", 200]
        for fault in ["lose", "repeat"]:
            if not self.measure("equal", 20, 20, *load, fault=fault)["errors"]:
                raise Failure(f"the load client did not notice a yardstick that was told to {fault} a token")
        self.measure("equal", 20, 20, *load)
        if not lives.notices() or not loaded.notices():
            raise Failure("a wrong replay, or a stop that closed nothing, is not noticed")
        print("self-test: a lost and a repeated token, a wrong replay and a stop that closes nothing are noticed")

    def paced(self):
        window = 1.5 if self.quick else 3
        ramp, settle, slack = 1, 0.5, 0.8
        results = self.repeat(
            "1000x20", self.count, ["agentd"] + YARDSTICKS, 20, int(20 * (ramp + settle + window + slack)),
            "--connections", 1000, "--runs", 1000, "--ramp-ms", int(ramp * 1000), "--settle-ms", int(settle * 1000),
            "--window-ms", int(window * 1000))
        row = Row(self, "cpu-per-token 1000x20", results)
        row.each("CPU per token", "us", 1, lambda r: r["cpu_us_per_token"])
        row.ratios("CPU per token", lambda r: r["cpu_us_per_token"])
        row = Row(self, "latency 1000x20", results)
        row.each("p50", "us", 0, lambda r: r["latency_us"]["p50"])
        row.ratios("p50", lambda r: r["latency_us"]["p50"])
        row.each("p99", "us", 0, lambda r: r["latency_us"]["p99"])
        row.ratios("p99", lambda r: r["latency_us"]["p99"])
        row.each("first content p50", "us", 0, lambda r: r["first_content_us"]["p50"])
        row.each("first content p99", "us", 0, lambda r: r["first_content_us"]["p99"])
        row.each("of which the provider's lateness p99", "us", 0, lambda r: r["provider"]["late_p99_us"])
        row = Row(self, "rss", results)
        row.each("idle", "MiB", 1, lambda r: r["idle_rss_kb"] / 1024)
        row.each("idle, anonymous", "MiB", 1, lambda r: r["idle_anonymous_kb"] / 1024)
        row.each("per live stream of 1000", "KiB", 1, lambda r: (r["anonymous_kb"] - r["idle_anonymous_kb"]) / 1000)

    def many(self):
        ramp, settle, window = (2, 0.5, 1.5) if self.quick else (4, 1, 3)
        results = self.repeat(
            "4000x10", self.count, ["agentd", "lax"], 10, int(10 * (ramp + settle + window + 2)), "--connections", 100,
            "--runs", 4000, "--ramp-ms", ramp * 1000, "--settle-ms", int(settle * 1000), "--window-ms",
            int(window * 1000))
        row = Row(self, "4000x10", results)
        row.each("CPU per token", "us", 1, lambda r: r["cpu_us_per_token"])
        row.ratios("CPU per token", lambda r: r["cpu_us_per_token"])
        row.each("latency p50", "us", 0, lambda r: r["latency_us"]["p50"])
        row.each("latency p99", "us", 0, lambda r: r["latency_us"]["p99"])
        row.each("rss per live stream", "KiB", 1, lambda r: (r["anonymous_kb"] - r["idle_anonymous_kb"]) / 4000)
        row.each("tokens beside the plan", "x", 3, lambda r: r["tokens_per_s"] / 40000)

    def flat(self):
        results = self.repeat(
            "fast-out", self.count, ["agentd"] + YARDSTICKS, 0, 20000, "--connections", 100, "--runs", 100,
            "--form", "flat")
        row = Row(self, "fast-out 100 streams", results)
        row.each("tokens", "/s", 0, lambda r: r["tokens_per_s"])
        row.ratios("tokens", lambda r: r["tokens_per_s"])
        row.each("CPU per token", "us", 2, lambda r: r["cpu_us_per_token"])
        row.ratios("CPU per token", lambda r: r["cpu_us_per_token"])
        row.each("RSS at most", "MiB", 0, lambda r: r["peak_rss_kb"] / 1024)

    def loop(self):
        results = self.repeat(
            "one-chunk runs", self.count, ["agentd", "equal"], 0, 1, "--connections", 50, "--runs", 50,
            "--form", "loop", "--settle-ms", 500, "--window-ms", 2000)
        row = Row(self, "one-chunk runs, 50 at a time", results)
        row.each("runs", "/s", 0, lambda r: r["runs_per_s"])
        row.each("CPU per run", "us", 0, lambda r: r["cpu_us_per_run"])
        row.ratios("CPU per run", lambda r: r["cpu_us_per_run"])
        row.each("command to terminal event p50", "us", 0, lambda r: r["run_us"]["p50"])
        row.each("command to terminal event p99", "us", 0, lambda r: r["run_us"]["p99"])

    def disk(self):
        """Bytes of file for each byte of question and answer, everything folded and the daemon gone."""
        row = Row(self, "disk", {})
        heavy = []
        for pace, lengths in ledger.TOKENS.items():
            for size, at_most in ledger.AT_MOST[pace].items():
                if self.quick and size != "2000-8000":
                    continue
                say(f"disk: answers of {size} bytes in {pace}")
                weight = ledger.weigh(self, size, lengths, ledger.WEIGHED.get(size, 300))
                share = weight["file"] / weight["text"]
                row.kept["repetitions"][f"{size} in {pace}"] = weight
                row.line(f"answers of {size} bytes", pace, "x", 2, [share])
                parts = sorted(weight["parts"].items(), key=lambda part: -part[1])
                print("    " + ", ".join(
                    f"{name.removeprefix('ai_agent_')} {size / weight['text']:.3f}" for name, size in parts[:5]))
                if share > at_most:
                    heavy.append(f"answers of {size} bytes in {pace}: {share:.2f}, at most {at_most}")
        if heavy:
            raise Failure("the file is too heavy: " + "; ".join(heavy))

    def pages(self):
        """Pages of 200 at the beginning, in the middle and at the end of long lists."""
        scale = 0.1 if self.quick else 1
        results = ledger.pages(self, 40 if self.quick else 300, scale)
        row = Row(self, f"pages of 200 from {int(ledger.SESSIONS * scale):,} sessions, "
                  f"{int(2 * ledger.RUNS * scale):,} messages", results)
        steep, slowest, steepest = [], {"list": 0, "history": 0}, 1
        all_times = {"list": [], "history": []}
        for title, times in results.items():
            kind = "history" if title.startswith("history") else "list"
            first = ledger.median(times["first"])
            for place in ["first", "middle", "last"]:
                row.line(title, place, "ms", 2, times[place])
                slow = clocks.percentile(times[place], 0.99)
                print(f"    p99 {slow:.2f} ms")
                slowest[kind] = max(slowest[kind], slow)
                all_times[kind] += times[place]
                ratio = ledger.median(times[place]) / first
                steepest = max(steepest, ratio)
                if ratio > ledger.FLAT:
                    steep.append(f"{title}: the {place} page takes {ratio:.1f} first ones")
        for kind, slow in slowest.items():
            row.line(f"{kind}, p99 of all pages", "agentd", "ms", 2, [clocks.percentile(all_times[kind], 0.99)])
            row.line(f"{kind}, the slowest p99 of all places", "agentd", "ms", 2, [slow])
        row.line("the slowest place", "place/first", "x", 2, [steepest])
        if steep:
            raise Failure("; ".join(steep))

    def slow(self):
        """What 1000 streams notice of one client more, whose run says 1000 pieces a second, when it stops reading."""
        def measure(form):
            return self.measure(
                "agentd", 20, 120, "--connections", 1000, "--runs", 1000, "--ramp-ms", 1000, "--settle-ms", 500,
                "--window-ms", 3000, scripts=readers.FLOOD,
                beside=lambda directory: readers.neighbour(directory, form == "reads"))

        results = self.take_turns("slow reader", 2 if self.quick else 8, ["reads", "stalled"], measure)
        row = Row(self, "slow reader: one more client beside 1000x20", results)
        for percentile in ["p50", "p99"]:
            row.each(f"neighbours' latency {percentile}", "us", 0, lambda r: r["latency_us"][percentile])
            row.line(f"neighbours' latency {percentile}", "stalled/reads", "x", 3, [
                b["latency_us"][percentile] / a["latency_us"][percentile]
                for a, b in zip(results["reads"], results["stalled"])])
        if self.quick:
            return
        say("slow reader: until it is detached")
        problems, seen = readers.detached(self)
        if problems:
            raise Failure("; ".join(problems))
        row.line("kept for it after 2 s", "agentd", "KiB", 0, [seen["unread_bytes"] / 1024])
        row.line("detached within", "agentd", "s", 0, [seen["seconds"]])

    def stalled(self):
        """1000 clients that do not read for so long that the kernel takes no more for them, and then read everything."""
        results = {"agentd": [self.measure(
            "agentd", 40, 1000, "--connections", 1000, "--runs", 1000, "--form", "stalled", "--ramp-ms", 1000,
            "--window-ms", 24000, "--limit-s", 120)]}
        row = Row(self, "stalled readers: 1000x40, nothing read for 25 s", results)
        row.each("RSS at most", "MiB", 0, lambda r: r["stalled_peak_kb"] / 1024)
        row.each("replies, all of them", "", 0, lambda r: r["replies"])
        pages = readers.unread_pages(self, 1000)
        row.line("RSS at most, 1000 pages of 1 MiB unread", "agentd", "MiB", 0, [pages["peak_mib"]])
        row.line("of which refused as overloaded", "agentd", "", 0, [pages["refused"]])
        highest = max(pages["peak_mib"], results["agentd"][0]["stalled_peak_kb"] / 1024)
        if highest > 400:
            raise Failure(f"{highest:.0f} MiB for readers that do not read, at most 400")
        if pages["wrong"]:
            raise Failure(f"{pages['wrong']} replies are missing or wrong")

    def hostile(self):
        results = readers.hostile(self)
        row = Row(self, "hostile input: CPU for 64 KiB", {"agentd": [results]})
        for name, result in results.items():
            row.line(name, "agentd", "ms", 3, [result["ms_per_64k"]])
            print(f"    memory grows by {result['growth_mib']:.0f} MiB at most")
        problems = sum((result["problems"] for result in results.values()), [])
        slow = [name for name, result in results.items() if result["ms_per_64k"] > 5]
        if problems or slow:
            raise Failure("; ".join(problems + [f"{name}: more than 5 ms for 64 KiB" for name in slow]))

    def start(self):
        seconds = []
        for _ in range(5 if self.quick else 20):
            with tempfile.TemporaryDirectory(prefix="agentd-bench-") as directory:
                with self.daemon(pathlib.Path(directory), "http://127.0.0.1:9/v1") as (_, taken):
                    seconds.append({"seconds": taken})
        row = Row(self, "start", {"agentd": seconds})
        row.each("exec to READY, new state", "ms", 1, lambda r: r["seconds"] * 1000)
        stripped = self.scratch / "agentd-stripped"
        subprocess.run(["strip", "-o", stripped, self.agentd], check=True)
        Row(self, "binary", {"agentd": [{"bytes": stripped.stat().st_size}]}).each(
            "stripped", "MiB", 1, lambda r: r["bytes"] / 1048576)


class Provider:
    """A mock provider and what it says at its end."""

    def __init__(self, child):
        self.child = child
        self.port = int(re.fullmatch(r"port (\d+)\n", child.stdout.readline())[1])

    def report(self):
        self.child.terminate()
        return json.loads(self.child.stdout.read())


class Row:
    """A measure of several figures; prints and keeps them."""

    def __init__(self, bench, name, results):
        self.results = results
        self.kept = bench.results.setdefault(name, {"figures": [], "repetitions": results})
        print(f"\n{name}")

    def line(self, name, system, unit, digits, values):
        values = sorted(values)
        median = statistics.median(values)
        self.kept["figures"].append(
            {"figure": name, "system": system, "unit": unit, "median": median, "all": values})
        print(f"  {name:<46}{system:<16}{median:>12,.{digits}f} {unit:<4}"
              f"  [{values[0]:,.{digits}f} .. {values[-1]:,.{digits}f}]  n={len(values)}", flush=True)

    def each(self, name, unit, digits, figure):
        for system in sorted(self.results):
            self.line(name, system, unit, digits, [figure(result) for result in self.results[system]])

    def ratios(self, name, figure):
        """Of neighbours in one repetition: what the machine does to one it does to the other."""
        ours = self.results["agentd"]
        for system in sorted(self.results):
            if system != "agentd":
                pairs = zip(ours, self.results[system])
                self.line(name, "agentd/" + system, "x", 2, [figure(a) / figure(b) for a, b in pairs])


def say(text):
    """What is under way, where somebody watches."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}\r", end="", file=sys.stderr, flush=True)


def memory(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return {name: int(value) for name, value in re.findall(r"(VmRSS|RssAnon):\s+(\d+) kB", text)}


def tail(directory):
    log = directory / "log"
    return log.read_text(errors="replace")[-2000:] if log.exists() else ""


def machine():
    """What the figures were taken on."""
    model = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())

    def version(library):
        return subprocess.run(
            ["pkg-config", "--modversion", library], capture_output=True, text=True, check=True).stdout.strip()

    return {
        "cores": os.cpu_count(), "cpu": model[1] if model else platform.machine(), "kernel": platform.release(),
        "libcurl": version("libcurl"), "sqlite": version("sqlite3"), "load_before": os.getloadavg()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--agentd", type=pathlib.Path, required=True, help="the release binary")
    parser.add_argument("--scratch", type=pathlib.Path, required=True, help="where tools and results.json go")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter repetitions")
    parser.add_argument("--only", nargs="*", default=[], help="rows by their short names; a wrong one lists them")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    # A shell that starts something in the background has it ignore this one.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if shutil.which("strip") is None:
        raise Failure("strip is missing (Debian: binutils)")

    build(options.scratch)
    described = machine()
    print("machine: {cores} cores, {cpu}, Linux {kernel}, libcurl {libcurl}, SQLite {sqlite}".format(**described))
    print("load average before: %.2f %.2f %.2f" % described["load_before"])
    began = time.monotonic()
    bench = Bench(options.agentd, options.scratch, options.quick)
    parts = {"self-test": bench.self_test, "paced": bench.paced, "flat": bench.flat, "loop": bench.loop,
             "many": bench.many, "slow": bench.slow, "stalled": bench.stalled, "hostile": bench.hostile, "start": bench.start, "disk": bench.disk, "pages": bench.pages,
             **{name: functools.partial(part, bench) for rows in [loaded.ROWS, lives.ROWS, scale.ROWS]
                for name, part in rows.items()}}
    unknown = set(options.only) - set(parts)
    if unknown:
        parser.error(f"no row {', '.join(sorted(unknown))}; there are {', '.join(parts)}")
    failed = play(options.only or parts, parts)
    described["load_after"] = os.getloadavg()
    print("\nload average after: %.2f %.2f %.2f; %d s" % (*described["load_after"], time.monotonic() - began))
    results = options.scratch / "results.json"
    results.write_text(json.dumps({"machine": described, "quick": options.quick, "measures": bench.results}, indent=1))
    goals.show(goals.figures(results), of="bench")
    print(f"\nevery repetition: {results}")
    sys.exit(failed)


def play(names, parts):
    """Measures one after the other; a figure that cannot be trusted does not cost the others. 1 if there was one."""
    failed = 0
    for name in names:
        try:
            parts[name]()
        except Exception as error:
            failed = 1
            if not isinstance(error, RuntimeError):
                traceback.print_exc()
            print(f"\nFAILED {name}: {error}", file=sys.stderr, flush=True)
    return failed


def guarded(body):
    """What a script of the bench does: errors that make figures worthless are one line."""
    try:
        body()
    except (RuntimeError, subprocess.CalledProcessError) as error:
        sys.exit(f"{pathlib.Path(sys.argv[0]).stem}: {error}")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    guarded(main)
