// Makes dist/ from a program `o365`: the actions, the editor's dialogs and the component as
// JavaScript. `npm run build -- path/to/o365`, or O365=path/to/o365 npm run build.

import { execFileSync } from "node:child_process";
import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { transpile } from "@bytecodealliance/jco-transpile";
import { described } from "./actions.mjs";
import { html } from "./html.mjs";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
const DIST = join(ROOT, "dist");
const O365 = process.argv[2] ?? process.env.O365;

if (!O365) {
  console.error("error: no program o365\nfix: npm run build -- path/to/o365");
  process.exit(2);
}

const o365 = (...parameters) => execFileSync(O365, parameters, { encoding: "utf8", maxBuffer: 1 << 24 });

await rm(DIST, { recursive: true, force: true });
await mkdir(join(DIST, "component"), { recursive: true });
await cp(join(ROOT, "src"), DIST, { recursive: true, filter: (path) => !path.includes(join("src", "editor")) });

await cp(join(ROOT, "../../LICENSE"), join(DIST, "LICENSE"));

const rows = JSON.parse(o365("actions", "--json"));
const actions = rows.map((row) => described(row, JSON.parse(o365("describe", row.name, "--json"))));
await writeFile(join(DIST, "actions.json"), JSON.stringify(actions));
await writeFile(join(DIST, "office365.html"), await html(actions, join(ROOT, "src", "editor")));

const component = join(tmpdir(), `o365-${process.pid}.wasm`);
try {
  o365("component", "--output", component);
  // With `instantiation`, each run makes its own instance, and no import is filled in but ours.
  const { files } = await transpile(component, {
    name: "office365",
    instantiation: "sync",
    wasiShim: false,
    nodejsCompat: true,
    // An action's error is told from a trap by its payload. The library's default is another
    // than the command's.
    noComponentErrorWrapping: false,
    emitTypescriptDeclarations: false,
    minify: true,
  });
  for (const [path, contents] of Object.entries(files)) {
    if (/\.(js|wasm)$/.test(path)) await writeFile(join(DIST, "component", path), contents);
  }
} finally {
  await rm(component, { force: true });
}
// The package has no "type", so the component says itself that it is an ES module.
await writeFile(join(DIST, "component", "package.json"), JSON.stringify({ type: "module" }));
console.log(`${actions.length} actions in ${DIST}`);
