#!/usr/bin/env bash
# Software: @modelcontextprotocol/sdk 1.32.2 on Node.js 20, and mcp 2.3.0 of PyPI.
#
# Guess: the client starts a server over stdio as any child process, so that the server has the
# environment of the client. Where `env` is given, it is the whole environment, as for
# `child_process.spawn` and `subprocess.Popen`.
#
# Behaviour: both transports pass on HOME, LOGNAME, PATH, SHELL, TERM and USER only. A variable that
# the caller has exported is not there, nor are HTTPS_PROXY, NODE_EXTRA_CA_CERTS, SSL_CERT_FILE,
# TMPDIR, LANG, TZ and XDG_CONFIG_HOME. `env` adds to the six and takes none away.
#
# Why it matters: a server that works from the shell has no key, goes around the proxy, does not
# trust the company's certificate or reads another folder for its settings when a client starts it.
# Nothing says so. A caller who leaves one of the six out of `env`, to hide it, has not hidden it.
set -euo pipefail

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
npm install --silent --no-audit --no-fund --ignore-scripts @modelcontextprotocol/sdk@1.32.2
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check mcp==2.3.0

# A server whose name is the list of the variables that it has.
cat > server.cjs <<'JS'
const name = Object.keys(process.env).sort().join(" ");
const initialize = { protocolVersion: "2025-11-25", capabilities: {}, serverInfo: { name, version: "1" } };
require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method } = JSON.parse(line);
  if (id === undefined) return;
  const outcome = method === "initialize"
    ? { result: initialize }
    : { error: { code: -32601, message: "Method not found" } };
  console.log(JSON.stringify({ jsonrpc: "2.0", id, ...outcome }));
});
JS
cat > run.mjs <<'JS'
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";

for (const env of [undefined, { API_KEY: process.env.API_KEY }]) {
  const client = new Client({ name: "finding", version: "1" });
  await client.connect(new StdioClientTransport({ command: process.execPath, args: ["server.cjs"], env }));
  console.log(`sdk 1.32.2, ${env ? "env with API_KEY" : "without env"}: ${client.getServerVersion().name}`);
  await client.close();
}
JS
cat > run.py <<'PY'
import asyncio
import os
import sys

from mcp import Client, StdioServerParameters, stdio_client


async def main():
    for env in (None, {"API_KEY": os.environ["API_KEY"]}):
        parameters = StdioServerParameters(command=sys.argv[1], args=["server.cjs"], env=env)
        async with Client(stdio_client(parameters)) as client:
            print(f"mcp 2.3.0, {'env with API_KEY' if env else 'without env'}: {client.server_info.name}")


asyncio.run(main())
PY
node=$(node -p process.execPath)
caller=(HOME="$place" LOGNAME=user PATH="$PATH" SHELL=/bin/sh TERM=dumb USER=user API_KEY=key
  HTTPS_PROXY=http://127.0.0.1:9 NODE_EXTRA_CA_CERTS="$place/ca.pem" SSL_CERT_FILE="$place/ca.pem"
  TMPDIR="$place" LANG=C.UTF-8 TZ=UTC XDG_CONFIG_HOME="$place")
touch ca.pem
env -i "${caller[@]}" "$node" -p '`the caller: ${Object.keys(process.env).sort().join(" ")}`'
env -i "${caller[@]}" "$node" run.mjs | tee seen
env -i "${caller[@]}" venv/bin/python run.py "$node" | tee -a seen
cat > expected <<'TEXT'
sdk 1.32.2, without env: HOME LOGNAME PATH SHELL TERM USER
sdk 1.32.2, env with API_KEY: API_KEY HOME LOGNAME PATH SHELL TERM USER
mcp 2.3.0, without env: HOME LOGNAME PATH SHELL TERM USER
mcp 2.3.0, env with API_KEY: API_KEY HOME LOGNAME PATH SHELL TERM USER
TEXT
diff expected seen
