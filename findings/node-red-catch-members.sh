#!/usr/bin/env bash
# Software: Node-RED 4.1.15.
#
# Guess: a catch node gets the error with which a node failed, as `done(error)` was given it, with
# the members of its own such as `kind` or `retrySafe`.
#
# Behaviour: the catch node gets a new object. Of the error it has the text, and `code`, `stack` and
# `cause` if they are members of the error's own. Everything else is lost.
#
# Why it matters: a typed error must be in `cause`; in members of its own, a flow can only read the
# text.
set -euo pipefail

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
npm install --silent --no-audit --no-fund --ignore-scripts node-red@4.1.15

cat > run.mjs <<'JS'
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";

const RED = createRequire(import.meta.url)("node-red");
mkdirSync("user");
const node = (id, type, wires, rest) => ({ id, type, z: "1000000000000000", x: 0, y: 0, wires, ...rest });
writeFileSync("user/flows.json", JSON.stringify([
  { id: "1000000000000000", type: "tab", label: "fails" },
  node("2000000000000000", "inject", [["3000000000000000"]], { once: true, onceDelay: 0, props: [], repeat: "" }),
  node("3000000000000000", "function", [[]], {
    func: `const error = new Error("no seat is free");
      error.code = "license-unavailable";
      error.cause = { retrySafe: true };
      error.kind = "license-unavailable";
      error.retrySafe = true;
      node.error(error, msg);`,
  }),
  node("4000000000000000", "catch", [["5000000000000000"]], { scope: null }),
  node("5000000000000000", "function", [[]], { func: `global.get("caught")(msg.error);` }),
]));
const caught = new Promise((resolve) => {
  const settings = { userDir: "user", flowFile: "flows.json", functionGlobalContext: { caught: resolve } };
  RED.init(createServer(), {
    ...settings,
    credentialSecret: "a test",
    telemetry: { enabled: false },
    logging: { console: { level: "off" } },
  });
});
await RED.start();
// The source is the node, and the stack that of the function.
const { source, stack, ...members } = await caught;
const shown = JSON.stringify(members);
console.log("the catch node gets:", shown);
assert.deepEqual(JSON.parse(shown), {
  message: "Error: no seat is free",
  code: "license-unavailable",
  cause: { retrySafe: true },
});
process.exit(0);
JS
node run.mjs
