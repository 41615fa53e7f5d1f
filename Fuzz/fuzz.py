#!/usr/bin/env python3
"""Attacks every reader of what strangers wrote with libFuzzer, one after the other, and fails on a finding.

The first inputs are what the tests have anyway: the transcripts, the vendors' streams, the configurations. What comes out
of them stays in the scratch directory, so that the next run goes on where this one ended. An input that breaks a promise
is kept there too; README.md says how it becomes a test.
"""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
TARGETS = ["lines", "frame", "json", "sse", "openai", "anthropic", "cursor", "config", "boundaries"]
# Bytes of an input. Most are cut in many ways, which takes its time.
LARGEST = 2048
SMALLER = {"lines": 512, "boundaries": 512, "config": 1024}
# The backtracer of Swift and the search for leaks both trip over libFuzzer.
ENVIRONMENT = {"SWIFT_BACKTRACE": "enable=no", "ASAN_OPTIONS": "detect_leaks=0"}


def transcripts():
    """Each transcript as the bytes that its clients send, and the frames that it expects."""
    for path in sorted((ROOT / "protocol/transcripts").glob("*.ndjson")):
        sent, frames = [], []
        for step in map(json.loads, path.read_text().splitlines()):
            if "send" in step:
                sent.append(json.dumps(step["send"], ensure_ascii=False) + "\n")
            elif "send_raw" in step:
                sent.append(step["send_raw"])
            frames += [json.dumps(step[key]) for key in ("expect", "expect_until") if key in step]
        yield path.stem, "".join(sent), frames


def configurations():
    """Configurations of the transcripts and the examples, and the broken ones of the tests."""
    for path in [*(ROOT / "protocol/scripts").rglob("*.toml"), *(ROOT / "examples").rglob("*.toml")]:
        yield path.read_text()
    for path in sorted((ROOT / "Tests/AgentConfigTests").glob("*.swift")):
        for text in re.findall(r'"((?:[^"\\\n]|\\.)*=(?:[^"\\\n]|\\.)*)"', path.read_text()):
            yield text.replace("\\n", "\n").replace('\\"', '"').replace("\\\\", "\\")


def write_seeds(binary, directory):
    for target in TARGETS:
        (directory / target).mkdir(parents=True, exist_ok=True)
    for name, sent, frames in transcripts():
        (directory / "lines" / name).write_text(sent)
        for index, line in enumerate(sent.splitlines()):
            (directory / "frame" / f"{name}-{index}").write_text(line)
        for index, line in enumerate(sent.splitlines() + frames):
            (directory / "json" / f"{name}-{index}").write_text(line)
    subprocess.run([binary], env={**os.environ, **ENVIRONMENT, "FUZZ_SEEDS": str(directory)}, check=True)
    for vendor in ("openai", "anthropic"):
        for path in (directory / vendor).glob("stream-*"):
            (directory / "sse" / f"{vendor}-{path.name}").write_bytes(path.read_bytes())
    for index, text in enumerate(configurations()):
        (directory / "config" / f"{index}").write_text(text)
    for kind in ("sessions", "runs", "history-asc", "history-desc"):
        for place in ("3/s4", "3/r4", "4/s4", "0/", "9223372036854775807/s4"):
            (directory / "cursor" / f"{kind}-{place.replace('/', '-')}").write_text(f"{kind}/{place}")
    for index in range(32):
        (directory / "boundaries" / f"{index}").write_bytes(bytes((index * step) % 256 for step in range(index * 4)))


def write_words(path, texts):
    """Words of the formats, which no chance would put together."""
    words = {word for text in texts for word in re.findall(r"[A-Za-z_][A-Za-z0-9_.:-]{2,30}", text)}
    words |= {"\\u0000", "\\ud83d", "\\ude00", "1e400", "-0", "'''", "[[", "]]", "data: ", "event: ", "error: "}
    escaped = (word.replace("\\", "\\\\").replace('"', '\\"') for word in sorted(words))
    path.write_text("".join(f'"{word}"\n' for word in escaped))


def read_all(directory):
    return [path.read_text(errors="replace") for path in sorted(directory.iterdir())]


def attack(binary, target, seconds, scratch):
    """Runs one target; its figures, and what it found."""
    corpus, findings = scratch / "corpus" / target, scratch / "findings"
    for directory in (corpus, findings):
        directory.mkdir(parents=True, exist_ok=True)
    words = scratch / f"{target}.words"
    write_words(words, read_all(scratch / "seeds" / target))
    log = scratch / f"{target}.log"
    command = [
        binary, f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=2048", f"-max_len={SMALLER.get(target, LARGEST)}",
        f"-dict={words}", f"-artifact_prefix={findings}/{target}-", "-print_final_stats=1",
        corpus, scratch / "seeds" / target, HERE / "Regressions" / target,
    ]
    (HERE / "Regressions" / target).mkdir(parents=True, exist_ok=True)
    with log.open("w") as output:
        code = subprocess.run(
            command, env={**os.environ, **ENVIRONMENT, "FUZZ_TARGET": target}, stdout=output, stderr=output,
        ).returncode
    text = log.read_text(errors="replace")

    def figure(pattern):
        found = re.findall(pattern, text)
        return int(found[-1]) if found else 0

    figures = {
        "executions": figure(r"stat::number_of_executed_units:\s+(\d+)") or figure(r"#(\d+)\s"),
        "rate": figure(r"exec/s: (\d+)"), "edges": figure(r" cov: (\d+)"), "inputs": figure(r" corp: (\d+)"),
    }
    finding = None
    if code != 0:
        reason = re.search(r"FINDING: .*|Assertion .*|Fatal error: .*|ERROR: AddressSanitizer: .*", text)
        reason = reason or re.search(r"SUMMARY: .*", text)
        written = re.search(r"Test unit written to (\S+)", text)
        finding = f"{reason.group(0)[:400] if reason else 'see ' + str(log)}\n    {written.group(1) if written else log}"
    return figures, finding


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--scratch", type=pathlib.Path, default=ROOT / ".build-fuzz")
    parser.add_argument("--swift", default="swift")
    parser.add_argument("targets", nargs="*", help=f"of {', '.join(TARGETS)}; all when none is named")
    options = parser.parse_args()
    unknown = set(options.targets) - set(TARGETS)
    if unknown:
        parser.error(f"no target {', '.join(sorted(unknown))}")

    # The parser of TOML is C++, and is watched like everything else.
    build = [
        options.swift, "build", "-c", "release", "--package-path", HERE, "--scratch-path", options.scratch,
        "-Xcxx", "-fsanitize=fuzzer-no-link,address",
    ]
    subprocess.run(build, check=True)
    binary = options.scratch / "release/agentd-fuzz"
    write_seeds(binary, options.scratch / "seeds")

    print(f"{'target':<12}{'executions':>12}{'per second':>12}{'edges':>8}{'inputs':>8}", flush=True)
    failed = False
    for target in options.targets or TARGETS:
        figures, finding = attack(binary, target, options.seconds, options.scratch)
        cells = "".join(f"{figures[key]:>{width}}" for key, width in
                        (("executions", 12), ("rate", 12), ("edges", 8), ("inputs", 8)))
        print(f"{target:<12}{cells}", flush=True)
        if finding:
            failed = True
            print(f"    {finding}", flush=True)
    sys.exit("an input breaks a promise" if failed else 0)


if __name__ == "__main__":
    main()
