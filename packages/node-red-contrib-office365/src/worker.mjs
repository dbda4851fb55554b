// One run of an action: a fresh instance of the component, in a worker of its own. The component
// gets the imports below and nothing else. It never sees the token, which is added to each request
// on its way out.

import { workerData } from "node:worker_threads";
import { monotonicClock } from "@bytecodealliance/preview2-shim/clocks";
import { outgoingHandler, types } from "@bytecodealliance/preview2-shim/http";
import { error, poll, streams } from "@bytecodealliance/preview2-shim/io";
import { allows, changes } from "./calls.mjs";
import { said } from "./failure.js";
import { instantiate } from "./component/office365.js";

const { port, modules, calls, connection, authorization, action, input } = workerData;

class OutgoingRequest extends types.OutgoingRequest {
  constructor(headers) {
    // A second one would be sent beside it.
    headers.delete("authorization");
    if (authorization !== undefined) headers.append("authorization", new TextEncoder().encode(authorization));
    super(headers);
  }
}

/** Sends a request that the action declares, and tells of a write before it leaves. */
function handle(request, options) {
  const method = (request.method().val ?? request.method().tag).toUpperCase();
  const asked = {
    method,
    scheme: request.scheme()?.tag.toLowerCase() ?? "https",
    authority: request.authority(),
    path: request.pathWithQuery() ?? "/",
  };
  const path = asked.path.split("?")[0];
  if (!connection || !allows(calls, connection.graphUrl, asked)) {
    port.postMessage({ denied: `${method} ${asked.authority}${path}` });
    throw { tag: "HTTP-request-denied" };
  }
  if (changes(method)) port.postMessage({ sent: `${method} ${path}` });
  return outgoingHandler.handle(request, options);
}

const component = instantiate((path) => modules[path], {
  "connector:office365/connections": {
    describe() {
      if (connection) return connection;
      throw "the node has no connection";
    },
    authorization: () => undefined,
  },
  "wasi:clocks/monotonic-clock": monotonicClock,
  "wasi:http/outgoing-handler": { handle },
  "wasi:http/types": { ...types, OutgoingRequest },
  "wasi:io/error": error,
  "wasi:io/poll": poll,
  "wasi:io/streams": streams,
});

/** The exported function of an action: `create-user` is `createUser` of one of the interfaces. */
function exported() {
  const name = action.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
  return Object.values(component).find((functions) => name in functions)[name];
}

/** A value as `o365 serve` returns it: what is absent is undefined here, and no member in JSON. */
const asJson = (value) => JSON.parse(JSON.stringify(value ?? null));

try {
  port.postMessage({ begun: true });
  port.postMessage({ result: asJson(exported()(input)) });
} catch (thrown) {
  // The action's own error has a payload; everything else is a trap.
  if (thrown?.payload?.kind === undefined) port.postMessage({ trap: said(thrown) ?? "it gave no reason" });
  else port.postMessage({ error: asJson(thrown.payload) });
}
