"use strict";
// Runs on `o365 serve`.

const { randomUUID } = require("node:crypto");
const { Failure } = require("./failure");

/** How much longer than a run the server may take: runs wait in its queue. */
const QUEUE_MS = 60_000;

/** Codes of a request that never reached the server. */
const UNSENT = ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH", "UND_ERR_CONNECT_TIMEOUT"];

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
  if (response.ok && body !== undefined) {
    return { result: body, about, warning: response.headers.get("run-warning") ?? undefined };
  }
  if (typeof body?.error?.kind === "string") {
    throw new Failure({ ...body.error, ...about, ...(!plan && { idempotencyKey: key }) });
  }
  throw new Failure({
    kind: "transport",
    message: `${url} responded with ${response.status}, and not as o365 serve does.`,
    fix: "Correct Server URL in the connection's dialog, or look at what is between Node-RED and the server.",
    retrySafe: false,
  });
}

/** The failure of a call without a response. */
function unreachable(error, { url, key, plan }) {
  const code = error.cause?.code ?? error.cause?.message ?? error.message;
  if (plan || UNSENT.includes(code)) {
    return new Failure({
      kind: "transport",
      message: `${url} could not be reached (${code}).`,
      fix: "Start o365 serve, or correct Server URL in the connection's dialog.",
    });
  }
  return new Failure({
    kind: "outcome-unknown",
    message: `The response of ${url} was lost (${code}).`,
    fix: "Send the message again with msg.idempotencyKey set to msg.error.cause.idempotencyKey: the server then runs the action at most once.",
    retrySafe: false,
    idempotencyKey: key,
  });
}

module.exports = { run };
