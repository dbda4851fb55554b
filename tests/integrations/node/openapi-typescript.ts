// Uses the types of openapi-typescript: creates a user, reads the result, and reads the error.

import createClient from "openapi-fetch";

import type { paths } from "./o365";

const { URL, KEY, SKU, NICKNAME } = process.env as Record<string, string>;
const body: paths["/v1/actions/create-user"]["post"]["requestBody"]["content"]["application/json"] = {
  serviceId: SKU,
  displayName: "Allen Allbrook",
  mailNickname: NICKNAME,
  password: "Any-passw0rd",
  usageLocation: "AM",
};

async function main(): Promise<void> {
  const headers = { Authorization: `Bearer ${KEY}` };
  const client = createClient<paths>({ baseUrl: URL, headers });
  const created = await client.POST("/v1/actions/create-user", { body });
  if (created.error) throw created.error;
  const { data: account } = created;
  // A 202 comes only to a request that prefers not to wait.
  if (!("userPrincipalName" in account)) throw created.response;
  const { error: problem, response } = await client.POST("/v1/actions/create-user", { body });
  if (!problem) throw response;
  console.log(JSON.stringify({
    created: account.userPrincipalName,
    licenses: account.assignedLicenses.length,
    status: response.status,
    kind: problem.error.kind,
  }));
}

void main();
