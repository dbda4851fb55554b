#!/usr/bin/env bash
# Software: @bytecodealliance/preview2-shim 0.26.1, which components of jco 1.35.0 call.
#
# Guess: `connect-timeout` of wasi:http limits the time to connect, so `connection-timeout` means
# that the request was not sent and can be sent again.
#
# Behaviour: the shim sets it as the limit of a silence at any time of the exchange. A server that
# takes the whole request and responds later than that limit has done its work; the guest is told
# `connection-timeout`.
#
# Why it matters: a guest that repeats a request after `connection-timeout`, even one that is not
# idempotent, sends it again after the server has carried it out. The limit must be as long as that
# for the response, and the code leaves open what happened.
set -euo pipefail

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
npm install --silent --no-audit --no-fund --ignore-scripts @bytecodealliance/preview2-shim@0.26.1

cat > guest.mjs <<'JS'
// What a guest does: each call blocks its thread.
import { parentPort, workerData } from "node:worker_threads";
import { http } from "@bytecodealliance/preview2-shim";

const { Fields, OutgoingBody, OutgoingRequest, RequestOptions } = http.types;
for (const milliseconds of [500n, 5000n]) {
  const request = new OutgoingRequest(new Fields());
  request.setMethod({ tag: "post" });
  request.setScheme({ tag: "HTTP" });
  request.setAuthority(`127.0.0.1:${workerData}`);
  request.setPathWithQuery("/sendMail");
  const options = new RequestOptions();
  options.setConnectTimeout(milliseconds * 1000000n);
  const body = request.body();
  const stream = body.write();
  stream.blockingWriteAndFlush(new TextEncoder().encode("{}"));
  stream[Symbol.dispose]();
  const pending = http.outgoingHandler.handle(request, options);
  OutgoingBody.finish(body, undefined);
  pending.subscribe().block();
  const { tag, val } = pending.get().val;
  parentPort.postMessage(tag === "ok" ? val.status() : val.tag);
}
process.exit(0);
JS
cat > run.mjs <<'JS'
import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import { Worker } from "node:worker_threads";

const carriedOut = [];
const server = http.createServer(async (request, response) => {
  let body = "";
  for await (const part of request) body += part;
  setTimeout(() => {
    carriedOut.push(`${request.method} ${request.url} ${body}`);
    response.writeHead(202).end();
  }, 1500);
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
const told = [];
const guest = new Worker(new URL("guest.mjs", import.meta.url), { workerData: server.address().port });
guest.on("message", (outcome) => told.push(outcome));
await once(guest, "exit");
server.closeAllConnections();
server.close();

console.log("the guest was told:   ", told.join(", "));
console.log("the server carried out:", carriedOut.join(", "));
assert.deepEqual(told, ["connection-timeout", 202]);
assert.deepEqual(carriedOut, ["POST /sendMail {}", "POST /sendMail {}"]);
JS
node run.mjs
