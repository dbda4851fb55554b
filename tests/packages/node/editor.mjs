// Node-RED's editor in Chromium, as a person uses it: an example is imported, its dialogs are
// filled in, and its buttons pressed. CHROMIUM has the options of `launch`; PICTURES, if set, a
// folder for the pictures of the package's README.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { contents, until } from "./place.mjs";

const { CHROMIUM, PICTURES } = process.env;
/** Where the dialog is, and a flow. */
const DIALOG = { x: 8, y: 48, width: 950, height: 812 };
const FLOW = { x: 0, y: 0, width: 1280, height: 620 };
export const SECRET = "s3cret-of-the-application";
export const PASSWORD = "Typed-passw0rd";

export async function check({ red, tenant, server }) {
  const actions = JSON.parse(await readFile(join(red.installed, "dist/actions.json"), "utf8"));
  const browser = await chromium.launch(JSON.parse(CHROMIUM));
  try {
    const context = await browser.newContext({ viewport: { width: 1280, height: 860 } });
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    const wrong = [];
    page.on("pageerror", (error) => wrong.push(String(error)));
    const editor = new Editor(page, red);
    await editor.open();
    await palette(editor, actions);
    await account(editor, { red, tenant });
    await report(editor, { server });
    await plan(editor);
    assert.deepEqual(wrong, []);
  } finally {
    await browser.close();
  }
}

class Editor {
  constructor(page, red) {
    this.page = page;
    this.red = red;
  }

  async open() {
    await this.page.goto(this.red.url);
    await this.page.locator(".red-ui-palette-node").first().waitFor();
    // Less of what is not ours.
    await this.page.evaluate(() => {
      for (const category of ["common", "function", "network", "sequence", "parser", "storage"]) {
        document.querySelector(`#red-ui-palette-header-${category}`).click();
      }
    });
  }

  async picture(name, clip) {
    if (!PICTURES) return;
    await this.page.evaluate(() => {
      document.activeElement.blur();
      document.querySelector("#red-ui-notifications").style.visibility = "hidden";
    });
    await this.page.screenshot({ path: join(PICTURES, `${name}.png`), clip });
  }

  /** Imports an example of the package by the menu. */
  async example(name) {
    const { page } = this;
    await page.keyboard.press("Control+i");
    await page.locator("#red-ui-tab-red-ui-clipboard-dialog-import-tab-examples a").click();
    const library = page.locator(".red-ui-clipboard-dialog-tab-library:visible");
    // The tree moves while it opens.
    const example = library.getByText(name, { exact: true });
    await until(name, async () => {
      if (await example.isVisible()) return true;
      await library.getByText("node-red-contrib-office365").click();
      return page.waitForTimeout(500);
    });
    await example.click();
    await page.locator("#red-ui-clipboard-dialog-ok").click();
    await page.locator(".red-ui-tab", { hasText: name }).first().click();
    await page.waitForFunction((label) => RED.nodes.workspace(RED.workspaces.active()).label === label, name);
  }

  /** The id of the node of a type or name on the flow that is shown. */
  node(what) {
    return this.page.evaluate((text) => {
      const found = RED.nodes.filterNodes({ z: RED.workspaces.active() }).filter((node) => node.type === text || node.name === text);
      return found[0].id;
    }, what);
  }

  /** Opens the dialog of a node by a double click. */
  async edit(what) {
    const id = await this.node(what);
    await this.page.locator(`[id="${id}"] .red-ui-flow-node`).first().dblclick({ force: true });
    await this.page.locator(".red-ui-tray .red-ui-tray-body").last().waitFor();
    await this.page.waitForTimeout(400);
  }

  /** Fills in a field of the dialog whose value is its own. */
  async field(label, value) {
    const row = this.page.locator(".red-ui-tray").last().locator(".office365-field", { has: this.page.locator("label", { hasText: label }) });
    await row.locator(".red-ui-typedInput-input, .red-ui-typedInput-input-wrap input").first().fill(value);
    await this.page.keyboard.press("Tab");
  }

  async done() {
    const buttons = this.page.locator(".red-ui-tray").last();
    await buttons.getByRole("button", { name: /^(Done|Update|Add)$/ }).click();
    await this.page.waitForTimeout(400);
  }

  async deploy() {
    const deployed = this.page.waitForResponse((response) => response.url().endsWith("/flows") && response.request().method() === "POST");
    await this.page.locator("#red-ui-header-button-deploy").click();
    const confirm = this.page.getByRole("button", { name: "Confirm deploy" });
    await Promise.race([deployed, confirm.waitFor().then(() => confirm.click()).catch(() => {})]);
    assert((await deployed).ok());
    await this.page.waitForTimeout(300);
  }

  /** Presses the button of an inject node. */
  async press(name) {
    const id = await this.node(name);
    await this.page.locator(`[id="${id}"] .red-ui-flow-node-button-button`).click();
  }

  /** Waits for the status of a node. */
  async status(what, text) {
    const id = await this.node(what);
    await this.page.locator(`[id="${id}"] .red-ui-flow-node-status-label`, { hasText: text }).waitFor();
  }

