"""Rows about the ledger's file: what it weighs, and what a page of it costs. bench.py runs them."""

import json
import pathlib
import random
import socket
import sqlite3
import statistics
import string
import tempfile
import time

WORDS = ("the of and to in is that for it as was with be by on not he his but at are this have from or had an they which one "
         "you were all her she there would their we him been has when who will no more if out so up said what its about than "
         "into them can only other time new some could these two may first then do any like my now over such our").split()
# Lengths of pieces as models send them: one token each, or a few at once.
TOKENS = {"tokens of 4.6 bytes": [1, 2, 3, 4, 4, 5, 5, 6, 7, 9], "pieces of 18 bytes": [7, 11, 14, 16, 18, 18, 20, 22, 25, 31]}
# Bytes of answer -> bytes of file for each byte of text, at most: the goal, or what was measured and a twentieth more.
AT_MOST = {
    "tokens of 4.6 bytes": {500: 4.0, 2000: 2.9, "2000-8000": 1.5, 8000: 1.5, 32000: 1.4},
    "pieces of 18 bytes": {500: 3.8, 2000: 2.8, "2000-8000": 1.41, 8000: 1.32, 32000: 1.2},
}
# Runs that are played where it is not 300: pages that a file has anyway weigh little in the file of a chat that is used.
WEIGHED = {"2000-8000": 1000, 32000: 90}
# Each says an answer of its own.
AGENTS = 50
# A page in the middle or at the end, in pages at the beginning.
FLAT = 2


