// CLI for Microsoft 365, unchanged and with its defaults: it signs in as a command, and the calls
// are commands by its own API, which starts no process for each.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { CLIENT_ID, TENANT, USER, absent, serve } from "./calls.mjs";

const PACKAGE = "@pnp/cli-microsoft365";
const COMMAND = join(import.meta.dirname, "node_modules", PACKAGE, "dist/index.js");

// Signs in as it does by default: with a code that a person enters on a page.
async function login() {
  const options = ["login", "--appId", CLIENT_ID, "--tenant", TENANT];
  const command = spawn("node", [COMMAND, ...options], { stdio: ["ignore", "ignore", "pipe"] });
  for await (const line of createInterface({ input: command.stderr })) {
    const asked = line.match(/open .*?(https:\S+).* enter the code (\w+)/);
    if (!asked) continue;
    const form = new URLSearchParams({ user_code: asked[2], login_hint: USER });
    assert((await fetch(`${asked[1]}?${form}`)).ok);
  }
  if (command.exitCode === null) await once(command, "exit");
  assert.equal(command.exitCode, 0);
}

const quiet = ["cli", "config", "set", "--key", "disableTelemetry", "--value", "true"];
execFileSync("node", [COMMAND, ...quiet], { stdio: "ignore" });
await login();

const { executeCommand } = await import(PACKAGE);

async function run(name, options) {
  try {
    const { stdout } = await executeCommand(name, { ...options, output: "json" });
    return stdout ? JSON.parse(stdout) : null;
  } catch (refused) {
    throw new Error(refused.error?.message ?? refused.message ?? JSON.stringify(refused));
  }
}

const ids = (items) => items.map(({ id }) => id);
const of = (command) => absent(`${PACKAGE}/dist/m365/${command.path}`, command.lacks);
const users = (lacks) => of({ path: "entra/commands/user", lacks });
const members = ({ group, user }) => ({ groupId: group, userIds: user });

await serve({
  "create-user": async ({ displayName, mailNickname, userPrincipalName }) => {
    const options = { displayName, mailNickname, userName: userPrincipalName, password: "Any-passw0rd" };
    return (await run("entra user add", options)).id;
  },
  "read-user": async ({ user }) => (await run("entra user get", { id: user })).displayName,
  "update-user": ({ user, jobTitle }) => run("entra user set", { id: user, jobTitle }),
  "delete-user": ({ user }) => run("entra user remove", { id: user, force: true }),
  "deleted-users": async () => ids(await run("entra user recyclebinitem list")),
  "restore-user": ({ user }) => run("entra user recyclebinitem restore", { id: user }),
  "purge-user": ({ user }) => run("entra user recyclebinitem remove", { id: user, force: true }),
  "list-users": async () => ids(await run("entra user list", { properties: "id" })),
  "filter-users": async ({ start }) => ids(await run("entra user list", { displayName: start })),
  "count-users": users(/users\/\$count/),
  "search-users": users(/\$search/),
  "order-users": users(/\$orderby/i),
  delta: users(/users\/delta/),
  "revoke-sessions": ({ user }) => run("entra user session revoke", { userId: user, force: true }),
  "change-password": ({ user, current, next }) =>
    run("entra user set", { id: user, currentPassword: current, newPassword: next }),
  invite: async ({ mail }) => (await run("entra user guest add", { emailAddress: mail })).invitedUser.id,
  photo: users(/photo/),
  skus: async () => (await run("entra license list")).map(({ skuId }) => skuId),
  "assign-license": ({ user, sku }) => run("entra user license add", { userId: user, ids: sku }),
  "remove-license": ({ user, sku }) =>
    run("entra user license remove", { userId: user, ids: sku, force: true }),
  "license-details": async ({ user }) =>
    (await run("entra user license list", { userId: user })).map(({ skuId }) => skuId),
  "license-states": async ({ user }) => {
    const read = await run("entra user get", { id: user, properties: "licenseAssignmentStates" });
    return read.licenseAssignmentStates.map(({ assignedByGroup }) => assignedByGroup);
  },
  "assign-group-license": of({ path: "entra/commands/group", lacks: /assignLicense/ }),
  "remove-group-license": of({ path: "entra/commands/group", lacks: /assignLicense/ }),
  organization: async () => (await run("entra organization list")).map(({ displayName }) => displayName),
  "create-group": async ({ displayName, mailNickname }) =>
    (await run("entra group add", { displayName, mailNickname, type: "security" })).id,
  "list-groups": async () => ids(await run("entra group list")),
  "search-groups": of({ path: "entra/commands/group", lacks: /\$search/ }),
  "read-group": async ({ group }) => (await run("entra group get", { id: group })).displayName,
  "update-group": ({ group, description }) => run("entra group set", { id: group, description }),
  "delete-group": ({ group }) => run("entra group remove", { id: group, force: true }),
  "add-member": (about) => run("entra group member add", { ...members(about), role: "Member" }),
  members: async ({ group }) =>
    ids(await run("entra group member list", { groupId: group, role: "Member" })),
  "remove-member": (about) =>
    run("entra group member remove", { ...members(about), role: "Member", force: true }),
  "add-owner": (about) => run("entra group member add", { ...members(about), role: "Owner" }),
  owners: async ({ group }) => ids(await run("entra group member list", { groupId: group, role: "Owner" })),
  "member-of": users(/\/memberOf/),
  "transitive-member-of": users(/transitiveMemberOf/),
  "member-groups": async ({ user }) =>
    (await run("entra user groupmembership list", { userId: user })).map(({ groupId }) => groupId),
  "set-manager": ({ user, manager }) => run("entra user set", { id: user, managerUserId: manager }),
  manager: users(/\/manager(?!\/\$ref)/),
  "expand-manager": async ({ user }) =>
    (await run("entra user get", { id: user, withManager: true })).manager.id,
  "remove-manager": ({ user }) => run("entra user set", { id: user, removeManager: true }),
  "direct-reports": users(/directReports/),
  "send-mail": ({ user, to, subject }) => {
    const options = { sender: user, to, subject, bodyContents: "Welcome", saveToSentItems: false };
    return run("outlook mail send", options);
  },
  "send-mime": of({ path: "outlook/commands/mail", lacks: /text\/plain/ }),
  batch: () => run("entra user recyclebinitem clear", { force: true }),
});
