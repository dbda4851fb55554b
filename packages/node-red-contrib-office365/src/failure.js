"use strict";
// The errors of the nodes: those of an action, and those of the same form that the nodes add.

/**
 * An error with the members of docs/errors.md. Node-RED hands a catch node only `code` and
 * `cause` of an error: `msg.error.code` is the kind, and `msg.error.cause` the whole error.
 */
class Failure extends Error {
  constructor(error) {
    super([error.message, error.fix].filter(Boolean).map(sentence).join(" "));
    const { kind, message, fix, ...others } = error;
    const whole = { kind, message, fix, who: "caller", retrySafe: true, completed: [], ...others };
    this.name = error.kind;
    this.code = error.kind;
    this.cause = whole;
    for (const [key, value] of Object.entries(whole)) {
      if (key !== "message") this[key] = value;
    }
    // Node-RED logs the stack of an uncaught error, which says nothing about the call.
    this.stack = this.toString();
  }
}

const sentence = (text) => (/[.!?]$/.test(text) ? text : `${text}.`);

/** What is wrong with the connection or the node. Nothing was sent. */
const configuration = (message, fix) => new Failure({ kind: "configuration", message, fix });

/** Inputs that the action does not take. Nothing was sent. */
const invalidInput = (problems) => new Failure({
  kind: "invalid-input",
  message: problems.map(({ pointer, message }) => `${pointer.slice(1) || "The input"} ${message}`).join("; ") + ".",
  fix: "Correct these fields of the node, or what it takes them from.",
  problems,
});

/** An error that is none of ours, as one of the form. */
function asFailure(error, kind, fix) {
  if (error instanceof Failure) return error;
  return new Failure({ kind, message: said(error?.cause) ?? said(error) ?? "No reason was given", fix });
}

/** What was thrown says: the message of an error, the tag of a variant, or a text. */
function said(thrown) {
  const texts = [thrown?.message, thrown?.payload?.tag, thrown?.payload, thrown?.tag, thrown];
  return texts.find((text) => typeof text === "string" && text !== "");
}

module.exports = { Failure, configuration, invalidInput, asFailure, said };
