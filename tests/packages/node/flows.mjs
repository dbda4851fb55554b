// Every action and every way to fail, called through flows with HTTP nodes. `check` gets
// Node-RED, a simulated tenant and a server.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { once } from "node:events";
import { freePort, until } from "./place.mjs";

const SECRET = "s3cret-of-the-application";
const MEMBER = "bela@contoso.onmicrosoft.com";
const MAILBOX = "bela.costa@contoso.com";
const PASSWORD = "Any-passw0rd";

export async function check({ red, tenant, server }) {
  const actions = JSON.parse(await readFile(join(red.installed, "dist/actions.json"), "utf8"));
  const silent = createServer(() => {}).listen(0, "127.0.0.1");
  await once(silent, "listening");
  const refreshToken = await signedIn(tenant);
  const between = proxy().listen(0, "127.0.0.1");
  await once(between, "listening");
  const hosts = { silent: silent.address().port, between: between.address().port, nothing: await freePort() };
  const connections = connectionNodes({ tenant, server, refreshToken, ...hosts });
  const call = await deployed(red, actions, connections);
  await runs(call, tenant);
  await asUser(call, tenant);
  await refusals(call, tenant);
  await secretInputs(call);
  await wrongConnections(call);
  await inBetween(call);
  await onServer(call);
  await textOfPlan(call, tenant);
  await atOnce(call);
  for (const host of [silent, between]) {
    host.closeAllConnections();
    host.close();
  }
}

/** What may stand between Node-RED and a host: each first part of a path is another. */
const proxy = () => createServer(async (request, response) => {
  const form = Buffer.concat(await request.toArray()).toString();
  const kind = request.url.split("/")[1];
  const [status, body] = {
    "echo": [400, { error: form, error_description: form, trace_id: form }],
    "echo-500": [500, { error: form }],
    "echo-code": [401, { error: "invalid_client", error_description: `AADSTS7000215: Invalid client secret ${form}` }],
    "echo-scope": [400, { error: "invalid_scope", error_description: form }],
    "no-error": [403, { message: form }],
    "no-bearer": [200, { access_token: "any", token_type: "mac" }],
    "two-lines": [200, { access_token: "two\nlines", token_type: "Bearer" }],
    "large": [200, { access_token: "x".repeat(65_537), token_type: "Bearer" }],
    "page": [200, { welcome: true }],
    "gateway": [502, "<h1>Bad gateway</h1>"],
    "unavailable": [503, { error: { kind: "unavailable" } }],
  }[kind];
  response.writeHead(status).end(typeof body === "string" ? body : JSON.stringify(body));
});

/** Responses that are none of the host. */
async function inBetween(call) {
  for (const [connection, code, message] of [
    ["echo", "unauthorized", /was refused: an error that OAuth does not define\. Correct the sign-in/],
    ["echo-500", "transport", /The sign-in host responded with 500\. Run again later\./],
    ["echo-code", "unauthorized", /was refused: AADSTS7000215, which https:\/\/login\.microsoftonline\.com\/error\?code=7000215 explains\. Correct Client ID/],
    ["echo-scope", "unauthorized", /was refused: invalid_scope\./],
    ["no-error", "transport", /responded with 403 and no token\. Correct the cloud or Sign-in URL/],
    ["no-bearer", "transport", /responded with 200 and no token\./],
    ["two-lines", "transport", /responded with 200 and no token\./],
    ["large", "transport", /responded with 200 and no token\./],
  ]) {
    const { error } = await call(connection, "is-license-available", { serviceId: "SPE_E5" });
    assert.equal(error?.code, code, `${connection}: ${error?.message}`);
    assert.match(error.message, message);
    assert(!JSON.stringify(error).includes(SECRET), JSON.stringify(error));
  }
  // The server may have run the call.
  for (const connection of ["page", "gateway", "unavailable"]) {
    const { error } = await call(connection, "create-user", USER, { key: "order-4712" });
    const { kind, retrySafe, idempotencyKey } = error.cause;
    assert.deepEqual([kind, retrySafe, idempotencyKey], ["outcome-unknown", false, "order-4712"], connection);
    const own = await call(connection, "create-user", USER);
    assert.match(own.error.cause.idempotencyKey, /^[0-9a-f-]{36}$/);
    const plan = await call(connection, "create-user", USER, { node: "plan" });
    assert.deepEqual([plan.error.code, plan.error.cause.retrySafe], ["transport", true]);
  }
}

