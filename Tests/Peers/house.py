"""The daemon, a mock of the vendors and a client, for tests that put real HTTP between agentd and a model.

Everything runs on paths and ports of its own, is waited for by condition, and ends by its process id.
"""

import json
import os
import pathlib
import re
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

DEADLINE = 20
POLL_SECONDS = 0.02
TERMINAL = {"run_completed", "run_cancelled", "run_error"}

# What the daemon is configured with; the cases count on it.
ATTEMPTS = 3
IDLE_SECONDS = 1
FIRST_BYTE_SECONDS = 2
LONGEST_WAIT_SECONDS = 60
HALT_NOTE = "User halted response"
INSTRUCTIONS = "You are a test. Answer briefly."

# What the mock is started with: a request above the quota, or a prompt above the window, is refused as by a vendor.
QUOTA_PER_MINUTE = 12
WINDOW_TOKENS = 400


class Failure(Exception):
    """What is expected and not so."""


def check(condition, message, *values):
    """One thing that has to be true."""
    if not condition:
        raise Failure(": ".join([message] + [show(value) for value in values]))


def same(actual, expected, what):
    """One thing that has to be just so."""
    if actual != expected:
        raise Failure(f"{what} is {show(actual)}, not {show(expected)}")


def show(value):
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 600 else text[:600] + "…"


def await_condition(condition, what, seconds=DEADLINE):
    """Waits until a function says something true, and returns that."""
    until = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > until:
            raise Failure(f"{what} did not come within {seconds} s")
        time.sleep(POLL_SECONDS)


def clean_environment():
    """The caller's environment without what would configure daemon or mock."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AGENTD_", "LLMOCK_", "XDG_", "NOTIFY_", "LISTEN_"))
        and not name.lower().endswith("_proxy")
        and name not in ("CREDENTIALS_DIRECTORY", "STATE_DIRECTORY", "RUNTIME_DIRECTORY")
    }


class Process:
    """A child with its output in a file."""

    def __init__(self, arguments, log, environment):
        self.log = log
        with open(log, "wb") as file:
            self.child = subprocess.Popen(
                arguments, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT, env=environment)

    def output(self):
        return self.log.read_text(encoding="utf-8", errors="replace")

    def verify_alive(self):
        if self.child.poll() is not None:
            raise Failure(f"{self.log.stem} ended with {self.child.returncode}:\n{self.output()}")

    def stop(self):
        """Asks it to end; returns its code, or None if it had to be killed."""
        if self.child.poll() is None:
            self.child.terminate()
        try:
            return self.child.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
            return None


class Mock(Process):
    """`llmock serve` on a port that the system chose."""

    def __init__(self, log, *options):
        program = pathlib.Path(sys.prefix) / "bin" / "llmock"
        super().__init__([program, "serve", "--port", "0", *options], log, clean_environment())
        self.url = None

    def await_ready(self):
        def port():
            self.verify_alive()
            found = re.search(r"running on http://127\.0\.0\.1:(\d+)", self.output())
            return found and int(found[1])

        self.url = f"http://127.0.0.1:{await_condition(port, 'the port of the mock')}"
        await_condition(self.is_healthy, "the mock's first answer")

    def is_healthy(self):
        try:
            return self.ask("GET", "/health")["status"] == "ok"
        except OSError:
            return False

    def ask(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, method=method)
        # No proxy of the caller's comes between.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=DEADLINE) as answer:
            return json.loads(answer.read())

    def reset(self):
        self.ask("POST", "/_llmock/reset")

    def queue(self, *behaviors):
        """Prepares what the next requests meet, one after the other within each type."""
        self.ask("POST", "/_llmock/scenario", {"behaviors": list(behaviors)})

    def pending(self):
        """What was prepared for a certain number of requests and has not been met."""
        return [item for item in self.ask("GET", "/_llmock/scenario")["pending"] if item["times"] is not None]

    def requests(self, count):
        """The requests of this case, which have to be so many, once all of them are over."""
        def served():
            records = self.ask("GET", "/_llmock/requests")["requests"]
            return (records,) if len(records) >= count else None

        (records,) = await_condition(served, f"request number {count}")
        same(len(records), count, "the number of requests")
        return records

    def findings(self):
        return self.ask("GET", "/_llmock/verdict")["findings"]


class Connection:
    """One connection to the daemon, and its frames in order."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(DEADLINE)
        self.socket.connect(str(path))
        self.buffer = b""

    def send(self, command):
        self.socket.sendall(json.dumps(command).encode() + b"\n")

    def frame(self, seconds=DEADLINE):
        """The next frame; None at the end."""
        until = time.monotonic() + seconds
        while b"\n" not in self.buffer:
            self.socket.settimeout(max(0.01, until - time.monotonic()))
            try:
                data = self.socket.recv(1 << 16)
            except TimeoutError as error:
                raise Failure(f"nothing came from the daemon for {seconds} s") from error
            if not data:
                return None
            self.buffer += data
        line, self.buffer = self.buffer.split(b"\n", 1)
        return json.loads(line)

    def close(self):
        self.socket.close()


