"use strict";
// Runs on `o365 serve`.

const { randomUUID } = require("node:crypto");
const { Failure } = require("./failure");
const { certificate, isUnsent, reason } = require("./network");

/** How much longer than a run the server may take: runs wait in its queue. */
const QUEUE_MS = 60_000;

/** Runs or plans an action. `key` makes a repeat of the call return the first response. */
async function run({ settings, action, input, plan, key = randomUUID() }) {
  const { connectionId, timeLimitMs, url } = settings;
  // Without an id, the server takes the only connection that the key may use.
  const body = JSON.stringify({ ...input, ...(action.connection && connectionId && { connectionId }) });
  const failed = (error) => unreachable(error, { url, key, plan });
  let response;
  let text;
  try {
    response = await fetch(`${url}/v1/actions/${action.name}${plan ? "?plan=true" : ""}`, {
      method: "POST",
      headers: {
        "authorization": `Bearer ${settings.key}`,
        "content-type": "application/json",
        // A plan changes nothing.
        ...(!plan && { "idempotency-key": key }),
      },
      body,
      redirect: "manual",
      signal: AbortSignal.timeout(timeLimitMs + QUEUE_MS),
    });
    text = await response.text();
  } catch (error) {
    throw failed(error);
  }
  return read(response, text, { url, key, plan });
}

function read(response, text, { url, key, plan }) {
  let body;
  try {
    body = JSON.parse(text);
  } catch {
    body = undefined;
  }
  const about = { run: response.headers.get("run-id") ?? undefined };
  // Each response of a run names the run; that of something else in between does not.
  if (response.ok && body !== undefined && about.run) {
    return { result: body, about, warning: response.headers.get("run-warning") ?? undefined };
  }
  if (typeof body?.error?.kind === "string" && typeof body.error.message === "string") {
    throw new Failure({ ...body.error, ...about, ...(!plan && { idempotencyKey: key }) });
  }
  const message = `${url} responded with ${response.status}, and not as o365 serve does.`;
  const fix = "Correct Server URL in the connection's dialog, or look at what is between Node-RED and the server.";
  // What is in between may have passed the call on.
  throw plan ? new Failure({ kind: "transport", message, fix }) : unknown(message, `${fix} ${REPEAT}`, key);
}

/** The failure of a call without a response. */
function unreachable(error, { url, key, plan }) {
  const code = reason(error);
  if (plan || isUnsent(error)) {
    return new Failure({
      kind: "transport",
      message: `${url} could not be reached (${code}).`,
      fix: certificate(error) ?? "Start o365 serve, or correct Server URL in the connection's dialog.",
    });
  }
  return unknown(`The response of ${url} was lost (${code}).`, REPEAT, key);
}

const REPEAT = "Send the message again with msg.idempotencyKey set to msg.error.cause.idempotencyKey: the server then runs the action at most once.";

/** The failure of a call that the server may have run. */
const unknown = (message, fix, key) => new Failure({ kind: "outcome-unknown", message, fix, retrySafe: false, idempotencyKey: key });

module.exports = { run };
