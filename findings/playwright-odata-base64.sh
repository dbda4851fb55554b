#!/usr/bin/env bash
# Software: playwright-core 1.65.1 with Debian's Chromium.
#
# Guess: in a HAR file, JSON is stored as text, whatever parameters its content type has.
#
# Behaviour: only the parameter `charset`, alone, leaves JSON as text. Any other parameter has
# the body stored as base64 with `"encoding": "base64"`. Microsoft Graph sends
# `application/json;odata.metadata=minimal;...;charset=utf-8`, so each of its answers is base64.
#
# Why it matters: a reader that looks for secrets, or searches and replaces names, in the file's
# text finds none of them in Graph's answers; it has to decode each body first. A small tool
# tried on `application/json; charset=utf-8` only will seem to work.
set -euo pipefail

[[ -x /usr/bin/chromium ]] || { echo "install Chromium, in Debian the package chromium" >&2; exit 2; }
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
npm install --silent --no-audit --no-fund --ignore-scripts playwright-core@1.65.1

cat > run.mjs <<'JS'
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import http from "node:http";
import { chromium } from "playwright-core";

const BODY = '{"displayName":"Zoë"}';
// The content type by path, and how its body is stored.
const CASES = {
  "/none": ["application/json", undefined],
  "/charset": ["application/json; charset=utf-8", undefined],
  "/one": ["application/json;odata.metadata=minimal", "base64"],
  "/graph": [
    "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8",
    "base64",
  ],
};
const server = http.createServer((request, response) => {
  const [type] = CASES[request.url] ?? ["text/html"];
  response.setHeader("content-type", type);
  response.end(CASES[request.url] ? BODY : "<p>page</p>");
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
const root = `http://127.0.0.1:${server.address().port}`;

const args = "--no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync --disable-quic --no-first-run";
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: args.split(" ") });
const context = await browser.newContext({ recordHar: { path: "x.har" } });
const page = await context.newPage();
await page.goto(`${root}/`);
for (const path of Object.keys(CASES)) {
  assert.equal(await page.evaluate(async (path) => (await fetch(path)).text(), path), BODY);
}
await context.close();
await browser.close();
server.close();

const { entries } = JSON.parse(readFileSync("x.har", "utf8")).log;
for (const [path, [type, encoding]] of Object.entries(CASES)) {
  const { content } = entries.find((entry) => entry.request.url === root + path).response;
  console.log(`${type}: ${content.encoding ?? "text"}: ${content.text}`);
  assert.equal(content.mimeType, type);
  assert.equal(content.encoding, encoding);
  assert.equal(content.text, encoding ? Buffer.from(BODY).toString("base64") : BODY);
}
JS
node run.mjs
