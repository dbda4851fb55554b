"""What the clients of Python must see of the server."""

import asyncio
import json
import os

import jsonschema
from mcp import MCPError
from mcp_types import ElicitResult

SKU = os.environ["SKU"]
O365 = os.environ.get("O365")
CANARY = "Canary-7f3a-PASS!"


def command(flags):
    """The server over stdin and stdout; by default it gets few of the variables."""
    return {"command": O365, "args": ["mcp", "--simulate", *flags], "env": dict(os.environ)}


def endpoint():
    """The server over HTTP: its address, and the headers."""
    return os.environ["URL"] + "/mcp", {"Authorization": "Bearer " + os.environ["KEY"]}


def user(nickname, password):
    return {
        "serviceId": SKU,
        "displayName": "Any Name",
        "mailNickname": nickname,
        "password": password,
        "usageLocation": "AM",
    }


def failure(result):
    assert result.is_error and result.structured_content is None, result
    return json.loads(result.content[0].text)


async def call_all(session, tools):
    with open(os.environ["INPUTS"], encoding="utf-8") as file:
        inputs = json.load(file)
    told = []

    async def progress(*event):
        told.append(event)

    schemas = {tool.name: tool.output_schema for tool in tools}
    for name, arguments in inputs.items():
        asks = {"progress": progress} if name == "create-user" else {}
        result = await session.call(name, arguments, **asks)
        assert not result.is_error, (name, result)
        assert json.loads(result.content[0].text) == result.structured_content, name
        assert "result" in result.structured_content, name
        jsonschema.validate(result.structured_content, schemas[name])
    return {"called": len(inputs), "progress": len(told)}


async def fail_and_read(session):
    missing = {"serviceId": SKU, "userPrincipalName": "nobody@contoso.onmicrosoft.com"}
    error = failure(await session.call("assign-license-to-existing-user", missing))["error"]
    assert error["fix"], error
    try:
        raise AssertionError(await session.call("create-users", {}))
    except MCPError as thrown:
        assert thrown.code == -32602 and "did you mean create-user?" in str(thrown), thrown
    uris = await session.resources()
    for uri in uris:
        assert json.loads((await session.read(uri)).text)[0]["title"], uri
    assert not (await session.call("create-user", user("canary", CANARY))).is_error
    return {"errorKind": error["kind"], "resources": len(uris)}


def no_secret(received):
    assert received and not any(CANARY in text for text in received), "a password came back"


async def confirmed(connect, answer=None):
    """What `--confirm` does with a client whose user answers this, or that has nobody to ask."""
    asked, received = [], []

    def elicit(message):
        asked.append(message)
        return answer

    async with connect(["--confirm"], elicit if answer else None, received) as session:

        async def seats():
            count = await session.call("get-available-license-count", {"serviceId": SKU})
            return count.structured_content["result"]

        before = await seats()
        result = await session.call("create-user", user("asked", CANARY))
        assert len(asked) == (1 if answer else 0), asked
        assert await seats() == (before if result.is_error else before - 1)
    no_secret(received + asked)
    if not result.is_error:
        return True
    refused = failure(result)
    assert refused["plan"]["writes"], refused
    return refused["error"]["kind"]


async def checks(connect):
    received = []
    async with connect([], None, received) as session:
        tools = await session.tools()
        assert all(tool.output_schema for tool in tools)
        found = {"tools": len(tools), **await call_all(session, tools)}
        found |= {**await fail_and_read(session), "revision": session.revision}
    no_secret(received)
    if O365:
        accept = ElicitResult(action="accept", content={"confirm": True})
        found["confirmed"] = await confirmed(connect, accept)
        found["declined"] = await confirmed(connect, ElicitResult(action="decline"))
        found["unasked"] = await confirmed(connect)
    print(json.dumps(found))


def check(connect):
    """
    Runs all checks and prints what they found, in a line. `connect(flags, elicit, received)` opens
    a session, which adds the messages that come to a list.
    """
    asyncio.run(checks(connect))