/** What is wrong with a secret is said without the secret. */
async function secretInputs(call) {
  for (const [node, password, message] of [
    [undefined, 12345678, "must be a string, and is of the type number"],
    [undefined, "\ud83d", "must be well-formed Unicode, and has a lone surrogate"],
    ["password-expression", undefined, "cannot be read from jsonata"],
    ["password-path", undefined, "cannot be read from msg"],
  ]) {
    const { error } = await call("node-red", "create-user", { ...USER, password }, { node });
    assert.equal(error.code, "invalid-input");
    assert.deepEqual(error.cause.problems, [{ pointer: "/password", message }]);
    assert(!/12345678|s3cret/.test(JSON.stringify(error)), JSON.stringify(error));
  }
}

/** Results in `msg.payload`, from the component in Node-RED. */
async function runs(call, tenant) {
  const { payload, office365 } = await call("node-red", "create-user", USER);
  assert.equal(office365, undefined);
  assert.equal(payload.userPrincipalName, "allen@contoso.onmicrosoft.com");
  assert.equal(payload.assignedLicenses.length, 1);
  assert((await tenant.show("users")).some(({ userPrincipalName }) => userPrincipalName === payload.userPrincipalName));
  const mail = { recipient: "anna@contoso.onmicrosoft.com", userEmail: payload.userPrincipalName };
  assert.equal((await call("node-red", "send-created-user-email-notification", mail)).payload, null);
  assert.equal((await tenant.show("mail")).length, 1);
  assert.equal((await call("node-red", "is-license-available", { serviceId: "SPE_E3" })).payload, false);
  assert.equal((await call("node-red", "verify-connection", {})).payload.usable, true);
  const page = await call("node-red", "users-with-licenses-page", { pageSize: 2 });
  assert.equal(typeof page.payload.nextCursor, "string");
  const next = await call("node-red", "users-with-licenses-page", { cursor: page.payload.nextCursor });
  assert.notDeepEqual(next.payload.users, page.payload.users);
  // It has no connection, and needs none.
  assert.deepEqual((await call("none", "country-codes", { search: "armenia" })).payload, [{ code: "AM", name: "Armenia" }]);
}

/** A refresh token of a user, as a sign-in in a browser gives one. */
async function signedIn(tenant) {
  const form = { grant_type: "password", client_id: tenant.clientId, username: MEMBER, password: "any", scope: "offline_access https://graph.microsoft.com/.default" };
  const response = await fetch(`${tenant.http}/contoso.onmicrosoft.com/oauth2/v2.0/token`, { method: "POST", body: new URLSearchParams(form) });
  const { refresh_token } = await response.json();
  assert.equal(typeof refresh_token, "string");
  return refresh_token;
}

/** A user sends from the user's own mailbox. */
async function asUser(call, tenant) {
  const before = (await tenant.show("mail")).length;
  const mail = { recipient: "anna@contoso.onmicrosoft.com", ip: "192.0.2.7", status: "running" };
  // Twice: the second run has a token already.
  for (const sent of [1, 2]) {
    assert.equal((await call("user", "send-status-virtual-machine-email", mail)).payload, null);
    const mails = await tenant.show("mail");
    assert.equal(mails.length, before + sent);
    assert.equal(mails.at(-1).from, MAILBOX);
  }
}

