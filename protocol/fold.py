#!/usr/bin/env python3
"""What a client has to understand, as code: bytes come in, and what they mean comes out. Standard library only.

    fold.py [VECTOR ...]     plays the client vectors, by default all of the folder fold/

Read this file to write a client. `Lines` makes frames of bytes, `Fold` makes runs of frames; neither knows a socket.
"""

import json
import pathlib
import sys

from player import bytes_of

STATUS_OF = {"run_completed": "completed", "run_cancelled": "interrupted", "run_error": "error"}


class Lines:
    """The frames of one connection, from its bytes as they were read, however they were cut."""

    def __init__(self):
        self.rest = b""

    def feed(self, data):
        """The frames that are whole now. Bytes are cut at line feeds and only then read as UTF-8."""
        *lines, self.rest = (self.rest + data).split(b"\n")
        # A line may begin with spaces, which keep a connection alive, or hold nothing else.
        return [json.loads(line) for line in lines if line.strip()]

    # At the end of the connection what is in `rest` is not a frame: it broke off, and comes again after an attach.


class Run:
    """What is known of one run."""

    def __init__(self):
        self.status = None
        self.last_seq = 0
        self.error = None
        self.reason = None
        self.detached = None
        self.texts = {}
        self.whole = None

    @property
    def content(self):
        """The answer: the terminal event has all of it, else the messages so far, joined by a blank line."""
        return self.whole if self.whole is not None else "\n\n".join(text for text in self.texts.values() if text)

    def take(self, event):
        """Takes an event of the run's log. One that was taken before is passed over: `seq` tells."""
        if event["seq"] <= self.last_seq:
            return
        self.last_seq = event["seq"]
        self.detached = None
        name = event["event"]
        if name in ("run_queued", "run_started"):
            self.status = event["status"]
        elif name == "run_content":
            message = event["message_id"]
            self.texts[message] = self.texts.get(message, "") + event["content"]
        elif name == "run_retrying":
            self.texts.pop(event.get("discards"), None)
        elif name in STATUS_OF:
            self.status = STATUS_OF[name]
            self.error = event["error"]["code"] if name == "run_error" else None
            self.reason = event.get("reason")
            # A content that was clipped is not the whole; whoever has read all pieces has it.
            if not event.get("clipped") or not self.texts:
                self.whole = event["content"]
        # Every other event, also one that is not known, only moves `last_seq`.


class Fold:
    """What a client knows, over all its connections."""

    def __init__(self):
        self.replies = []
        self.runs = {}
        self.is_draining = False

    def take(self, frame):
        """Takes a frame. What it is, its shape says: a reply has `ok`, an event has `event`."""
        if "ok" in frame:
            self.take_reply(frame)
        elif "seq" in frame:
            self.run(frame["run_id"]).take(frame)
        elif frame.get("event") == "stream_detached":
            self.run(frame["run_id"]).detached = frame["reason"]
        elif frame.get("event") == "server_draining":
            self.is_draining = True

    def take_reply(self, reply):
        """Replies come in the order of the commands; a run or an attach says where its run stands."""
        self.replies.append(reply)
        if reply["ok"] and reply["cmd"] in ("run", "attach"):
            run = self.run(reply["run_id"])
            # What was read of a run that is over is not changed by a reply that was written before.
            if run.status not in STATUS_OF.values():
                run.status = reply["status"]

    def run(self, name):
        return self.runs.setdefault(name, Run())


def understood(vector):
    """What a client understands of a vector: some connections, each a list of reads."""
    fold = Fold()
    for reads in vector["connections"]:
        lines = Lines()
        for read in reads:
            for frame in lines.feed(bytes_of(read)):
                fold.take(frame)
    return {
        "replies": [shown_reply(reply) for reply in fold.replies],
        "runs": {
            name: {
                "status": run.status, "content": run.content, "last_seq": run.last_seq, "error": run.error,
                "reason": run.reason, "detached": run.detached,
            }
            for name, run in fold.runs.items()
        },
        "draining": fold.is_draining,
    }  # fmt: skip


def shown_reply(reply):
    shown = {name: reply[name] for name in ("ok", "cmd", "id", "run_id") if name in reply}
    return shown if reply["ok"] else shown | {"error": reply["error"]["code"]}


def expected(vector):
    """What a client must have understood, with what a vector leaves out because it is nothing special."""
    expect = vector["expect"]
    plain = {"error": None, "reason": None, "detached": None}
    runs = {name: plain | run | {"content": bytes_of(run["content"]).decode()} for name, run in expect["runs"].items()}
    return {"replies": expect["replies"], "runs": runs, "draining": expect.get("draining", False)}


def vectors(paths):
    """The vectors of some files; by default of all."""
    for path in paths or sorted((pathlib.Path(__file__).resolve().parent / "fold").glob("*.json")):
        yield pathlib.Path(path).stem, json.loads(pathlib.Path(path).read_text(encoding="utf-8"))


def main():
    passed = failed = 0
    for name, vector in vectors(sys.argv[1:]):
        found, wanted = understood(vector), expected(vector)
        if found == wanted:
            passed += 1
            print(f"ok    {name}")
        else:
            failed += 1
            print(f"FAIL  {name}: understood {str(found)[:1000]}\n      and not {str(wanted)[:1000]}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
