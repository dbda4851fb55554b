#!/usr/bin/env bash
# Software: orval 8.38.0, its client `fetch`, on Node.js 20.
#
# Guess: a function of a generated client takes every parameter of its operation, at least those that
# are required; a generator that leaves one out says so.
#
# Behaviour: the function takes the parameters of the query and the path, and none that is a header,
# not even a required one. The generator ends with success, and without a word. With the option
# `headers: true`, the function takes them.
#
# Why it matters: an idempotency key is a header. A client that was made without the option cannot
# send one by its type, so a repeat after a lost response is carried out twice.
set -euo pipefail

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
npm install --silent --no-audit --no-fund --ignore-scripts orval@8.38.0 2> /dev/null

cat > openapi.json <<'JSON'
{
  "openapi": "3.0.3",
  "info": { "title": "Orders", "version": "1" },
  "paths": { "/orders": { "post": {
    "operationId": "order",
    "parameters": [
      { "name": "amount", "in": "query", "required": true, "schema": { "type": "integer" } },
      { "name": "Idempotency-Key", "in": "header", "required": true, "schema": { "type": "string" } }
    ],
    "responses": { "204": { "description": "Ordered." } }
  } } }
}
JSON

cat > orval.config.mjs <<'JS'
const output = (headers) => ({
  input: { target: "openapi.json" },
  output: { target: `${headers}.ts`, client: "fetch", ...(headers === "with" && { headers: true }) },
});
export default { without: output("without"), with: output("with") };
JS
npx orval --config orval.config.mjs > said.txt 2>&1

for client in without with; do
  echo "$client \`headers: true\`: $(grep 'export const order = ' "$client.ts")"
done
grep -q 'amount' without.ts
grep -q "'Idempotency-Key': string" with.ts
if grep -qi 'idempotency' without.ts || grep -qiE 'warn|header|idempotency' said.txt; then exit 1; fi
