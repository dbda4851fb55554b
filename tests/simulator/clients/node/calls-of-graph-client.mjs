// `@microsoft/microsoft-graph-client`, unchanged and with its defaults. Its credential is that of
// `@azure/identity`.
import { ClientSecretCredential, UsernamePasswordCredential } from "@azure/identity";
import { BatchRequestContent, Client, PageIterator } from "@microsoft/microsoft-graph-client";
import { TokenCredentialAuthenticationProvider } from "@microsoft/microsoft-graph-client/authProviders/azureTokenCredentials/index.js";
import { CLIENT_ID, TENANT, USER, serve } from "./calls.mjs";

const HOST = "https://graph.microsoft.com";
const ROOT = `${HOST}/v1.0`;
const scopes = ["https://graph.microsoft.com/.default"];

function client(credential) {
  const authProvider = new TokenCredentialAuthenticationProvider(credential, { scopes });
  return Client.initWithMiddleware({ authProvider });
}

const graph = client(new ClientSecretCredential(TENANT, CLIENT_ID, "any-secret"));

const user = ({ user }, rest = "") => graph.api(`/users/${user}${rest}`);
const group = ({ group }, rest = "") => graph.api(`/groups/${group}${rest}`);
const ids = ({ value }) => value.map(({ id }) => id);
const eventual = (path) => graph.api(path).header("ConsistencyLevel", "eventual").count(true);
const reference = (id) => ({ "@odata.id": `${ROOT}/directoryObjects/${id}` });
const adding = ({ sku }) => ({ addLicenses: [{ skuId: sku, disabledPlans: [] }], removeLicenses: [] });
const removing = ({ sku }) => ({ addLicenses: [], removeLicenses: [sku] });

async function pages(query) {
  const found = [];
  const first = await query.get();
  const keep = ({ id }) => found.push(id) > 0;
  await new PageIterator(graph, first, keep).iterate();
  return found;
}

async function delta(about) {
  const found = [];
  const first = await graph.api("/users/delta").select("jobTitle").get();
  const iterator = new PageIterator(graph, first, ({ id }) => found.push(id) > 0);
  await iterator.iterate();
  await user(about).patch({ jobTitle: about.jobTitle });
  return { all: found, changed: ids(await graph.api(iterator.getDeltaLink()).get()) };
}

// A batch takes of an address what follows the host, so it has no version.
async function batch({ users }) {
  const steps = users.map((id) => ({
    id,
    request: new Request(`${HOST}/directory/deletedItems/${id}`, { method: "DELETE" }),
  }));
  const content = await new BatchRequestContent(steps).getContent();
  const { responses } = await graph.api("/$batch").post(content);
  for (const { status, body } of responses) if (status !== 204) throw new Error(JSON.stringify(body));
}

