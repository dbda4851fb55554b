#!/usr/bin/env bash
# Software: node-fetch-har 1.0.1 with node-fetch 2.7.0.
#
# Guess: an answer that is no text, such as a user's photo, is stored as base64 with
# `"encoding": "base64"`, or is left out; the program gets what was sent either way.
#
# Behaviour: it is decoded as UTF-8, whatever its content type: what is not UTF-8 becomes
# U+FFFD, which nothing marks. The program gets the damaged bytes too, so it does something else
# when it is recorded. `size` and `bodySize` are the lengths after that: they agree with the text.
#
# Why it matters: a reader cannot see that the content is not what was sent; the only trace is
# an announced content-length that is smaller than `size`. A hash or a file that the recorded
# program made of the answer is of the damaged bytes.
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

// How a JPEG begins.
const PHOTO = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0x00, 0x10, 0x4a, 0x46, 0x49, 0x46]);
const server = http.createServer((request, response) => {
  response.writeHead(200, { "content-type": "image/jpeg", "content-length": PHOTO.length });
  response.end(PHOTO);
});
server.listen(0, "127.0.0.1");
await once(server, "listening");

const entries = [];
const recording = harFetch.withHar(fetch, { onHarEntry: (entry) => entries.push(entry) });
const address = `http://127.0.0.1:${server.address().port}/photo`;
const plain = await (await fetch(address)).buffer();
const recorded = await (await recording(address)).buffer();
server.close();

const { content, bodySize, headers } = JSON.parse(JSON.stringify(entries[0].response));
const length = headers.find((header) => header.name.toLowerCase() === "content-length").value;
console.log(`sent: ${PHOTO.toString("hex")}, content-length ${length}`);
console.log(`recorded: ${JSON.stringify(content)}, bodySize ${bodySize}`);
console.log(`the program got: ${plain.toString("hex")}; while recorded: ${recorded.toString("hex")}`);
assert.deepEqual(plain, PHOTO);
assert.deepEqual(recorded, Buffer.from(content.text));
assert.equal(length, "10");
assert.deepEqual(content, { mimeType: "image/jpeg", size: 18, text: "\ufffd\ufffd\ufffd\ufffd\u0000\u0010JFIF" });
assert.equal(bodySize, 18);
JS
node run.mjs
