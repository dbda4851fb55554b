// Runs in Node-RED's editor. `actions` is above.
const COLOR = "#C7D9F1";

for (const action of actions) register(action);

function register(action) {
  const defaults = { name: { value: "" } };
  if (action.connection) defaults.connection = { value: "", type: "office365-connection", required: true };
  if (action.plan) defaults.plan = { value: false, validate: validPlan };
  const credentials = {};
  for (const field of action.fields) {
    defaults[field.key] = { value: "", validate: validField(field) };
    defaults[field.typeKey] = { value: field.types[0] };
    if (field.secretKey) credentials[field.secretKey] = { type: "password" };
  }
  RED.nodes.registerType(action.type, {
    category: action.category,
    color: COLOR,
    icon: action.icon,
    inputs: 1,
    outputs: 1,
    defaults,
    credentials,
    paletteLabel: action.label,
    label() {
      return (this.name || action.label) + (this.plan ? " (plan)" : "");
    },
    labelStyle() {
      return this.name ? "node_label_italic" : "";
    },
    oneditprepare() {
      action.fields.forEach(prepare);
    },
    oneditsave() {
      action.fields.filter((field) => field.secretKey).forEach(saveSecret);
    },
  });
}

const input = (key) => $("#node-input-" + key);

function prepare(field) {
  const types = [ownType(field), ...field.types.slice(1)];
  const element = input(field.key).typedInput({ default: field.types[0], types, typeField: input(field.typeKey) });
  // Node-RED has put a placeholder for a secret that is known into the hidden field.
  if (field.secretKey && input(field.typeKey).val() === "cred") element.typedInput("value", input(field.secretKey).val());
}

function ownType({ kind, secretKey, options, required }) {
  if (secretKey) return "cred";
  if (kind === "choice") {
    const none = required ? [] : [{ value: "", label: "(none)" }];
    const choices = none.concat(options.map((value) => ({ value, label: value })));
    return { value: "choice", label: "choice", icon: "fa fa-list", options: choices };
  }
  return kind;
}

/** Moves a secret to the hidden field, which Node-RED saves as a credential and not in the flow. */
function saveSecret(field) {
  const element = input(field.key);
  const isSecret = element.typedInput("type") === "cred";
  input(field.secretKey).val(isSecret ? element.typedInput("value") : "");
  if (isSecret) element.typedInput("value", "");
}

// Node-RED takes a text for what is wrong only from a function of two parameters.

function validField(field) {
  return function (value, _) {
    // The type that is chosen in the dialog comes before the one that was saved.
    const type = input(field.typeKey).val() || this[field.typeKey] || field.types[0];
    const missing = field.required ? field.label + " is missing" : true;
    if (type === "cred" && !value) {
      // The credentials of a node are not known before its dialog is opened.
      const known = this.credentials;
      return !known || known[field.secretKey] || known["has_" + field.secretKey] ? true : missing;
    }
    if (value === undefined || value === "") return missing;
    return type !== "num" || Number.isFinite(Number(value)) ? true : field.label + " is no number";
  };
}

function validPlan(value, _) {
  const connection = RED.nodes.node(this.connection);
  if (!value || !connection || connection.runsOn === "server") return true;
  return "A plan needs a connection that runs on o365 serve";
}

RED.nodes.registerType("office365-connection", {
  category: "config",
  paletteLabel: "Office 365 connection",
  defaults: {
    name: { value: "" },
    runsOn: { value: "node-red" },
    tenant: { value: "", validate: forNodeRed("Tenant") },
    sender: { value: "" },
    signIn: { value: "client-secret" },
    clientId: { value: "", validate: forNodeRed("Client ID", (node) => node.signIn !== "token") },
    access: { value: "app-only" },
    cloud: { value: "global" },
    graphUrl: { value: "" },
    loginUrl: { value: "" },
    serverUrl: { value: "", validate: forServer("Server URL") },
    serverConnection: { value: "" },
    timeLimit: { value: "120", validate: validTimeLimit },
  },
  credentials: {
    clientSecret: { type: "password" },
    refreshToken: { type: "password" },
    token: { type: "password" },
    serverKey: { type: "password" },
  },
  label() {
    return this.name || (this.runsOn === "server" ? this.serverUrl : this.tenant) || "Office 365 connection";
  },
  oneditprepare() {
    const show = () => {
      const signIn = $("#node-config-input-signIn").val();
      const chosen = [$("#node-config-input-runsOn").val(), signIn];
      if (signIn !== "token") chosen.push("not-token");
      $("#office365-connection [data-for]").each(function () {
        const isFor = $(this).attr("data-for").split(" ");
        $(this).toggle(isFor.every((choice) => chosen.includes(choice)));
      });
    };
    $("#node-config-input-runsOn, #node-config-input-signIn").on("change", show);
    show();
  },
});

function validTimeLimit(value, _) {
  const seconds = Number(value);
  const isValid = Number.isInteger(seconds) && seconds >= 1 && seconds <= 3600;
  return isValid || "The time limit is not a number of seconds from 1 to 3600";
}

function forNodeRed(label, applies = () => true) {
  return function (value, _) {
    return this.runsOn === "server" || !applies(this) || value ? true : label + " is missing";
  };
}

function forServer(label) {
  return function (value, _) {
    return this.runsOn !== "server" || value ? true : label + " is missing";
  };
}
