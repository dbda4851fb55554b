"use strict";
// The settings of a connection node, verified when a run needs them: a node with a wrong
// setting still loads, and each run says what to correct.

const { configuration } = require("./failure");

/** Graph and the sign-in host of each cloud. Source: Microsoft Learn, "National cloud deployments". */
const CLOUDS = {
  "global": ["https://graph.microsoft.com", "https://login.microsoftonline.com"],
  "us-gov": ["https://graph.microsoft.us", "https://login.microsoftonline.us"],
  "us-dod": ["https://dod-graph.microsoft.us", "https://login.microsoftonline.us"],
  "china": ["https://microsoftgraph.chinacloudapi.cn", "https://login.partner.microsoftonline.cn"],
};

const DELEGATED = ["User.ReadWrite.All", "LicenseAssignment.ReadWrite.All", "Organization.Read.All", "Mail.Send"];

/** The values of each choice in the dialog, of which the first is the default. */
const CHOICES = {
  runsOn: ["Actions run", ["node-red", "server"]],
  signIn: ["Sign-in", ["client-secret", "refresh-token", "token"]],
  access: ["Acts as", ["app-only", "delegated"]],
  cloud: ["Cloud", Object.keys(CLOUDS)],
};

const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];

/** How long a run may last, in seconds. */
const DEFAULT_TIME_LIMIT = 120;

/** Returns where a connection runs actions. */
const runsOn = (config) => choice(config, "runsOn");

/** Returns the settings of a connection that runs the component in Node-RED. */
function inNodeRed(config, credentials) {
  const required = requirer(config);
  const [graph, login] = CLOUDS[choice(config, "cloud")];
  const signIn = choice(config, "signIn");
  const settings = {
    tenant: required(config.tenant, "Tenant"),
    sender: text(config.sender),
    graphUrl: config.graphUrl ? url(config, config.graphUrl, "Graph URL") : `${graph}/v1.0`,
    timeLimitMs: timeLimit(config),
    signIn,
  };
  if (signIn === "token") {
    settings.access = choice(config, "access");
    settings.token = header(config, required(credentials.token, "Access token").replace(/^Bearer\s+/i, ""), "Access token");
    return settings;
  }
  settings.clientId = required(config.clientId, "Client ID");
  settings.loginUrl = config.loginUrl ? url(config, config.loginUrl, "Sign-in URL") : login;
  if (signIn === "refresh-token") {
    settings.access = "delegated";
    settings.refreshToken = required(credentials.refreshToken, "Refresh token");
    settings.clientSecret = text(credentials.clientSecret);
    settings.scope = ["offline_access", ...DELEGATED.map((name) => `${graph}/${name}`)].join(" ");
  } else {
    settings.access = "app-only";
    settings.clientSecret = required(credentials.clientSecret, "Client secret");
    settings.scope = `${graph}/.default`;
  }
  return settings;
}

/** Returns the settings of a connection to `o365 serve`. */
function onServer(config, credentials) {
  const required = requirer(config);
  return {
    url: url(config, required(config.serverUrl, "Server URL"), "Server URL"),
    key: header(config, required(credentials.serverKey, "Key"), "Key"),
    connectionId: text(config.serverConnection),
    timeLimitMs: timeLimit(config),
  };
}

const text = (value) => (typeof value === "string" && value.trim() !== "" ? value.trim() : undefined);

/** Returns a choice of the dialog. Another value can come from an environment variable. */
function choice(config, property) {
  const [label, values] = CHOICES[property];
  const given = config[property] || values[0];
  if (values.includes(given)) return given;
  throw configuration(
    `${label} of the connection ${name(config)} is none of ${values.join(", ")}.`,
    `Choose ${label} in the connection's dialog, or correct the environment variable that it names, and deploy.`,
  );
}

function requirer(config) {
  return (value, label) => {
    const given = text(value);
    if (given !== undefined) return given;
    throw configuration(`The connection ${name(config)} has no ${label}.`, `Fill in ${label} in the connection's dialog, and deploy.`);
  };
}

/** Returns a secret that a header can carry. */
function header(config, secret, label) {
  if (/^[\x21-\x7e]+$/.test(secret)) return secret;
  throw configuration(
    `${label} of the connection ${name(config)} has characters that no such secret has.`,
    `Copy ${label} into the connection's dialog again, and deploy.`,
  );
}

/** Returns a URL without a slash at the end. A secret goes to it, so only loopback may be HTTP. */
function url(config, given, label) {
  const fix = `Correct ${label} in the connection's dialog, such as https://example.com, and deploy.`;
  const parsed = URL.canParse(given) ? new URL(given) : null;
  const isPlain = parsed !== null && !parsed.username && !parsed.password && !parsed.search && !parsed.hash;
  if (!isPlain || !["http:", "https:"].includes(parsed.protocol)) {
    throw configuration(`${label} of the connection ${name(config)} is no URL of the form https://host/path.`, fix);
  }
  if (parsed.protocol === "http:" && !LOOPBACK.includes(parsed.hostname)) {
    throw configuration(`${label} of the connection ${name(config)} is an http URL, which would send secrets in plain text.`, fix);
  }
  return parsed.href.replace(/\/+$/, "");
}

function timeLimit(config) {
  const seconds = config.timeLimit === undefined || config.timeLimit === "" ? DEFAULT_TIME_LIMIT : Number(config.timeLimit);
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= 3600) return seconds * 1000;
  throw configuration(
    `The time limit of the connection ${name(config)} is not a number of seconds from 1 to 3600.`,
    "Correct the time limit in the connection's dialog, and deploy.",
  );
}

const name = (config) => JSON.stringify(config.name || config.tenant || host(config.serverUrl) || config.id);

/** The host of a URL, whose other parts may hold a secret. */
const host = (given) => (URL.canParse(given) ? new URL(given).host : undefined);

module.exports = { inNodeRed, onServer, runsOn };