class Run:
    """A run as one client sees it."""

    def __init__(self, house, command):
        self.house = house
        self.connection = Connection(house.socket)
        self.connection.send(command)
        self.reply = self.frame()
        self.events = []
        self.run_id = self.reply.get("run_id")
        self.session_id = self.reply.get("session_id")

    def frame(self):
        frame = self.connection.frame()
        check(frame is not None, "the daemon closed the connection")
        self.house.seen.append(json.dumps(frame, ensure_ascii=False))
        return frame

    def next_event(self):
        frame = self.frame()
        if "seq" in frame:
            self.events.append(frame)
        return frame

    def until(self, *kinds, count=1):
        """Reads until so many events of these kinds have come."""
        while sum(event["event"] in kinds for event in self.events) < count:
            check(not self.is_over, "the run ended before " + " or ".join(kinds), self.events[-1:])
            self.next_event()
        return self.events[-1]

    def finish(self):
        """Reads to the end, and verifies what holds for every run."""
        check(self.reply.get("ok"), "the run was refused", self.reply)
        while not self.is_over:
            self.next_event()
        self.connection.close()
        self.verify()
        return self

    @property
    def is_over(self):
        return bool(self.events) and self.events[-1]["event"] in TERMINAL

    def of(self, *kinds):
        return [event for event in self.events if event["event"] in kinds]

    @property
    def end(self):
        return self.events[-1]

    @property
    def texts(self):
        """The deltas by message, in order."""
        texts = {}
        for event in self.of("run_content"):
            texts[event["message_id"]] = texts.get(event["message_id"], "") + event["content"]
        return texts

    @property
    def text(self):
        return "\n\n".join(self.texts.values())

    def history(self):
        reply = self.house.ask({"cmd": "history", "session_id": self.session_id, "limit": 200})
        return [message for message in reply["messages"] if message["run_id"] == self.run_id]

    def record(self):
        reply = self.house.ask({"cmd": "list", "kind": "runs", "session_id": self.session_id})
        return next(item for item in reply["items"] if item["run_id"] == self.run_id)

    def verify(self):
        same(self.events[0]["event"], "run_started", "the first event")
        seqs = [event["seq"] for event in self.events]
        check(all(a < b for a, b in zip(seqs, seqs[1:])), "seq does not rise", seqs)
        same(sum(event["event"] in TERMINAL for event in self.events), 1, "the number of terminal events")
        if not self.end.get("clipped"):
            same(self.text, self.end["content"], "the deltas together")
        self.verify_calls()

        history = self.history()
        answers = {m["message_id"]: m["content"] for m in history if m["role"] == "assistant" and m["content"]}
        if not any(message.get("clipped") for message in history):
            same(answers, self.texts, "the stored text")
        same([m["completed_at"] is None for m in history], [False] * len(history), "the unfinished messages")
        last = [message for message in history if message["role"] == "assistant"][-1]
        status = {"run_completed": "completed", "run_cancelled": "interrupted", "run_error": "error"}
        same(last["interrupted"], self.end["event"] == "run_cancelled", "the last answer's mark")
        same((last["error"] or {}).get("code"), self.end.get("error", {}).get("code"), "the last answer's error")

        record = self.record()
        same(record["status"], status[self.end["event"]], "the stored status")
        same(record["usage"], self.end["usage"], "the stored usage")
        same(record["error"], self.end.get("error"), "the stored error")

    def verify_calls(self):
        open_calls, closed = set(), set()
        for event in self.of("tool_call_started", "tool_call_completed"):
            name = event["tool_call_id"]
            if event["event"] == "tool_call_started":
                check(name not in open_calls | closed, "a call has begun twice", name)
                open_calls.add(name)
            else:
                check(name in open_calls, "a call has ended that is not open", name)
                open_calls.remove(name)
                closed.add(name)
        check(not open_calls, "calls without an end", sorted(open_calls))


