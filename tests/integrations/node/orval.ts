// Uses the client of orval: creates a user, reads the result, and reads the error.

import { type Account, createUser, type CreateUserInput, type Problem } from "./o365";

const { KEY, SKU, NICKNAME } = process.env as Record<string, string>;
const input: CreateUserInput = {
  serviceId: SKU,
  displayName: "Allen Allbrook",
  mailNickname: NICKNAME,
  password: "Any-passw0rd",
  usageLocation: "AM",
};

async function main(): Promise<void> {
  const options = { headers: { Authorization: `Bearer ${KEY}` } };
  const created = await createUser(input, { "Idempotency-Key": NICKNAME }, options);
  if (created.status !== 200) throw created;
  const account: Account = created.data;
  const refused = await createUser(input, undefined, options);
  if (refused.status !== 409) throw refused;
  const problem: Problem = refused.data;
  console.log(JSON.stringify({
    created: account.userPrincipalName,
    licenses: account.assignedLicenses.length,
    status: refused.status,
    kind: problem.error.kind,
  }));
}

void main();
