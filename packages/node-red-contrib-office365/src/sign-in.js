"use strict";
// The sign-in of a connection at the Entra token endpoint. It runs outside of the worker, which
// gets an access token and nothing else.

const { Failure } = require("./failure");
const { certificate, reason } = require("./network");

/** How long the sign-in host may take to respond, if a run may last as long. */
const PATIENCE_MS = 30_000;
/** How much longer than a run a token must be valid. */
const MARGIN_MS = 60_000;

/** The most characters that a token may have. */
const LARGEST_TOKEN = 65_536;

/** OAuth's errors. Source: RFC 6749, section 5.2, and Microsoft Learn, as below. */
const ERRORS = [
  "access_denied",
  "interaction_required",
  "invalid_client",
  "invalid_grant",
  "invalid_request",
  "invalid_scope",
  "server_error",
  "temporarily_unavailable",
  "unauthorized_client",
];

/** Entra's OAuth errors, and what fixes them. Source: Microsoft Learn, "Handle errors and exceptions". */
const FIXES = {
  invalid_client: "Correct Client ID and Client secret of the connection; a secret may have expired.",
  unauthorized_client: "Correct Client ID and Tenant of the connection; the application must be registered in the tenant.",
  invalid_grant: "Sign in again, and give the connection the new refresh token.",
  interaction_required: "Sign in again with the second factor, and give the connection the new refresh token.",
  invalid_request: "Correct Tenant and Client ID of the connection.",
};

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

class SignIn {
  #settings;
  #refreshToken;
  #onRefreshToken;
  #current;

  /** `onRefreshToken` is called with each refresh token that replaces the one of the settings. */
  constructor(settings, onRefreshToken) {
    this.#settings = settings;
    this.#refreshToken = settings.refreshToken;
    this.#onRefreshToken = onRefreshToken;
  }

  /** Returns the value of `authorization` for a run. Runs that begin together sign in once. */
  async authorization() {
    if (this.#settings.signIn === "token") return `Bearer ${this.#settings.token}`;
    if (this.#current === undefined || this.#current.until < Date.now() + this.#settings.timeLimitMs) {
      this.#current = this.#begin();
    }
    return this.#current.authorization;
  }

  /** Forgets a token that Graph refused, so that the next run signs in again. */
  forget() {
    this.#current = undefined;
  }

  #begin() {
    const signIn = { until: Infinity };
    signIn.authorization = this.#request().then(({ value, until }) => {
      signIn.until = until;
      return value;
    }).catch((error) => {
      if (this.#current === signIn) this.forget();
      throw error;
    });
    return signIn;
  }

  async #request() {
    const { loginUrl, timeLimitMs } = this.#settings;
    const { status, body } = await post(this.#tokenUrl(), this.#form(), Math.min(PATIENCE_MS, timeLimitMs));
    if (status !== 200 || typeof body?.error === "string") throw refused(status, body, this.#settings);
    if (!isToken(body?.access_token) || !/^bearer$/i.test(body.token_type)) throw noToken(loginUrl, status);
    if (this.#refreshToken && isToken(body.refresh_token) && body.refresh_token !== this.#refreshToken) {
      this.#refreshToken = body.refresh_token;
      this.#onRefreshToken(body.refresh_token);
    }
    // A number that cannot be read is none: with NaN, the token would never expire.
    const until = Date.now() + (Number(body.expires_in) || 0) * 1000 - MARGIN_MS;
    return { value: `Bearer ${body.access_token}`, until };
  }

  #tokenUrl() {
    const { loginUrl, tenant } = this.#settings;
    return `${loginUrl}/${encodeURIComponent(tenant)}/oauth2/v2.0/token`;
  }

  #form() {
    const { clientId, clientSecret, scope } = this.#settings;
    const grant = this.#refreshToken
      ? { grant_type: "refresh_token", refresh_token: this.#refreshToken }
      : { grant_type: "client_credentials" };
    return new URLSearchParams({ client_id: clientId, scope, ...grant, ...(clientSecret && { client_secret: clientSecret }) });
  }
}

const isToken = (text) => typeof text === "string" && text.length <= LARGEST_TOKEN && /^[\x21-\x7e]+$/.test(text);

/** The failure of a sign-in host that does not respond as one. */
const unusable = (url, message, fix = "Check the network of the machine and the cloud of the connection, then run again.") => new Failure({
  kind: "transport",
  message: `The sign-in host ${new URL(url).origin} ${message}.`,
  fix,
  who: "wait",
});

const noToken = (url, status) => unusable(
  url,
  `responded with ${status} and no token`,
  "Correct the cloud or Sign-in URL of the connection, or look at what is between Node-RED and the sign-in host.",
);

async function post(url, form, patience) {
  let response;
  let text;
  try {
    response = await fetch(url, { method: "POST", body: form, redirect: "manual", signal: AbortSignal.timeout(patience) });
    text = await response.text();
  } catch (error) {
    if (error.name === "TimeoutError") throw unusable(url, `did not respond within ${patience / 1000} seconds`);
    throw unusable(url, `could not be reached (${reason(error)})`, certificate(error));
  }
  try {
    return { status: response.status, body: JSON.parse(text) };
  } catch {
    throw unusable(url, `responded with ${response.status} and no JSON`);
  }
}

/**
 * The failure for a response with an error. It repeats no text of the response, which may contain
 * parts of the request: codes and errors that are known, and the trace id.
 */
function refused(status, body, { tenant, loginUrl }) {
  const error = ERRORS.find((known) => known === body?.error);
  if (status === 429 || status >= 500) {
    return new Failure({
      kind: status === 429 ? "throttled" : "transport",
      message: `The sign-in host responded with ${status}${error ? ` ${error}` : ""}.`,
      fix: "Run again later.",
      who: "wait",
    });
  }
  if (typeof body?.error !== "string") return noToken(loginUrl, status);
  const trace = GUID.test(body.trace_id) ? ` (trace id ${body.trace_id})` : "";
  return new Failure({
    kind: "unauthorized",
    message: `The sign-in to ${tenant} was refused: ${explained(body, error)}${trace}.`,
    fix: FIXES[error] ?? "Correct the sign-in of the connection.",
  });
}

/** Entra's code, which its page explains, or else the error of OAuth. */
function explained({ error_description: description }, error) {
  const code = /AADSTS(\d{4,9})(?!\d)/.exec(String(description))?.[1];
  if (code) return `AADSTS${code}, which https://login.microsoftonline.com/error?code=${code} explains`;
  return error ?? "an error that OAuth does not define";
}

module.exports = { SignIn };
