"""What a play brought, without what differs from play to play: identifiers, times, and the pieces of a text."""

import json

from player import TERMINAL

# Clocks, counters of the whole daemon, and places in a log whose pieces may be merged.
VOLATILE = {
    "ts", "created_at", "updated_at", "started_at", "completed_at", "duration_ms", "delay_ms", "seq", "last_seq",
    "after", "live_runs", "queued", "connections", "next_cursor",
}  # fmt: skip
GAUGES = {"commit_p99_ms", "counters", "last_storage_error", "log_bytes", "unread_bytes"}
PIECES = {"run_content", "reasoning_content"}


class Names:
    """Identifiers that the daemon made, numbered as they are met."""

    def __init__(self):
        self.met = {}

    def number(self, text):
        return self.met.setdefault(text, f"#{len(self.met) + 1}")


def steady(value, names, key=None):
    """A value with its volatile parts replaced; what an error says to people is one of them."""
    if key in GAUGES or (key in VOLATILE and value is not None):
        return "*"
    if isinstance(value, dict):
        prose = {"message"} if {"code", "retryable"} <= value.keys() else set()
        return {name: "*" if name in prose else steady(inner, names, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [steady(inner, names, key) for inner in value]
    if key is not None and key.endswith(("_id", "_ids")) and isinstance(value, str) and "${run}" not in value:
        return names.number(value)
    return value


def merged(events):
    """Events of one stream with neighbouring pieces of a text joined."""
    result = []
    for event in events:
        last = result[-1] if result else {}
        if event["event"] in PIECES and all(last.get(name) == event.get(name) for name in ("event", "message_id")):
            result[-1] = event | {"content": last["content"] + event["content"]}
        else:
            result.append(event)
    return result


def canonical(transcript, unique):
    """For each connection its replies in order, and for each stream (a run, and the command's id) its events."""
    result = {}
    for name, connection in transcript.connections.items():
        names = Names()
        frames = [frame for frame in connection.frames if id(frame) not in transcript.polled]
        frames = json.loads(json.dumps(frames).replace(unique, "${run}"))
        # Replies come in one order; events of different runs do not. So identifiers are numbered by the replies first.
        replies = [steady(frame, names) for frame in frames if "ok" in frame]
        streams = {}
        for frame in frames:
            if "event" in frame:
                streams.setdefault((frame.get("run_id"), frame.get("id")), []).append(frame)
        order = sorted(streams, key=lambda key: (names.met.get(key[0], str(key[0])), str(key[1])))
        result[name] = {
            "replies": replies,
            "streams": [merged([steady(frame, names) for frame in streams[key]]) for key in order],
        }
    return result


def difference(left, right):
    """What is different in two plays, in words; None if nothing is."""
    for name in left.keys() | right.keys():
        if name not in left or name not in right:
            return f"connection {name} is in one only"
        for place, pair in enumerate(zip_all(left[name]["replies"], right[name]["replies"]), 1):
            if pair[0] != pair[1]:
                return f"connection {name}, reply {place}: {shown(pair)}"
        for pair in zip_all(left[name]["streams"], right[name]["streams"]):
            if pair[0] is None or pair[1] is None or not agree(*pair):
                return f"connection {name}: {shown(pair)}"
    return None


def agree(left, right):
    """Whether two streams are the same; one that was not read to its end may be the beginning of the other."""
    for place, (one, other) in enumerate(zip(left, right), 1):
        if one != other:
            last = place == min(len(left), len(right))
            return last and one["event"] in PIECES and one | {"content": ""} == other | {"content": ""} and (
                one["content"].startswith(other["content"]) or other["content"].startswith(one["content"]))
    return len(left) == len(right) or min(left, right, key=len)[-1]["event"] not in TERMINAL


def zip_all(left, right):
    count = max(len(left), len(right))
    return zip(left + [None] * (count - len(left)), right + [None] * (count - len(right)))


def shown(pair):
    return " is not ".join(json.dumps(value, ensure_ascii=False)[:600] for value in pair)
