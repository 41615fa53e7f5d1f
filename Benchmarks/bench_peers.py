#!/usr/bin/env python3
"""Measures agentd beside agent frameworks in Python: same mock provider, same load client, same load, in turns.

Each system has one core of its own and cannot use the other, where provider and load client are. README.md beside it says
what is measured and how to read it.
"""

import argparse
import contextlib
import functools
import http.client
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import bench
import goals
import lives
from clocks import percentile

HERE = pathlib.Path(__file__).resolve().parent
PEERS = ["agno", "openai_agents", "langgraph", "pydantic_ai"]
PACKAGES = {"agno": "agno", "openai_agents": "openai-agents", "langgraph": "langgraph", "pydantic_ai": "pydantic-ai-slim"}
YARDSTICKS = ["equal", "none"]
PACE = 50
# agentd accepts 1024. No peer gets near.
MOST_CONNECTIONS = 1000
# Held is what keeps up this share of its pace, with a token of a hundred this late at most.
HELD, HELD_LATE_US = 0.97, 250_000
STEPS = 24


class PeerBench(bench.Bench):
    """The bench, with one more kind of system."""

    def __init__(self, agentd, scratch, quick, python):
        super().__init__(agentd, scratch, quick)
        self.python = python
        self.wrap = ["taskset", "-c", "0"]

    @contextlib.contextmanager
    def system(self, name, directory, port, fault="none", scripts={}):
        started = (self.peer(name, directory, port) if name in PEERS
                   else super().system(name, directory, port, fault, scripts))
        with started as child:
            if name not in YARDSTICKS:
                # What a first run imports, creates or has read from the disk is no run's cost.
                asker = self.asker(name, directory)
                asker.ask("first", "one token will do")
                asker.close()
            yield child

    @contextlib.contextmanager
    def peer(self, name, directory, port):
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(directory), "AGNO_TELEMETRY": "false", "LANGSMITH_TRACING": "false",
            "OPENAI_AGENTS_DISABLE_TRACING": "1", "OPENAI_API_KEY": "sk-bench", "NO_PROXY": "127.0.0.1"}
        command = [*self.wrap, self.python, "-B", HERE / "peers" / "serve.py", f"peer_{name}", "--port-file",
                   directory / "port", "--base-url", f"http://127.0.0.1:{port}/v1", "--db", directory / "peer.db"]
        with open(directory / "log", "wb") as log:
            with bench.running(command, stdout=log, stderr=log, env=environment,
                               preexec_fn=bench.die_with_parent) as child:
                bench.await_condition((directory / "port").exists, child, f"{name}'s port", deadline=60)
                try:
                    yield child
                finally:
                    # It may have streams that nobody reads, and would wait for them.
                    child.kill()

    def asker(self, name, directory):
        """Somebody who asks one question after another."""
        return HTTPAsker(directory) if name in PEERS else lives.Asker(directory)

    # The rows. Each ends with the same figure of agentd as a ratio.

    def compare(self, row, name, unit, digits, figure):
        row.each(name, unit, digits, figure)
        for system in row.results:
            if system != "agentd":
                row.line(name, system + "/agentd", "x", 1, [
                    figure(theirs) / figure(ours) for theirs, ours in zip(row.results[system], row.results["agentd"])])

    def paced(self, systems):
        window = 2 if self.quick else 4
        # So few tokens cost what waking up costs: the yardstick says how much of it is there without any work.
        results = self.repeat(
            "40x10", self.count, [*systems, *YARDSTICKS], 10, 10 * (2 + 1 + window + 3), "--connections", 40, "--runs", 40,
            "--ramp-ms", 2000, "--settle-ms", 1000, "--window-ms", window * 1000)
        row = self.row("peers: 40 streams of 10/s", results)
        self.compare(row, "CPU per token", "us", 1, lambda r: r["cpu_us_per_token"])
        row.each("latency p50", "us", 0, lambda r: r["latency_us"]["p50"])
        row.each("latency p99", "us", 0, lambda r: r["latency_us"]["p99"])
        row.each("first content p50", "ms", 2, lambda r: r["first_content_us"]["p50"] / 1000)
        row.each("first content p99", "ms", 2, lambda r: r["first_content_us"]["p99"] / 1000)
        self.compare(row, "idle RSS", "MiB", 1, lambda r: r["idle_rss_kb"] / 1024)

    def burst(self, systems):
        """How long the first content of many that come at once takes, and what they need in memory while all stream."""
        for streams in [50, 200]:
            results = self.repeat(
                f"{streams} at once", self.count, systems, 1, 60, "--connections", streams, "--runs", streams, "--form",
                "held", "--ramp-ms", 0, "--settle-ms", 1000, "--window-ms", 1000)
            row = self.row(f"peers: {streams} streams started at once", results)
            self.compare(row, "first content p50", "ms", 1, lambda r: r["first_content_us"]["p50"] / 1000)
            self.compare(row, "first content p99", "ms", 1, lambda r: r["first_content_us"]["p99"] / 1000)
            self.compare(row, "RSS per live stream", "KiB", 0, lambda r: (r["anonymous_kb"] - r["idle_anonymous_kb"]) / streams)

    def held(self, systems):
        """The largest number of streams at 50 tokens a second that one core keeps up with, to a tenth."""
        results = {system: [] for system in systems}
        for _ in range(1 if self.quick else 3):
            for system in systems:
                results[system].append(self.most_held(system))
        row = self.row(f"peers: live streams held at {PACE}/s on one core", results)
        row.each("streams", "", 0, lambda r: r["streams"])
        row.ratios("streams", lambda r: r["streams"])
        self.compare(row, "CPU per token then", "us", 1, lambda r: r["cpu_us_per_token"])

    def most_held(self, system):
        streams, best, tried, first = 3000 if system == "agentd" else 100, None, [], None
        for _ in range(STEPS):
            bench.say(f"held: {system}, {streams} streams")
            result = self.measure(
                system, PACE, PACE * 30, "--connections", min(streams, MOST_CONNECTIONS), "--runs", streams, "--form",
                "held", "--ramp-ms", 2000, "--settle-ms", 1000, "--window-ms", 2000 if self.quick else 4000)
            result["holds"] = (
                result["tokens_per_s"] >= HELD * PACE * streams and result["latency_us"]["p99"] <= HELD_LATE_US)
            result["streams"] = streams
            tried.append(result)
            if result["holds"]:
                best = max([best or result, result], key=lambda r: r["streams"])
            first = first or result
            if first["holds"] != result["holds"]:
                return {**best, "tried": tried}
            streams = round(streams * (1.1 if first["holds"] else 0.9))
        raise bench.Failure(f"{system}: no edge from {first['streams']} streams to {streams}")

    def one_chunk(self, systems):
        results = self.repeat(
            "one-chunk runs", self.count, systems, 0, 1, "--connections", 50, "--runs", 50, "--form", "loop",
            "--settle-ms", 1000, "--window-ms", 2000 if self.quick else 4000)
        row = self.row("peers: one-chunk runs, 50 at a time", results)
        self.compare(row, "CPU per run", "us", 0, lambda r: r["cpu_us_per_run"])
        row.each("runs", "/s", 0, lambda r: r["runs_per_s"])

    def flat(self, systems):
        tokens = 400
        results = self.repeat(
            "fast-out", self.count, systems, 0, tokens, "--connections", 100, "--runs", 100, "--form", "flat",
            "--limit-s", 120)
        row = self.row(f"peers: fast-out, 100 streams of {tokens} tokens", results)
        self.compare(row, "CPU per token", "us", 2, lambda r: r["cpu_us_per_token"])
        row.each("tokens", "/s", 0, lambda r: r["tokens_per_s"])

    def conversation(self, systems):
        results = {system: [] for system in systems}
        for _ in range(self.count):
            for system in systems:
                bench.say(f"conversation: {system}")
                with self.alone(0, lives.TOKENS, system) as (provider, directory, child):
                    asker = self.asker(system, directory)
                    results[system].append(lives.converse(
                        asker, provider, child.pid, lives.TURNS, asked_before=1))
                    asker.close()
        row = self.row(f"peers: {lives.TURNS}-turn durable conversation", results)
        self.compare(row, "CPU in all", "ms", 1, lambda r: sum(r["cpu_us"]) / 1000)
        row.each("time of a turn p50", "ms", 1, lambda r: percentile(r["ms"], 0.5))


