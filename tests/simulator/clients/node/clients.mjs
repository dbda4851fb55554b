// Microsoft's own client for JavaScript, unchanged, on a simulated tenant. GRAPH is its host,
// LOGIN the sign-in host, TENANT the tenant's domain, SENDER the mailbox that sends.
import assert from "node:assert/strict";
import { Client, GraphError, PageIterator } from "@microsoft/microsoft-graph-client";

const { GRAPH, LOGIN, TENANT, SENDER } = process.env;
const SPE_E5 = "06ebc4ee-1bb5-47dd-8120-11324bc54e06";

async function getAccessToken() {
  const body = new URLSearchParams({
    grant_type: "client_credentials",
    client_id: "11111111-2222-3333-4444-555555555555",
    client_secret: "any-secret",
    scope: "https://graph.microsoft.com/.default",
  });
  const answer = await fetch(`${LOGIN}/${TENANT}/oauth2/v2.0/token`, { method: "POST", body });
  return (await answer.json()).access_token;
}

const graph = Client.initWithMiddleware({
  authProvider: { getAccessToken },
  baseUrl: GRAPH,
  customHosts: new Set(["localhost", "127.0.0.1"]),
});

const user = {
  accountEnabled: true,
  displayName: "Brita Berg",
  mailNickname: "brita",
  userPrincipalName: `brita@${TENANT}`,
  usageLocation: "AM",
  passwordProfile: { password: "Any-passw0rd" },
};
const created = await graph.api("/users").post(user);
await assert.rejects(graph.api("/users").post(user), (error) => {
  assert(error instanceof GraphError);
  assert.equal(error.statusCode, 400);
  return error.code === "Request_BadRequest";
});
await graph
  .api(`/users/${created.id}/assignLicense`)
  .post({ addLicenses: [{ skuId: SPE_E5, disabledPlans: [] }], removeLicenses: [] });
const read = await graph.api(`/users/brita@${TENANT}`).select(["assignedLicenses"]).get();
assert.equal(read.assignedLicenses[0].skuId, SPE_E5);
const skus = await graph.api("/subscribedSkus").get();
assert(skus.value.some((sku) => sku.skuId === SPE_E5));

// With licences, page by page.
const query = graph
  .api("/users")
  .header("ConsistencyLevel", "eventual")
  .filter("assignedLicenses/$count ne 0")
  .count(true)
  .select("id")
  .top(5);
const first = await query.get();
const ids = new Set();
const pages = new PageIterator(graph, first, ({ id }) => ids.add(id).size > 0, {
  headers: { ConsistencyLevel: "eventual" },
});
await pages.iterate();
assert.equal(ids.size, first["@odata.count"]);
assert(ids.has(created.id));

await graph.api(`/users/${SENDER}/sendMail`).post({
  message: {
    subject: "Your account",
    body: { contentType: "html", content: "<p>Welcome</p>" },
    toRecipients: [{ emailAddress: { address: user.userPrincipalName } }],
  },
});
await graph.api(`/users/${created.id}`).delete();
await assert.rejects(graph.api(`/users/${created.id}`).get(), { statusCode: 404 });
