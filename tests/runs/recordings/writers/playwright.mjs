// Playwright's HAR files, of a page's requests in Chromium and of its own client.
import { make } from "./steps.mjs";

// What is recorded, by the name of the mode.
const MODES = {
  embed: { content: "embed" },
  attach: { content: "attach" },
  omit: { content: "omit" },
  zip: { file: "x.zip" },
  minimal: { content: "embed", mode: "minimal" },
};

export async function playwright(browser, { record, roots }) {
  const { plain, gzip, cut } = await roots();
  for (const [mode, { file, ...options }] of Object.entries(MODES)) {
    await page(browser, await record("playwright", mode, file), options, plain);
  }
  await page(browser, await record("playwright", "gzip"), {}, gzip);
  await page(browser, await record("playwright", "cut"), {}, cut);
  const { path, run } = await record("playwright", "request");
  const context = await browser.newContext({ recordHar: { path } });
  await make(run, plain, async (method, url, headers, data) =>
    (await context.request.fetch(url, { method, headers, data })).text(),
  );
  await context.close();
}

// Makes a call in a page, of one origin with it.
export function fetching(page) {
  return (method, url, headers, body) =>
    page.evaluate(
      async ({ method, url, headers, body }) =>
        (await fetch(url, { method, headers, body })).text(),
      { method, url, headers, body },
    );
}

async function page(browser, { path, run }, options, root) {
  const context = await browser.newContext({ recordHar: { path, ...options } });
  const page = await context.newPage();
  await page.goto(`${root}/`);
  await make(run, root, fetching(page));
  await context.close();
}