class HTTPAsker:
    """One question after another in one session, over HTTP."""

    def __init__(self, directory):
        self.connection = http.client.HTTPConnection("127.0.0.1", int((directory / "port").read_text()), timeout=30)

    def ask(self, session, question):
        self.connection.request("POST", "/runs", json.dumps({"id": 1, "session_id": session, "input": question}),
                                {"Content-Type": "application/json"})
        answer = self.connection.getresponse().read().splitlines()
        last = json.loads(answer[-1])
        if last.get("event") != "run_completed":
            raise RuntimeError(str(last))
        return last["content"]

    def close(self):
        self.connection.close()


def versions(python):
    text = subprocess.run([python, "-m", "pip", "list", "--format", "json", "--disable-pip-version-check"],
                          capture_output=True, text=True, check=True).stdout
    installed = {package["name"]: package["version"] for package in json.loads(text)}
    return {name: installed[name] for name in [*PACKAGES.values(), "fastapi", "uvicorn", "uvloop", "openai"]}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--agentd", type=pathlib.Path, required=True, help="the release binary")
    parser.add_argument("--scratch", type=pathlib.Path, required=True, help="where tools and peers.json go")
    parser.add_argument("--python", type=pathlib.Path, required=True, help="the interpreter that has the peers")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter repetitions")
    parser.add_argument("--only", nargs="*", default=[], help="rows by their short names")
    parser.add_argument("--systems", nargs="*", default=PEERS, choices=PEERS, help="peers to measure beside agentd")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if os.cpu_count() < 2:
        raise bench.Failure("two cores are needed: one for the system, one for provider and client")

    bench.build(options.scratch)
    described = {**bench.machine(), "packages": versions(options.python)}
    print("machine: {cores} cores, {cpu}, Linux {kernel}".format(**described))
    print("peers: " + ", ".join(f"{name} {version}" for name, version in described["packages"].items()))
    print("load average before: %.2f %.2f %.2f" % described["load_before"])
    began = time.monotonic()
    # This process, and so provider and client; a system is started on the other core.
    os.sched_setaffinity(0, {1})
    peers = PeerBench(options.agentd, options.scratch, options.quick, options.python.absolute())
    parts = {"paced": peers.paced, "burst": peers.burst, "held": peers.held, "loop": peers.one_chunk, "flat": peers.flat,
             "conversation": peers.conversation}
    unknown = set(options.only) - set(parts)
    if unknown:
        parser.error(f"no row {', '.join(sorted(unknown))}; there are {', '.join(parts)}")
    systems = ["agentd", *options.systems]
    failed = bench.play(options.only or parts, {name: functools.partial(part, systems) for name, part in parts.items()})
    described["load_after"] = os.getloadavg()
    print("\nload average after: %.2f %.2f %.2f; %d s" % (*described["load_after"], time.monotonic() - began))
    results = options.scratch / "peers.json"
    results.write_text(json.dumps({"machine": described, "quick": options.quick, "measures": peers.results}, indent=1))
    goals.show(goals.figures(results), of="peers")
    print(f"\nevery repetition: {results}")
    sys.exit(failed)


if __name__ == "__main__":
    bench.guarded(main)