class Client:
    """Commands and lines over agentd's socket."""

    def __init__(self, directory):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(str(directory / "socket"))
        self.file = self.socket.makefile("rwb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        self.socket.close()

    def send(self, **command):
        self.file.write(json.dumps(command).encode() + b"\n")
        self.file.flush()

    def line(self):
        return self.file.readline()

    def frame(self):
        return json.loads(self.line())

    def ask(self, **command):
        self.send(**command)
        reply = self.frame()
        if not reply.get("ok"):
            raise RuntimeError(f"{command}: {reply}")
        return reply


# What the file weighs.

def text(size, rng):
    words = []
    while sum(map(len, words)) + len(words) < size:
        words.append(rng.choice(WORDS))
    return " ".join(words)[:size]


def script(size, lengths, rng):
    """An answer that comes in uneven pieces, up to 8 ms from one to the next."""
    answer, steps, place = text(size, rng), [], 0
    while place < len(answer):
        length = rng.choice(lengths)
        steps.append({"say": answer[place:place + length], "every_ms": rng.randint(0, 8)})
        place += length
    return [steps + [{"usage": {"input_tokens": 100, "output_tokens": size // 4}}, {"end": "stop"}]]


def weigh(bench, size, lengths, runs):
    """Plays runs in a third as many sessions; the file's bytes, the text's, and the file's by table and index."""
    rng = random.Random(7)
    low, high = (int(part) for part in str(size).split("-")) if "-" in str(size) else (int(size), int(size))
    scripts = {f"a{n}": script(low + (high - low) * n // (AGENTS - 1), lengths, rng) for n in range(AGENTS)}
    with tempfile.TemporaryDirectory(prefix="agentd-bench-") as directory:
        directory = pathlib.Path(directory)
        said = 0
        with bench.daemon(directory, "http://127.0.0.1:9/v1", scripts=scripts) as (child, _), Client(directory) as client:
            sent = ended = 0
            while ended < runs:
                while sent < runs and sent - ended < 60:
                    session = sent % max(1, runs // 3)
                    client.send(cmd="run", session_id=f"session-{session}", user_id=f"user-{session % 20}",
                                agent=f"a{session % AGENTS}", input=text(rng.randint(40, 200), rng), stream="final",
                                on_busy="queue")
                    sent += 1
                frame = client.frame()
                if frame.get("ok") is False or frame.get("event") in ("run_error", "run_cancelled"):
                    raise RuntimeError(str(frame))
                if frame.get("event") == "run_completed":
                    ended += 1
                    said += frame.get("bytes") or len(frame["content"].encode())
            await_sweep(directory / "state" / "agentd.db")
        if child.returncode != 0:
            raise RuntimeError(f"agentd ended with {child.returncode}")
        path = directory / "state" / "agentd.db"
        database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        asked = database.execute(
            "SELECT sum(length(CAST(content AS BLOB))) FROM ai_agent_messages WHERE role = 'user'").fetchone()[0]
        try:
            parts = dict(database.execute("SELECT name, sum(pgsize) FROM dbstat GROUP BY name ORDER BY 2 DESC"))
        except sqlite3.OperationalError:
            parts = {}
        database.close()
        return {"file": path.stat().st_size, "text": said + asked, "answers": said, "parts": parts}


def await_sweep(path):
    """Deltas whose text has been folded leave the file when the ledger has nothing else to do."""
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    until = time.monotonic() + 20
    while database.execute("SELECT EXISTS (SELECT 1 FROM ai_agent_run_deltas)").fetchone()[0]:
        if time.monotonic() > until:
            raise RuntimeError("the deltas were not swept")
        time.sleep(0.05)
    database.close()


# What a page costs.

SESSIONS, RUNS, LONG = 100_000, 500_000, 20_000


def fill(path, sessions, runs, long):
    """Rows in the schema's own form, far faster than by talking: a fifth of a run's session is random, one is long."""
    rng = random.Random(3)
    letters = string.digits + string.ascii_lowercase[:22]
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = OFF")
    indexes = database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql NOT NULL").fetchall()
    for name, _ in indexes:
        database.execute(f"DROP INDEX {name}")

    def name(prefix, time):
        digits = "".join(letters[time >> shift & 31] for shift in range(45, -5, -5))
        return f"{prefix}_{digits}{rng.getrandbits(64):016x}"

    start = 1_780_000_000_000
    names = [f"{rng.getrandbits(40):010x}-{n}" for n in range(sessions)]
    turns = [0] * sessions
    last = [start] * sessions
    made = {"runs": [], "messages": []}
    statements = {
        "runs": "INSERT INTO ai_agent_runs (run_id, session_id, user_id, agent_name, provider, model, user_message_id,"
                " assistant_message_id, created_at, started_at, completed_at, status, request, last_seq, stop_reason,"
                " error_code, error_message, error_retryable)"
                " VALUES (?, ?, ?, ?, 'mock', 'bench', ?, ?, ?, ?, ?, ?, '{\"metadata\":null}', 40, ?, ?, ?, ?)",
        "messages": "INSERT INTO ai_agent_messages (message_id, session_id, run_id, step, position, role, content,"
                    " created_at, completed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"}
    database.execute("BEGIN")
    for number in range(runs):
        # Every session has a run; the first has many.
        which = number if number < sessions else 0 if number < sessions + long else rng.randrange(sessions)
        now = start + number * 50
        run, question, answer = name("run", now), name("msg", now), name("msg", now + 1)
        failed = number % 50 == 49
        made["runs"].append(
            (run, names[which], f"user-{which % 8}", f"agent-{which % 10}", question, answer, now, now, now + 40,
             "error" if failed else "completed", None if failed else "stop",
             *(("model_overloaded", "too much", 1) if failed else (None, None, None))))
        turns[which] += 1
        last[which] = now
        made["messages"].append(
            (question, names[which], run, 0, turns[which] << 20, "user", "What is it? " * 4, now, now))
        made["messages"].append(
            (answer, names[which], run, 1, turns[which] << 20 | 1, "assistant", "It is what it is. " * 8, now, now + 40))
        if number % 10_000 == 9_999 or number == runs - 1:
            for table, rows in made.items():
                database.executemany(statements[table], rows)
                rows.clear()
    database.executemany(
        "INSERT INTO ai_agent_sessions (session_id, user_id, agent_name, created_at, updated_at, session_title)"
        " VALUES (?, ?, ?, ?, ?, 'What is it?')",
        ((names[n], f"user-{n % 8}", f"agent-{n % 10}", start + n * 50, last[n]) for n in range(sessions)))
    for _, sql in indexes:
        database.execute(sql)
    database.execute("COMMIT")
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return names[0]


def cursors(client, command, items):
    """Walks to the end: the cursors of the first, the middle and the last whole page, and the number of records."""
    found, count, cursor = [None], 0, None
    while True:
        reply = client.ask(**command, **({"cursor": cursor} if cursor else {}))
        count += len(reply[items])
        cursor = reply["next_cursor"]
        if cursor is None:
            break
        found.append(cursor)
    # After the last cursor comes a page that may be short.
    whole = found[:-1] or found
    return [whole[0], whole[len(whole) // 2], whole[-1]], count


def pages(bench, repetitions, scale):
    """For each list: milliseconds of its first, middle and last page."""
    with tempfile.TemporaryDirectory(prefix="agentd-bench-") as directory:
        directory = pathlib.Path(directory)
        with bench.daemon(directory, "http://127.0.0.1:9/v1"):
            pass
        path = directory / "state" / "agentd.db"
        sessions, runs = int(SESSIONS * scale), int(RUNS * scale)
        long = fill(path, sessions, runs, int(LONG * scale))
        lists = {
            "sessions": {"cmd": "list"},
            "sessions of a user": {"cmd": "list", "user_id": "user-7"},
            "sessions of an agent": {"cmd": "list", "agent": "agent-3"},
            "runs": {"cmd": "list", "kind": "runs"},
            "runs of a session": {"cmd": "list", "kind": "runs", "session_id": long},
            "runs that failed": {"cmd": "list", "kind": "runs", "status": "error"},
            "runs that completed": {"cmd": "list", "kind": "runs", "status": "completed"},
            "runs of an agent": {"cmd": "list", "kind": "runs", "agent": "agent-3"},
            "history, back": {"cmd": "history", "session_id": long},
            "history, forth": {"cmd": "history", "session_id": long, "order": "asc"},
        }
        results = {}
        with bench.daemon(directory, "http://127.0.0.1:9/v1"), Client(directory) as client:
            for title, command in lists.items():
                items = "messages" if command["cmd"] == "history" else "items"
                command = {**command, "limit": 200}
                found, count = cursors(client, command, items)
                if title == "sessions" and count != sessions or title == "runs" and count != runs:
                    raise RuntimeError(f"a walk over {title} brought {count}")
                times = [[] for _ in found]
                for _ in range(repetitions):
                    # In turns, so that what the machine does to one place it does to the others.
                    for place, cursor in enumerate(found):
                        began = time.perf_counter()
                        client.send(**command, **({"cursor": cursor} if cursor else {}))
                        line = client.line()
                        times[place].append((time.perf_counter() - began) * 1000)
                        reply = json.loads(line)
                        if len(reply.get(items, [])) != 200:
                            raise RuntimeError(f"{title}: {line[:200]}")
                results[title] = {"records": count, "first": times[0], "middle": times[1], "last": times[2]}
        return results


def median(values):
    return statistics.median(values)