/** Errors of an action, and inputs that it does not take. */
async function refusals(call, tenant) {
  const taken = await call("node-red", "create-user", USER);
  assert.equal(taken.error.code, "already-exists", JSON.stringify(taken.error));
  assert.match(taken.error.message, /^already-exists: A user with the name .+ exists already/);
  const { kind, fix, who, retrySafe, completed } = taken.error.cause;
  assert.deepEqual({ kind, fix: typeof fix, who, retrySafe, completed }, { kind: "already-exists", fix: "string", who: "caller", retrySafe: true, completed: [] });
  const gone = await call("node-red", "assign-license-to-existing-user", { serviceId: "SPE_E5", userPrincipalName: "nobody@contoso.onmicrosoft.com" });
  assert.equal(gone.error.cause.kind, "not-found");
  assert.equal(gone.error.cause.graph.status, 404);

  // jco takes each of these without a word.
  const before = (await tenant.show("users")).length;
  for (const [action, input, pointer, message] of [
    ["users-with-licenses-page", { pageSize: -1 }, "/pageSize", "must be >= 0"],
    ["users-with-licenses-page", { pageSize: 65536 }, "/pageSize", "must be <= 65535"],
    ["users-with-licenses-page", { pageSize: "2" }, "/pageSize", "must be an integer, and is of the type string"],
    ["users-with-licenses-page", { pageSize: 1.5 }, "/pageSize", "must be an integer, and is the number 1.5"],
    ["create-user", { ...USER, displayName: 7 }, "/displayName", "must be a string, and is the number 7"],
    ["create-user", { ...USER, displayName: ["Allen"] }, "/displayName", "must be a string, and is a list"],
    ["create-user", { ...USER, displayName: "All\ud800n" }, "/displayName", "must be well-formed Unicode, and has a lone surrogate"],
    ["create-user", { ...USER, displayName: undefined }, "/displayName", "is missing"],
  ]) {
    const { error } = await call("node-red", action, input);
    assert.equal(error?.code, "invalid-input", `${action} ${JSON.stringify(input)}`);
    assert.deepEqual(error.cause.problems, [{ pointer, message }]);
    assert(error.message.includes(`${pointer.slice(1)} ${message}`), error.message);
  }
  assert.equal((await tenant.show("users")).length, before);

  const planned = await call("node-red", "create-user", { ...USER, mailNickname: "planned" }, { node: "plan" });
  assert.equal(planned.error.code, "configuration");
  assert.match(planned.error.message, /A plan needs o365 serve/);
}

