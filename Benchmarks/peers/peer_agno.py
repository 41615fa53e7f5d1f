"""Agno, with its own SQLite store; every run of a session is told all runs before it, as agentd's are."""

import contextlib

from agno.agent import Agent, RunEvent
from agno.db.sqlite import AsyncSqliteDb
from agno.models.openai import OpenAIChat


@contextlib.asynccontextmanager
async def opened(base_url, database):
    store = AsyncSqliteDb(db_file=str(database))
    agent = Agent(
        model=OpenAIChat(id="bench", base_url=base_url, api_key="sk-bench"), db=store, add_history_to_context=True,
        num_history_runs=20, telemetry=False)

    async def stream(session_id, question):
        async for event in agent.arun(question, session_id=session_id, stream=True):
            if event.event == RunEvent.run_content and event.content:
                yield event.content
            elif event.event == RunEvent.run_error:
                raise RuntimeError(event.content)

    yield stream
