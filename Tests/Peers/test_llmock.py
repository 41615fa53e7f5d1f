#!/usr/bin/env python3
"""Plays agentd against llmock, a mock of the vendors' APIs that breaks answers on demand and grades its client.

    test_llmock.py [WORD ...]        only the cases whose title holds all the words

AGENTD names the binary. Runs with the Python of an environment that has llmock (scripts/test-peers makes one).
"""

import json
import os
import pathlib
import signal
import sys
import threading
import time

from house import (
    ATTEMPTS, HALT_NOTE, INSTRUCTIONS, LONGEST_WAIT_SECONDS, OPENAI, QUOTA_PER_MINUTE, WIRES, Failure, House,
    await_condition, check, same, show)

CASES = []
# What a case that fails may raise; frames and requests of an unexpected shape included.
EXPECTED = (Failure, OSError, LookupError, TypeError, ValueError)

# Findings that the mock's verdict has although the client did right, each with the reason. Except for the last one they
# have to be there, so that no allowance outlives its need.
SHOWN = "text had been shown: the run ends as run_error, which is asserted, because a retry would say it twice"
GAVE_UP_LAST = "the last of all attempts failed as well: the run ends as run_error, which is asserted"
JITTER = "may be there: two pauses with jitter may look alike; the announced pauses are asserted"

# What a fault of a stream is told as.
FAULTS = {
    "disconnect": "model_truncated", "truncate": "model_truncated", "malformed": "model_unavailable",
    "stall": "model_stalled",
}
FINDING_WHEN_LAST = {
    "disconnect": "gave_up", "truncate": "truncated_stream_accepted", "malformed": "malformed_chunk_ignored",
}
# Pieces before the first piece of a call's arguments, in an answer without text.
BEFORE_ARGUMENTS = 2
# Longer than the daemon waits; the mock notices only afterwards that nobody listens any more.
STALL_SECONDS = 2.5

WORDS = "one two three four five six seven eight"


def case(title, wires=WIRES, **parameters):
    """Registers a case for each format; the function gets the house and the format, and the parameters."""
    def register(function):
        for wire in wires:
            CASES.append((wire, title, function, parameters))
        return function
    return register


def reply(text=None, times=1, **fields):
    return {"type": "reply", "text": text, "times": times, **fields}


def fault(kind, after, times=1):
    return {"type": "stream_fault", "kind": kind, "after_chunks": after, "stall_seconds": STALL_SECONDS, "times": times}


def fail(status, times=1, **fields):
    return {"type": "fail", "status": status, "times": times, **fields}


def completed(run, text, reason="stop", retries=0):
    same(run.end["event"], "run_completed", f"the end ({show(run.end.get('error'))})")
    if retries is not None:
        same(len(run.of("run_retrying")), retries, f"the number of retries ({show(run.of('run_retrying'))})")
    same(run.end["content"], text, "the answer")
    same(run.end["stop_reason"], reason, "the reason for the end")
    return run


def failed(run, code, text="", status=None, retryable=True, retries=0):
    """The run ended as an error that keeps the text and marks it."""
    same(run.end["event"], "run_error", "the end")
    same(len(run.of("run_retrying")), retries, f"the number of retries ({show(run.of('run_retrying'))})")
    error = run.end["error"]
    same(error["code"], code, f"the code ({error['message']})")
    same(error["retryable"], retryable, "retryable")
    same(error["http_status"], status, "the status")
    check(error["message"] and "\n" not in error["message"] and len(error["message"]) <= 600, "the message", error)
    note = f"[error: {code}]"
    same(run.end["content"], f"{text}\n\n{note}" if text else note, "the text that is kept")
    return run


def retried(run, code, times=1):
    """Each retry was announced, with a pause that grows."""
    events = run.of("run_retrying")
    same([event["error"]["code"] for event in events], [code] * times, "the codes of the retries")
    same([event["attempt"] for event in events], list(range(2, times + 2)), "the attempts")
    same([event["max_attempts"] for event in events], [ATTEMPTS] * times, "the most attempts")
    same([event["discards"] for event in events], [None] * times, "what the retries discard")
    return [event["delay_ms"] for event in events]


