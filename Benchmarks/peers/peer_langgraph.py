"""LangGraph: a graph of one node that asks the model, with its own SQLite checkpointer."""

import contextlib

from langchain_openai import ChatOpenAI
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import START, MessagesState, StateGraph


@contextlib.asynccontextmanager
async def opened(base_url, database):
    model = ChatOpenAI(model="bench", base_url=base_url, api_key="sk-bench")

    async def answer(state):
        return {"messages": [await model.ainvoke(state["messages"])]}

    graph = StateGraph(MessagesState).add_node("answer", answer).add_edge(START, "answer")
    async with AsyncSqliteSaver.from_conn_string(str(database)) as saver:
        agent = graph.compile(checkpointer=saver)

        async def stream(session_id, question):
            asked = {"messages": [{"role": "user", "content": question}]}
            config = {"configurable": {"thread_id": session_id}}
            async for piece, _ in agent.astream(asked, config, stream_mode="messages"):
                if piece.content:
                    yield piece.content

        yield stream
