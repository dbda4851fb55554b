// MSAL for Node, unchanged and with its defaults, where Microsoft's hosts are simulated. TENANT is
// the tenant's domain, USER who signs in. The one argument names how. What is printed is the page
// of users that Graph has for the token.
import assert from "node:assert/strict";
import { createHash, generateKeyPairSync } from "node:crypto";
import { ConfidentialClientApplication, PublicClientApplication } from "@azure/msal-node";

const { TENANT, USER } = process.env;
const clientId = "11111111-2222-3333-4444-555555555555";
const LOGIN = "https://login.microsoftonline.com";
const scopes = ["User.Read.All"];

// An application of the tenant, which signs in by itself.
function application(credential) {
  const auth = { clientId, authority: `${LOGIN}/${TENANT}`, ...credential };
  const client = new ConfidentialClientApplication({ auth });
  return client.acquireTokenByClientCredential({
    scopes: ["https://graph.microsoft.com/.default"],
  });
}

// A browser without a window, which posts the form that it finds.
async function openBrowser(url) {
  const page = await (await fetch(url)).text();
  const plain = (text) =>
    text
      .replaceAll("&quot;", '"')
      .replaceAll("&lt;", "<")
      .replaceAll("&gt;", ">")
      .replaceAll("&#39;", "'")
      .replaceAll("&amp;", "&");
  const form = page.match(/<form method="post" action="([^"]*)"/);
  if (!form) return;
  const fields = [...page.matchAll(/name="([^"]*)" value="([^"]*)"/g)];
  const body = new URLSearchParams(fields.map(([, name, value]) => [name, plain(value)]));
  await fetch(plain(form[1]), { method: "POST", body });
}

const FLOWS = {
  secret: () => application({ clientSecret: "any-secret" }),

  certificate() {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const pem = privateKey.export({ type: "pkcs8", format: "pem" });
    // The host knows no certificate, so the print may be of anything.
    const thumbprintSha256 = createHash("sha256").update(pem).digest("hex");
    return application({ clientCertificate: { privateKey: pem, thumbprintSha256 } });
  },

  // By name and password, for which there is no authority of any account.
  password() {
    const auth = { clientId, authority: `${LOGIN}/organizations` };
    const client = new PublicClientApplication({ auth });
    const request = { scopes, username: USER, password: "any-password" };
    return client.acquireTokenByUsernamePassword(request);
  },

  // By a code that is entered in the browser of another machine.
  device() {
    const client = new PublicClientApplication({ auth: { clientId } });
    const deviceCodeCallback = async ({ verificationUri, userCode }) => {
      const form = new URLSearchParams({ user_code: userCode, login_hint: USER });
      assert((await fetch(`${verificationUri}?${form}`)).ok);
    };
    return client.acquireTokenByDeviceCode({ scopes, deviceCodeCallback });
  },

  // By the browser of this machine; then from the refresh token.
  async browser() {
    const client = new PublicClientApplication({ auth: { clientId } });
    const first = await client.acquireTokenInteractive({ scopes, loginHint: USER, openBrowser });
    const request = { scopes, account: first.account, forceRefresh: true };
    const again = await client.acquireTokenSilent(request);
    assert.notEqual(again.accessToken, first.accessToken);
    return again;
  },
};

const { accessToken } = await FLOWS[process.argv[2]]();
const answer = await fetch("https://graph.microsoft.com/v1.0/users?$top=2", {
  headers: { Authorization: `Bearer ${accessToken}` },
});
assert(answer.ok, await answer.clone().text());
console.log(await answer.text());
// What MSAL leaves open must not keep the process.
process.exit();