await serve({
  "create-user": async ({ displayName, mailNickname, userPrincipalName }) => {
    const passwordProfile = { password: "Any-passw0rd" };
    const body = { displayName, mailNickname, userPrincipalName, passwordProfile };
    return (await graph.api("/users").post({ accountEnabled: true, ...body })).id;
  },
  "read-user": async (about) => (await user(about).get()).displayName,
  "update-user": ({ jobTitle, ...about }) => user(about).patch({ jobTitle }),
  "delete-user": (about) => user(about).delete(),
  "deleted-users": async () => ids(await graph.api("/directory/deletedItems/microsoft.graph.user").get()),
  "restore-user": async ({ user }) => {
    await graph.api(`/directory/deletedItems/${user}/restore`).post({});
  },
  "purge-user": ({ user }) => graph.api(`/directory/deletedItems/${user}`).delete(),
  "list-users": ({ top }) => pages(graph.api("/users").top(top)),
  "filter-users": async ({ start }) =>
    ids(await graph.api("/users").filter(`startsWith(displayName,'${start}')`).get()),
  "count-users": () => graph.api("/users/$count").header("ConsistencyLevel", "eventual").get(),
  "search-users": async ({ word }) => ids(await eventual("/users").search(`"displayName:${word}"`).get()),
  "order-users": async () => ids(await eventual("/users").orderby("displayName").get()),
  delta,
  "revoke-sessions": async (about) => (await user(about, "/revokeSignInSessions").post({})).value,
  "change-password": ({ current, next }) => {
    const self = client(new UsernamePasswordCredential(TENANT, CLIENT_ID, USER, current));
    return self.api("/me/changePassword").post({ currentPassword: current, newPassword: next });
  },
  invite: async ({ mail }) => {
    const body = { invitedUserEmailAddress: mail, inviteRedirectUrl: "https://contoso.com" };
    return (await graph.api("/invitations").post(body)).invitedUser.id;
  },
  photo: async (about) => void (await user(about, "/photo").get()),
  skus: async () => (await graph.api("/subscribedSkus").get()).value.map(({ skuId }) => skuId),
  "assign-license": async (about) => void (await user(about, "/assignLicense").post(adding(about))),
  "remove-license": async (about) => void (await user(about, "/assignLicense").post(removing(about))),
  "license-details": async (about) =>
    (await user(about, "/licenseDetails").get()).value.map(({ skuId }) => skuId),
  "license-states": async (about) => {
    const read = await user(about).select("licenseAssignmentStates").get();
    return read.licenseAssignmentStates.map(({ assignedByGroup }) => assignedByGroup);
  },
  "assign-group-license": async (about) => void (await group(about, "/assignLicense").post(adding(about))),
  "remove-group-license": async (about) =>
    void (await group(about, "/assignLicense").post(removing(about))),
  organization: async () => (await graph.api("/organization").get()).value.map((one) => one.displayName),
  "create-group": async ({ displayName, mailNickname }) => {
    const body = { displayName, mailNickname, mailEnabled: false, securityEnabled: true };
    return (await graph.api("/groups").post(body)).id;
  },
  "list-groups": () => pages(graph.api("/groups")),
  "search-groups": async ({ word }) => ids(await eventual("/groups").search(`"displayName:${word}"`).get()),
  "read-group": async (about) => (await group(about).get()).displayName,
  "update-group": ({ description, ...about }) => group(about).patch({ description }),
  "delete-group": (about) => group(about).delete(),
  "add-member": (about) => group(about, "/members/$ref").post(reference(about.user)),
  members: async (about) => ids(await group(about, "/members").get()),
  "remove-member": (about) => group(about, `/members/${about.user}/$ref`).delete(),
  "add-owner": (about) => group(about, "/owners/$ref").post(reference(about.user)),
  owners: async (about) => ids(await group(about, "/owners").get()),
  "member-of": async (about) => ids(await user(about, "/memberOf").get()),
  "transitive-member-of": async (about) => ids(await user(about, "/transitiveMemberOf").get()),
  "member-groups": async (about) =>
    (await user(about, "/getMemberGroups").post({ securityEnabledOnly: false })).value,
  "set-manager": (about) => user(about, "/manager/$ref").put(reference(about.manager)),
  manager: async (about) => (await user(about, "/manager").get()).id,
  "expand-manager": async (about) =>
    (await user(about).expand("manager($select=id,displayName)").get()).manager.id,
  "remove-manager": (about) => user(about, "/manager/$ref").delete(),
  "direct-reports": async (about) => ids(await user(about, "/directReports").get()),
  "send-mail": ({ to, subject, ...about }) => {
    const toRecipients = [{ emailAddress: { address: to } }];
    const message = { subject, body: { contentType: "html", content: "<p>Welcome</p>" }, toRecipients };
    return user(about, "/sendMail").post({ message, saveToSentItems: false });
  },
  "send-mime": ({ mime, ...about }) =>
    user(about, "/sendMail").header("Content-Type", "text/plain").post(Buffer.from(mime).toString("base64")),
  batch,
});
