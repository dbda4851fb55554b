#!/usr/bin/env bash
# Software: axios-har-tracker 0.8.0 with axios 1.11.0.
#
# Guess: each header in a HAR file has a `name` and a `value`, as HAR 1.2 requires, and lists
# what was sent.
#
# Behaviour: each GET has a header `{"name": "Content-Type"}` without a `value`. axios keeps the
# header, unset, in its configuration; the tracker lists it, and JSON leaves `undefined` out. No
# such header is sent. The method stands there in small letters, and was sent in capital ones.
#
# Why it matters: a typed reader with a required `value` refuses every file of this writer that
# has a GET. One that fills in an empty text believes that an empty content type was sent.
set -euo pipefail

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
npm install --silent --no-audit --no-fund --ignore-scripts axios@1.11.0 axios-har-tracker@0.8.0

cat > run.mjs <<'JS'
import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import axios from "axios";
import { AxiosHarTracker } from "axios-har-tracker";

const sent = [];
const server = http.createServer((request, response) => {
  sent.push([request.method, request.headers["content-type"]]);
  response.setHeader("content-type", "application/json");
  response.end("{}");
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
const root = `http://127.0.0.1:${server.address().port}`;

const client = axios.create({ proxy: false });
const tracker = new AxiosHarTracker(client);
await client.get(`${root}/users`);
await client.post(`${root}/users`, { displayName: "A" });
server.close();

const { entries } = JSON.parse(JSON.stringify(tracker.getGeneratedHar())).log;
const listed = entries.map(({ request }) => [
  request.method,
  request.headers.find((header) => header.name === "Content-Type"),
]);
console.log("sent:    ", JSON.stringify(sent.map(([method, type]) => [method, type ?? "no content type"])));
console.log("recorded:", JSON.stringify(listed));
assert.deepEqual(sent, [["GET", undefined], ["POST", "application/json"]]);
assert.deepEqual(listed, [
  ["get", { name: "Content-Type" }],
  ["post", { name: "Content-Type", value: "application/json" }],
]);
JS
node run.mjs
