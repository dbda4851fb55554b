#!/usr/bin/env bash
# Software: @azure/msal-node 3.7.3.
#
# Guess: after a 503 of the sign-in host, the next `acquireTokenByClientCredential` asks again.
#
# Behaviour: after one 503 without `Retry-After`, the client answers by itself for 60 seconds,
# with no request. Its own answers are also other errors than the first one: `errorCode` was the
# OAuth code, such as `temporarily_unavailable`, and is now the first of the numeric
# `error_codes`. A new client of the same program asks at once, and gets a token.
#
# Why it matters: a recording of such a run has one failed sign-in where the program's log has
# many, and a program that retries within the minute never sees that the host is well again. To
# tell errors apart by `errorCode` gives two answers for one cause.
set -euo pipefail

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
npm install --silent --no-audit --no-fund --ignore-scripts @azure/msal-node@3.7.3
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost \
  -addext subjectAltName=DNS:localhost -keyout key.pem -out certificate.pem 2> /dev/null

cat > run.mjs <<'JS'
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import https from "node:https";
import { ConfidentialClientApplication } from "@azure/msal-node";

let asked = 0;
const options = { key: readFileSync("key.pem"), cert: readFileSync("certificate.pem") };
const server = https.createServer(options, (request, response) => {
  const authority = `https://localhost:${server.address().port}/tenant`;
  const endpoints = ["authorization_endpoint", "token_endpoint", "jwks_uri"].map((name) => [name, `${authority}/${name}`]);
  let [status, body] = [200, { issuer: authority, ...Object.fromEntries(endpoints) }];
  if (request.method === "POST") {
    asked += 1;
    [status, body] =
      asked === 1
        ? [503, { error: "temporarily_unavailable", error_description: "busy", error_codes: [90033] }]
        : [200, { access_token: "token", token_type: "Bearer", expires_in: 3599 }];
  }
  request.resume().on("end", () => {
    response.writeHead(status, { "content-type": "application/json", connection: "close" });
    response.end(JSON.stringify(body));
  });
});
server.listen(0, "127.0.0.1");
await once(server, "listening");

const { port } = server.address();
const application = () =>
  new ConfidentialClientApplication({
    auth: { clientId: "client", clientSecret: "secret", authority: `https://localhost:${port}/tenant`, knownAuthorities: [`localhost:${port}`] },
    system: { protocolMode: "OIDC" },
  });
const request = { scopes: ["https://graph.microsoft.com/.default"] };
async function signIn(name, client) {
  const outcome = await client.acquireTokenByClientCredential(request).then(
    (answer) => answer.accessToken,
    (error) => error.errorCode,
  );
  console.log(`${name}: ${outcome}; requests so far: ${asked}`);
  return [outcome, asked];
}

// The client's clock, so that nobody has to wait.
const { now } = Date;
const later = (seconds) => (Date.now = () => now() + seconds * 1000);

const first = application();
const seen = [await signIn("at once        ", first)];
later(58);
seen.push(await signIn("58 seconds on  ", first));
seen.push(await signIn("a new client   ", application()));
later(62);
seen.push(await signIn("62 seconds on  ", first));
server.close();
assert.deepEqual(seen, [["temporarily_unavailable", 1], ["90033", 1], ["token", 2], ["token", 3]]);
JS
NODE_EXTRA_CA_CERTS="$place/certificate.pem" node run.mjs
