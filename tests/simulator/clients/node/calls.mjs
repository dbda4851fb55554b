// The calls of one client, which the test asks for one at a time.
//
// The test writes a line of JSON: the name of a call, and what it is about. The answer is a line,
// too: what the client learned, the text of its error, or that it has no such call.
import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

export const { TENANT, TENANT_ID, USER } = process.env;
export const CLIENT_ID = "11111111-2222-3333-4444-555555555555";

class Absent extends Error {}

function* files(path) {
  if (!statSync(path).isDirectory()) yield path;
  else for (const name of readdirSync(path)) yield* files(join(path, name));
}

// A call that the client lacks: nothing in its code, below `path` in its package, has `pattern`.
export function absent(path, pattern) {
  return () => {
    for (const file of files(join(import.meta.dirname, "node_modules", path))) {
      const found = /\.[cm]?js$/.test(file) && readFileSync(file, "utf8").match(pattern);
      assert(!found, `${file} has ${found?.[0]}`);
    }
    throw new Absent();
  };
}

async function answer(call, about) {
  try {
    return { learned: (await call(about)) ?? null };
  } catch (error) {
    return error instanceof Absent ? { absent: true } : { error: `${error.name}: ${error.message}` };
  }
}

// Makes the calls that the test asks for, until it has no more.
export async function serve(calls) {
  for await (const line of createInterface({ input: process.stdin })) {
    const { call, about } = JSON.parse(line);
    writeSync(1, `${JSON.stringify(await answer(calls[call], about))}\n`);
  }
}
