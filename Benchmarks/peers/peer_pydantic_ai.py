"""Pydantic AI. It has no store of its own: the messages are kept as it writes them, one row for each run."""

import contextlib

import aiosqlite
from pydantic_ai import Agent
from pydantic_ai.messages import ModelMessagesTypeAdapter
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider


@contextlib.asynccontextmanager
async def opened(base_url, database):
    agent = Agent(OpenAIChatModel("bench", provider=OpenAIProvider(base_url=base_url, api_key="sk-bench")))
    async with aiosqlite.connect(database) as store:
        await store.execute("PRAGMA journal_mode = WAL")
        await store.execute("CREATE TABLE runs (id INTEGER PRIMARY KEY, session_id TEXT NOT NULL, messages BLOB NOT NULL)")
        await store.execute("CREATE INDEX runs_by_session ON runs (session_id, id)")

        async def stream(session_id, question):
            history = []
            async with store.execute("SELECT messages FROM runs WHERE session_id = ? ORDER BY id", [session_id]) as rows:
                async for row in rows:
                    history += ModelMessagesTypeAdapter.validate_json(row[0])
            async with agent.run_stream(question, message_history=history) as result:
                async for piece in result.stream_text(delta=True, debounce_by=None):
                    yield piece
            await store.execute(
                "INSERT INTO runs (session_id, messages) VALUES (?, ?)", [session_id, result.new_messages_json()])
            await store.commit()

        yield stream
