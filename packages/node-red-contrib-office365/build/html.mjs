// The editor's part of the nodes: a dialog and a help text for each action.

import { readFile } from "node:fs/promises";
import { join } from "node:path";

const ESCAPED = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escape = (text) => String(text).replace(/[&<>"]/g, (character) => ESCAPED[character]);
/** Escapes a text, and shows its code as such. */
const prose = (text) => escape(text).replace(/`([^`]+)`/g, "<code>$1</code>");

export async function html(actions, folder) {
  const [script, style, connection, help] = await Promise.all(
    ["editor.js", "style.css", "connection.html", "connection.md"].map((name) => readFile(join(folder, name), "utf8")),
  );
  // Inside a script, `<` begins nothing.
  const known = JSON.stringify(actions.map(editors)).replaceAll("<", "\\u003c");
  return [
    `<style>\n${style}</style>`,
    `<script type="text/html" data-template-name="office365-connection">\n${connection}</script>`,
    `<script type="text/markdown" data-help-name="office365-connection">\n${help}</script>`,
    ...actions.map((action) => `<script type="text/html" data-template-name="${action.type}">\n${dialog(action)}</script>`),
    ...actions.map((action) => `<script type="text/markdown" data-help-name="${action.type}">\n${helpOf(action)}</script>`),
    `<script type="text/javascript">\n(function () {\nconst actions = ${known};\n${script}})();\n</script>\n`,
  ].join("\n");
}

/** What the script of the editor needs of an action. */
const editors = ({ type, title, label, category, icon, connection, plan, fields }) => ({
  type, title, label, category, icon, connection, plan,
  fields: fields.map(({ help, ...field }) => field),
});

const dialog = (action) => [
  '<div class="office365-node">',
  `<div class="form-row office365-summary">${prose(action.summary)}.</div>`,
  row("name", "tag", "Name", `<input type="text" id="node-input-name" placeholder="${escape(action.title)}">`),
  action.connection ? row("connection", "plug", "Connection", '<input type="text" id="node-input-connection">') : "",
  ...action.fields.map(fieldRow),
  action.plan ? planRow() : "",
  "</div>",
].filter(Boolean).join("\n") + "\n";

const row = (name, icon, label, control) =>
  `<div class="form-row"><label for="node-input-${name}"><i class="fa fa-${icon}"></i> ${label}</label>${control}</div>`;

const fieldRow = ({ name, key, typeKey, secretKey, label, help, required }) => [
  '<div class="form-row office365-field">',
  `<label for="node-input-${key}">${escape(label)}${required ? "" : ' <span class="office365-optional">optional</span>'}</label>`,
  `<input type="text" id="node-input-${key}"><input type="hidden" id="node-input-${typeKey}">`,
  secretKey ? `<input type="password" id="node-input-${secretKey}" class="office365-hidden">` : "",
  `<div class="office365-help" data-field="${name}">${prose(help)}</div>`,
  "</div>",
].join("");

const planRow = () => [
  '<div class="form-row office365-plan"><label for="node-input-plan"><i class="fa fa-eye"></i> Plan</label>',
  '<label class="office365-check"><input type="checkbox" id="node-input-plan"> Show what would happen, and change nothing</label>',
  '<div class="office365-help">Needs a connection that runs on <code>o365 serve</code>.</div></div>',
].join("");

const helpOf = ({ summary, fields, output, plan, calls, connection }) => [
  `${summary}.`,
  "",
  "### Inputs",
  "",
  ...(fields.length > 0 ? fields.map(({ label, kind, help, required }) => `: ${label} (${TYPES[kind]}${required ? "" : ", optional"}) : ${help}`) : ["None."]),
  "",
  "### Outputs",
  "",
  ...outputs(output),
  "",
  "### Details",
  "",
  "A failure goes to a catch node: `msg.error.code` is its kind, and `msg.error.cause` has `message`, `fix`, `who`, `retrySafe`, `completed` and, if Graph responded, `graph`.",
  "",
  ...(plan ? ["With *Plan*, `msg.payload` is the list of writes that the action would make; nothing is changed.", "", "`msg.idempotencyKey`, if present, makes a repeat of the call on `o365 serve` return the first response.", ""] : []),
  ...(calls.length > 0 ? ["Graph calls: " + calls.map((call) => `\`${call}\``).join(", ") + "."] : connection ? [] : ["The action makes no call."]),
].join("\n") + "\n";

const TYPES = { str: "string", num: "number", bool: "boolean", choice: "choice" };

function outputs({ type, description, properties }) {
  if (type === "null") return [": payload (null) : The action returns nothing."];
  const head = `: payload (${type}) : ${description ?? "The result."}`;
  const members = Object.entries(properties ?? {}).map(([name, schema]) =>
    `: payload.${name} (${[schema.type].flat().filter((one) => one !== "null").join(", ")}) : ${schema.description ?? ""}`);
  return [head, ...members];
}
