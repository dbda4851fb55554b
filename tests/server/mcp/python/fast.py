"""The client of FastMCP: as it comes, or with `legacy`, which shakes hands."""

import sys
from contextlib import asynccontextmanager

from fastmcp import Client
from fastmcp.client.transports import StdioTransport, StreamableHttpTransport

from checks import O365, check, command, endpoint


class Session:
    def __init__(self, client, received):
        self.client, self.received = client, received
        self.revision = client.protocol_version

    async def tools(self):
        return await self.client.list_tools()

    async def call(self, name, arguments, progress=None):
        result = await self.client.call_tool(
            name, arguments, progress_handler=progress, raise_on_error=False
        )
        # It shows no other messages than results. What is not of the schema has no data.
        self.received.append(str(result))
        assert result.is_error or result.data is not None, name
        return result

    async def resources(self):
        return [resource.uri for resource in await self.client.list_resources()]

    async def read(self, uri):
        return (await self.client.read_resource(uri))[0]


def transport(flags):
    if O365:
        # Otherwise the server runs on when the session has ended.
        return StdioTransport(**command(flags), keep_alive=False)
    url, headers = endpoint()
    return StreamableHttpTransport(url, headers=headers)


@asynccontextmanager
async def connect(flags, elicit, received):
    async def answer(message, *_):
        return elicit(message)

    (mode,) = sys.argv[1:] or ["auto"]
    asks = {"elicitation_handler": answer} if elicit else {}
    async with Client(transport(flags), mode=mode, **asks) as client:
        yield Session(client, received)


check(connect)
