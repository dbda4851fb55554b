#!/usr/bin/env bash
# Software: @bytecodealliance/jco 1.35.0 on Node.js 20.
#
# Guess: a component that jco has transpiled refuses a value of another type, as a typed host does:
# a `u32` takes numbers from 0 to 4294967295, and a `list<u8>` takes bytes.
#
# Behaviour: no call throws. -1 becomes 4294967295, `undefined` becomes 0, a string of digits its
# number, 2^32 + 5 becomes 5; a string and an object given for `list<u8>` become an empty list.
#
# Why it matters: a misspelt name in JavaScript is `undefined`, so a limit that was set wrongly is
# 0, and a page size of -1 asks for four thousand million rows. Who checks its input only by the
# component's types has checked nothing; it needs a schema before the call.
set -euo pipefail

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
npm install --silent --no-audit --no-fund --ignore-scripts \
  @bytecodealliance/jco@1.35.0 @bytecodealliance/preview2-shim@0.26.1

cat > plain.wat <<'WAT'
(component
  (core module $m
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
    (func (export "number") (param i32) (result i32) (local.get 0))
    (func (export "length") (param i32 i32) (result i32) (local.get 1)))
  (core instance $i (instantiate $m))
  (alias core export $i "memory" (core memory $memory))
  (func (export "number") (param "value" u32) (result u32)
    (canon lift (core func $i "number")))
  (func (export "length") (param "bytes" (list u8)) (result u32)
    (canon lift (core func $i "length") (memory $memory) (realloc (core func $i "realloc")))))
WAT
npx jco parse plain.wat -o plain.wasm > /dev/null
npx jco transpile plain.wasm -o out -q > /dev/null

cat > run.mjs <<'JS'
import assert from "node:assert/strict";
import { length, number } from "./out/plain.js";

const numbers = [-1, undefined, "7", 2 ** 32 + 5].map((value) => number(value));
const lengths = [new Uint8Array(4), "text", { a: 1 }].map((value) => length(value));
console.log("number(-1), (undefined), ('7'), (2^32 + 5):", numbers.join(", "));
console.log("length(4 bytes), ('text'), ({a: 1}):       ", lengths.join(", "));
assert.deepEqual(numbers, [4294967295, 0, 7, 5]);
assert.deepEqual(lengths, [4, 0, 0]);
JS
node run.mjs
