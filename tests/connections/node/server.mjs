// The sign-in host of one tenant on 127.0.0.1: prints its port, and ends with its stdin.
// POST /test/... is for the tests: to change settings, to ask what was sent, and to do
// what a user or an administrator would do elsewhere.
import { createServer } from 'node:http';
import { grantAll, provider, refusal } from './provider.mjs';

const settings = {
  tenant: 'contoso.onmicrosoft.com',
  /** The tenant's id, for discovery. */
  id: 'aaaabbbb-0000-cccc-1111-dddd2222eeee',
  /** The tenant in tokens; none makes them opaque. */
  tid: null,
  secret: 'unset',
  users: {},
  keepOld: false,
  expiresIn: 3600,
  codeLives: 600,
  /** How long an answer with a token is held back, in milliseconds. */
  delay: 0,
  /** Answers that come before any of the provider's: { status, headers, body }, or { code, error }. */
  faults: [],
};
const seen = [];
const refreshTokens = new Set();
let oidc;

const tests = {
  settings: async (change) => Object.assign(settings, change),
  seen: async () => seen,
  revoke: async () => {
    for (const value of refreshTokens) await (await oidc.RefreshToken.find(value))?.destroy();
  },
  device: async ({ userCode, decline }) => {
    const code = await oidc.DeviceCode.findByUserCode(userCode.replaceAll('-', ''), { ignoreExpiration: true });
    if (decline) {
      Object.assign(code, { error: 'access_denied', errorDescription: 'declined' });
    } else {
      const grantId = await grantAll(oidc, 'megan', code.clientId);
      Object.assign(code, { accountId: 'megan', grantId, scope: code.params.scope, authTime: 1 });
    }
    await code.save();
  },
};

/** The user at the browser: signs in and consents to everything. */
async function interact(request, response) {
  const { uid, params } = await oidc.interactionDetails(request, response);
  const grantId = await grantAll(oidc, 'megan', params.client_id);
  await oidc.interactionFinished(request, response, { login: { accountId: 'megan' }, consent: { grantId } });
  return uid;
}

function answer(response, status, body, headers = {}) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

async function text(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** Notes what is sent to the token endpoint; the answer may be one that a test asked for. */
async function token(request, response) {
  const fields = Object.fromEntries(new URLSearchParams(await text(request)));
  seen.push(fields);
  const fault = settings.faults.shift();
  if (fault) {
    const { code, error = 'invalid_grant', status = 400, headers, body } = fault;
    answer(response, status, body ?? refusal(error, code, 'As the test asked.'), headers);
    return;
  }
  request.body = fields;
  const { end } = response;
  response.end = (chunk, ...rest) => {
    try {
      const refresh = JSON.parse(chunk).refresh_token;
      if (refresh) refreshTokens.add(refresh);
    } catch { /* not an answer with a token */ }
    setTimeout(() => end.call(response, chunk, ...rest), settings.delay);
  };
  oidc.callback()(request, response);
}

async function serve(request, response) {
  const { pathname } = new URL(request.url, 'http://127.0.0.1');
  if (pathname.startsWith('/test/')) {
    const result = await tests[pathname.slice('/test/'.length)](JSON.parse((await text(request)) || '{}'));
    answer(response, 200, result ?? {});
  } else if (pathname.startsWith('/interaction/')) {
    await interact(request, response);
  } else if (pathname === `/${settings.tenant}/v2.0/.well-known/openid-configuration`) {
    answer(response, 200, { issuer: `http://127.0.0.1:${server.address().port}/${settings.id}/v2.0` });
  } else if (pathname === `/${settings.tenant}/oauth2/v2.0/token`) {
    await token(request, response);
  } else {
    oidc.callback()(request, response);
  }
}

Object.assign(settings, JSON.parse(process.argv[2] ?? '{}'));
const server = createServer((request, response) => {
  serve(request, response).catch((error) => answer(response, 500, { error: String(error) }));
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address();
  oidc = provider(`http://127.0.0.1:${port}`, settings);
  console.log(port);
});
process.stdin.resume().on('end', () => process.exit(0));
