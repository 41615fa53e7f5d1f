#!/usr/bin/env python3
"""A small host web app in front of agentd: the four routes of a chat application, standard library only.

  POST /agents/{agent_name}/chat                    {"message", "session_id", "user_id"} -> Server-Sent Events
  POST /agents/{agent_name}/stop                    {"session_id"} or {"run_id"}
  GET  /agents/{agent_name}/sessions?user_id=
  GET  /agents/{agent_name}/sessions/{session_id}

One connection to agentd per request. A browser that goes away takes its connection with it, so agentd stops the run.
A real application takes user_id from its own login, never from the request as this example does.
"""
import argparse
import json
import re
import select
import signal
import socket
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

STATUS_OF = {  # agentd's error codes as HTTP; every other code is 500
    "bad_json": 400, "invalid_params": 400, "line_too_long": 413, "unsupported_feature": 501, "forbidden": 403,
    "agent_not_found": 404, "session_not_found": 404, "run_not_found": 404, "run_not_active": 409,
    "session_busy": 409, "run_id_conflict": 409, "queue_full": 429, "overloaded": 503, "shutting_down": 503,
}
LAST_OF_STREAM = {"run_completed", "run_cancelled", "run_error", "run_paused", "stream_detached"}


class AgentdConnection:
    """One connection: commands go in as lines, replies and events come out as lines."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, **command):
        given = {key: value for key, value in command.items() if value is not None}
        self.socket.sendall(json.dumps(given).encode() + b"\n")

    def frames(self, browser=None):
        """Every frame until agentd closes or the browser has gone (it sends nothing more, so readable means gone)."""
        watched = [self.socket] + ([browser] if browser else [])
        while True:
            *lines, self.buffer = self.buffer.split(b"\n")
            yield from (json.loads(line) for line in lines if line.strip())
            ready, _, _ = select.select(watched, [], [])
            chunk = b"" if browser in ready else self.socket.recv(65536)
            if not chunk:
                return
            self.buffer += chunk

    def ask(self, **command):
        """One command, its reply."""
        self.send(**command)
        return reply_in(self.frames()) or {"ok": False, "error": {"code": "internal", "message": "agentd closed"}}


def reply_in(frames):
    """The next reply; agentd may say something else before, for instance that it goes down. None if it closes."""
    return next((frame for frame in frames if "ok" in frame), None)


class Host(BaseHTTPRequestHandler):
    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        user = urllib.parse.parse_qs(url.query).get("user_id", [None])[0]
        if match := re.fullmatch(r"/agents/([^/]+)/sessions", url.path):
            self.relay(cmd="list", agent=match[1], user_id=user)
        elif match := re.fullmatch(r"/agents/([^/]+)/sessions/([^/]+)", url.path):
            self.relay(cmd="history", session_id=match[2], user_id=user, of_agent=match[1])
        else:
            self.answer(404, {"error": {"code": "no_route", "message": self.path}})

    def do_POST(self):
        try:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
            user, session, run = (body.get(key) for key in ("user_id", "session_id", "run_id"))
        except (ValueError, AttributeError):
            return self.answer(400, {"error": {"code": "bad_json", "message": "the body has to be a JSON object"}})
        if match := re.fullmatch(r"/agents/([^/]+)/chat", self.path):
            self.chat({"agent": match[1], "input": body.get("message"), "session_id": session, "user_id": user})
        elif re.fullmatch(r"/agents/([^/]+)/stop", self.path):
            self.relay(cmd="stop", session_id=session, run_id=run, user_id=user)
        else:
            self.answer(404, {"error": {"code": "no_route", "message": self.path}})

    def relay(self, of_agent=None, **command):
        """A route that is one command and its reply."""
        try:
            with AgentdConnection(self.server.agentd) as agentd:
                reply = agentd.ask(**command)
        except OSError as error:
            return self.unreachable(error)
        if reply["ok"] and of_agent and of_agent != reply["session"]["agent"]:
            reply = {"ok": False, "error": {"code": "session_not_found", "message": "not a session of this agent"}}
        self.answer(200 if reply["ok"] else STATUS_OF.get(reply["error"]["code"], 500), reply)

    def chat(self, command):
        """A run as Server-Sent Events. Leaving this function closes the connection, which stops a run still live."""
        try:
            with AgentdConnection(self.server.agentd) as agentd:
                agentd.send(cmd="run", **command)
                frames = agentd.frames(browser=self.connection)
                reply = reply_in(frames)
                if reply is None:
                    return
                if not reply["ok"]:
                    return self.answer(STATUS_OF.get(reply["error"]["code"], 500), reply)
                self.start(200, "text/event-stream")
                for frame in (frame for frame in frames if "event" in frame):
                    event = f"event: {frame['event']}\nid: {frame.get('seq', '')}\ndata: {json.dumps(frame)}\n\n"
                    self.wfile.write(event.encode())
                    if frame["event"] in LAST_OF_STREAM:
                        return
        except (BrokenPipeError, ConnectionResetError):
            pass  # the browser left while we were writing
        except OSError as error:
            self.unreachable(error)

    def start(self, status, kind):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Cache-Control", "no-store")
        self.send_header("Connection", "close")
        self.end_headers()

    def answer(self, status, value):
        self.start(status, "application/json")
        self.wfile.write(json.dumps(value).encode() + b"\n")

    def unreachable(self, error):
        self.answer(502, {"error": {"code": "agentd_unreachable", "message": str(error)}})


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--socket", required=True, help="where agentd listens")
    arguments.add_argument("--port", type=int, default=0, help="0 (the default) takes a free one and prints it")
    options = arguments.parse_args()
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    server = ThreadingHTTPServer(("127.0.0.1", options.port), Host)
    server.agentd = options.socket
    print(server.server_port, flush=True)
    server.serve_forever()