  /** The first message with a text in the debug sidebar. Its tab is chosen here, since the editor
   * chooses another one when it has loaded all. */
  async message(text) {
    await this.page.evaluate(() => RED.sidebar.show("debug"));
    const shown = this.page.locator(".red-ui-debug-msg", { hasText: text }).first();
    await shown.waitFor();
    return shown;
  }

  /** Whether the editor finds nothing wrong with a node. */
  async isValid(what) {
    const id = await this.node(what);
    return this.page.evaluate((id) => RED.nodes.node(id).valid, id);
  }
}

/** Each action is a node in the group of its category, with a help text. */
async function palette(editor, actions) {
  const help = await editor.page.evaluate((types) => types.map((type) => {
    const text = new DOMParser().parseFromString(RED.nodes.getNodeHelp(type), "text/html").body.textContent;
    return [type, text];
  }), actions.map(({ type }) => type));
  const helpOf = Object.fromEntries(help);
  for (const { type, summary, fields } of actions) {
    for (const text of [summary, ...fields.map((field) => field.help)]) {
      assert(helpOf[type].includes(text.replaceAll("`", "")), `${type}: ${text}`);
    }
  }
  for (const category of new Set(actions.map((action) => action.category))) {
    const group = editor.page.locator(".red-ui-palette-category", { has: editor.page.getByText(category, { exact: true }) });
    const types = await group.locator(".red-ui-palette-node").evaluateAll((nodes) => nodes.map((node) => node.dataset.paletteType));
    assert.deepEqual(types.sort(), actions.filter((action) => action.category === category).map(({ type }) => type).sort());
  }
}

/** The example that creates an account, with the component in Node-RED. */
async function account(editor, { red, tenant }) {
  const { page } = editor;
  await editor.example("Create an account");
  assert.equal(await editor.isValid("office365-create-user"), false);
  await editor.edit("office365-create-user");
  await editor.field("Password", PASSWORD);
  await page.locator("#node-input-connection + a").click();
  await page.locator("#node-config-input-clientId").fill(tenant.clientId);
  await page.locator("#node-config-input-clientSecret").fill(SECRET);
  await editor.picture("connection", DIALOG);
  await page.locator("#node-config-input-graphUrl").fill(`${tenant.http}/v1.0`);
  await page.locator("#node-config-input-loginUrl").fill(tenant.http);
  await editor.done();
  await editor.picture("create-user", DIALOG);
  await editor.done();
  assert.equal(await editor.isValid("office365-create-user"), true);
  await editor.deploy();

  await editor.press("Request");
  await editor.status("office365-send-created-user-email-notification", "done");
  const user = (await tenant.show("users")).find(({ userPrincipalName }) => userPrincipalName === "allen@contoso.onmicrosoft.com");
  assert.equal(user.displayName, "Allen Allbrook");
  const mails = await tenant.show("mail");
  assert.equal(mails.length, 1);
  assert(JSON.stringify(mails[0]).includes("anna@contoso.onmicrosoft.com"));

  // Once more: the name is taken.
  await editor.press("Request");
  await editor.status("office365-create-user", "already-exists");
  const failed = await editor.message("already-exists");
  await failed.locator(".red-ui-debug-msg-object-handle").first().click();
  await editor.picture("flow", FLOW);

  // The secrets are in the encrypted file of credentials only.
  const stored = await contents(red.user);
  for (const secret of [SECRET, PASSWORD]) assert(!stored.includes(secret));
}

/** The example with reports, on a server. */
async function report(editor, { server }) {
  const { page } = editor;
  await editor.example("Report on licences");
  await editor.edit("office365-users-with-licenses-report");
  await page.locator("#node-input-connection + a").click();
  await page.locator("#node-config-input-name").fill("contoso on the server");
  await page.locator("#node-config-input-runsOn").selectOption("server");
  await page.locator("#node-config-input-serverUrl").fill(server.url);
  await page.locator("#node-config-input-serverKey").fill(server.key);
  assert.equal(await page.locator("#node-config-input-tenant").isVisible(), false);
  await editor.done();
  await editor.done();
  await editor.deploy();
  await editor.press("Report");
  const shown = await editor.message("Users with licenses");
  await shown.locator(".red-ui-debug-msg-object-handle").first().click();
  await shown.getByText("Users without licenses").first().waitFor();
  assert.match(await shown.textContent(), /- Anna Berg <anna\.berg@contoso\.com>/);
}

/** A plan in place of a run, in the first example. */
async function plan(editor) {
  const { page } = editor;
  await page.locator(".red-ui-tab", { hasText: "Create an account" }).first().click();
  await editor.edit("office365-create-user");
  // The secret is not shown again, and is kept.
  assert.equal(await page.locator("#node-input-inputPassword").inputValue(), "__PWRD__");
  await page.locator("#node-input-plan").check();
  await editor.done();
  assert.equal(await editor.isValid("office365-create-user"), false);
  await editor.edit("office365-create-user");
  await page.locator("#node-input-connection").selectOption({ label: "contoso on the server" });
  await editor.done();
  assert.equal(await editor.isValid("office365-create-user"), true);
  await editor.deploy();
  await editor.press("Request");
  await editor.status("office365-create-user", "planned");
  // A plan has no account to tell of.
  await editor.status("office365-send-created-user-email-notification", "invalid-input");
}