/** Connections that lack something, and hosts that do not respond, before anything is sent. */
async function wrongConnections(call) {
  for (const [connection, code, message] of [
    ["none", "configuration", /The node has no connection/],
    ["no-tenant", "configuration", /The connection "no-tenant" has no Tenant\. Fill in Tenant/],
    ["no-secret", "configuration", /The connection "no-secret" has no Client secret\./],
    ["broken-token", "configuration", /Access token of the connection "broken-token" has characters/],
    ["no-refresh-token", "configuration", /The connection "no-refresh-token" has no Refresh token\./],
    ["old-refresh-token", "unauthorized", /^unauthorized: The sign-in to contoso\.onmicrosoft\.com was refused: .* Sign in again/],
    ["unknown-cloud", "configuration", /Cloud of the connection "unknown-cloud" is none of global, us-gov, us-dod, china\. Choose Cloud/],
    ["unknown-sign-in", "configuration", /Sign-in of the connection "unknown-sign-in" is none of client-secret,/],
    ["unknown-access", "configuration", /Acts as of the connection "unknown-access" is none of app-only,/],
    ["unknown-place", "configuration", /Actions run of the connection "unknown-place" is none of node-red, server\./],
    ["password-in-url", "configuration", /Sign-in URL of the connection "password-in-url" is no URL of the form/],
    ["password-in-server-url", "configuration", /Server URL of the connection "localhost" is no URL of the form/],
    ["silent-sign-in", "transport", /The sign-in host .+ did not respond within 1 seconds\./],
    ["untrusted-sign-in", "transport", /could not be reached \(\w+\)\. Correct .+ NODE_EXTRA_CA_CERTS/],
    ["untrusted-server", "transport", /could not be reached \(\w+\)\. Correct .+ NODE_EXTRA_CA_CERTS/],
    ["bad-port", "transport", /could not be reached \(bad port\)/],
    ["plain-text", "configuration", /Graph URL of the connection "plain-text" is an http URL/],
    ["no-sign-in", "transport", /The sign-in host http:\/\/127\.0\.0\.1:\d+ could not be reached \(ECONNREFUSED\)/],
    ["wrong-client", "unauthorized", /The sign-in to contoso\.onmicrosoft\.com was refused: AADSTS700016/],
    ["wrong-token", "unauthorized", /^unauthorized: /],
    ["no-key", "configuration", /The connection "no-key" has no Key\./],
    ["no-server", "transport", /could not be reached \(ECONNREFUSED\)/],
  ]) {
    const { error } = await call(connection, "is-license-available", { serviceId: "SPE_E5" });
    assert.equal(error?.code, code, `${connection}: ${error?.message}`);
    assert.match(error.message, message);
    assert.equal(error.cause.retrySafe, true);
    assert(!JSON.stringify(error).includes("s3cret"), JSON.stringify(error));
  }
  // Graph accepts the connection and says nothing.
  const read = await call("silent", "is-license-available", { serviceId: "SPE_E5" });
  assert.equal(read.error.code, "throttled");
  const mail = { recipient: "anna@contoso.onmicrosoft.com", userEmail: "allen@contoso.onmicrosoft.com" };
  const write = await call("silent", "send-created-user-email-notification", mail);
  assert.equal(write.error.code, "outcome-unknown");
  assert.equal(write.error.cause.retrySafe, false);
}

/** The same on `o365 serve`, with its plans and its idempotent calls. */
async function onServer(call) {
  const plan = await call("server", "create-user", USER, { node: "plan" });
  assert.equal(plan.payload.writes[0].changes, "creates the user allen@contoso.onmicrosoft.com (Allen Allbrook)");
  const first = await call("server", "create-user", USER, { key: "order-4711" });
  assert.equal(first.payload.userPrincipalName, "allen@contoso.onmicrosoft.com");
  const again = await call("server", "create-user", USER, { key: "order-4711" });
  assert.deepEqual(again.payload, first.payload);
  // The key was that of the call. The next node on the server needs another.
  assert.deepEqual([first.idempotencyKey, first.office365.run !== undefined], [undefined, true]);
  const absent = { userPrincipalName: "nobody@contoso.onmicrosoft.com" };
  const mixed = await call("server", "delete-user", absent, { key: "order-4711" });
  assert.equal(mixed.error.code, "key-reused");
  assert.deepEqual([mixed.idempotencyKey, mixed.error.cause.idempotencyKey], [undefined, "order-4711"]);
  const other = await call("server", "create-user", USER);
  assert.equal(other.error.code, "already-exists");
  assert.match(other.error.cause.idempotencyKey, /^[0-9a-f-]{36}$/);
  const nobody = await call("server", "delete-user", absent);
  assert.match(nobody.office365.warning, /nobody was deleted/);
  const key = await call("wrong-key", "is-license-available", { serviceId: "SPE_E5" });
  assert.equal(key.error.code, "unauthenticated");
  // The server's sentence ends before the fix begins.
  assert.match(key.error.message, /does not belong to any tenant\. Send /);
  // What an instance of the component returns is what the server returns.
  for (const [action, input] of [["users-without-licenses-report", {}], ["import-catalog", {}], ["country-codes", { search: "a" }]]) {
    const [here, there] = await Promise.all(["node-red", "server"].map((connection) => call(connection, action, input)));
    assert.deepEqual(shape(here.payload), shape(there.payload), action);
  }
}

