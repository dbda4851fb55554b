// The package of nodes in a fresh Node-RED. Prints what was installed, as JSON.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as editor from "./editor.mjs";
import * as flows from "./flows.mjs";
import * as generator from "./generator.mjs";
import * as limits from "./limits.mjs";
import { end, nodeRed, serve, simulate } from "./place.mjs";

/** What the package pins is what this project has locked. */
async function versions() {
  const [theirs, ours] = await Promise.all([join(process.env.PACKAGE, "package.json"), new URL("package.json", import.meta.url)]
    .map(async (file) => JSON.parse(await readFile(file, "utf8"))));
  for (const [name, version] of Object.entries({ ...theirs.dependencies, ...theirs.devDependencies })) {
    assert.equal(ours.dependencies[name], version, name);
  }
}

let red;
try {
  await versions();
  await generator.check({ source: process.env.PACKAGE });
  const [installed, typed, called, server] = await Promise.all([nodeRed(), simulate(), simulate(), serve()]);
  red = installed;
  await editor.check({ red, tenant: typed, server });
  await flows.check({ red, tenant: called, server });
  await limits.check({ red });
  const noise = red.log.filter((line) => /\[error\]/.test(line));
  assert.deepEqual(noise, []);
  for (const secret of [editor.SECRET, editor.PASSWORD, ...flows.secrets]) assert(!red.log.join("\n").includes(secret));
  const actions = JSON.parse(await readFile(join(red.installed, "dist/actions.json"), "utf8"));
  console.log(JSON.stringify({ actions: actions.map(({ name }) => name), files: red.files, size: red.size }));
} catch (error) {
  console.error(red?.log.slice(-20).join("\n"));
  throw error;
} finally {
  await end();
}