class Wire:
    """One of the two formats: what its configuration and its requests look like, and how the mock cuts its stream."""

    def __init__(self, kind, model, first_text, after_text, path, settings=""):
        self.kind = kind
        self.model = model
        # Pieces of a stream before its first text, and between its last text and what comes next.
        self.first_text = first_text
        self.after_text = after_text
        self.path = path
        self.settings = settings

    def turns(self, body):
        """The conversation of a request without its instructions: (role, text, calls, results) each; verified."""
        return self.openai_turns(body) if self.kind == "openai" else self.anthropic_turns(body)

    def openai_turns(self, body):
        same((body["model"], body["stream"]), (self.model, True), "model and stream of the request")
        same(body["stream_options"], {"include_usage": True}, "the stream's options")
        messages = body["messages"]
        same(messages[0], {"role": "system", "content": INSTRUCTIONS}, "the first message")
        turns = []
        for message in messages[1:]:
            role, content = message["role"], message["content"]
            if role == "tool":
                turns[-1][3][message["tool_call_id"]] = content
                check(isinstance(content, str) and content, "a result without text", message)
                continue
            calls = {}
            for call in message.get("tool_calls", []):
                same(call["type"], "function", "the call's type")
                calls[call["id"]] = (call["function"]["name"], json.loads(call["function"]["arguments"]))
            check(content or calls, "a message without text", message)
            check(role in ("user", "assistant"), "an unknown role", message)
            turns.append((role, content or "", calls, {}))
        return self.verified(turns)

    def anthropic_turns(self, body):
        same((body["model"], body["stream"]), (self.model, True), "model and stream of the request")
        check(body["max_tokens"] > 0, "max_tokens is missing")
        same(body["system"], INSTRUCTIONS, "the instructions")
        turns = []
        for message in body["messages"]:
            role, calls, results, texts = message["role"], {}, {}, []
            for block in message["content"]:
                kind = block["type"]
                if kind == "text":
                    check(block["text"].strip(), "an empty text", message)
                    texts.append(block["text"])
                elif kind == "tool_use":
                    same(role, "assistant", "who calls")
                    calls[block["id"]] = (block["name"], block["input"])
                elif kind == "tool_result":
                    same(role, "user", "who gives results")
                    check(not texts, "a result after a text", message)
                    results[block["tool_use_id"]] = block["content"]
                else:
                    raise Failure(f"an unknown block {kind}")
            check(message["content"], "an empty message", message)
            if results:
                same(turns[-1][0], "assistant", "what results follow")
                turns[-1][3].update(results)
            if texts or calls:
                turns.append((role, "\n".join(texts), calls, {}))
        roles = [message["role"] for message in body["messages"]]
        same(roles, [("user", "assistant")[place % 2] for place in range(len(roles))], "the roles")
        return self.verified(turns)

    @staticmethod
    def verified(turns):
        same(turns[0][0], "user", "who begins")
        for place, (role, _, calls, results) in enumerate(turns):
            same(list(results), list(calls), "the results of the calls")
            for _, arguments in calls.values():
                check(isinstance(arguments, dict), "arguments that are no object", arguments)
            if place and not turns[place - 1][2]:
                check(turns[place - 1][0] != role, "the same role twice", role)
        check(turns[-1][0] == "user" or turns[-1][2], "who ends", turns[-1])
        return turns

    def echo(self, text):
        """What the mock answers to a first question when nothing else was prepared."""
        heard = f"{INSTRUCTIONS} {text}" if self.kind == "openai" else text
        return f"Hello! You said: {heard[:120]}"

    def tokens(self, body):
        """What the mock counts for a request: a quarter of the characters of each text."""
        values = [message["content"] for message in body["messages"] if message["content"] is not None]
        if self.kind == "anthropic":
            values.append(body.get("system", ""))
        return sum(len(flat(value)) // 4 for value in values)


def flat(value):
    """The text of a message's content, as the mock reads it."""
    if isinstance(value, list):
        return " ".join(part for part in map(flat, value) if part)
    if isinstance(value, dict):
        if isinstance(value.get("text"), str):
            return value["text"]
        return next((flat(value[key]) for key in ("content", "parts", "input", "message") if key in value), "")
    return value if isinstance(value, str) else ""


OPENAI = Wire("openai", "gpt-4o", first_text=1, after_text=0, path="/v1", settings='preset = "openai"\n')
ANTHROPIC = Wire("anthropic", "claude-sonnet-4-6", first_text=3, after_text=1, path="/anthropic")
WIRES = [OPENAI, ANTHROPIC]


class House:
    """The daemon with its mocks."""

    def __init__(self, agentd):
        self.agentd = agentd
        self.directory = tempfile.TemporaryDirectory(prefix="agentd-peers-")
        self.path = pathlib.Path(self.directory.name)
        self.socket = self.path / "agentd.sock"
        self.keys = {}
        # Every frame that came, to look for keys in.
        self.seen = []
        self.processes = []
        # Nobody listens here, and nobody else can: the port is taken.
        self.closed = socket.socket()
        self.closed.bind(("127.0.0.1", 0))

    def start(self):
        options = ["--stream-chunk-delay-ms", "5", "--response-style", "echo", "--log-level", "info"]
        self.mock = Mock(self.path / "mock.log", *options)
        self.processes.append(self.mock)
        limits = ["--rpm", str(QUOTA_PER_MINUTE), "--context-window", str(WINDOW_TOKENS)]
        self.limited = Mock(self.path / "limited.log", *options, *limits)
        self.processes.append(self.limited)
        self.mock.await_ready()
        self.limited.await_ready()
        environment = clean_environment()
        environment.update(HOME=str(self.path), **self.configure())
        self.daemon = Process(
            [self.agentd, "serve", "--config", self.path / "agentd.toml", "--socket", self.socket,
             "--state-dir", self.path / "state"], self.path / "agentd.log", environment)
        self.processes.append(self.daemon)
        await_condition(self.answers, "the daemon's first answer")

    def answers(self):
        self.daemon.verify_alive()
        try:
            return self.ask({"cmd": "list"})["ok"]
        except OSError:
            return False

    def close(self):
        for process in reversed(self.processes):
            process.stop()
        self.closed.close()
        self.directory.cleanup()

    def ask(self, command):
        """The reply to one command on a connection of its own."""
        connection = Connection(self.socket)
        try:
            connection.send(command)
            reply = connection.frame()
        finally:
            connection.close()
        check(reply is not None, "the daemon closed the connection")
        self.seen.append(json.dumps(reply, ensure_ascii=False))
        return reply

    def begin(self, agent, text, session=None, **fields):
        """Starts a run, in a new session unless one is given."""
        session = session or "s-" + secrets.token_hex(8)
        return Run(self, {"cmd": "run", "agent": agent, "input": text, "session_id": session, **fields})

    def run(self, agent, text, session=None, **fields):
        """Starts a run and sees it to its end."""
        return self.begin(agent, text, session, **fields).finish()

    # The configuration.

    def configure(self):
        """Writes agentd.toml and the agents; returns the variables that hold keys."""
        variables = {}
        text = ['version = 1\ndefault_agent = "openai"\n']
        text.append(
            f"[run]\nconnect_s = 2\nfirst_byte_s = {FIRST_BYTE_SECONDS}\nidle_s = {IDLE_SECONDS}\n"
            f"retries = {ATTEMPTS}\nstop_grace_s = 2\ndrain_s = 1\n")
        (self.path / "agents.d").mkdir()

        def provider(name, wire, url, key, settings=""):
            lines = f'[providers.mock-{name}]\nkind = "{wire.kind}"\nbase_url = "{url}{wire.path}"\n{wire.settings}'
            if key:
                # A key with a vendor's beginning, and one that looks like nothing known.
                beginning = {"openai": "sk-peer-", "anthropic": "peer"}[wire.kind]
                self.keys[name] = beginning + secrets.token_hex(16)
            if key == "variable":
                variable = "PEER_KEY_" + name.upper().replace("-", "_")
                variables[variable] = self.keys[name]
                lines += f'key_env = "{variable}"\n'
            elif key == "file":
                file = self.path / f"{name}.key"
                with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
                    handle.write(self.keys[name] + "\n")
                lines += f'key_file = "{file}"\n'
            text.append(lines + settings)
            agent = f'model = "mock-{name}/{wire.model}"\ninstructions = "{INSTRUCTIONS}"\n'
            (self.path / "agents.d" / f"{name}.toml").write_text(agent)

        closed = f"http://127.0.0.1:{self.closed.getsockname()[1]}"
        for wire, source, other in [(OPENAI, "variable", "file"), (ANTHROPIC, "file", "variable")]:
            kind = wire.kind
            provider(kind, wire, self.mock.url, source)
            provider(f"{kind}-limited", wire, self.limited.url, other)
            provider(f"{kind}-second-key", wire, self.limited.url, source)
            provider(f"{kind}-closed", wire, closed, other)
            provider(f"{kind}-headers", wire, self.mock.url, other, 'headers = { "X-LLMock-Force-Status" = "418" }\n')
        # Without a preset and without a key, as a server at home is configured.
        plain = Wire("openai", OPENAI.model, OPENAI.first_text, OPENAI.after_text, OPENAI.path)
        provider("openai-plain", plain, self.mock.url, None)
        (self.path / "agentd.toml").write_text("\n".join(text))
        return variables
