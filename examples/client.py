#!/usr/bin/env python3
"""client.py SOCKET run "question" [--session S] [--agent A]  |  resume RUN_ID AFTER_SEQ  |  stop RUN_ID
The agent's answer goes to standard output; standard error has `RUN_ID SEQ` after each event, and the end.
Ctrl-C stops the run and waits for its end, a second one leaves it. The exit status is 0 if it completed."""
import json, socket, sys, time, uuid

OVER = {"run_completed": "completed", "run_cancelled": "interrupted", "run_error": "error"}  # event: status


def frames(path, *commands):
    """Yield the replies and events of one connection, to its end. A last line that is cut off is dropped."""
    try:
        with socket.socket(socket.AF_UNIX) as sock, sock.makefile("rb") as lines:
            sock.connect(path)
            sock.sendall(b"".join(json.dumps(command).encode() + b"\n" for command in commands))
            yield from (json.loads(line) for line in lines if line.strip() and line.endswith(b"\n"))
    except OSError as error:
        print(f"{path}: {error}", file=sys.stderr)


def follow(path, run_id, after, opening=None):
    """Show a run to its end. A connection begins with `opening` until an event has come, then with attach."""
    message_id, stops = None, []
    while len(stops) < 2:
        try:
            for frame in frames(path, opening or {"cmd": "attach", "run_id": run_id, "after": after}, *stops):
                event = frame.get("event") if frame.get("run_id") == run_id else None
                if frame.get("ok") is False and not frame["error"]["retryable"]:
                    return f"{frame['error']['code']}: {frame['error']['message']}"
                if frame.get("ok") is False or event == "stream_detached":
                    print("trying again:", frame, file=sys.stderr)
                    break
                if event and frame.get("seq", 0) > after:
                    after, opening = frame["seq"], None  # first, lest Ctrl-C make it come twice
                    if event == "run_content":
                        gap = "\n\n" if message_id not in (None, frame["message_id"]) else ""
                        message_id = frame["message_id"]
                        print(gap + frame["content"], end="", flush=True)
                    print(run_id, after, file=sys.stderr)
                if event in OVER or frame.get("last_seq") == after and frame["status"] in OVER.values():
                    print(frame["status"], frame.get("reason") or frame.get("error") or "", file=sys.stderr)
                    return frame["status"] != "completed"
            time.sleep(1)
        except KeyboardInterrupt:
            stops.append({"cmd": "stop", "run_id": run_id})
    return f"{run_id} was left after {after}"


match sys.argv[1:]:
    case [path, "run", question, *options] if set(options[::2]) <= {"--session", "--agent"}:
        given, name = dict(zip(options[::2], options[1::2])), str(uuid.uuid4())
        run = {"cmd": "run", "run_id": name, "input": question, "on_disconnect": "continue",
               "session_id": given.get("--session"), "agent": given.get("--agent")}
        sys.exit(follow(path, name, 0, run))
    case [path, "resume", run_id, after]:
        sys.exit(follow(path, run_id, int(after)))
    case [path, "stop", run_id]:
        print(*map(json.dumps, frames(path, {"cmd": "stop", "run_id": run_id, "close": True})))
    case _:
        sys.exit(__doc__)
