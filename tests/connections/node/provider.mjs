// An OpenID provider that checks secrets, passwords and codes, at Entra's paths and with
// Entra's words for its refusals. What is right and wrong is oidc-provider's to say; only
// the words of an error, and the tenant in a token, are written here.
import Provider, { errors } from 'oidc-provider';

const GRAPH = 'https://graph.microsoft.com';
const PERMISSIONS = ['User.ReadWrite.All', 'LicenseAssignment.ReadWrite.All', 'Organization.Read.All', 'Mail.Send']
  .map((name) => `${GRAPH}/${name}`);
const SCOPES = ['openid', 'offline_access', `${GRAPH}/.default`, ...PERMISSIONS];
const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code';
const GRANTS = ['client_credentials', 'password', 'authorization_code', 'refresh_token', DEVICE_CODE];

/** What the internal reason of a refusal is called by Entra. */
const CODES = [
  [/secret|authentication/, 7000215],
  [/wrong user name or password/, 50126],
  [/already (consumed|used)/, 54005],
  [/refresh token (is expired|not found)/, 700082],
  [/expired|not found/, 70008],
  [/redirect_uri/, 50011],
];

/** A provider for `settings`: tenant, users, secret, keepOld. */
export function provider(issuer, settings) {
  const base = `/${settings.tenant}/oauth2/v2.0`;
  const client = (client_id, more) => ({
    client_id,
    grant_types: GRANTS,
    response_types: ['code'],
    redirect_uris: ['http://localhost:8400/', 'http://localhost'],
    application_type: 'native',
    scope: SCOPES.join(' '),
    ...more,
  });
  const oidc = new Provider(issuer, {
    clients: [
      client('confidential', { client_secret: settings.secret, token_endpoint_auth_method: 'client_secret_post' }),
      client('public', { token_endpoint_auth_method: 'none', grant_types: GRANTS.slice(1) }),
    ],
    scopes: SCOPES,
    cookies: { keys: ['only for tests'] },
    pkce: { required: () => false },
    rotateRefreshToken: true,
    issueRefreshToken: async () => true,
    findAccount: async (ctx, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
    routes: {
      authorization: `${base}/authorize`,
      token: `${base}/token`,
      device_authorization: `${base}/devicecode`,
    },
    interactions: { url: (ctx, { uid }) => `/interaction/${uid}` },
    ttl: {
      AccessToken: () => settings.expiresIn,
      ClientCredentials: () => settings.expiresIn,
      AuthorizationCode: () => settings.codeLives,
      DeviceCode: () => settings.codeLives,
      RefreshToken: 86400, Grant: 86400, Session: 86400, Interaction: 600,
    },
    features: {
      clientCredentials: { enabled: true },
      deviceFlow: { enabled: true },
      devInteractions: { enabled: false },
    },
  });
  withPassword(oidc, settings);
  // Entra leaves a refresh token good when it gives a newer one.
  if (settings.keepOld) oidc.RefreshToken.prototype.consume = async () => {};
  const reasons = new WeakMap();
  oidc.on('grant.error', (ctx, error) => reasons.set(ctx.req, error));
  oidc.use(async (ctx, next) => {
    await next();
    if (ctx.path.endsWith('/token')) speakLikeEntra(ctx, settings, reasons.get(ctx.req));
    if (ctx.path.endsWith('/devicecode') && ctx.body?.user_code) ctx.body.interval = 1;
  });
  return oidc;
}

/** Grants everything to the user, and returns the grant's id. */
export async function grantAll(oidc, accountId, clientId) {
  const grant = new oidc.Grant({ accountId, clientId });
  grant.addOIDCScope(SCOPES.join(' '));
  return grant.save();
}

/** The resource owner password grant, which oidc-provider leaves to whoever wants it. */
function withPassword(oidc, settings) {
  const handler = async (ctx) => {
    const { username, password, scope } = ctx.oidc.params;
    if (settings.users[username] === undefined || settings.users[username] !== password) {
      throw new errors.InvalidGrant('wrong user name or password');
    }
    const { client } = ctx.oidc;
    const grantId = await grantAll(oidc, username, client.clientId);
    const token = { accountId: username, client, grantId, gty: 'password', scope };
    const access = new oidc.AccessToken(token);
    ctx.oidc.entity('AccessToken', access);
    ctx.body = {
      access_token: await access.save(),
      refresh_token: await new oidc.RefreshToken(token).save(),
      expires_in: access.expiration,
      token_type: 'Bearer',
      scope,
    };
  };
  oidc.registerGrantType('password', handler, ['username', 'password', 'scope']);
}

function speakLikeEntra(ctx, settings, reason) {
  const { body } = ctx;
  if (body?.access_token && settings.tid) body.access_token = jwt(body.access_token, settings);
  if (!body?.error || /authorization_pending|slow_down|expired_token|access_denied/.test(body.error)) return;
  const text = `${reason?.error_detail ?? ''} ${reason?.error_description ?? ''} ${body.error_description ?? ''}`;
  const code = CODES.find(([words]) => words.test(text))?.[1] ?? 9002313;
  ctx.status = body.error === 'invalid_client' ? 401 : 400;
  ctx.body = refusal(body.error, code, text.trim());
}

/** A refusal in Entra's form. */
export function refusal(error, code, text) {
  return {
    error,
    error_description: `AADSTS${code}: ${text} Trace ID: 0000aaaa-11bb-cccc-dd22-eeeeee333333\r\nCorrelation ID: aaaa0000-bb11-2222-33cc-444444dddddd`,
    error_codes: [code],
    timestamp: '2026-01-01 00:00:00Z',
    trace_id: '0000aaaa-11bb-cccc-dd22-eeeeee333333',
    correlation_id: 'aaaa0000-bb11-2222-33cc-444444dddddd',
  };
}

/** A token that names its tenant, as Entra's do; signed by nobody. */
function jwt(opaque, settings) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part({ aud: GRAPH, tid: settings.tid, jti: opaque })}.x`;
}
