"""The rows about clients that do not read, or that mean harm."""

import contextlib
import json
import pathlib
import socket
import tempfile
import threading
import time

STALL_S = 30
PIECE = "One hundred bytes of an answer that somebody should read, and that somebody else does not want to.  "
# A piece each millisecond, for forty seconds.
TEXT = PIECE * 9900
FLOOD = {"flood": [[{"say": TEXT, "chunk": 25, "every_ms": 1}, {"end": "stop"}]]}
TALL = {"tall": [[{"say": PIECE * 9000, "chunk": 16000}, {"end": "stop"}]]}
TERMINAL = {"run_completed", "run_cancelled", "run_error"}


class Client:
    """A connection that reads when it is asked to."""

    def __init__(self, directory):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(60)
        self.socket.connect(str(directory / "socket"))
        self.lines = self.socket.makefile("rb")

    def send(self, **command):
        self.socket.sendall(json.dumps(command).encode() + b"\n")

    def frame(self):
        line = self.lines.readline()
        return json.loads(line) if line else None

    def ask(self, **command):
        self.send(**command)
        while "ok" not in (reply := self.frame()):
            pass
        return reply

    def close(self):
        self.lines.close()
        self.socket.close()


def cpu_seconds(pid):
    """What a process has used, by its own clock: see clock_getcpuclockid."""
    return time.clock_gettime((~pid << 3) | 2)


def peak_mib(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


@contextlib.contextmanager
def neighbour(directory, reads):
    """One more client, of a run that says 1000 pieces a second: it reads them, or it does not."""
    client = Client(directory)
    client.send(cmd="run", agent="flood", input="go")
    is_over = False

    def read():
        while not is_over:
            client.frame()

    if reads:
        threading.Thread(target=read, daemon=True).start()
    try:
        yield
    finally:
        is_over = True
        client.socket.shutdown(socket.SHUT_RDWR)


def detached(bench):
    """A client that takes nothing for longer than it may, and then goes on; gives what was wrong, and what was seen."""
    with tempfile.TemporaryDirectory(prefix="agentd-bench-") as directory:
        directory = pathlib.Path(directory)
        with bench.daemon(directory, "http://127.0.0.1:9/v1", FLOOD):
            client = Client(directory)
            began = time.monotonic()
            client.send(cmd="run", agent="flood", input="go", run_id="r", on_disconnect="continue")
            client.send(cmd="ping", id="early")
            time.sleep(2)
            unread = Client(directory).ask(cmd="hello")["unread_bytes"]
            # Two seconds were enough to fill the kernel's buffer; two more are for the machine.
            time.sleep(STALL_S + 2)
            seconds = time.monotonic() - began
            client.send(cmd="ping", id="late")
            told = []
            while (frame := client.frame()).get("id") != "late":
                told.append(frame)
            notices = [frame for frame in told if frame.get("event") == "stream_detached"]
            if [notice["reason"] for notice in notices] != ["slow_reader"]:
                return ["it was not detached once"], {}
            if not any(frame.get("id") == "early" for frame in told):
                return ["a reply was lost"], {}
            after = notices[0]["after"]
            events = [frame for frame in told if "seq" in frame]
            if events[-1]["seq"] != after:
                return [f"it is to go on after {after}, and has had {events[-1]['seq']}"], {}
            status = client.ask(cmd="attach", run_id="r", after=after)["status"]
            events += until_terminal(client)
    problems = [] if status == "running" else ["the run did not go on"]
    seqs = [event["seq"] for event in events]
    if seqs != sorted(set(seqs)) or seqs[0] != 1:
        problems.append("a seq does not rise")
    if "".join(event["content"] for event in events if event["event"] == "run_content") != TEXT:
        problems.append("the text is not the one that was said")
    return problems, {"unread_bytes": unread, "seconds": seconds, "after": after, "events": len(events)}


def until_terminal(client):
    while True:
        frame = client.frame()
        yield frame
        if frame.get("event") in TERMINAL:
            return


def unread_pages(bench, count):
    """So many clients that each ask for a page of 1 MiB and do not read it: memory, and what they are told at last."""
    with tempfile.TemporaryDirectory(prefix="agentd-bench-") as directory:
        directory = pathlib.Path(directory)
        with bench.daemon(directory, "http://127.0.0.1:9/v1", TALL) as (child, _):
            client = Client(directory)
            for _ in range(6):
                client.send(cmd="run", agent="tall", input="go", session_id="s", stream="final")
                list(until_terminal(client))
            clients = [Client(directory) for _ in range(count)]
            for each in clients:
                each.send(cmd="history", session_id="s", limit=200)
                each.send(cmd="ping")
            last = -1
            while (unread := client.ask(cmd="hello")["unread_bytes"]) != last:
                last = unread
                time.sleep(0.5)
            peak = peak_mib(child.pid)
            refused = wrong = 0
            for each in clients:
                page, ping = each.frame(), each.frame()
                if not page["ok"] and page["error"]["code"] == "overloaded":
                    refused += 1
                elif not page["ok"] or not page["messages"]:
                    wrong += 1
                if ping["cmd"] != "ping":
                    wrong += 1
            return {"peak_mib": peak, "unread_bytes": unread, "refused": refused, "wrong": wrong}


def hostile_lines():
    """What each is called, its first bytes, a piece that is repeated, how often, and the code of its refusal."""
    names = ",".join(f'"n{number}":0' for number in range(200_000)).encode()
    return [
        ("1 GiB without a line feed", b"", b"x" * (1 << 20), 1024, "line_too_long"),
        ("100,000 arrays in each other", b'{"cmd":"ping","x":', b"[" * 100_000, 1, "bad_json"),
        ("200,000 names", b'{"cmd":"ping",' + names + b"}", b"", 0, "bad_json"),
        ("100,000 names", b'{"cmd":"pong",' + names[:names.index(b',"n100000"')] + b"}", b"", 0, "unknown_command"),
        ("16 MB of numbers", b'{"cmd":"ping","x":[', b"0," * 500_000, 16, "bad_json"),
        ("16 MB of escapes", b'{"cmd":"ping","x":"', b"\\u00e9" * 160_000, 16, "bad_json"),
        ("16 MB of white space", b"", b" " * 1_000_000, 16, None),
    ]


def hostile(bench):
    """Each line on a daemon of its own: CPU for 64 KiB of it, memory at most, and what was wrong."""
    results = {}
    for name, head, piece, count, code in hostile_lines():
        with tempfile.TemporaryDirectory(prefix="agentd-bench-") as directory:
            directory = pathlib.Path(directory)
            with bench.daemon(directory, "http://127.0.0.1:9/v1") as (child, _):
                client = Client(directory)
                client.ask(cmd="ping")
                before, idle = cpu_seconds(child.pid), peak_mib(child.pid)
                client.socket.sendall(head)
                for _ in range(count):
                    client.socket.sendall(piece)
                client.socket.sendall(b"\n")
                problems = []
                if code and (told := client.frame()).get("error", {}).get("code") != code:
                    problems.append(f"{name}: answered with {told}"[:300])
                if client.ask(cmd="ping", id="after")["id"] != "after":
                    problems.append(f"{name}: more than one answer")
                size = len(head) + len(piece) * count
                results[name] = {
                    "ms_per_64k": (cpu_seconds(child.pid) - before) * 1000 / (size / 65536), "bytes": size,
                    "growth_mib": peak_mib(child.pid) - idle, "problems": problems}
    return results