/** A plan whose switch is text, as an environment variable in a property gives it. */
async function textOfPlan(call, tenant) {
  const before = await tenant.show("users");
  const user = { ...USER, mailNickname: "planned" };
  const here = await call("node-red", "create-user", user, { node: "plan-true" });
  assert.equal(here.error.code, "configuration");
  assert.match(here.error.message, /A plan needs o365 serve/);
  const there = await call("server", "create-user", user, { node: "plan-true" });
  assert.match(there.payload.writes[0].changes, /creates the user planned@/);
  for (const connection of ["node-red", "server"]) {
    const { error } = await call(connection, "create-user", user, { node: "plan-perhaps" });
    assert.equal(error.code, "configuration");
    assert.match(error.message, /Plan of the node is neither true nor false/);
  }
  assert.deepEqual(await tenant.show("users"), before);
  const created = await call("server", "create-user", user, { node: "plan-false" });
  assert.equal(created.payload.userPrincipalName, "planned@contoso.onmicrosoft.com");
}

/** The members of a value. */
function shape(value) {
  if (Array.isArray(value)) return value.map(shape);
  if (value === null || typeof value !== "object") return typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, shape(member)]));
}

/** More messages than workers. */
async function atOnce(call) {
  const calls = Array.from({ length: 6 }, () => call("node-red", "is-license-available", { serviceId: "SPE_E5" }));
  for (const { payload } of await Promise.all(calls)) assert.equal(payload, true);
}

const USER = { serviceId: "SPE_E5", displayName: "Allen Allbrook", mailNickname: "allen", password: PASSWORD, usageLocation: "AM" };

function connectionNodes({ tenant, server, refreshToken, silent, between, nothing }) {
  const there = {
    runsOn: "node-red",
    tenant: "contoso.onmicrosoft.com",
    sender: tenant.sender,
    clientId: tenant.clientId,
    graphUrl: `${tenant.http}/v1.0`,
    loginUrl: tenant.http,
    credentials: { clientSecret: SECRET },
  };
  const served = { runsOn: "server", serverUrl: server.url, credentials: { serverKey: server.key } };
  const via = (path) => `http://127.0.0.1:${between}/${path}`;
  const signIns = ["echo", "echo-500", "echo-code", "echo-scope", "no-error", "no-bearer", "two-lines", "large"];
  const servers = ["page", "gateway", "unavailable"];
  return {
    ...Object.fromEntries(signIns.map((name) => [name, { ...there, loginUrl: via(name) }])),
    ...Object.fromEntries(servers.map((name) => [name, { ...served, serverUrl: via(name) }])),
    "unknown-cloud": { ...there, cloud: "constructor" },
    "unknown-sign-in": { ...there, signIn: "secret" },
    "unknown-access": { ...there, signIn: "token", access: "Delegated", credentials: { token: "any" } },
    "unknown-place": { ...there, runsOn: "Server" },
    "password-in-url": { ...there, loginUrl: "https://:s3cret@localhost" },
    "password-in-server-url": { ...served, name: "", serverUrl: "https://:s3cret@localhost" },
    "silent-sign-in": { ...there, timeLimit: "1", loginUrl: `http://127.0.0.1:${silent}` },
    "untrusted-sign-in": { ...there, loginUrl: tenant.https },
    "untrusted-server": { ...served, serverUrl: tenant.https },
    "bad-port": { ...served, serverUrl: "http://127.0.0.1:6000" },
    "node-red": there,
    "user": { ...there, signIn: "refresh-token", sender: "", credentials: { refreshToken } },
    "no-refresh-token": { ...there, signIn: "refresh-token", credentials: {} },
    "old-refresh-token": { ...there, signIn: "refresh-token", credentials: { refreshToken: "old" } },
    "no-tenant": { ...there, tenant: "" },
    "no-secret": { ...there, credentials: {} },
    "plain-text": { ...there, graphUrl: "http://graph.example.com/v1.0" },
    "no-sign-in": { ...there, loginUrl: `http://127.0.0.1:${nothing}` },
    "wrong-client": { ...there, clientId: "no-guid" },
    "wrong-token": { ...there, signIn: "token", credentials: { token: "wrong" } },
    "broken-token": { ...there, signIn: "token", credentials: { token: "two\nlines" } },
    "silent": { ...there, signIn: "token", graphUrl: `http://127.0.0.1:${silent}/v1.0`, timeLimit: "2", credentials: { token: "any" } },
    "server": served,
    "no-key": { ...served, credentials: {} },
    "wrong-key": { ...served, credentials: { serverKey: "o365_wrong" } },
    "no-server": { ...served, serverUrl: `http://127.0.0.1:${nothing}` },
  };
}

