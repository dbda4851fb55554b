#!/usr/bin/env bash
# Software: @modelcontextprotocol/sdk 1.32.2 on Node.js 20; for comparison mcp 1.30.0 and 2.3.0 of PyPI.
#
# Guess: a client that cannot use the `outputSchema` of a tool ignores the schema, or drops that one
# tool. Where the schema is a valid JSON Schema with the root `object`, the client can use it.
#
# Behaviour: `listTools` throws, so that no tool of the server is seen, where one `outputSchema` has
# the root `array` or `boolean`, and also where it has the root `object` and a property with
# `nullable`, a word of OpenAPI that JSON Schema ignores, beside `$ref` or `enum`. No error names the
# tool. `callTool` of the other tool works. mcp 1.30.0 lists all tools each time; mcp 2.3.0 refuses
# the list for the root, and takes `nullable`.
#
# Why it matters: the revision 2026-07-28 allows each root, where 2025-11-25 asks for `object`, and
# `nullable` is left over where tools are made of an OpenAPI 3.0 document, in any revision. One new
# tool takes all tools of the server from the users of one client, while another client of the same
# project and `callTool` are well.
set -euo pipefail

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
npm install --silent --no-audit --no-fund --ignore-scripts @modelcontextprotocol/sdk@1.32.2
for version in 1.30.0 2.3.0; do
  python3 -m venv "$version"
  "$version/bin/pip" install --quiet --disable-pip-version-check "mcp==$version"
done

cat > schemas.json <<'JSON'
{
  "object": { "type": "object" },
  "array": { "type": "array" },
  "boolean": { "type": "boolean" },
  "nullable $ref": {
    "type": "object", "properties": { "a": { "$ref": "#/$defs/A", "nullable": true } },
    "$defs": { "A": { "type": "string" } } },
  "nullable enum": { "type": "object", "properties": { "a": { "enum": ["x", null], "nullable": true } } }
}
JSON
# A server with two tools. The argument names the output schema of the second.
cat > server.cjs <<'JS'
const outputSchema = require("./schemas.json")[process.argv[2]];
const inputSchema = { type: "object" };
const answers = {
  initialize: {
    protocolVersion: "2025-11-25", capabilities: { tools: {} }, serverInfo: { name: "stub", version: "1" } },
  "tools/list": { tools: [
    { name: "first", inputSchema, outputSchema: { type: "object" } },
    { name: "second", inputSchema, outputSchema },
  ] },
  "tools/call": { content: [{ type: "text", text: "done" }], structuredContent: {} },
};
require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method } = JSON.parse(line);
  if (answers[method]) console.log(JSON.stringify({ jsonrpc: "2.0", id, result: answers[method] }));
});
JS
cat > run.mjs <<'JS'
import assert from "node:assert/strict";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";

async function tools(schema) {
  const client = new Client({ name: "finding", version: "1" });
  await client.connect(new StdioClientTransport({ command: process.execPath, args: ["server.cjs", schema] }));
  const listed = await client.listTools().then(
    ({ tools }) => tools.map(({ name }) => name).join(", "),
    (error) => {
      assert.ok(!error.message.includes("second"));
      return error.issues ? `error at ${error.issues[0].path.join(".")}` : `error ${error.message}`;
    },
  );
  const called = (await client.callTool({ name: "first", arguments: {} })).content[0].text;
  await client.close();
  console.log(`sdk 1.32.2, ${schema}: listTools ${listed}; callTool ${called}`);
  assert.equal(called, "done");
  return listed;
}
const root = "error at tools.1.outputSchema.type";
const nullable = 'error "nullable" cannot be used without "type"';
assert.equal(await tools("object"), "first, second");
assert.equal(await tools("array"), root);
assert.equal(await tools("boolean"), root);
assert.equal(await tools("nullable $ref"), nullable);
assert.equal(await tools("nullable enum"), nullable);
JS
cat > run.py <<'PY'
import asyncio
import sys

from mcp import ClientSession, StdioServerParameters, stdio_client

version = sys.argv[1]


async def tools(schema):
    parameters = StdioServerParameters(command="node", args=["server.cjs", schema])
    async with stdio_client(parameters) as (read, write), ClientSession(read, write) as session:
        await session.initialize()
        try:
            listed = ", ".join(tool.name for tool in (await session.list_tools()).tools)
        except Exception as error:
            listed = type(error).__name__
    print(f"mcp {version}, {schema}: list_tools {listed}")
    return listed


async def main():
    for schema in ("object", "array", "boolean", "nullable $ref", "nullable enum"):
        refused = version == "2.3.0" and schema in ("array", "boolean")
        assert await tools(schema) == ("ValidationError" if refused else "first, second")


asyncio.run(main())
PY
node run.mjs
for version in 1.30.0 2.3.0; do
  "$version/bin/python" run.py "$version"
done
