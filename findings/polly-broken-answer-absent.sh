#!/usr/bin/env bash
# Software: @pollyjs/core, @pollyjs/adapter-node-http and @pollyjs/persister-fs 6.0.6.
#
# Guess: with `recordFailedRequests: true`, a call whose answer breaks off within its body is
# recorded, with an error or with the part that came.
#
# Behaviour: such a call leaves no entry, although the server saw it and sent status, headers
# and half of the body. The client gets an error; the retry is the first and only entry.
#
# Why it matters: a write whose answer was lost may have been carried out. The recording shows
# one POST where the server had two, so it hides exactly the case in which a repeat can create
# something twice.
set -euo pipefail

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
npm install --silent --no-audit --no-fund --ignore-scripts \
  @pollyjs/core@6.0.6 @pollyjs/adapter-node-http@6.0.6 @pollyjs/persister-fs@6.0.6

# The server is a process of its own, as Polly takes the place of Node's client.
cat > server.mjs <<'JS'
import http from "node:http";

const BODY = Buffer.from(JSON.stringify({ id: "x".repeat(200) }));
let posts = 0;
const server = http.createServer((request, response) => {
  request.resume().on("end", () => {
    if (request.method === "GET") return response.end(String(posts));
    posts += 1;
    response.writeHead(201, { "content-type": "application/json", "content-length": BODY.length });
    if (posts > 1) return response.end(BODY);
    return response.write(BODY.subarray(0, 100), () => setTimeout(() => response.socket.destroy(), 100));
  });
});
server.listen(0, "127.0.0.1", () => process.send(server.address().port));
process.on("disconnect", () => process.exit());
JS
cat > run.mjs <<'JS'
import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import http from "node:http";
import { join } from "node:path";
import NodeHttpAdapter from "@pollyjs/adapter-node-http";
import { Polly } from "@pollyjs/core";
import FSPersister from "@pollyjs/persister-fs";

const server = fork("./server.mjs");
const [port] = await once(server, "message");

function call(method) {
  return new Promise((resolve) => {
    const request = http.request({ host: "127.0.0.1", port, method, path: "/users" }, (response) => {
      let text = "";
      response.on("data", (data) => (text += data));
      response.on("end", () => resolve({ status: response.statusCode, text }));
      response.on("error", (error) => resolve({ error: error.code }));
    });
    request.on("error", (error) => resolve({ error: error.code }));
    request.end();
  });
}

Polly.register(NodeHttpAdapter);
Polly.register(FSPersister);
const polly = new Polly("run", {
  adapters: ["node-http"],
  persister: "fs",
  persisterOptions: { fs: { recordingsDir: "recordings" } },
  recordFailedRequests: true,
  logLevel: "silent",
});
const [broken, whole] = [await call("POST"), await call("POST")];
await polly.stop();
const posts = (await call("GET")).text;
server.kill();

const name = readdirSync("recordings", { recursive: true }).find((name) => name.endsWith(".har"));
const { entries } = JSON.parse(readFileSync(join("recordings", name), "utf8")).log;
console.log(`the client got: ${broken.error ?? broken.status}, then ${whole.error ?? whole.status}`);
console.log(`the server had ${posts} POST; the recording has ${entries.length}: ${entries.map((entry) => entry.response.status)}`);
assert.equal(broken.error, "ECONNRESET");
assert.equal(whole.status, 201);
assert.equal(posts, "2");
assert.deepEqual(entries.map((entry) => [entry.request.method, entry.response.status, entry.response.content.text]), [["POST", 201, whole.text]]);
JS
node run.mjs
