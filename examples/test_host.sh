#!/usr/bin/env bash
# Starts a daemon and examples/host.py on paths and a port of their own, and plays a browser with curl: all four routes,
# a stop during a chat, and a browser that goes away in mid-stream. Waits on conditions, never for a fixed time.
# AGENTD names the binary to test.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

agentd=${AGENTD:-.build/release/agentd}
home=$(mktemp -d "${TMPDIR:-/tmp}/agentd-host-XXXXXX")
socket=$home/agentd.sock
daemon=
host=
passed=0
failed=0

cleanup() {
    local child
    for child in $host $daemon $(jobs -p); do
        kill "$child" 2>/dev/null
    done
    wait 2>/dev/null
    rm -rf "$home"
}
trap cleanup EXIT
trap 'exit 1' INT TERM

# check NAME COMMAND...: one thing that has to be true.
check() {
    local name=$1
    shift
    if "$@" >/dev/null 2>&1; then
        passed=$((passed + 1))
        echo "ok      $name"
    else
        failed=$((failed + 1))
        echo "FAILED  $name"
    fi
}

# await COMMAND...: until it succeeds, for at most 15 s.
await() {
    local deadline=$((SECONDS + 15))
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $deadline ] || return 1
        sleep 0.05
    done
}

# has FILTER FILE: whether a jq filter is true of a JSON file.
has() { jq -e "$1" "$2"; }

# ask COMMAND: one command straight to the daemon.
ask() { echo "$1" | socat -t 5 - "UNIX-CONNECT:$socket"; }

# get PATH FILE [STATUS]: a GET, its body into FILE; true if the status is the one wanted.
get() { [ "$(curl -s -m 10 -o "$2" -w '%{http_code}' "$url$1")" = "${3:-200}" ]; }

# post PATH BODY FILE [STATUS]: the same with a body.
post() {
    [ "$(curl -s -m 20 -N -o "$3" -w '%{http_code}' -H 'Content-Type: application/json' -d "$2" "$url$1")" = "${4:-200}" ]
}

# events FILE: the data of a stream of Server-Sent Events, as JSON lines.
events() { sed -n 's/^data: //p' "$1"; }
last_event() { [ "$(events "$1" | tail -n 1 | jq -r .event)" = "$2" ]; }
# shows FILE: whether a stream has begun to show text.
shows() { events "$1" | grep -q '"run_content"'; }
run_of() { events "$1" | head -n 1 | jq -r .run_id; }
deltas_are_content() {
    events "$1" | jq -se '[.[] | select(.event == "run_content").content] | add' >"$home/deltas" &&
        events "$1" | jq -se 'last.content' | cmp -s - "$home/deltas"
}
# ended RUN REASON: whether a run was interrupted for that reason.
ended() {
    ask '{"cmd":"list","kind":"runs"}' | jq -e --arg run "$1" --arg reason "$2" \
        '.items[] | select(.run_id == $run) | .status == "interrupted" and .cancel_reason == $reason'
}

# Without a daemon: what the host understands of what one says.
check 'the client vectors hold' python3 -B examples/test_vectors.py

# The daemon, with nothing of the caller's configuration.
env -u AGENTD_CONFIG -u AGENTD_SOCKET HOME="$home" XDG_CONFIG_HOME="$home" \
    "$agentd" serve --socket "$socket" --state-dir "$home/state" 2>"$home/daemon.log" &
daemon=$!
await ask '{"cmd":"list"}' || { echo "the daemon does not answer:"; cat "$home/daemon.log"; exit 1; }
python3 examples/host.py --socket "$socket" --port 0 >"$home/port" 2>"$home/host.log" &
host=$!
await test -s "$home/port" || { echo "the host does not start:"; cat "$home/host.log"; exit 1; }
url=http://127.0.0.1:$(cat "$home/port")

# A chat from beginning to end.
check 'chat answers 200' post /agents/demo/chat '{"message":"hi","session_id":"s1","user_id":"u1"}' "$home/chat"
check 'chat ends with run_completed' last_event "$home/chat" run_completed
check 'its deltas are its content' deltas_are_content "$home/chat"

# A stop during a chat.
post /agents/demo/chat '{"message":"more","session_id":"s1","user_id":"u1"}' "$home/stopped" &
stopped=$!
check 'a second chat shows text' await shows "$home/stopped"
check 'a chat in a busy session is 409' \
    post /agents/demo/chat '{"message":"me too","session_id":"s1","user_id":"u1"}' "$home/busy" 409
check 'stop answers 200' post /agents/demo/stop '{"session_id":"s1","user_id":"u1"}' "$home/stop"
check 'stop names the run' has ".ok and .run_id == \"$(run_of "$home/stopped")\"" "$home/stop"
check 'the chat of the stopped run ends' wait "$stopped"
check 'it ends with run_cancelled' last_event "$home/stopped" run_cancelled
check 'its deltas are its content, the mark included' deltas_are_content "$home/stopped"
check 'the stop is in the run' ended "$(run_of "$home/stopped")" stop

# A browser that goes away in mid-stream.
curl -s -N -o "$home/gone" -d '{"message":"bye","session_id":"s2","user_id":"u1"}' "$url/agents/demo/chat" &
browser=$!
check 'a third chat shows text' await shows "$home/gone"
kill "$browser"
check 'its run is interrupted, reason disconnect' await ended "$(run_of "$home/gone")" disconnect

# Sessions and history.
check 'sessions answers 200' get '/agents/demo/sessions?user_id=u1' "$home/sessions"
check 'both sessions are listed' has '[.items[].session_id] | sort == ["s1","s2"]' "$home/sessions"
check 'another user has none' get '/agents/demo/sessions?user_id=u2' "$home/none"
check 'and sees none' has '.items == []' "$home/none"
check 'history answers 200' get '/agents/demo/sessions/s1?user_id=u1' "$home/history"
check 'history has four messages' has '[.messages[].role] == ["user","assistant","user","assistant"]' "$home/history"
check 'history marks the stopped answer' has '[.messages[].interrupted] == [false,false,false,true]' "$home/history"
check 'history has the text that was shown' has \
    ".messages[3].content == $(events "$home/stopped" | jq -c 'select(.event == "run_cancelled").content')" "$home/history"

# Errors.
check 'another user may not read it: 404' get '/agents/demo/sessions/s1?user_id=u2' "$home/error" 404
check 'an unknown agent is 404' post /agents/nobody/chat '{"message":"hi"}' "$home/error" 404
check 'a chat without a message is 400' post /agents/demo/chat '{"session_id":"s3"}' "$home/error" 400
check 'the error names the field' has '.error.field == "input"' "$home/error"
check 'a body that is no JSON is 400' post /agents/demo/chat 'hello' "$home/error" 400
check 'a stop of an unknown run is 404' post /agents/demo/stop '{"run_id":"nobody"}' "$home/error" 404
check 'an unknown route is 404' get /nowhere "$home/error" 404

# Without the daemon.
kill "$daemon"
wait "$daemon" 2>/dev/null
daemon=
check 'without a daemon it is 502' get '/agents/demo/sessions' "$home/error" 502

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