/** Nodes of create-user that differ from the others. */
const NODES = {
  "plan-true": { plan: "true" },
  "plan-false": { plan: "false" },
  "plan-perhaps": { plan: "perhaps" },
  "password-expression": { inputPassword: '"s3cret', inputPasswordType: "jsonata" },
  "password-path": { inputPassword: "s3cret[", inputPasswordType: "msg" },
};

const pathOf = (connection, action, node) => `/${connection}/${action}${node ? `/${node}` : ""}`;

const ANSWER = `const { payload, error, office365, idempotencyKey } = msg;
msg.payload = { payload, error, office365, idempotencyKey };
msg.headers = {};
return msg;`;

/** What an earlier node has left in the message, besides the key of the call. */
const KEY = [
  { t: "set", p: "idempotencyKey", pt: "msg", to: "payload.key", tot: "msg" },
  { t: "set", p: "office365", pt: "msg", to: '{"run":"earlier"}', tot: "json" },
];

/** Deploys a flow for each connection and action; returns a function that calls one. */
async function deployed(red, actions, connections) {
  const z = "f100000000000001";
  const nodes = [{ id: z, type: "tab", label: "all" }];
  const id = (text) => Buffer.from(text).toString("hex");
  for (const [name, own] of Object.entries(connections)) nodes.push({ id: id(name), type: "office365-connection", name, ...own });
  const node = (path, kind, type, wires, rest) => nodes.push({ id: id(path + kind), type, z, x: 100, y: 100, wires, ...rest });
  for (const connection of [...Object.keys(connections), "none"]) {
    for (const { name, type, fields, plan: plans } of actions) {
      const inputs = Object.fromEntries(fields.flatMap((field) => [[field.key, `payload.input.${field.name}`], [field.typeKey, "msg"]]));
      const own = { "": {}, ...(plans && { plan: { plan: true } }), ...(name === "create-user" && NODES) };
      for (const [variant, properties] of Object.entries(own)) {
        const path = pathOf(connection, name, variant);
        node(path, "in", "http in", [[id(`${path}key`)]], { url: path, method: "post" });
        node(path, "key", "change", [[id(`${path}action`)]], { rules: KEY });
        node(path, "action", type, [[id("answer")]], { connection: id(connection), plan: false, ...inputs, ...properties });
      }
    }
  }
  node("answer", "", "function", [[id("response")]], { func: ANSWER, outputs: 1 });
  node("response", "", "http response", [], {});
  const scope = nodes.filter(({ type }) => type.startsWith("office365-")).map((own) => own.id);
  node("catch", "", "catch", [[id("answer")]], { scope });
  const response = await fetch(`${red.url}/flows`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(nodes) });
  assert.equal(response.status, 204, await response.text());
  const call = (connection, action, input, { node, key } = {}) => fetch(`${red.url}${pathOf(connection, action, node)}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ input, key }),
    signal: AbortSignal.timeout(30_000),
  });
  // The flows begin after Node-RED has responded.
  await until("flows", async () => (await call("none", "country-codes", {})).ok);
  return async (...parameters) => (await call(...parameters)).json();
}

export const secrets = [SECRET, PASSWORD];
