#!/usr/bin/env bash
# Software: playwright-core 1.65.1 with Debian's Chromium.
#
# Guess: `routeFromHAR` answers the second call of an address with the second recorded answer,
# or with the last one.
#
# Behaviour: it keeps no count. Of entries with the same method, address, body and headers, the
# first one answers every call: a file with 503 and then 200 replays as 503 for ever.
#
# Why it matters: a recording of a retry, or of polling until something is done, replays as a
# failure without end. Whoever makes HAR files for Playwright must leave the earlier answers
# out, and whoever reads them cannot conclude the order of calls from what Playwright accepts.
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

let polls = 0;
const server = http.createServer((request, response) => {
  const poll = request.url === "/poll";
  if (poll) polls += 1;
  response.statusCode = poll && polls === 1 ? 503 : 200;
  response.setHeader("content-type", poll ? "application/json" : "text/html");
  response.end(poll ? JSON.stringify({ poll: polls }) : "<p>page</p>");
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
const root = `http://127.0.0.1:${server.address().port}`;

const args = "--no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync --disable-quic --no-first-run";
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: args.split(" ") });

// What a page sees that asks `times` times.
async function seen(context, times) {
  const page = await context.newPage();
  await page.goto(`${root}/`);
  const answers = [];
  for (let time = 0; time < times; time += 1) {
    answers.push(
      await page.evaluate(async () => {
        const answer = await fetch("/poll");
        return `${answer.status} ${await answer.text()}`;
      }),
    );
  }
  await context.close();
  return answers;
}

const live = await seen(await browser.newContext({ recordHar: { path: "x.har" } }), 2);
const { entries } = JSON.parse(readFileSync("x.har", "utf8")).log;
const file = entries.filter((entry) => entry.request.url.endsWith("/poll")).map((entry) => entry.response.status);
const context = await browser.newContext();
await context.routeFromHAR("x.har");
const replayed = await seen(context, 3);
await browser.close();
server.close();

console.log("live:    ", live.join(", "));
console.log("recorded:", file.join(", "));
console.log("replayed:", replayed.join(", "));
const first = '503 {"poll":1}';
assert.deepEqual(live, [first, '200 {"poll":2}']);
assert.deepEqual(file, [503, 200]);
assert.deepEqual(replayed, [first, first, first]);
assert.equal(polls, 2);
JS
node run.mjs
