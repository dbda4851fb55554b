#!/usr/bin/env bash
# Software: @modelcontextprotocol/client 2.4.0 on Node.js 20; for comparison mcp 2.3.0 of PyPI.
#
# Guess: one `connect` over stdio starts the command of the server once. A client that does not know
# yet which revision of the protocol the server speaks asks `server/discover` on the connection that
# it uses afterwards, as mcp of PyPI does.
#
# Behaviour: with `versionNegotiation: { mode: "auto" }`, each `connect` starts the command twice.
# The first process gets `server/discover` and nothing else. Then its stdin is closed and it gets
# SIGTERM at once, without the two seconds that `close` gives to a server. Its stderr is discarded.
# The second process is the connection, also where the first one has answered `server/discover`.
# A comment of the declarations names the extra process. The default mode, `legacy`, and a subclass
# of the transport, even an empty one, start the command once.
#
# Why it matters: what a server does at its start happens twice: a lock, a port, a sign-in, a
# migration, a line in an audit log. What it does at its end does not happen for the first process.
set -euo pipefail

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
npm install --silent --no-audit --no-fund --ignore-scripts @modelcontextprotocol/client@2.4.0
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check mcp==2.3.0

# A server of the older revision, or of the newer one as well. It needs 0.3 s for its end.
cat > server.cjs <<'JS'
const { appendFileSync } = require("node:fs");
const [record, revision] = process.argv.slice(2);
const note = (text) => appendFileSync(record, `${text}\n`);
note("start");
console.error("a line on stderr");
const identity = { name: "stub", version: "1" };
const answers = {
  initialize: { protocolVersion: "2025-11-25", capabilities: { tools: {} }, serverInfo: identity },
  "tools/list": { tools: [] },
};
if (revision === "newer") {
  answers["server/discover"] = { supportedVersions: ["2026-07-28"], capabilities: { tools: {} },
    _meta: { "io.modelcontextprotocol/serverInfo": identity } };
  const added = { resultType: "complete", ttlMs: 0, cacheScope: "private" };
  for (const answer of Object.values(answers)) Object.assign(answer, added);
}
const lines = require("node:readline").createInterface({ input: process.stdin });
lines.on("line", (line) => {
  const { id, method } = JSON.parse(line);
  note(method);
  if (id === undefined) return;
  const outcome = answers[method]
    ? { result: answers[method] }
    : { error: { code: -32601, message: "Method not found" } };
  console.log(JSON.stringify({ jsonrpc: "2.0", id, ...outcome }));
});
lines.on("close", () => setTimeout(() => { note("end in order"); process.exit(); }, 300));
process.on("SIGTERM", () => { note("end by SIGTERM"); process.exit(); });
JS
cat > run.py <<'PY'
import asyncio
import sys

from mcp import Client, StdioServerParameters, stdio_client


async def main():
    parameters = StdioServerParameters(command=sys.argv[1], args=["server.cjs", "python", "older"])
    async with Client(stdio_client(parameters, errlog=open("python.stderr", "w"))) as client:
        await client.list_tools()


asyncio.run(main())
PY
cat > run.mjs <<'JS'
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";

const seen = (name) => readFileSync(name, "utf8").trimEnd().split("\n");
class Subclass extends StdioClientTransport {}
async function run(mode, revision, Transport = StdioClientTransport) {
  const record = `${mode}-${revision}-${Transport.name}`;
  const transport = new Transport({
    command: process.execPath, args: ["server.cjs", record, revision], stderr: "pipe" });
  let said = "";
  transport.stderr.on("data", (chunk) => (said += chunk));
  const client = new Client({ name: "finding", version: "1" }, { versionNegotiation: { mode } });
  await client.connect(transport);
  await client.listTools();
  await client.close();
  console.log(`mode ${mode}, ${revision} server, ${Transport.name}: ${seen(record).join(", ")}`);
  // Of the first process, there is none.
  assert.equal(said, "a line on stderr\n");
  return seen(record);
}
const plain = ["start", "initialize", "notifications/initialized", "tools/list", "end in order"];
const probe = ["start", "server/discover", "end by SIGTERM"];
assert.deepEqual(await run("legacy", "older"), plain);
assert.deepEqual(await run("auto", "older"), [...probe, ...plain]);
assert.deepEqual(await run("auto", "newer"), [...probe, "start", "tools/list", "end in order"]);
const once = ["start", "server/discover", ...plain.slice(1)];
assert.deepEqual(await run("auto", "older", Subclass), once);
execFileSync("venv/bin/python", ["run.py", process.execPath]);
console.log(`mcp of PyPI, older server: ${seen("python").join(", ")}`);
assert.deepEqual(seen("python"), once);
JS
node run.mjs
