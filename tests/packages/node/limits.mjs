// What the worker holds a component to. A component that misbehaves takes the place of ours.
import assert from "node:assert/strict";
import { once } from "node:events";
import { cp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** Its actions ask for what no action may have. */
const COMPONENT = `
export function instantiate(_, imports) {
  const { Fields, OutgoingRequest } = imports["wasi:http/types"];
  const { handle } = imports["wasi:http/outgoing-handler"];
  const ask = ({ method, authority, path, headers = [] }) => {
    const fields = Fields.fromList(headers.map(([name, value]) => [name, new TextEncoder().encode(value)]));
    const request = new OutgoingRequest(fields);
    request.setMethod({ tag: method });
    request.setScheme({ tag: "HTTP" });
    request.setAuthority(authority);
    request.setPathWithQuery(path);
    const future = handle(request);
    future.subscribe().block();
    return future.get().val.val.status();
  };
  return { tests: {
    loops() { for (;;); },
    sendsAndLoops(input) { ask(input); for (;;); },
    asks: ask,
    throwsVariant() { throw { tag: "HTTP-request-denied" }; },
    throwsNothing() { throw {}; },
    traps() { throw new WebAssembly.RuntimeError("unreachable"); },
    sees() { return { environment: process.env, authorization: imports["connector:office365/connections"].authorization(), imports: Object.keys(imports).sort() }; },
  } };
}
`;

const IMPORTS = [
  "connector:office365/connections",
  "wasi:clocks/monotonic-clock",
  "wasi:http/outgoing-handler",
  "wasi:http/types",
  "wasi:io/error",
  "wasi:io/poll",
  "wasi:io/streams",
];

export async function check({ red }) {
  // Beside the installed one, for its dependencies.
  const folder = join(red.installed, "misbehaving");
  await cp(join(red.installed, "dist"), folder, { recursive: true });
  await writeFile(join(folder, "component/office365.js"), COMPONENT);
  const load = (file) => createRequire(import.meta.url)(join(folder, file));
  const { run } = load("workers.js");
  await tokensWithoutEnd(load("sign-in.js"));
  const { allows } = await import(pathToFileURL(join(folder, "calls.mjs")));

  const requests = [];
  const graph = createServer((request, response) => {
    requests.push([request.method, request.url, request.headers.authorization]);
    setTimeout(() => response.end("{}"), request.url.includes("slow") ? 300 : 0);
  }).listen(0, "127.0.0.1");
  await once(graph, "listening");
  const authority = `127.0.0.1:${graph.address().port}`;
  const connection = { graphUrl: `http://${authority}/v1.0`, tenant: "contoso.onmicrosoft.com", access: "app-only", timeLimitMs: 500 };
  const calls = ["GET /subscribedSkus", "DELETE /users/{id}"];
  const authorize = async () => "Bearer ours";
  const call = (action, input, own) => run({ action, input, calls, connection, authorize, timeLimitMs: 500, started() {}, ...own });
  const fails = (action, input) => call(action, input).then(() => assert.fail(action), (error) => error);
  try {
    // A component that cannot be read is read again by the next run.
    const broken = join(folder, "component/broken.wasm");
    await writeFile(broken, "no module");
    await fails("sees");
    await rm(broken);
    await call("sees");

    const looping = await fails("loops");
    assert.deepEqual([looping.kind, looping.limit, looping.retrySafe], ["sandbox", "time-limit", true]);
    const trapped = await fails("traps");
    assert.equal(trapped.kind, "sandbox");
    assert.match(trapped.message, /The component failed: unreachable\./);
    assert.match((await fails("throwsVariant")).message, /The component failed: HTTP-request-denied\./);
    assert.match((await fails("throwsNothing")).message, /The component failed: it gave no reason\./);
    const { environment, authorization, imports } = await call("sees");
    assert.deepEqual({ environment, authorization, imports }, { environment: {}, authorization: undefined, imports: IMPORTS });

    // The token is added to a declared call, in place of one that the component makes up.
    const headers = [["authorization", "Bearer theirs"], ["Authorization", "Bearer theirs"]];
    assert.equal(await call("asks", { method: "get", authority, path: "/v1.0/subscribedSkus?$select=id", headers }), 200);
    assert.deepEqual(requests, [["GET", "/v1.0/subscribedSkus?$select=id", "Bearer ours"]]);
    for (const [method, to, path] of UNDECLARED) {
      const denied = await fails("asks", { method, authority: to ?? authority, path });
      assert.equal(denied.kind, "sandbox", path);
      assert.match(denied.message, /which it does not declare/);
    }
    assert.equal(requests.length, 1);
    await tokensOfWaitingRuns(call, authority);
    const sent = await fails("sendsAndLoops", { method: "delete", authority, path: "/v1.0/users/anna@contoso.onmicrosoft.com" });
    assert.deepEqual([sent.kind, sent.retrySafe], ["outcome-unknown", false]);
    assert.match(sent.message, /It had sent DELETE \/v1\.0\/users\/anna@contoso\.onmicrosoft\.com\./);
  } finally {
    graph.closeAllConnections();
    graph.close();
    await rm(folder, { recursive: true });
  }
  const mail = { method: "POST", scheme: "https", authority: "graph.microsoft.com", path: "/v1.0/users/a%40b.example/sendMail" };
  assert(allows(["POST /users/{id}/sendMail"], "https://graph.microsoft.com/v1.0", mail));
}

/** A token with an end that is no number is not kept. */
async function tokensWithoutEnd({ SignIn }) {
  let tokens = 0;
  const entra = createServer((_, response) => {
    tokens += 1;
    response.end(JSON.stringify({ access_token: `token${tokens}`, token_type: "bearer", expires_in: "soon" }));
  }).listen(0, "127.0.0.1");
  await once(entra, "listening");
  const signIn = new SignIn({ tenant: "contoso.onmicrosoft.com", loginUrl: `http://127.0.0.1:${entra.address().port}`, timeLimitMs: 5000 });
  for (const token of ["token1", "token2"]) assert.equal(await signIn.authorization(), `Bearer ${token}`);
  entra.closeAllConnections();
  entra.close();
}

/** A run that waits for a worker gets its token after that. */
async function tokensOfWaitingRuns(call, authority) {
  const input = { method: "get", authority, path: "/v1.0/subscribedSkus?slow" };
  let ended = 0;
  const first = Array.from({ length: 4 }, () => call("asks", input).then(() => { ended += 1; }));
  let before;
  const last = call("asks", input, { authorize: async () => { before = ended; } });
  await Promise.all([...first, last]);
  assert(before > 0);
}

/** Requests that the calls of `check` do not cover: method, authority if it is another, path. */
const UNDECLARED = [
  ["post", undefined, "/v1.0/subscribedSkus"],
  ["get", "localhost:1", "/v1.0/subscribedSkus"],
  ["get", undefined, "/beta/subscribedSkus"],
  ["get", undefined, "/v1.0/subscribedSkus/"],
  ["get", undefined, "/v1.0//subscribedSkus"],
  ["get", undefined, "/v1.0/users/../subscribedSkus"],
  ["delete", undefined, "/v1.0/users/$count"],
  ["delete", undefined, "/v1.0/users/a@b%2Fmanager"],
  ["delete", undefined, "/v1.0/users/anna@contoso.onmicrosoft.com/manager"],
];
