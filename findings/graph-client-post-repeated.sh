#!/usr/bin/env bash
# Software: @microsoft/microsoft-graph-client 3.0.7.
#
# Guess: a client repeats what is safe to repeat. After 504 Gateway Timeout nobody knows whether
# a POST was carried out, so `client.api("/users").post(...)` fails with the 504.
#
# Behaviour: its default middleware repeats a POST with a JSON body after 504, as after 429 and
# 503, up to three times, and the caller sees the last answer only. A repeat has the header
# `Retry-Attempt` with its number; the body and the address are the same.
#
# Why it matters: one call of a program can be four in a recording, and each may have taken
# effect: a mail is sent twice, a second user is refused since the name is taken. A reader must
# neither take each POST for the program's own decision nor a final error for "nothing was done".
set -euo pipefail

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
npm install --silent --no-audit --no-fund --ignore-scripts @microsoft/microsoft-graph-client@3.0.7

cat > run.mjs <<'JS'
import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import { text } from "node:stream/consumers";
import graph from "@microsoft/microsoft-graph-client";

const received = [];
let failures;
const server = http.createServer(async (request, response) => {
  const body = await text(request);
  received.push([request.method, body, request.headers["retry-attempt"]]);
  const done = received.length > failures;
  response.writeHead(done ? 201 : 504, { "content-type": "application/json", "retry-after": "0" });
  response.end(JSON.stringify(done ? { id: "1" } : { error: { code: "timeout", message: "no answer in time" } }));
});
server.listen(0, "127.0.0.1");
await once(server, "listening");

const client = graph.Client.init({
  baseUrl: `http://127.0.0.1:${server.address().port}`,
  customHosts: new Set(["127.0.0.1"]),
  authProvider: (done) => done(null, "token"),
});
async function post(times) {
  received.length = 0;
  failures = times;
  const outcome = await client.api("/users").post({ displayName: "A" }).catch((error) => error.statusCode);
  console.log(`${times === Infinity ? "each" : `the first ${times}`} answered 504: the server had ${received.length} POST, the caller got ${JSON.stringify(outcome)}`);
  return { outcome, received: [...received] };
}
const twice = await post(2);
const always = await post(Infinity);
server.close();

const body = '{"displayName":"A"}';
const calls = [undefined, "1", "2", "3"].map((attempt) => ["POST", body, attempt]);
assert.deepEqual(twice, { outcome: { id: "1" }, received: calls.slice(0, 3) });
assert.deepEqual(always, { outcome: 504, received: calls });
JS
node run.mjs
