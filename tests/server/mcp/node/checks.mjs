// What the clients of both lines of the TypeScript SDK must see of the server.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

const { INPUTS, KEY, O365, SKU, URL: address } = process.env;
const CANARY = 'Canary-7f3a-PASS!';

const user = (mailNickname, password) => ({
  serviceId: SKU, displayName: 'Any Name', mailNickname, password, usageLocation: 'AM',
});

/** The transport to the server, of the classes of an SDK, with these flags if it is started here. */
export function transport({ Http, Stdio }, flags) {
  if (O365) {
    const args = ['mcp', '--simulate', ...flags];
    // By default a server gets few of the variables, and not where its state is.
    return new Stdio({ command: O365, args, env: process.env, stderr: 'inherit' });
  }
  const headers = { Authorization: `Bearer ${KEY}` };
  return new Http(new URL(`${address}/mcp`), { requestInit: { headers } });
}

function failure(result) {
  assert.equal(result.isError, true, JSON.stringify(result));
  assert.equal(result.structuredContent, undefined);
  return JSON.parse(result.content[0].text);
}

async function callAll(client, call) {
  let progress = 0;
  const inputs = Object.entries(JSON.parse(readFileSync(INPUTS, 'utf8')));
  for (const [name, input] of inputs) {
    const options = name === 'create-user' ? { onprogress: () => (progress += 1) } : {};
    const result = await call(name, input, options);
    assert.ok(!result.isError, `${name}: ${JSON.stringify(result)}`);
    assert.deepEqual(JSON.parse(result.content[0].text), result.structuredContent, name);
    assert.ok('result' in result.structuredContent, name);
  }
  return { called: inputs.length, progress };
}

async function failAndRead(client, call) {
  const userPrincipalName = 'nobody@contoso.onmicrosoft.com';
  const missing = await call('assign-license-to-existing-user', { serviceId: SKU, userPrincipalName });
  const { kind, fix } = failure(missing).error;
  assert.ok(fix, 'a fix');
  await assert.rejects(call('create-users', {}), (thrown) => {
    assert.equal(thrown.code, -32602);
    return /did you mean create-user\?/.test(thrown.message);
  });
  const { resources } = await client.listResources();
  for (const { uri } of resources) {
    const { contents } = await client.readResource({ uri });
    assert.ok(JSON.parse(contents[0].text)[0].title, uri);
  }
  assert.ok(!(await call('create-user', user('canary', CANARY))).isError);
  return { errorKind: kind, resources: resources.length };
}

/** One session: what `use` makes of it. Each message that came is read for the password. */
async function session(connect, flags, answer, use) {
  const asked = [];
  const elicit = answer && (({ params }) => asked.push(params.message) && answer);
  const received = [];
  const opened = await connect(flags, elicit, (message) => received.push(JSON.stringify(message)));
  const done = await use(opened, asked);
  await opened.client.close();
  assert.ok(received.length > 0);
  assert.ok(!received.some((message) => message.includes(CANARY)), 'a password came back');
  return done;
}

/** What `--confirm` does with a client whose user answers this, or that has nobody to ask. */
function confirmed(connect, answer) {
  return session(connect, ['--confirm'], answer, async ({ call }, asked) => {
    const seats = async () =>
      (await call('get-available-license-count', { serviceId: SKU })).structuredContent.result;
    const before = await seats();
    const result = await call('create-user', user('asked', CANARY));
    assert.equal(asked.length, answer ? 1 : 0);
    assert.equal(await seats(), result.isError ? before : before - 1);
    if (!result.isError) return true;
    const { error, plan } = failure(result);
    assert.ok(plan.writes.length > 0);
    return error.kind;
  });
}

/**
 * Runs all checks and prints what they found, in a line. `connect(flags, elicit, receive)` opens a
 * session: its client, how to call a tool, and the revision of the protocol if the client tells it.
 */
export async function check(connect) {
  const found = await session(connect, [], undefined, async ({ client, call, revision }) => {
    // It also keeps the schemas, by which it checks results.
    const { tools } = await client.listTools();
    assert.ok(tools.every(({ outputSchema }) => outputSchema));
    const all = await callAll(client, call);
    return { tools: tools.length, ...all, ...(await failAndRead(client, call)), revision };
  });
  if (O365) {
    found.confirmed = await confirmed(connect, { action: 'accept', content: { confirm: true } });
    found.declined = await confirmed(connect, { action: 'decline' });
    found.unasked = await confirmed(connect);
  }
  console.log(JSON.stringify(found));
}
