#!/usr/bin/env bash
# Software: standardwebhooks 1.1.1 and svix 1.99.1 of npm.
#
# Guess: a handler that gets a Fetch `Request`, as those of Hono, Next.js and edge runtimes do, can pass
# `request.headers` to `verify`, which looks for headers whatever their case is.
#
# Behaviour: a correctly signed message is refused as "Missing required headers", by both libraries:
# the entries of `Headers` are no properties of it. `Object.fromEntries(request.headers)` is taken. What
# is signed and is no JSON fails with a SyntaxError, after the signature was found right, and an empty
# body is `undefined` in one library and a SyntaxError in the other.
#
# Why it matters: the refusal reads as if the sender had not signed, and whoever answers it with 400 has
# the message sent again for a day. A receiver has to convert the headers, and a sender should send JSON.
set -euo pipefail

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
npm init --yes > npm.log 2>&1
npm install --silent --no-audit --no-fund standardwebhooks@1.1.1 svix@1.99.1 >> npm.log 2>&1

cat > receive.mjs <<'JS'
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { Webhook as Standard } from "standardwebhooks";
import { Webhook as Svix } from "svix";

const secret = `whsec_${Buffer.alloc(32, 1).toString("base64")}`;
const libraries = { standardwebhooks: new Standard(secret), svix: new Svix(secret) };

// What the library makes of a message, given its headers as `convert` makes them.
async function receive(library, request, convert) {
  const body = await request.clone().text();
  try {
    return JSON.stringify(libraries[library].verify(body, convert(request.headers))) ?? "undefined";
  } catch (error) {
    return `${error.constructor.name}: ${error.message}`.split(",")[0];
  }
}

// A message over a real connection, as a Fetch request with what arrived.
function listener(take) {
  return createServer(async (incoming, response) => {
    const body = await new Response(incoming).text();
    const request = new Request("http://localhost/", {
      method: "POST", headers: new Headers(incoming.headers), body,
    });
    response.end(JSON.stringify(await take(request)));
  }).listen(0, "127.0.0.1");
}

const seen = {};
const server = listener(async (request) => {
  const found = {};
  for (const library of Object.keys(libraries)) {
    found[library] = [
      await receive(library, request, (headers) => headers),
      await receive(library, request, (headers) => Object.fromEntries(headers)),
    ];
  }
  return found;
});
await new Promise((done) => server.on("listening", done));
for (const body of ['{"type":"run.done"}', "done", ""]) {
  const now = new Date();
  const headers = {
    "content-type": "application/json",
    "webhook-id": "message-1",
    "webhook-timestamp": String(Math.floor(now / 1000)),
    "webhook-signature": libraries.standardwebhooks.sign("message-1", now, body),
  };
  const url = `http://127.0.0.1:${server.address().port}/`;
  seen[body] = await (await fetch(url, { method: "POST", headers, body })).json();
  console.log(JSON.stringify(body), seen[body]);
}
server.close();

const refused = "WebhookVerificationError: Missing required headers";
for (const body of Object.values(seen)) {
  for (const [given] of Object.values(body)) assert.equal(given, refused);
}
const converted = (body, library) => seen[body][library][1];
for (const library of Object.keys(libraries)) {
  assert.equal(converted('{"type":"run.done"}', library), '{"type":"run.done"}');
  assert.match(converted("done", library), /^SyntaxError/);
}
assert.equal(converted("", "standardwebhooks"), "undefined");
assert.match(converted("", "svix"), /^SyntaxError/);
JS
node receive.mjs
