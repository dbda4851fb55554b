// The package, built, packed and installed into a fresh Node-RED; and a simulated tenant and a
// server beside it. O365 is the program, PACKAGE the package's folder.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const { O365, PACKAGE } = process.env;
const HERE = dirname(fileURLToPath(import.meta.url));
const run = promisify(execFile);
const children = [];
const directory = await mkdtemp(join(tmpdir(), "node-red-"));

/** A process that prints one line of JSON when it is ready. */
async function server(...parameters) {
  const child = spawn(O365, [...parameters, "--json"], { cwd: directory, stdio: ["ignore", "pipe", "ignore"] });
  children.push(child);
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  return { ...JSON.parse(line), child };
}

/** `o365 simulate`, which keeps the tenant in a file. */
export async function simulate() {
  const state = join(directory, `${children.length}.json`);
  const started = await server("simulate", state, "--port", "0");
  const show = async (section) => JSON.parse((await run(O365, ["simulate", state, "--show", section, "--json"])).stdout);
  return { ...started, show };
}

/** `o365 serve` on simulated directories. */
export const serve = () => server("serve", "--simulate", "--address", "127.0.0.1:0", "--audit-log", join(directory, "audit.jsonl"));

export async function freePort() {
  const listener = createServer().listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address();
  listener.close();
  await once(listener, "close");
  return port;
}

/** Builds and packs a copy of the package; returns the archive and what is in it. */
async function packed() {
  // In folders like those of the repository, of which the build reads the licence.
  const copy = join(HERE, "packages", basename(PACKAGE));
  await rm(copy, { recursive: true, force: true });
  await cp(join(PACKAGE, "../../LICENSE"), join(HERE, "LICENSE"));
  await cp(PACKAGE, copy, { recursive: true, filter: (path) => !/\/(node_modules|dist)$/.test(path) });
  await run("npm", ["run", "build", "--", O365], { cwd: copy });
  const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", directory], { cwd: copy });
  // npm prints a list of packages, and since version 12 an object by name.
  const [{ filename, files, size }] = Object.values(JSON.parse(stdout));
  return { archive: join(directory, filename), files: files.map(({ path }) => path), size };
}

/** Node-RED with the package, as a user installs it. */
export async function nodeRed() {
  const { archive, files, size } = await packed();
  const user = join(directory, "user");
  await mkdir(user);
  await writeFile(join(user, "package.json"), JSON.stringify({ name: "user", private: true }));
  await run("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", archive], { cwd: user });
  await writeFile(join(user, "settings.js"), SETTINGS);
  const port = await freePort();
  const log = [];
  const child = spawn(process.execPath, [
    join(HERE, "node_modules/node-red/red.js"), "--userDir", user, "--settings", join(user, "settings.js"), "--port", String(port), "flows.json",
  ], { cwd: user, stdio: ["ignore", "pipe", "pipe"] });
  children.push(child);
  const url = `http://127.0.0.1:${port}`;
  const started = new Promise((resolve, reject) => {
    const noted = (line) => {
      log.push(line);
      if (line.includes("Started flows")) resolve();
    };
    for (const output of [child.stdout, child.stderr]) createInterface({ input: output }).on("line", noted);
    child.on("exit", () => reject(new Error(log.join("\n"))));
  });
  await started;
  const installed = join(user, "node_modules/node-red-contrib-office365");
  return { url, log, files, size, installed, user };
}

const SETTINGS = `module.exports = {
  uiHost: "127.0.0.1",
  credentialSecret: "a test",
  telemetry: { enabled: false, updateNotification: false },
  editorTheme: { tours: false, projects: { enabled: false }, codeEditor: { lib: "ace" } },
  externalModules: { palette: { allowInstall: false, allowUpdate: false } },
  logging: { console: { level: "info" } },
};
`;

/** All files below a folder, as one text. */
export async function contents(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.parentPath.includes("node_modules"));
  return (await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name), "utf8")))).join("\n");
}

/** Ends what was started. */
export async function end() {
  for (const child of children) child.kill("SIGKILL");
  await rm(directory, { recursive: true, force: true });
}

/** Waits until `look` returns something. */
export async function until(what, look, patience = 20_000) {
  const end = Date.now() + patience;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`in vain waited for: ${what}`);
    await new Promise((later) => setTimeout(later, 100));
  }
}
