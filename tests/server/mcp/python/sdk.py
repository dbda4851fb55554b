"""The official SDK of Python, 2.x: as it comes, or with `legacy`, which shakes hands."""

import sys
from contextlib import asynccontextmanager

import anyio
import httpx2
from mcp import Client, StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client

from checks import O365, check, command, endpoint


class Session:
    def __init__(self, client):
        self.client, self.revision = client, client.protocol_version

    async def tools(self):
        return (await self.client.list_tools()).tools

    async def call(self, name, arguments, progress=None):
        return await self.client.call_tool(name, arguments, progress_callback=progress)

    async def resources(self):
        return [resource.uri for resource in (await self.client.list_resources()).resources]

    async def read(self, uri):
        return (await self.client.read_resource(uri)).contents[0]


@asynccontextmanager
async def transport(flags):
    if O365:
        async with stdio_client(StdioServerParameters(**command(flags))) as streams:
            yield streams
        return
    url, headers = endpoint()
    async with (
        httpx2.AsyncClient(headers=headers, timeout=60) as client,
        streamable_http_client(url, http_client=client) as streams,
    ):
        yield streams


@asynccontextmanager
async def watched(flags, received):
    """The transport, whose messages are also added to a list."""
    send, receive = anyio.create_memory_object_stream(0)

    async def forward(read):
        async with send:
            async for message in read:
                received.append(str(message))
                await send.send(message)

    async with transport(flags) as (read, write), anyio.create_task_group() as tasks:
        tasks.start_soon(forward, read)
        yield receive, write
        # The messages of a process end only when it does, after this.
        tasks.cancel_scope.cancel()


@asynccontextmanager
async def connect(flags, elicit, received):
    async def answer(_, params):
        return elicit(params.message)

    (mode,) = sys.argv[1:] or ["auto"]
    asks = {"elicitation_callback": answer} if elicit else {}
    async with Client(watched(flags, received), mode=mode, **asks) as client:
        yield Session(client)


check(connect)
