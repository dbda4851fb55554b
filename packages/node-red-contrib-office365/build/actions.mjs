// What the nodes need of an action, from what `o365 actions` and `o365 describe` say of it.

/** Where a field can take its value from beside its own kind. */
const ELSEWHERE = ["msg", "flow", "global", "env", "jsonata"];

/** Words that are not written as the others. */
const WORDS = { id: "ID", ip: "IP" };

/** The icon of an action by the beginning of its name. */
const ICONS = [
  [/^create-/, "fa-user-plus"],
  [/^delete-/, "fa-user-times"],
  [/^assign-/, "fa-id-badge"],
  [/^(is|get)-/, "fa-ticket"],
  [/^users-/, "fa-users"],
  [/^send-.*aws/, "fa-server"],
  [/^send-.*azure-storage/, "fa-database"],
  [/^send-.*virtual-machine/, "fa-desktop"],
  [/^send-/, "fa-envelope"],
  [/^import-/, "fa-th-list"],
  [/^country-/, "fa-globe"],
  [/^verify-/, "fa-stethoscope"],
  [/^/, "fa-cloud"],
];

export function described({ name, title, category, summary, calls, secrets, idempotent }, { input, output }) {
  const { connectionId, ...properties } = input.properties;
  const required = input.required.filter((key) => key !== "connectionId");
  return {
    name,
    type: `office365-${name}`,
    title,
    label: title.replace(/\s*\bOffice 365\b\s*/, " ").trim(),
    category,
    summary,
    icon: `font-awesome/${ICONS.find(([pattern]) => pattern.test(name))[1]}`,
    calls,
    idempotent,
    // The connection is a node of its own.
    connection: connectionId !== undefined,
    // A plan shows what the writes would change.
    plan: calls.some((call) => !call.startsWith("GET ")),
    fields: Object.entries(properties).map(([key, schema]) => field(key, schema, required.includes(key), secrets.includes(key))),
    input: { ...input, properties, required },
    output,
  };
}

function field(name, schema, required, secret) {
  const capital = name[0].toUpperCase() + name.slice(1);
  const own = ownType(name, schema);
  return {
    name,
    label: label(name),
    help: schema.description,
    required,
    // A name of its own: Node-RED's editor has properties such as `status` on each node.
    key: `input${capital}`,
    typeKey: `input${capital}Type`,
    kind: own,
    ...(schema.enum && { options: schema.enum.filter((value) => value !== null) }),
    ...(secret && { secretKey: `secret${capital}` }),
    types: [secret ? "cred" : own, ...ELSEWHERE],
  };
}

/** The type of a field's own value in the editor. */
function ownType(name, { type, enum: options }) {
  if (options) return "choice";
  const kinds = { string: "str", integer: "num", number: "num", boolean: "bool" };
  const known = [type].flat().filter((one) => one !== "null").map((one) => kinds[one]);
  if (known.length === 1 && known[0] !== undefined) return known[0];
  throw new Error(`the input ${name} has the type ${JSON.stringify(type)}, for which there is no field`);
}

function label(name) {
  const words = name.replace(/([A-Z]|\d+)/g, " $1").toLowerCase().split(" ").map((word) => WORDS[word] ?? word);
  const text = words.join(" ");
  return text[0].toUpperCase() + text.slice(1);
}
