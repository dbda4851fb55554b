// The API explorer in Chromium, as a person uses it. CHROMIUM has the options of `launch`, URL
// is the server, KEY a tenant's key,
// SKU a licence, PICTURES a directory for screenshots. Prints what the page showed, as JSON.
import assert from "node:assert/strict";
import { join } from "node:path";
import { chromium } from "playwright-core";

const { CHROMIUM, URL: SERVER, KEY, SKU, PICTURES } = process.env;
const ACTION = "get-available-license-count";

const browser = await chromium.launch(JSON.parse(CHROMIUM));
try {
  const context = await browser.newContext({ viewport: { width: 1280, height: 1600 } });
  const page = await context.newPage();
  const requests = [];
  const wrong = [];
  context.on("request", (request) => requests.push(request));
  page.on("pageerror", (error) => wrong.push(String(error)));
  page.on("console", (message) => {
    // A refused key is a 401, which Chromium notes as an error of the page.
    const refused = message.text().includes("401 (Unauthorized)");
    if (message.type() === "error" && !refused) wrong.push(message.text());
  });

  // Without a key it asks for it, and shows nothing.
  await page.goto(`${SERVER}/docs`);
  assert.equal(await page.getByLabel("Key of the tenant").isVisible(), true);
  assert.equal(await page.locator("#shown").isVisible(), false);
  assert(!(await page.content()).includes(ACTION));
  await page.screenshot({ path: join(PICTURES, "asks.png") });
  const told = page.getByRole("alert");
  await page.getByRole("button", { name: "Open" }).click();
  assert.equal(await told.textContent(), "Give the tenant's key.");

  // A wrong one is told.
  await page.getByLabel("Key of the tenant").fill("o365_wrong");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.querySelector("#error").textContent.includes("does not know"));
  assert.equal(await page.locator("#shown").isVisible(), false);
  await page.screenshot({ path: join(PICTURES, "refused.png") });

  // The right one opens it.
  await page.getByLabel("Key of the tenant").fill(KEY);
  await page.keyboard.press("Enter");
  await page.locator(".opblock-post").first().waitFor();
  const paths = await page.locator(".opblock-post .opblock-summary-path").allTextContents();
  // Swagger UI puts marks where a path may be broken.
  const plain = paths.map((path) => path.replace(/[^\x21-\x7e]/g, ""));
  // The others are those of plans.
  const isAction = (path) => path.startsWith("/v1/actions/");
  const actions = plain.filter(isAction).map((path) => path.replace("/v1/actions/", ""));
  await page.screenshot({ path: join(PICTURES, "shown.png"), fullPage: true });

  // One is run from the page.
  const block = page.locator(".opblock-post", {
    has: page.locator(`[data-path="/v1/actions/${ACTION}"]`),
  });
  await block.locator(".opblock-summary").click();
  await block.getByRole("button", { name: "Try it out" }).click();
  await block.locator("textarea.body-param__text").fill(JSON.stringify({ serviceId: SKU }));
  const answered = page.waitForResponse((response) => response.request().method() === "POST");
  await block.getByRole("button", { name: "Execute" }).click();
  const answer = await answered;
  const live = block.locator(".live-responses-table .response");
  await live.first().waitFor();
  const status = (await live.locator(".response-col_status").first().innerText()).trim();
  const body = (await live.locator(".highlight-code code").first().innerText()).trim();
  await block.scrollIntoViewIfNeeded();
  await block.screenshot({ path: join(PICTURES, "run.png") });

  // Nothing has left the origin, and the key is where it must be and nowhere else.
  for (const request of requests) {
    const url = request.url();
    assert(/^(blob:|data:)/.test(url) || new URL(url).origin === SERVER, url);
    assert(!url.includes(KEY.slice(5)), url);
  }
  assert.equal((await answer.request().allHeaders()).authorization, `Bearer ${KEY}`);
  assert.equal(page.url(), `${SERVER}/docs`);
  assert.deepEqual(await context.cookies(), []);
  const kept = await page.evaluate(async () => ({
    local: { ...localStorage },
    session: { ...sessionStorage },
    databases: await indexedDB.databases(),
    caches: "caches" in window ? await caches.keys() : [],
    history: history.state,
    inputs: [...document.querySelectorAll("input")].map((input) => input.value),
    text: document.documentElement.outerHTML,
  }));
  const { text, inputs, ...places } = kept;
  assert.deepEqual(places, { local: {}, session: {}, databases: [], caches: [], history: null });
  assert(!text.includes(KEY.slice(5)) && !inputs.some((value) => value.includes(KEY.slice(5))));
  assert.deepEqual(wrong, []);

  // Whoever comes next is asked again.
  await page.getByRole("button", { name: "Use another key" }).click();
  await page.getByLabel("Key of the tenant").waitFor();
  assert.equal(await page.getByLabel("Key of the tenant").inputValue(), "");
  assert.equal(await page.locator(".opblock").count(), 0);

  console.log(JSON.stringify({ actions, status, body, run: answer.headers()["run-id"] }));
} finally {
  await browser.close();
}
