#!/usr/bin/env bash
# Software: @bytecodealliance/jco 1.35.0 and @bytecodealliance/jco-transpile 0.15.0, which it calls.
#
# Guess: the library transpiles as the command `jco transpile` does, whose help names
# `--no-component-error-wrapping` as the exception: an `err` of a component is a ComponentError with
# `payload`.
#
# Behaviour: the default of the library is the other one. The JavaScript that it writes throws the
# payload itself, which is no Error and has no `payload`.
#
# Why it matters: a host that tells the errors of a component from its traps by `payload`, as with
# the command, takes each error for a trap when its build calls the library.
set -euo pipefail

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
echo '{ "type": "module" }' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts \
  @bytecodealliance/jco@1.35.0 @bytecodealliance/jco-transpile@0.15.0 \
  @bytecodealliance/preview2-shim@0.26.1

cat > fails.wat <<'WAT'
(component
  (core module $m
    (memory (export "memory") 1)
    ;; err, at 8: the text at 32, of 4 bytes.
    (data (i32.const 8) "\01\00\00\00\20\00\00\00\04\00\00\00")
    (data (i32.const 32) "late")
    (func (export "run") (result i32) (i32.const 8)))
  (core instance $i (instantiate $m))
  (alias core export $i "memory" (core memory $memory))
  (func (export "run") (result (result (error string)))
    (canon lift (core func $i "run") (memory $memory))))
WAT
npx jco parse fails.wat -o fails.wasm > /dev/null
npx jco transpile fails.wasm -o by-command -q > /dev/null

cat > run.mjs <<'JS'
import assert from "node:assert/strict";
import { transpile, writeFiles } from "@bytecodealliance/jco-transpile";

const { files } = await transpile("fails.wasm", { name: "fails", outDir: "by-library" });
await writeFiles(files);
const thrown = async (path) => {
  const { run } = await import(path);
  try {
    return run();
  } catch (error) {
    return error;
  }
};
const [command, library] = [await thrown("./by-command/fails.js"), await thrown("./by-library/fails.js")];
const say = (error) => `${error instanceof Error ? error.constructor.name : typeof error}, payload ${error.payload}`;
console.log(`by the command: ${say(command)}`);
console.log(`by the library: ${say(library)}`);
assert.equal(command.payload, "late");
assert.equal(library, "late");
JS
node run.mjs
