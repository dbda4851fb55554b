"use strict";
// The node of an action.

const { promisify } = require("node:util");
const { NONE } = require("./connection");
const { asFailure, configuration, invalidInput, said } = require("./failure");
const { checker } = require("./input");

module.exports = (RED, action) => {
  const check = checker(action.input, action.fields.filter(({ secretKey }) => secretKey).map(({ name }) => name));
  const evaluate = promisify(RED.util.evaluateNodeProperty);

  function Action(config) {
    RED.nodes.createNode(this, config);
    const states = new States(this);

    const run = async (msg, plan, key, started) => {
      const input = await inputs(this, config, msg);
      check(input);
      const connection = config.connection ? RED.nodes.getNode(config.connection) : undefined;
      if (action.connection && typeof connection?.run !== "function") {
        throw configuration("The node has no connection, or its connection is disabled.", "Choose a connection in the node's dialog, and deploy.");
      }
      if (key !== undefined && !isKey(key)) {
        throw invalidInput([{ pointer: "/idempotencyKey", message: "must be text of 1 to 255 printable ASCII characters" }]);
      }
      return (connection ?? NONE).run({ action, input, plan, key, started });
    };

    this.on("input", async (msg, send, done) => {
      const state = states.begin();
      // A key is that of one call, and not of the nodes that come after this one.
      const key = msg.idempotencyKey;
      delete msg.idempotencyKey;
      delete msg.office365;
      try {
        const plan = isPlan(config.plan);
        const { result, about, warning } = await run(msg, plan, key, () => states.started(state));
        msg.payload = result;
        if (about) msg.office365 = { ...about, ...(warning && { warning }) };
        if (warning) this.warn(warning);
        states.end(state, { fill: "green", shape: "dot", text: plan ? "planned" : "done" });
        send(msg);
        done();
      } catch (error) {
        const failure = asFailure(error, "internal", "Report this with the log of Node-RED.");
        if (isKey(key)) failure.cause.idempotencyKey = key;
        states.end(state, { fill: "red", shape: "ring", text: failure.kind });
        done(failure);
      }
    });
    this.on("close", () => this.status({}));
  }

  /** The inputs of a run by name, from where the fields of the node say. An empty field is absent. */
  async function inputs(node, config, msg) {
    const given = {};
    const problems = [];
    for (const field of action.fields) {
      const type = config[field.typeKey] || field.types[0];
      const from = type === "cred" ? node.credentials?.[field.secretKey] : config[field.key];
      try {
        const value = await valueOf(from, type, field, node, msg);
        if (value !== undefined && value !== null && value !== "") given[field.name] = value;
      } catch (error) {
        // An expression for a secret, and what is wrong with it, may contain the secret.
        const why = field.secretKey ? "" : ` ${from}: ${said(error) ?? "it gave no reason"}`;
        problems.push({ pointer: `/${field.name}`, message: `cannot be read from ${type}${why}` });
      }
    }
    if (problems.length > 0) throw invalidInput(problems);
    return given;
  }

  async function valueOf(from, type, field, node, msg) {
    if (from === undefined || from === "") return undefined;
    // These two are types of the nodes' editor, and not of Node-RED's runtime.
    if (type === "choice" || type === "cred") return from;
    const value = await evaluate(from, type, node, msg);
    // The environment holds text only.
    return type === "env" && field.kind !== "str" && value !== "" ? evaluate(value, field.kind, node, msg) : value;
  }

  RED.nodes.registerType(action.type, Action, {
    credentials: Object.fromEntries(action.fields.filter(({ secretKey }) => secretKey).map(({ secretKey }) => [secretKey, { type: "password" }])),
  });
};

/** Whether a node plans. An environment variable in the property makes it text. */
function isPlan(plan) {
  if (plan === undefined || plan === false || plan === "false") return false;
  if (plan === true || plan === "true") return true;
  throw configuration(
    "Plan of the node is neither true nor false.",
    "Set Plan in the node's dialog, or correct the environment variable that it names, and deploy.",
  );
}

const isKey = (key) => typeof key === "string" && /^[\x21-\x7e]{1,255}$/.test(key);

/** The status of a node that may run several messages at once. */
class States {
  #node;
  #current = new Set();

  constructor(node) {
    this.#node = node;
  }

  begin() {
    const state = { running: false };
    this.#current.add(state);
    this.#show();
    return state;
  }

  started(state) {
    state.running = true;
    this.#show();
  }

  /** Shows how a message ended, or what the others do. */
  end(state, status) {
    this.#current.delete(state);
    if (this.#current.size === 0) this.#node.status(status);
    else this.#show();
  }

  #show() {
    const running = [...this.#current].filter((state) => state.running).length;
    const waiting = this.#current.size - running;
    const text = [[running, "running"], [waiting, "waiting"]].filter(([count]) => count > 0)
      .map(([count, word]) => (count === 1 ? word : `${count} ${word}`)).join(", ");
    this.#node.status({ fill: running > 0 ? "blue" : "grey", shape: running > 0 ? "dot" : "ring", text });
  }
}
