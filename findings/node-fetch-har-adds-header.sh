#!/usr/bin/env bash
# Software: node-fetch-har 1.0.1 with node-fetch 2.7.0.
#
# Guess: a recorder watches; the request that leaves the machine is the one that the program
# made, and the file lists that.
#
# Behaviour: the recorder adds a header `x-har-request-id` with a random value, which is sent to
# the server and listed in the file among the program's own headers.
#
# Why it matters: a comparison of headers between two recordings of one run never matches, and
# whatever the server or a proxy makes of unknown headers (a CORS check, a signature over the
# headers, an allow-list) happens to recorded runs only. A reader has to know the name and drop it.
set -euo pipefail

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
npm install --silent --no-audit --no-fund --ignore-scripts node-fetch@2.7.0 node-fetch-har@1.0.1

cat > run.mjs <<'JS'
import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import fetch from "node-fetch";
import harFetch from "node-fetch-har";

const received = [];
const server = http.createServer((request, response) => {
  received.push(request.headers);
  response.end("x");
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
const address = `http://127.0.0.1:${server.address().port}/`;

const entries = [];
const recording = harFetch.withHar(fetch, { onHarEntry: (entry) => entries.push(entry) });
await (await fetch(address)).text();
for (let time = 0; time < 2; time += 1) await (await recording(address)).text();
server.close();

const NAME = "x-har-request-id";
const [plain, ...ids] = received.map((headers) => headers[NAME]);
const listed = entries.map(({ request }) => request.headers.find(({ name }) => name.toLowerCase() === NAME)?.value);
console.log(`${NAME} received: ${plain ?? "none"} without the recorder; with it ${ids.join(", ")}`);
console.log(`${NAME} recorded: ${listed.join(", ")}`);
assert.equal(plain, undefined);
assert.match(ids[0], /^[\w-]+$/);
assert.notEqual(ids[0], ids[1]);
assert.deepEqual(listed, ids);
JS
node run.mjs
