// Uses the client of openapi-generator: creates a user, reads the result, and reads the error.

import {
  type Account, ActionsWithAccountsApi, Configuration, type CreateUserInput, type Problem,
  ProblemFromJSON, ResponseError,
} from "./client";

const { URL, KEY, SKU, NICKNAME } = process.env as Record<string, string>;
const createUserInput: CreateUserInput = {
  serviceId: SKU,
  displayName: "Allen Allbrook",
  mailNickname: NICKNAME,
  password: "Any-passw0rd",
  usageLocation: "AM",
};

async function main(): Promise<void> {
  const configuration = new Configuration({ basePath: URL, accessToken: KEY });
  const accounts = new ActionsWithAccountsApi(configuration);
  const account: Account = await accounts.createUser({ createUserInput });
  const raised: unknown = await accounts.createUser({ createUserInput }).catch((error) => error);
  if (!(raised instanceof ResponseError)) throw raised;
  const problem: Problem = ProblemFromJSON(await raised.response.json());
  console.log(JSON.stringify({
    created: account.userPrincipalName,
    licenses: account.assignedLicenses.length,
    status: raised.response.status,
    kind: problem.error.kind,
  }));
}

void main();
