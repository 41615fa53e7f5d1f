"""OpenAI Agents SDK, with its own session on SQLAlchemy and SQLite; tracing off.

Its plainer AsyncSQLiteSession has a connection for each session, and with 200 of them at once fails with "database is
locked".
"""

import contextlib

from agents import Agent, OpenAIChatCompletionsModel, Runner, set_tracing_disabled
from agents.extensions.memory import SQLAlchemySession
from openai import AsyncOpenAI
from openai.types.responses import ResponseTextDeltaEvent
from sqlalchemy.ext.asyncio import create_async_engine


@contextlib.asynccontextmanager
async def opened(base_url, database):
    set_tracing_disabled(True)
    engine = create_async_engine(f"sqlite+aiosqlite:///{database}", connect_args={"timeout": 60})
    await SQLAlchemySession("tables", engine=engine, create_tables=True).get_items()
    client = AsyncOpenAI(base_url=base_url, api_key="sk-bench")
    agent = Agent(name="bench", model=OpenAIChatCompletionsModel(model="bench", openai_client=client))

    async def stream(session_id, question):
        result = Runner.run_streamed(agent, question, session=SQLAlchemySession(session_id, engine=engine))
        async for event in result.stream_events():
            if event.type == "raw_response_event" and isinstance(event.data, ResponseTextDeltaEvent):
                yield event.data.delta

    yield stream
    await engine.dispose()
