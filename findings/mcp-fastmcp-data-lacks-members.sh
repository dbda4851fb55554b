#!/usr/bin/env bash
# Software: fastmcp 4.2.3 of PyPI, with mcp 2.3.0.
#
# Guess: `data` of a tool's result is its structured content, with the types of `outputSchema`: what a
# client reads there is what the server has returned.
#
# Behaviour: `data` is an object of a class made of the schema. A member that the schema does not name is
# not in it, though the schema allows it. A member that is absent is None, like one that is null. A name
# that is no identifier of Python is changed, and to what depends on the names before it. A `uri` without a
# path gets a slash. `structured_content` has all of it as it was sent.
#
# Why it matters: a client does not see what a newer server adds, cannot tell "no value" from "not
# there", and writes back a URL that is not the one that it read. What goes on to another program has to
# be taken from `structured_content`.
set -euo pipefail

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv venv
venv/bin/pip install --quiet fastmcp==4.2.3 mcp==2.3.0

cat > server.py <<'PY'
"""A server over stdio with one tool, whose result and schema are valid."""
import json
import sys

SCHEMA = {
    "type": "object",
    "required": ["count"],
    "properties": {
        "count": {"type": "integer"},
        "user-id": {"type": "string"},
        "user_id": {"type": "string"},
        "mail": {"type": ["string", "null"]},
        "phone": {"type": ["string", "null"]},
        "site": {"type": "string", "format": "uri"},
        "users": {
            "type": "array",
            "items": {"type": "object", "properties": {"name": {"type": "string"}}},
        },
    },
}
RESULT = {
    "count": 1,
    "user-id": "first",
    "user_id": "second",
    "mail": None,
    "site": "https://contoso.com",
    "users": [{"name": "Adele", "licences": 2}],
    "added": True,
}

for line in sys.stdin:
    message = json.loads(line)
    if "id" not in message:
        continue
    method = message["method"]
    if method == "initialize":
        result = {
            "protocolVersion": message["params"]["protocolVersion"],
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "server", "version": "1"},
        }
    elif method == "tools/list":
        result = {
            "tools": [{"name": "users", "inputSchema": {"type": "object"}, "outputSchema": SCHEMA}]
        }
    elif method == "tools/call":
        text = {"type": "text", "text": json.dumps(RESULT)}
        result = {"content": [text], "structuredContent": RESULT, "isError": False}
    else:
        answer = {"error": {"code": -32601, "message": "Method not found"}}
        print(json.dumps({"jsonrpc": "2.0", "id": message["id"], **answer}), flush=True)
        continue
    print(json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}), flush=True)
PY
cat > client.py <<'PY'
import asyncio
import sys

from fastmcp import Client
from fastmcp.client.transports import StdioTransport
from server_result import RESULT


async def main():
    async with Client(StdioTransport(sys.executable, ["server.py"])) as client:
        called = await client.call_tool("users", {})
    data = vars(called.data)
    print("structured_content:", called.structured_content)
    print("data:", data)
    assert called.structured_content == RESULT
    assert "added" not in data and not hasattr(data["users"][0], "licences"), data
    assert data["users"][0].name == "Adele"
    assert data["mail"] is None and data["phone"] is None, data
    assert (data["user_id"], data["user_id_2"]) == ("first", "second"), data
    assert str(data["site"]) == "https://contoso.com/", data


asyncio.run(main())
PY
# What the server returns, for the client to compare with.
sed -n '/^RESULT/,/^}/p' server.py > server_result.py
venv/bin/python client.py
