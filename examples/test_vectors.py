#!/usr/bin/env python3
"""Plays the client vectors of protocol/fold on the clients, without a daemon: a vector's bytes stand for agentd's.

Every connection of every vector has to bring host.py its frames, however the bytes are cut. A vector of one run on one
connection is also played through the whole host, and what the browser is told has to fold into what the vector says;
and, where AGENTD names the binary, through `agentd run`, which has to print the answer and to exit as the run ended.
"""

import http.client
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
from http.server import ThreadingHTTPServer

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "protocol")]

from fold import Fold, Lines, expected, vectors  # noqa: E402
from host import AgentdConnection, Host  # noqa: E402
from player import await_taken, bytes_of  # noqa: E402


class QuietHost(Host):
    """The host, without its log."""

    def log_message(self, *_):
        pass


class FakeAgentd:
    """Accepts connections and writes to each, after its first line, the reads of a vector, one at a time."""

    def __init__(self, folder):
        self.path = f"{folder}/fake.sock"
        self.reads = []
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen()
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            connection, _ = self.listener.accept()
            with connection:
                connection.recv(65536)
                try:
                    for read in self.reads:
                        connection.sendall(bytes_of(read))
                        await_taken(connection)
                except OSError:
                    pass  # the host has read all that it wants


def frames_of(agentd, reads):
    agentd.reads = reads
    with AgentdConnection(agentd.path) as connection:
        connection.send(cmd="ping")
        return list(connection.frames())


def chat(port):
    """A browser's chat: its status and what it is told."""
    browser = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    browser.request("POST", "/agents/hello/chat", json.dumps({"message": "hi"}))
    answer = browser.getresponse()
    body = answer.read()
    browser.close()
    if answer.status != 200:
        return answer.status, json.loads(body)
    return 200, [json.loads(line[6:]) for line in body.split(b"\n") if line.startswith(b"data: ")]


def check_chat(vector, port):
    """What is wrong with the host's chat on this vector; None if nothing is."""
    wanted = expected(vector)
    first = wanted["replies"][0]
    status, told = chat(port)
    if not first["ok"]:
        return None if status >= 400 and told["error"]["code"] == first["error"] else f"{status} {told}"
    fold = Fold()
    for frame in told:
        fold.take(frame)
    ((name, run),) = wanted["runs"].items()
    found = {field: getattr(fold.run(name), field) for field in run}
    return None if found == run else f"{str(found)[:300]} is not {str(run)[:300]}"


def check_run(vector, agentd, path):
    """What is wrong with what `agentd run` makes of this vector; None if nothing is."""
    wanted = expected(vector)
    done = subprocess.run([agentd, "run", "--socket", path, "hi"], capture_output=True, timeout=20)
    if not wanted["replies"][0]["ok"]:
        code, shown = (65, 75), ""
    else:
        (run,) = wanted["runs"].values()
        code = {"completed": (0,), "interrupted": (1,), "error": (1,)}.get(run["status"], (75,))
        shown = run["content"]
        said = b"".join(bytes_of(read) for read in vector["connections"][0])
        # It shows pieces as they come: a last event alone shows nothing, and what is shown is not taken back.
        if b"run_content" not in said or b'"discards"' in said:
            shown = None
    text = done.stdout.decode()
    if done.returncode not in code:
        return f"agentd run exits with {done.returncode}: {done.stderr.decode()[:300]}"
    if shown is not None and text.removesuffix("\n") != shown.removesuffix("\n"):
        return f"agentd run shows {text[:200]!r} and not {shown[:200]!r}"
    return None


def main():
    binary = os.environ.get("AGENTD")
    failures = chats = count = 0
    with tempfile.TemporaryDirectory() as folder:
        agentd = FakeAgentd(folder)
        server = ThreadingHTTPServer(("127.0.0.1", 0), QuietHost)
        server.agentd = agentd.path
        threading.Thread(target=server.serve_forever, daemon=True).start()
        for name, vector in vectors([]):
            count += 1
            problem = None
            for reads in vector["connections"]:
                lines = Lines()
                if frames_of(agentd, reads) != [frame for read in reads for frame in lines.feed(bytes_of(read))]:
                    problem = "other frames"
            replies = vector["expect"]["replies"]
            streams = [reply for reply in replies if reply.get("cmd") in ("run", "attach")]
            # The host reads one run on a connection, from its command to its end, and does not attach.
            if len(vector["connections"]) == len(streams) == 1 and streams[0]["cmd"] == "run" == replies[0].get("cmd"):
                chats += 1
                agentd.reads = vector["connections"][0]
                problem = problem or check_chat(vector, server.server_port)
                if binary:
                    problem = problem or check_run(vector, binary, agentd.path)
            failures += problem is not None
            print(f"FAIL  {name}: {problem}" if problem else f"ok    {name}")
        server.shutdown()
    print(f"{count - failures} passed, {failures} failed, {chats} of them as a chat")
    return 1 if failures or not chats else 0


if __name__ == "__main__":
    sys.exit(main())