def not_early(records, wanted):
    """A server's clock: from the end of each refusal to the next attempt."""
    for before, after in zip(records, records[1:]):
        waited = after["started_at"] - before["ended_at"]
        check(waited >= wanted, f"retried after {waited:.3f} s instead of {wanted}")


def used(run, wire, records, output, incomplete=False):
    """The usage is the sum of what the mock counts."""
    usage = run.end["usage"]
    told = [wire.tokens(record["body"]) for record in records]
    same(usage["input_tokens"], sum(told), "the input tokens")
    same(usage["output_tokens"], output, "the output tokens")
    same(usage["total_tokens"], sum(told) + output, "the tokens together")
    same((usage["requests"], usage["incomplete"]), (len(told), incomplete), "requests and incomplete")


def tokens(text):
    return max(1, len(text) // 4)


# Answers.


@case("streams a text")
def streams(house, wire):
    house.mock.queue(reply(WORDS))
    run = completed(house.run(wire.kind, "count"), WORDS)
    check(len(run.of("run_content")) > 1, "the text came in one piece")
    started = run.events[0]
    same((started["model"], started["provider"]), (wire.model, f"mock-{wire.kind}"), "model and provider")
    records = house.mock.requests(1)
    same(wire.turns(records[0]["body"]), [("user", "count", {}, {})], "the conversation")
    used(run, wire, records, tokens(WORDS))


UNICODE = (
    "Ünïcödé naïve — Съешь ещё этих мягких французских булок. 敏捷的棕色狐狸跳过懒狗。 いろはにほへと "
    "שָׁלוֹם עולם \u202eabc\u202c مرحبا بالعالم हिन्दी ไทย "
    "👩‍👩‍👧‍👦 🇨🇭 e\u0301 𝔘𝔫𝔦 \u2028\u2029 \"quoted\" \\ / \ttab\n\nend 🫠")


@case("keeps every script, emoji and direction", text=UNICODE)
@case("keeps control characters and the end of the plane", text="a\u0001b\u001b[31mc\u007fd\u0085e\ufffff\U0010ffff g")
@case("keeps blank space around and within", text="\n\n  one\t \n\n two  \n")
@case("keeps an answer in one long piece", text="ж" * 70_000 + " end")
@case("keeps an answer in many pieces", text=" ".join(str(number) for number in range(300)))
def keeps(house, wire, text):
    house.mock.queue(reply(text, times=2))
    question = "Wie geht’s? 🙂 " + text[:200]
    run = completed(house.run(wire.kind, question), text)
    body = house.mock.requests(1)[0]["body"]
    same(wire.turns(body)[0][1], question, "the question")
    completed(house.run(wire.kind, "again", run.session_id), text)
    body = house.mock.requests(2)[1]["body"]
    same(wire.turns(body)[1][1], text, "the answer as the model remembers it")


@case("mends what is no text")
def mends(house, wire):
    house.mock.queue(reply("a\u0000b \ud83d c \ude00 d \ud83d\ude00"))
    completed(house.run(wire.kind, "go"), "a\ufffdb \ufffd c \ufffd d 😀")


@case("takes an answer without a word")
def empty(house, wire):
    session = f"empty-{wire.kind}"
    house.mock.queue(reply(""), reply("yes"))
    completed(house.run(wire.kind, "first", session), "")
    completed(house.run(wire.kind, "second", session), "yes")
    wire.turns(house.mock.requests(2)[1]["body"])


@case("tells why an answer ended: length", word="length", reason="length")
@case("tells why an answer ended: a word nobody knows", word="tired", reason="other")
def ends(house, wire, word, reason):
    house.mock.queue(reply(WORDS, finish_reason=word))
    completed(house.run(wire.kind, "count"), WORDS, reason)


@case("tells why an answer ended: the vendor's filter")
def filtered(house, wire):
    house.mock.queue(reply(WORDS, finish_reason="content_filter"))
    completed(house.run(wire.kind, "count"), WORDS, "content_filter" if wire is OPENAI else "refusal")


@case("tells the model what was said before")
def remembers(house, wire):
    session = f"remembers-{wire.kind}"
    house.mock.queue(reply("first answer"), reply("second answer"), reply("third answer"))
    for number in ("first", "second", "third"):
        completed(house.run(wire.kind, f"{number} question", session), f"{number} answer")
    same(wire.turns(house.mock.requests(3)[2]["body"]), [
        ("user", "first question", {}, {}), ("assistant", "first answer", {}, {}),
        ("user", "second question", {}, {}), ("assistant", "second answer", {}, {}),
        ("user", "third question", {}, {})], "the conversation")


@case("keeps many answers apart")
def many(house, wire):
    failures = []

    def play(number):
        try:
            text = f"question {number} of many, said by {wire.kind}"
            completed(house.run(wire.kind, text), wire.echo(text))
        except EXPECTED as failure:
            failures.append(f"{number}: {failure}")

    threads = [threading.Thread(target=play, args=[number]) for number in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    check(not failures, "runs went wrong", failures)
    house.mock.requests(24)


@case("refuses another agent in a session that has one, so a session never changes its provider")
def switch(house, wire):
    session = f"switch-{wire.kind}"
    house.mock.queue(reply("mine"))
    completed(house.run(wire.kind, "hello", session), "mine")
    other = next(item.kind for item in WIRES if item is not wire)
    answer = house.ask({"cmd": "run", "agent": other, "input": "hello", "session_id": session})
    error = answer["error"]
    same((answer["ok"], error["code"], error["field"]), (False, "invalid_params", "agent"), "the reply")
    house.mock.requests(1)


@case("asks a server at home, without preset and key", wires=[OPENAI])
def plain(house, wire):
    house.mock.queue(reply(WORDS))
    run = completed(house.run("openai-plain", "count"), WORDS)
    used(run, wire, house.mock.requests(1), tokens(WORDS))


@case("sends the headers of the configuration")
def headers(house, wire):
    failed(house.run(f"{wire.kind}-headers", "hello"), "model_bad_request", status=418, retryable=False)
    same(house.mock.requests(1)[0]["fault"], "forced:418", "what the header did")


# Tools. Until there are any, each call is answered with an error, and the model goes on.

CALLS = [
    {"name": "weather", "arguments": {"city": "Reykjavík", "days": 3, "units": {"temperature": "celsius"}}},
    {"name": "clock", "arguments": {}},
]


def called(run, names):
    """Each call began and ended, with an error, before the end; returns the events of the beginnings."""
    started, ended = run.of("tool_call_started"), run.of("tool_call_completed")
    same([event["tool_name"] for event in started], names, "the calls")
    same([event["executor"] for event in started], ["none"] * len(names), "who executes")
    same([event["status"] for event in ended], ["error"] * len(names), "how the calls end")
    check(all(event["result"] for event in ended), "a call without a result", ended)
    return started


@case("answers two calls at once, and goes on", text=None)
@case("answers two calls at once after a text, and goes on", text="Let me look.")
def tools(house, wire, text):
    session = f"tools-{wire.kind}-{bool(text)}"
    house.mock.queue(reply(text, tool_calls=CALLS), reply("It rains."), reply("Yes."))
    run = completed(house.run(wire.kind, "weather and time?", session), f"{text}\n\nIt rains." if text else "It rains.")
    started = called(run, ["weather", "clock"])
    same([event["tool_arguments"] for event in started], [call["arguments"] for call in CALLS], "the arguments")
    records = house.mock.requests(2)
    expected = {
        event["tool_call_id"]: (call["name"], call["arguments"]) for event, call in zip(started, CALLS)}
    turns = wire.turns(records[1]["body"])
    same(turns[1][:3], ("assistant", text or "", expected), "the calls as the model remembers them")
    results = [event["result"] for event in run.of("tool_call_completed")]
    same(list(turns[1][3].values()), results, "the results as the model sees them")
    output = len(text or "") // 4 + sum(len(json.dumps(call["arguments"])) // 4 for call in CALLS) + tokens("It rains.")
    used(run, wire, records, output)
    completed(house.run(wire.kind, "sure?", session), "Yes.")
    turns = wire.turns(house.mock.requests(3)[2]["body"])
    same([turn[0] for turn in turns], ["user", "assistant", "assistant", "user"], "the turns of the next run")


@case("survives a tool that was never offered", kind="unknown_tool", calls=[])
@case("survives a tool that was never offered, beside another", kind="unknown_tool", calls=CALLS)
@case("survives arguments that break off", kind="malformed_arguments", calls=CALLS)
@case("survives arguments that are one brace", kind="malformed_arguments", calls=[])
def broken_call(house, wire, kind, calls):
    session = f"broken-{wire.kind}-{kind}-{len(calls)}"
    house.mock.queue(
        {"type": "tool_fault", "kind": kind, "match": {}}, reply("", tool_calls=calls), reply("Sorry."), reply("Yes."))
    run = completed(house.run(wire.kind, "weather and time?", session), "Sorry.")
    names = [call["name"] for call in calls] or ["llmock_unknown_tool"]
    if kind == "unknown_tool":
        names[0] = "llmock_unknown_tool"
    started = called(run, names)
    if kind == "malformed_arguments":
        whole = json.dumps(calls[0]["arguments"] if calls else {})
        same(started[0]["tool_arguments"], None, "arguments that cannot be read")
        same(started[0]["tool_arguments_raw"], whole[:max(1, len(whole) // 2)], "the arguments as written")
    turns = wire.turns(house.mock.requests(2)[1]["body"])
    same([name for name, _ in turns[1][2].values()], names, "the calls as the model remembers them")
    completed(house.run(wire.kind, "sure?", session), "Yes.")
    wire.turns(house.mock.requests(3)[2]["body"])


@case("ends a model that never stops calling")
def endless(house, wire):
    house.mock.queue(reply("", tool_calls=CALLS[1:], times=None))
    run = house.run(wire.kind, "time?")
    failed(run, "limit_steps", retryable=False)
    called(run, ["clock"] * 32)
    house.mock.requests(32)


# Stops.


@case("stops in mid-stream, and the model remembers what was said")
def stop(house, wire):
    session = f"stop-{wire.kind}"
    text = " ".join(str(number) for number in range(600))
    house.mock.queue(reply(text), reply("Ten."))
    run = house.begin(wire.kind, "count", session)
    run.until("run_content", count=3)
    answer = house.ask({"cmd": "stop", "session_id": session})
    same((answer["ok"], answer["run_id"]), (True, run.run_id), "the reply to stop")
    run.finish()
    same((run.end["event"], run.end["reason"]), ("run_cancelled", "stop"), "the end")
    shown = run.end["content"]
    check(shown.endswith("\n\n" + HALT_NOTE), "the note is missing", shown)
    said = shown[:-len(HALT_NOTE)].rstrip()
    check(said and text.startswith(said), "what was said is no part of the answer", said)
    record = house.mock.requests(1)[0]
    check(not record["completed"], "the mock could send the whole answer")
    completed(house.run(wire.kind, "what was last?", session), "Ten.")
    same(wire.turns(house.mock.requests(2)[1]["body"]), [
        ("user", "count", {}, {}), ("assistant", shown, {}, {}), ("user", "what was last?", {}, {})],
        "the conversation")


@case("stops before the first word")
def stop_early(house, wire):
    session = f"stop-early-{wire.kind}"
    house.mock.queue({"type": "delay", "seconds": 1.5}, reply("late"), reply("Yes."))
    run = house.begin(wire.kind, "hello", session)
    run.until("run_started")
    house.ask({"cmd": "stop", "run_id": run.run_id})
    run.finish()
    same((run.end["event"], run.end["content"]), ("run_cancelled", HALT_NOTE), "the end")
    # The mock counts it only when its delay is over.
    house.mock.requests(1)
    completed(house.run(wire.kind, "there?", session), "Yes.")
    same(wire.turns(house.mock.requests(2)[1]["body"])[1][:2], ("assistant", HALT_NOTE), "the stopped turn")


@case("stops in the pause before a retry", allow={"gave_up": "the user stopped it while it waited for its retry"})
def stop_waiting(house, wire):
    house.mock.queue(fail(429, retry_after=30))
    run = house.begin(wire.kind, "hello")
    run.until("run_retrying")
    house.ask({"cmd": "stop", "run_id": run.run_id})
    run.finish()
    same((run.end["event"], run.end["content"]), ("run_cancelled", HALT_NOTE), "the end")
    house.mock.requests(1)


@case("stops when its client goes away")
def client_gone(house, wire):
    session = f"gone-{wire.kind}"
    house.mock.queue(reply(" ".join(str(number) for number in range(600))), reply("Yes."))
    run = house.begin(wire.kind, "count", session)
    run.until("run_content", count=3)
    run.connection.close()
    record = await_condition(lambda: (item := run.record())["status"] == "interrupted" and item, "the end of the run")
    same(record["cancel_reason"], "disconnect", "the reason")
    check(not house.mock.requests(1)[0]["completed"], "the mock could send the whole answer")
    completed(house.run(wire.kind, "sure?", session), "Yes.")
    turns = wire.turns(house.mock.requests(2)[1]["body"])
    check(turns[1][1].startswith("0 1 2"), "the model does not remember what was said", turns)


# Streams that break.


def cut(house, wire, kind, after, code):
    """A fault once: nothing said is retried, something said is kept."""
    session = f"cut-{wire.kind}-{kind}-{after}"
    words = WORDS.split(" ")
    said = " ".join(words[:max(0, after - wire.first_text)])
    # A piece is a word with the space after it.
    said += " " if said and len(said) < len(WORDS) else ""
    house.mock.queue(fault(kind, after), reply(WORDS, times=1 if said else 2), reply("Yes."))
    run = house.run(wire.kind, "count", session)
    if said:
        failed(run, code, said)
        house.mock.requests(1)
    else:
        pauses = retried(run, code)
        check(250 <= pauses[0] <= 500, "the pause", pauses)
        completed(run, WORDS, retries=1)
        house.mock.requests(2)
    before = 1 if said else 2
    completed(house.run(wire.kind, "sure?", session), "Yes.")
    turns = wire.turns(house.mock.requests(before + 1)[-1]["body"])
    same(turns[1][1], run.end["content"], "the answer as the model remembers it")


def hopeless(house, wire, kind, code):
    """A fault at each attempt, before anything is said."""
    house.mock.queue(fault(kind, 0, times=ATTEMPTS), reply(WORDS, times=ATTEMPTS))
    run = house.run(wire.kind, "count")
    pauses = retried(run, code, ATTEMPTS - 1)
    check(250 <= pauses[0] <= 500 <= pauses[1] <= 1000, "the pauses", pauses)
    failed(run, code, retries=ATTEMPTS - 1)
    records = house.mock.requests(ATTEMPTS)
    check(len({record["fingerprint"] for record in records}) == 1, "the attempts differ")


def cut_in_call(house, wire, kind, code):
    """A stream that breaks within a call's arguments: the call is never made."""
    house.mock.queue(
        fault(kind, BEFORE_ARGUMENTS + 1), reply("", tool_calls=CALLS, times=2), reply("It rains."))
    run = house.run(wire.kind, "weather?")
    retried(run, code)
    completed(run, "It rains.", retries=1)
    names = [event["event"] for event in run.events]
    check(names.index("run_retrying") < names.index("tool_call_started"), "a call was made from a broken stream", names)
    called(run, ["weather", "clock"])
    house.mock.requests(3)


def cut_in_call_after_text(house, wire, kind, code):
    """The same after a text, which is kept."""
    text = "Let me look."
    begin = wire.first_text + len(text.split(" ")) + wire.after_text
    house.mock.queue(fault(kind, begin + 2), reply(text, tool_calls=CALLS))
    run = failed(house.run(wire.kind, "weather?"), code, text)
    called(run, [])
    house.mock.requests(1)


for kind, code in FAULTS.items():
    last = {FINDING_WHEN_LAST[kind]: SHOWN} if kind in FINDING_WHEN_LAST else {}
    for wire in WIRES:
        for after in (0, 1, 3, 5):
            allow = last if after > wire.first_text else {}
            case(f"stream: {kind} after {after} pieces", [wire], kind=kind, after=after, code=code, allow=allow)(cut)
        after = wire.first_text + len(WORDS.split(" ")) + wire.after_text
        case(f"stream: {kind} before its end", [wire], kind=kind, after=after, code=code, allow=last)(cut)
    # A disconnect is forgiven when there was a retry.
    given_up = {name: GAVE_UP_LAST for name in last if kind != "disconnect"} | {"no_backoff": JITTER}
    case(f"stream: {kind} at each attempt", kind=kind, code=code, allow=given_up)(hopeless)
    case(f"stream: {kind} within a call", kind=kind, code=code)(cut_in_call)
    case(f"stream: {kind} within a call after a text", kind=kind, code=code, allow=last)(cut_in_call_after_text)

WHOLE = "the reason for the end had come: the answer is whole, which is asserted, and only its last piece is missing"


@case("stream: disconnect after its end", kind="disconnect", allow={"gave_up": WHOLE})
@case("stream: truncate after its end", kind="truncate", allow={"truncated_stream_accepted": WHOLE})
@case("stream: stall after its end", kind="stall")
def cut_late(house, wire, kind):
    after = wire.first_text + len(WORDS.split(" ")) + wire.after_text + 1
    house.mock.queue(fault(kind, after), reply(WORDS))
    run = completed(house.run(wire.kind, "count"), WORDS)
    records = house.mock.requests(1)
    if wire is OPENAI:
        # Its figures come after its end, and are unknown now; unknown is not zero.
        usage = run.end["usage"]
        same((usage["input_tokens"], usage["output_tokens"]), (None, None), "the unknown figures")
        check(usage["incomplete"], "the usage passes for whole")
    else:
        used(run, wire, records, tokens(WORDS))


@case("stream: disconnect after the end of a call", kind="disconnect", allow={"gave_up": WHOLE})
@case("stream: truncate after the end of a call", kind="truncate", allow={"truncated_stream_accepted": WHOLE})
@case("stream: stall after the end of a call", kind="stall")
def cut_late_in_call(house, wire, kind):
    # One piece of arguments, and the reason for the end.
    after = BEFORE_ARGUMENTS + 1 + wire.after_text + 1
    house.mock.queue(fault(kind, after), reply("", tool_calls=CALLS[1:]), reply("Noon."))
    run = completed(house.run(wire.kind, "time?"), "Noon.")
    called(run, ["clock"])
    house.mock.requests(2)


@case("stream: waits for a slow one")
def slow(house, wire):
    house.mock.queue(
        {**fault("stall", 4), "stall_seconds": 0.5}, {"type": "slow_first_token", "seconds": 0.5},
        {"type": "delay", "seconds": 1.2}, reply(WORDS))
    completed(house.run(wire.kind, "count"), WORDS)
    house.mock.requests(1)


@case("stream: silent before its first piece")
def silent(house, wire):
    house.mock.queue({"type": "slow_first_token", "seconds": STALL_SECONDS}, reply(WORDS, times=2))
    run = completed(house.run(wire.kind, "count"), WORDS, retries=1)
    retried(run, "model_stalled")
    house.mock.requests(2)


@case("no answer at all in time")
def unanswered(house, wire):
    house.mock.queue({"type": "delay", "seconds": 3}, reply(WORDS, times=2))
    run = completed(house.run(wire.kind, "count"), WORDS, retries=1)
    retried(run, "model_stalled")
    house.mock.requests(2)


@case("nobody listens")
def nobody(house, wire):
    run = house.run(f"{wire.kind}-closed", "hello")
    pauses = retried(run, "model_unavailable", ATTEMPTS - 1)
    check(250 <= pauses[0] <= 500 <= pauses[1] <= 1000, "the pauses", pauses)
    failed(run, "model_unavailable", retries=ATTEMPTS - 1)
    house.mock.requests(0)


# Refusals.


def refused(house, wire, status, code):
    """A status that no retry mends."""
    session = f"refused-{wire.kind}-{status}"
    house.mock.queue(fail(status), reply("Yes."))
    run = failed(house.run(wire.kind, "hello", session), code, status=status, retryable=False)
    house.mock.requests(1)
    line = next((line for line in house.daemon.output().splitlines() if run.run_id in line and code in line), "")
    check(f"http_status={status}" in line, "the log does not tell of the failure", line)
    completed(house.run(wire.kind, "again", session), "Yes.")
    wire.turns(house.mock.requests(2)[1]["body"])


def refused_once(house, wire, status, code, retry_after=None):
    """A status that passes."""
    house.mock.queue(fail(status, retry_after=retry_after), reply("Yes."))
    run = completed(house.run(wire.kind, "hello"), "Yes.", retries=1)
    pauses = retried(run, code)
    records = house.mock.requests(2)
    wanted = records[0]["retry_after"]
    if wanted is None:
        check(250 <= pauses[0] <= 500, "the pause", pauses)
    else:
        check(1000 * wanted <= pauses[0] <= 1060 * wanted + 1, "the pause", pauses)
        not_early(records, wanted)
    error = run.of("run_retrying")[0]["error"]
    same((error["http_status"], error["retryable"]), (status, True), "the error of the retry")
    used(run, wire, records[1:], tokens("Yes."))


def refused_always(house, wire, status, code):
    """A status that should pass and does not."""
    house.mock.queue(fail(status, times=ATTEMPTS, retry_after=0.2 if status in (429, 503, 529) else None))
    run = failed(house.run(wire.kind, "hello"), code, status=status, retries=ATTEMPTS - 1)
    retried(run, code, ATTEMPTS - 1)
    not_early(house.mock.requests(ATTEMPTS), 0.2)


for status, code in {
    400: "model_bad_request", 401: "model_auth", 402: "model_rate_limited", 403: "model_auth",
    404: "model_bad_request", 413: "model_bad_request", 422: "model_bad_request",
}.items():
    case(f"status {status}", status=status, code=code)(refused)
for status, code in {
    408: "model_unavailable", 409: "model_unavailable", 429: "model_rate_limited", 500: "model_unavailable",
    502: "model_unavailable", 503: "model_overloaded", 504: "model_unavailable", 529: "model_overloaded",
}.items():
    case(f"status {status} once", status=status, code=code)(refused_once)
    case(f"status {status} at each attempt", status=status, code=code, allow={"no_backoff": JITTER})(refused_always)
for seconds in (0, 0.3, 1.7):
    case(f"status 429 once, retry after {seconds} s", status=429, code="model_rate_limited", retry_after=seconds)(
        refused_once)
case("status 500 once, retry after 0.7 s", status=500, code="model_unavailable", retry_after=0.7)(refused_once)


@case("status 429 with a wait that is too long", allow={"gave_up": "nobody waits so long; the client is told at once"})
def refused_long(house, wire):
    house.mock.queue(fail(429, retry_after=LONGEST_WAIT_SECONDS + 1))
    failed(house.run(wire.kind, "hello"), "model_rate_limited", status=429)
    house.mock.requests(1)


@case("status 429 for want of money", allow={"gave_up": "no wait brings money"})
def broke(house, wire):
    house.mock.queue(
        fail(429, message="You exceeded your current quota, please check your plan and billing details.",
             code="insufficient_quota"))
    failed(house.run(wire.kind, "hello"), "model_rate_limited", status=429, retryable=False)
    house.mock.requests(1)


@case("a refusal's long message is cut, and on one line")
def long_message(house, wire):
    house.mock.queue(fail(400, message="no\r\n\u0007\u2028 " * 40_000))
    failed(house.run(wire.kind, "hello"), "model_bad_request", status=400, retryable=False)
    house.mock.requests(1)


@case("a refusal that repeats the key does not show it", allow={"no_backoff": JITTER})
def echoed_key(house, wire):
    key = house.keys[wire.kind]
    house.mock.queue(
        fail(401, message=f"Incorrect API key provided: {key}. You can find yours at ({key[:-4]}...)."),
        fail(500, times=ATTEMPTS, message=f'{{"headers": {{"x-api-key": "{key}", "authorization": "Bearer {key}"}}}}'))
    for text in ("hello", "hello again"):
        run = house.run(wire.kind, text)
        same(run.end["event"], "run_error", "the end")
        check(key not in json.dumps(run.events), "the key is shown", run.end)
        # Nor a part of it that says much.
        check(key[:-4] not in json.dumps(run.events), "most of the key is shown", run.end)
    house.mock.requests(1 + ATTEMPTS)



# The mock with limits, as vendors have them.


@case("a prompt longer than the window")
def too_long(house, wire):
    house.limited.reset()
    run = house.run(f"{wire.kind}-limited", "long " * 1000)
    failed(run, "context_length_exceeded", status=400, retryable=False)
    house.limited.requests(1)
    same(house.limited.findings(), [], "the verdict on the limits")


@case("a quota: waits as long as it is told, for each key on its own")
def quota(house, wire):
    house.limited.reset()
    failures, retries = [], []

    def play(number):
        try:
            text = f"question {number}"
            run = completed(house.run(f"{wire.kind}-limited", text), wire.echo(text), retries=None)
            same({event["error"]["code"] for event in run.of("run_retrying")} - {"model_rate_limited"}, set(), "codes")
            retries.extend(run.of("run_retrying"))
        except EXPECTED as failure:
            failures.append(f"{number}: {failure}")

    threads = [threading.Thread(target=play, args=[number]) for number in range(QUOTA_PER_MINUTE + 1)]
    for thread in threads:
        thread.start()
    # Another key has a quota of its own: this run waits for nobody.
    completed(house.run(f"{wire.kind}-second-key", "hello"), wire.echo("hello"))
    for thread in threads:
        thread.join()
    check(not failures, "runs went wrong", failures)
    check(retries, "the quota was never exhausted")
    house.limited.requests(len(threads) + 1 + len(retries))
    same(house.limited.findings(), [], "the verdict on the limits")


# At the end.


def keys_are_nowhere(house):
    """No key is in the log, in what clients got, in the database or in the daemon's environment."""
    places = {"the daemon's log": house.daemon.log.read_bytes(), "what clients got": "\n".join(house.seen).encode()}
    environment = pathlib.Path(f"/proc/{house.daemon.child.pid}/environ")
    if environment.exists():
        places["the daemon's environment"] = environment.read_bytes()
    files = [file for file in (house.path / "state").rglob("*") if file.is_file()]
    check(any(file.name == "agentd.db" for file in files), "there is no database", [file.name for file in files])
    places.update((f"the state's {file.name}", file.read_bytes()) for file in files)
    for name, key in house.keys.items():
        for place, content in places.items():
            check(key.encode() not in content, f"the key of {name} is in {place}")


def conversations_are_not_logged(house):
    """The log tells what happened, never what was said."""
    log = house.daemon.output()
    for words in ("Reykjavík", "three four", "Wie geht", "It rains", INSTRUCTIONS):
        check(words not in log, "the log holds a conversation", words)


def ends_well(house):
    """The daemon ends when it is asked, and has said nothing of a defect."""
    same(house.daemon.stop(), 0, "the daemon's code")
    log = house.daemon.output()
    check("Fatal error" not in log and "level=critical" not in log, "the daemon's log tells of a defect", log[-2000:])


def play(house, wire, function, parameters):
    allow = dict(parameters)
    allowed = allow.pop("allow", {})
    house.mock.reset()
    function(house, wire, **allow)
    same(house.mock.pending(), [], "what was prepared and not met")
    findings = house.mock.findings()
    faults = [item for item in findings if item["code"] not in allowed]
    check(not faults, "the mock finds fault", faults)
    needed = {code for code, reason in allowed.items() if reason is not JITTER}
    needless = needed - {item["code"] for item in findings}
    check(not needless, "an allowance that nothing needs", sorted(needless))


def main():
    words = sys.argv[1:]
    agentd = pathlib.Path(os.environ.get("AGENTD", ".build/debug/agentd")).resolve()
    if not os.access(agentd, os.X_OK):
        sys.exit(f"{agentd} cannot be executed; AGENTD names another binary")
    # Ended from outside it still ends its own processes.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    results = []

    def report(name, function, *arguments):
        started = time.monotonic()
        try:
            function(*arguments)
            results.append(True)
            print(f"ok    {name} ({time.monotonic() - started:.1f} s)", flush=True)
        except EXPECTED as failure:
            results.append(False)
            print(f"FAIL  {name}: {type(failure).__name__}: {failure}", flush=True)

    house = House(agentd)
    try:
        house.start()
        for wire, title, function, parameters in CASES:
            name = f"{wire.kind}: {title}"
            if all(word in name for word in words):
                report(name, play, house, wire, function, parameters)
        report("no key is anywhere", keys_are_nowhere, house)
        report("no conversation is in the log", conversations_are_not_logged, house)
        report("the daemon ends well", ends_well, house)
    finally:
        house.close()
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
    return 0 if all(results) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
