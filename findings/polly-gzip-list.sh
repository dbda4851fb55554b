#!/usr/bin/env bash
# Software: @pollyjs/core, @pollyjs/adapter-node-http and @pollyjs/persister-fs 6.0.6.
#
# Guess: `"encoding": "base64"` in a HAR file says that `text` is base64, and `text` has the
# content after unpacking, as HAR 1.2 has it.
#
# Behaviour: the text of a gzip answer is a JSON list of base64 strings, one for each piece that
# came, beside `"encoding": "base64"`; and it is the packed content: joined and decoded, it still
# has to be unpacked. `size` is the packed length too.
#
# Why it matters: a strict base64 decoder refuses the brackets and quotes; a lax one skips them
# and, as soon as a piece ends in padding, gives wrong bytes. A reader that then parses JSON gets
# gzip data.
set -euo pipefail

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
npm install --silent --no-audit --no-fund --ignore-scripts \
  @pollyjs/core@6.0.6 @pollyjs/adapter-node-http@6.0.6 @pollyjs/persister-fs@6.0.6

# The server is a process of its own, as Polly takes the place of Node's client.
cat > server.mjs <<'JS'
import http from "node:http";
import { gzipSync } from "node:zlib";

const BODY = gzipSync(JSON.stringify({ value: ["A", "B", "C"] }), { level: 9 });
const server = http.createServer((request, response) => {
  response.writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" });
  // Two pieces.
  response.write(BODY.subarray(0, 10));
  setTimeout(() => response.end(BODY.subarray(10)), 200);
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
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import NodeHttpAdapter from "@pollyjs/adapter-node-http";
import { Polly } from "@pollyjs/core";
import FSPersister from "@pollyjs/persister-fs";

const server = fork("./server.mjs");
const [port] = await once(server, "message");
Polly.register(NodeHttpAdapter);
Polly.register(FSPersister);
const polly = new Polly("run", {
  adapters: ["node-http"],
  persister: "fs",
  persisterOptions: { fs: { recordingsDir: "recordings" } },
  logLevel: "silent",
});
const packed = await new Promise((resolve, reject) => {
  http.get({ host: "127.0.0.1", port, path: "/users" }, (response) => buffer(response).then(resolve, reject)).on("error", reject);
});
await polly.stop();
server.kill();

const name = readdirSync("recordings", { recursive: true }).find((name) => name.endsWith(".har"));
const [{ response }] = JSON.parse(readFileSync(join("recordings", name), "utf8")).log.entries;
const { content } = response;
console.log(`encoding ${content.encoding}, size ${content.size}, text ${content.text}`);
assert.equal(content.encoding, "base64");
assert.equal(content.size, content.text.length);
const pieces = JSON.parse(content.text);
assert.equal(pieces.length, 2);
const joined = Buffer.concat(pieces.map((piece) => Buffer.from(piece, "base64")));
assert.deepEqual(joined, packed);
const text = gunzipSync(joined).toString();
console.log(`pieces joined, decoded and unpacked: ${text}`);
assert.equal(text, '{"value":["A","B","C"]}');
const lax = Buffer.from(content.text, "base64");
console.log(`the whole text decoded at once: ${lax.length} bytes where the answer had ${packed.length}`);
assert.ok(!lax.equals(packed));
JS
node run.mjs
