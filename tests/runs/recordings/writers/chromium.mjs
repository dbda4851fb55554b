// Chromium's network events as chrome-har-capturer makes HAR of them, by the DevTools protocol.
import { writeFile } from "node:fs/promises";
import CHC from "chrome-har-capturer";
import { make } from "./steps.mjs";
import { fetching } from "./playwright.mjs";

const EVENTS = [
  "Network.requestWillBeSent",
  "Network.responseReceived",
  "Network.dataReceived",
  "Network.loadingFinished",
  "Network.loadingFailed",
  "Page.domContentEventFired",
  "Page.loadEventFired",
];

export async function chromium(browser, { record, roots }) {
  for (const [mode, root] of Object.entries(await roots())) {
    await capture(browser, await record("chromium", mode), root, true);
  }
  await capture(browser, await record("chromium", "omit"), (await roots()).plain, false);
}

async function capture(browser, { path, run }, root, content) {
  const context = await browser.newContext();
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  const log = [];
  const bodies = [];
  for (const method of EVENTS) {
    session.on(method, (params) => {
      log.push({ method, params });
      if (content && method === "Network.loadingFinished") bodies.push(body(session, log, params));
    });
  }
  await session.send("Network.enable");
  await session.send("Page.enable");
  await page.goto(`${root}/`);
  await make(run, root, fetching(page));
  await Promise.all(bodies);
  await writeFile(path, JSON.stringify(await CHC.fromLog(`${root}/`, log, { content })));
  await context.close();
}

// The log has each body as the answer to the question for it.
async function body(session, log, { requestId }) {
  const method = "Network.getResponseBody";
  const answer = await session.send(method, { requestId });
  log.push({ method, params: { requestId, ...answer } });
}
