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
    ...actions.map((action) => `<script type="text/html" data-help-name="${action.type}">\n${helpOf(action)}</script>`),
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

// HTML, because Node-RED's own Markdown for properties loses what comes before a colon.
const helpOf = ({ summary, fields, output, plan, calls }) => [
  `<p>${prose(summary)}.</p>`,
  "<h3>Inputs</h3>",
  fields.length > 0 ? properties(fields.map(inputRow)) : "<p>None.</p>",
  "<h3>Outputs</h3>",
  properties(outputs(output)),
  "<h3>Details</h3>",
  `<p>${prose(FAILURE)}</p>`,
  plan ? `<p>${prose(PLAN)}</p><p>${prose(KEY)}</p>` : "",
  calls.length > 0 ? `<p>Graph calls: ${calls.map((call) => `<code>${escape(call)}</code>`).join(", ")}.</p>` : "<p>The action makes no call of Graph.</p>",
].filter(Boolean).join("\n") + "\n";

const FAILURE = "A failure goes to a catch node: `msg.error.code` is its kind, and `msg.error.cause` has `message`, " +
  "`fix`, `who`, `retrySafe`, `completed` and, if Graph responded, `graph`.";
const PLAN = "With the switch Plan, `msg.payload` has the writes that the action would make, and nothing is changed.";
const KEY = "`msg.idempotencyKey`, if present, makes a repeat of the call on `o365 serve` return the first response.";

const inputRow = ({ label, kind, help, required }) => [label, `${TYPES[kind]}${required ? "" : ", optional"}`, help];

const properties = (rows) => [
  '<dl class="message-properties">',
  ...rows.map(([name, type, text]) => `<dt>${escape(name)} <span class="property-type">${escape(type)}</span></dt><dd>${prose(text)}</dd>`),
  "</dl>",
].join("\n");

const TYPES = { str: "string", num: "number", bool: "boolean", choice: "choice" };

/** The result and its members, as rows of the help text. */
function outputs({ type, description, properties: members }) {
  if (type === "null") return [["payload", "null", "The action returns nothing."]];
  const rows = Object.entries(members ?? {}).map(([name, schema]) =>
    [`payload.${name}`, [schema.type].flat().filter((one) => one !== "null").join(", "), schema.description ?? ""]);
  return [["payload", type, description ?? "The result."], ...rows];
}
