#!/usr/bin/env bash
# Software: playwright-core 1.65.1 with Debian's Chromium.
#
# Guess: `recordHar` of a browser context records every call made with that context: those of
# its pages, and those of `context.request` and `page.request`, which share its cookies.
#
# Behaviour: a page's own calls are recorded; calls of `context.request` and `page.request` are
# not. A context that made such calls only gives a valid HAR file with no entry at all, and
# nothing says that anything was left out.
#
# Why it matters: a test suite that sets its data up by `context.request` gives files in which
# the writes are missing. A reader cannot take "no entry" for "nothing was asked".
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

const asked = [];
const server = http.createServer((request, response) => {
  asked.push(request.url);
  response.setHeader("content-type", request.url === "/" ? "text/html" : "application/json");
  response.end(request.url === "/" ? "<p>page</p>" : "{}");
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
const root = `http://127.0.0.1:${server.address().port}`;

const args = "--no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync --disable-quic --no-first-run";
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: args.split(" ") });

async function recorded(path, use) {
  asked.length = 0;
  const context = await browser.newContext({ recordHar: { path } });
  await use(context);
  await context.close();
  const { entries } = JSON.parse(readFileSync(path, "utf8")).log;
  const seen = entries.map((entry) => entry.request.url.slice(root.length));
  console.log(`${path}: the server answered ${asked.join(" ")}; the file has ${seen.join(" ") || "no entry"}`);
  return { asked: [...asked], seen };
}

const alone = await recorded("alone.har", async (context) => {
  assert.equal((await context.request.get(`${root}/context-request`)).status(), 200);
});
const mixed = await recorded("mixed.har", async (context) => {
  const page = await context.newPage();
  await page.goto(`${root}/`);
  assert.equal((await page.request.get(`${root}/page-request`)).status(), 200);
  await page.evaluate(async () => (await fetch("/fetch")).text());
});
await browser.close();
server.close();

assert.deepEqual(alone, { asked: ["/context-request"], seen: [] });
assert.deepEqual(mixed.asked.filter((path) => path !== "/favicon.ico"), ["/", "/page-request", "/fetch"]);
assert.deepEqual(mixed.seen.filter((path) => path !== "/favicon.ico"), ["/", "/fetch"]);
JS
node run.mjs
