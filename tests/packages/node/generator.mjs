// What the build makes of inputs of each type, also of those that no action has today.
import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const ACTION = {
  name: "made-up",
  title: "Office 365 Made Up",
  category: "Tests",
  summary: "Makes <something> `up`",
  calls: ["POST /users"],
  secrets: ["pin"],
  idempotent: false,
};

const INPUT = {
  type: "object",
  properties: {
    connectionId: { type: "string", description: "The connection." },
    userIp: { type: "string", description: "An address." },
    pin: { type: "string", description: "A secret." },
    count: { type: ["integer", "null"], minimum: 0, description: "A number." },
    loud: { type: "boolean", description: "A switch." },
    check: { type: ["string", "null"], enum: ["tenant", "seats", null], description: "A choice." },
  },
  required: ["connectionId", "userIp", "pin", "loud"],
  additionalProperties: false,
};

export async function check({ source }) {
  const load = (file) => import(pathToFileURL(join(source, "build", file)));
  const { described } = await load("actions.mjs");
  const { html } = await load("html.mjs");
  const action = described(ACTION, { input: INPUT, output: { type: "null" } });
  const fields = action.fields.map(({ label, required, kind, types, options, secretKey }) => [label, required, kind, types[0], options, secretKey]);
  assert.deepEqual(fields, [
    ["User IP", true, "str", "str", undefined, undefined],
    ["Pin", true, "str", "cred", undefined, "secretPin"],
    ["Count", false, "num", "num", undefined, undefined],
    ["Loud", true, "bool", "bool", undefined, undefined],
    ["Check", false, "choice", "choice", ["tenant", "seats"], undefined],
  ]);
  assert.equal(action.label, "Made Up");
  assert.deepEqual(action.input.required, ["userIp", "pin", "loud"]);
  const made = await html([action], join(source, "src/editor"));
  assert(made.includes('data-template-name="office365-made-up"'));
  assert(made.includes("Makes &lt;something&gt; <code>up</code>."));
  // A type without a field ends the build, and is not left out.
  const listed = { ...INPUT, properties: { ...INPUT.properties, names: { type: "array", description: "Names." } } };
  assert.throws(() => described(ACTION, { input: listed, output: { type: "null" } }), /the input names has the type "array"/);
}
