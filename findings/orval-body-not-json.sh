#!/usr/bin/env bash
# Software: orval 8.38.0, its client `fetch`, on Node.js 20.
#
# Guess: a response whose body is not what the document says is an error that has the status, or is
# handed on as text.
#
# Behaviour: an empty body is `{}` with the type of the result: each required property is undefined.
# A body that is not JSON, such as the page with which a proxy responds 502, is a SyntaxError that has
# neither the status nor the body, whether or not the document lists the status.
#
# Why it matters: with `strict`, the compiler promises properties that are not there. A caller that
# repeats a call by its status never sees the status of a proxy's response.
set -euo pipefail

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
npm install --silent --no-audit --no-fund --ignore-scripts orval@8.38.0 typescript@5.9.3 2> /dev/null

cat > openapi.json <<'JSON'
{
  "openapi": "3.0.3",
  "info": { "title": "Orders", "version": "1" },
  "paths": { "/orders": { "post": {
    "operationId": "order",
    "responses": {
      "200": { "description": "Ordered.", "content": { "application/json": {
        "schema": { "$ref": "#/components/schemas/Order" } } } },
      "409": { "description": "Refused.", "content": { "application/problem+json": {
        "schema": { "$ref": "#/components/schemas/Problem" } } } }
    }
  } } },
  "components": { "schemas": {
    "Order": {
      "type": "object", "properties": { "number": { "type": "string" } }, "required": ["number"] },
    "Problem": {
      "type": "object", "properties": { "kind": { "type": "string" } }, "required": ["kind"] }
  } }
}
JSON
cat > orval.config.mjs <<'JS'
export default { orders: { input: { target: "openapi.json" }, output: {
  target: "orders.ts", client: "fetch", baseUrl: "http://127.0.0.1:PORT" } } };
JS
npx orval --config orval.config.mjs > /dev/null 2>&1

cat > use.ts <<'TS'
import { order } from "./orders";

// The type says that it is a string.
export async function number(): Promise<string> {
  const response = await order();
  if (response.status !== 200) throw response;
  return response.data.number;
}
TS
npx tsc --strict --target es2022 --module commonjs --lib es2022,dom use.ts

cat > run.cjs <<'JS'
const assert = require("node:assert/strict");
const { createServer } = require("node:http");
const { number } = require("./use.js");

const answers = {
  "200 with an order": [200, "application/json", '{"number": "4711"}'],
  "200 without a body": [200, "application/json", ""],
  "409 of a proxy": [409, "text/html", "<html>"],
  "502 of a proxy": [502, "text/html", "<html>"],
};
let answer;
const server = createServer((_, response) => {
  response.writeHead(answer[0], { "content-type": answer[1] }).end(answer[2]);
});
server.listen(0, "127.0.0.1", async () => {
  const real = fetch;
  globalThis.fetch = (url, init) => real(url.replace("PORT", server.address().port), init);
  const seen = {};
  for (const name in answers) {
    answer = answers[name];
    seen[name] = await number().then(
      (value) => `${typeof value} ${value}`,
      (error) => `${error.name}, status ${error.status}`,
    );
    console.log(`${name}: ${seen[name]}`);
  }
  server.close();
  assert.deepEqual(seen, {
    "200 with an order": "string 4711",
    "200 without a body": "undefined undefined",
    "409 of a proxy": "SyntaxError, status undefined",
    "502 of a proxy": "SyntaxError, status undefined",
  });
});
JS
node run.cjs
