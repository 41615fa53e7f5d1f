"""One agent framework behind FastAPI and uvicorn with uvloop: what a careful user of it would write.

Usage: serve.py FRAMEWORK --port-file PATH --base-url URL --db PATH. FRAMEWORK is a module beside this file, whose `opened`
gives a function that streams an answer's pieces. POST /runs {"id", "session_id", "input"} answers with agentd's frames, a
line each, so that one client can check them all. The port is written to the file when the server listens.
"""

import argparse
import contextlib
import importlib
import json
import pathlib
import socket
import uuid

import fastapi
import fastapi.responses
import uvicorn


def application(framework, base_url, database):
    """The whole server: one route."""
    @contextlib.asynccontextmanager
    async def lifespan(app):
        async with framework.opened(base_url, database) as stream:
            app.state.stream = stream
            yield

    app = fastapi.FastAPI(lifespan=lifespan)

    @app.post("/runs")
    async def run(request: fastapi.Request):
        body = await request.json()
        return fastapi.responses.StreamingResponse(
            frames(app.state.stream, body["id"], body.get("session_id") or str(uuid.uuid4()), body["input"]),
            media_type="application/x-ndjson")

    return app


async def frames(stream, id, session_id, question):
    def line(**members):
        return json.dumps({"id": id, **members}, separators=(",", ":")) + "\n"

    yield line(ok=True, cmd="run", session_id=session_id, status="running")
    seq, text = 0, []
    try:
        async for piece in stream(session_id, question):
            seq += 1
            text.append(piece)
            yield line(event="run_content", seq=seq, content=piece)
    except Exception as error:
        yield line(event="run_error", seq=seq + 1, message=repr(error)[:300])
        raise
    yield line(event="run_completed", seq=seq + 1, content="".join(text))


class Server(uvicorn.Server):
    """Says where it listens as soon as it does."""

    def __init__(self, config, port, port_file):
        super().__init__(config)
        self.port, self.port_file = port, port_file

    async def startup(self, sockets=None):
        await super().startup(sockets=sockets)
        whole = self.port_file.with_suffix(".new")
        whole.write_text(str(self.port))
        whole.rename(self.port_file)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("framework")
    parser.add_argument("--port-file", type=pathlib.Path, required=True)
    parser.add_argument("--base-url", required=True)
    parser.add_argument("--db", type=pathlib.Path, required=True)
    options = parser.parse_args()
    app = application(importlib.import_module(options.framework), options.base_url, options.db)
    listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
    # A client whose runs have ended stays until those of all others have: more than uvicorn's five seconds.
    config = uvicorn.Config(app, loop="uvloop", http="httptools", log_level="warning", access_log=False, lifespan="on",
                            timeout_keep_alive=300, timeout_graceful_shutdown=1)
    Server(config, listener.getsockname()[1], options.port_file).run([listener])


main()
