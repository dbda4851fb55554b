#!/usr/bin/env bash
# Software: @modelcontextprotocol/sdk 1.32.2 on Node.js 20; for comparison mcp 2.3.0 of PyPI.
#
# Guess: the `outputSchema` of a tool describes its results. A result with `isError: true` is not
# checked against it, so that a tool can say in `structuredContent` what went wrong, and the caller
# gets at least its text.
#
# Behaviour: `callTool` throws an McpError -32602, which has nothing of the tool's text and
# structured content. It does so only after `listTools`: the same call before it returns the result.
# A comment of the code says "not when there's an error". mcp 2.3.0 returns the result both times.
#
# Why it matters: the caller reads of a schema instead of the reason, such as the hour from which the
# call would succeed. The code is that of invalid parameters, which points at the caller's arguments.
# A test that calls the tool without listing the tools first passes.
set -euo pipefail

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
npm install --silent --no-audit --no-fund --ignore-scripts @modelcontextprotocol/sdk@1.32.2
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check mcp==2.3.0

cat > server.cjs <<'JS'
const outputSchema = { type: "object", properties: { number: { type: "string" } }, required: ["number"] };
const answers = {
  initialize: {
    protocolVersion: "2025-11-25", capabilities: { tools: {} }, serverInfo: { name: "stub", version: "1" } },
  "tools/list": { tools: [{ name: "order", inputSchema: { type: "object" }, outputSchema }] },
  "tools/call": { isError: true, content: [{ type: "text", text: "The warehouse is closed until 8." }],
    structuredContent: { kind: "closed", until: 8 } },
};
require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method } = JSON.parse(line);
  if (id === undefined) return;
  const outcome = answers[method]
    ? { result: answers[method] }
    : { error: { code: -32601, message: "Method not found" } };
  console.log(JSON.stringify({ jsonrpc: "2.0", id, ...outcome }));
});
JS
cat > run.mjs <<'JS'
import assert from "node:assert/strict";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";

const client = new Client({ name: "finding", version: "1" });
await client.connect(new StdioClientTransport({ command: process.execPath, args: ["server.cjs"] }));
const call = () => client.callTool({ name: "order", arguments: {} }).then(
  ({ isError, content }) => `isError ${isError}: ${content[0].text}`,
  (error) => {
    assert.doesNotMatch(JSON.stringify([error.message, error.data, error.stack]), /warehouse|closed/);
    return `${error.constructor.name} ${error.code}: ${error.message}`;
  },
);
const before = await call();
await client.listTools();
const after = await call();
await client.close();
console.log(`sdk 1.32.2, before listTools: ${before}`);
console.log(`sdk 1.32.2, after listTools:  ${after}`);
assert.equal(before, "isError true: The warehouse is closed until 8.");
assert.match(after, /^McpError -32602: .*Structured content does not match the tool's output schema/);
JS
cat > run.py <<'PY'
import asyncio

from mcp import Client, StdioServerParameters, stdio_client


async def main():
    async with Client(stdio_client(StdioServerParameters(command="node", args=["server.cjs"]))) as client:

        async def call(name):
            result = await client.call_tool("order", {})
            print(f"mcp 2.3.0, {name} is_error {result.is_error}: {result.content[0].text}")
            assert result.is_error and result.content[0].text == "The warehouse is closed until 8."
            assert result.structured_content == {"kind": "closed", "until": 8}

        await call("before list_tools:  ")
        await client.list_tools()
        await call("after list_tools:   ")


asyncio.run(main())
PY
node run.mjs
venv/bin/python run.py
