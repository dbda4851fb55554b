// `@backstage/plugin-catalog-backend-module-msgraph`, unchanged and with its defaults: the client
// with which it reads a tenant, and the reading of the whole tenant.
import {
  MICROSOFT_GRAPH_GROUP_ID_ANNOTATION,
  MICROSOFT_GRAPH_USER_ID_ANNOTATION,
  MicrosoftGraphClient,
  readMicrosoftGraphOrg,
  readProviderConfigs,
} from "@backstage/plugin-catalog-backend-module-msgraph";
import { ConfigReader } from "@backstage/config";
import { CLIENT_ID, TENANT_ID, absent, serve } from "./calls.mjs";

const PACKAGE = "@backstage/plugin-catalog-backend-module-msgraph";
const msgraph = { tenantId: TENANT_ID, clientId: CLIENT_ID, clientSecret: "any" };
const config = new ConfigReader({ catalog: { providers: { microsoftGraphOrg: { default: msgraph } } } });
const [provider] = readProviderConfigs(config);
const graph = MicrosoftGraphClient.create(provider);
const silent = { debug() {}, info() {}, warn() {}, error() {} };

async function all(items) {
  const found = [];
  for await (const item of items) found.push(item);
  return found;
}

const ids = async (items) => (await all(items)).map(({ id }) => id);
const lacks = (pattern) => absent(`${PACKAGE}/dist/microsoftGraph/client.cjs.js`, pattern);
const write = lacks(/method:\s*["'](POST|PUT|PATCH|DELETE)/);
const user = async ({ user }, query) => (await all(graph.getUsers({ filter: `id eq '${user}'`, ...query })))[0];

// Who belongs to a group, as the catalog has it.
async function members({ group }) {
  const options = { logger: silent, loadUserPhotos: false };
  const { users, groups } = await readMicrosoftGraphOrg(graph, provider.tenantId, options);
  const { metadata } = groups.find(
    ({ metadata }) => metadata.annotations[MICROSOFT_GRAPH_GROUP_ID_ANNOTATION] === group,
  );
  const name = `group:default/${metadata.name}`;
  return users
    .filter(({ spec }) => spec.memberOf.includes(name))
    .map(({ metadata }) => metadata.annotations[MICROSOFT_GRAPH_USER_ID_ANNOTATION]);
}

await serve({
  "create-user": write,
  "read-user": async (about) => (await user(about)).displayName,
  "update-user": write,
  "delete-user": write,
  "deleted-users": lacks(/deletedItems/i),
  "restore-user": write,
  "purge-user": write,
  "list-users": ({ top }) => ids(graph.getUsers({ top })),
  "filter-users": ({ start }) => ids(graph.getUsers({ filter: `startsWith(displayName,'${start}')` })),
  "count-users": lacks(/users\/\$count/),
  "search-users": ({ word }) => ids(graph.getUsers({ search: `"displayName:${word}"` })),
  "order-users": lacks(/orderby/i),
  delta: lacks(/\/delta/),
  "revoke-sessions": write,
  "change-password": write,
  invite: write,
  photo: async ({ user }) => void (await graph.getUserPhotoWithSizeLimit(user, 120)),
  skus: lacks(/subscribedSkus/i),
  "assign-license": write,
  "remove-license": write,
  "license-details": lacks(/licenseDetails/i),
  "license-states": async (about) => {
    const { licenseAssignmentStates } = await user(about, { select: ["licenseAssignmentStates"] });
    return licenseAssignmentStates.map(({ assignedByGroup }) => assignedByGroup);
  },
  "assign-group-license": write,
  "remove-group-license": write,
  organization: async () => [(await graph.getOrganization(TENANT_ID)).displayName],
  "create-group": write,
  "list-groups": () => ids(graph.getGroups()),
  "search-groups": ({ word }) => ids(graph.getGroups({ search: `"displayName:${word}"` })),
  "read-group": async ({ group }) => {
    const found = await all(graph.getGroups({ filter: `id eq '${group}'` }));
    return found[0].displayName;
  },
  "update-group": write,
  "delete-group": write,
  "add-member": write,
  members,
  "remove-member": write,
  "add-owner": write,
  owners: lacks(/\/owners/),
  "member-of": lacks(/\/memberOf/),
  "transitive-member-of": lacks(/transitiveMemberOf/),
  "member-groups": lacks(/getMemberGroups/),
  "set-manager": write,
  manager: lacks(/\/manager/),
  "expand-manager": async (about) => (await user(about, { expand: "manager" })).manager.id,
  "remove-manager": write,
  "direct-reports": lacks(/directReports/),
  "send-mail": write,
  "send-mime": write,
  batch: lacks(/\$batch/),
});
