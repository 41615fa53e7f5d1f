"""OpenAI Agents SDK, with its own SQLite session; tracing off."""

import contextlib

from agents import Agent, OpenAIChatCompletionsModel, Runner, set_tracing_disabled
from agents.extensions.memory import AsyncSQLiteSession
from openai import AsyncOpenAI
from openai.types.responses import ResponseTextDeltaEvent


@contextlib.asynccontextmanager
async def opened(base_url, database):
    set_tracing_disabled(True)
    client = AsyncOpenAI(base_url=base_url, api_key="sk-bench")
    agent = Agent(name="bench", model=OpenAIChatCompletionsModel(model="bench", openai_client=client))

    async def stream(session_id, question):
        session = AsyncSQLiteSession(session_id, database)
        try:
            result = Runner.run_streamed(agent, question, session=session)
            async for event in result.stream_events():
                if event.type == "raw_response_event" and isinstance(event.data, ResponseTextDeltaEvent):
                    yield event.data.delta
        finally:
            await session.close()

    yield stream
