// Every writer records the same run against a simulated tenant: ROOT is its address, STEPS the
// run's calls by action, TOKEN a token, CHROMIUM the options of Playwright's `launch`, MITMDUMP
// mitmproxy's program, DIRECTORY where the files go. Prints what was written, as JSON.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { chromium as launcher } from "playwright-core";
import { chromium } from "./chromium.mjs";
import { clients } from "./clients.mjs";
import { front } from "./front.mjs";
import { mitmproxy } from "./mitmproxy.mjs";
import { playwright } from "./playwright.mjs";
import { STEPS } from "./steps.mjs";

const { CHROMIUM, ROOT, DIRECTORY } = process.env;
const written = [];

// The runs, of which each creates a user of its own; and the one whose answer breaks off.
const names = Object.keys(STEPS).filter((name) => name !== "cut");

// A recording that `writer` is to make in `mode`: its path, and the run that it is of.
async function record(writer, mode, file = "x.har") {
  const directory = join(DIRECTORY, `${writer}-${mode}`);
  await mkdir(directory);
  const recording = { writer, mode, path: join(directory, file), run: mode === "cut" ? mode : names.shift() };
  written.push(recording);
  return recording;
}

// Where the tenant is, by what its answers are like; a run of its own for each that is cut.
const roots = async () => ({
  plain: ROOT,
  gzip: await front(ROOT, "gzip"),
  cut: await front(ROOT, "cut"),
});
const bench = { record, roots, directory: DIRECTORY };
const browser = await launcher.launch(JSON.parse(CHROMIUM));
await Promise.all([
  playwright(browser, bench),
  chromium(browser, bench),
  mitmproxy(bench),
  clients(bench),
]);
await browser.close();
console.log(JSON.stringify(written));
