"use strict";
// The sign-in of a connection at the Entra token endpoint. It runs outside of the worker, which
// gets an access token and nothing else.

const { Failure } = require("./failure");

/** How long the sign-in host may take to respond. */
const PATIENCE_MS = 30_000;
/** How much longer than a run a token must be valid. */
const MARGIN_MS = 60_000;

/** Entra's OAuth errors, and what fixes them. Source: Microsoft Learn, "Handle errors and exceptions". */
const FIXES = {
  invalid_client: "Correct Client ID and Client secret of the connection; a secret may have expired.",
  unauthorized_client: "Correct Client ID and Tenant of the connection; the application must be registered in the tenant.",
  invalid_grant: "Sign in again, and give the connection the new refresh token.",
  interaction_required: "Sign in again with the second factor, and give the connection the new refresh token.",
  invalid_request: "Correct Tenant and Client ID of the connection.",
};

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
    const { status, body } = await post(this.#tokenUrl(), this.#form());
    if (typeof body?.access_token !== "string") throw refused(status, body, this.#settings);
    if (this.#refreshToken && typeof body.refresh_token === "string" && body.refresh_token !== this.#refreshToken) {
      this.#refreshToken = body.refresh_token;
      this.#onRefreshToken(body.refresh_token);
    }
    const until = Date.now() + Number(body.expires_in ?? 0) * 1000 - MARGIN_MS;
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

async function post(url, form) {
  const failed = (message) => new Failure({
    kind: "transport",
    message: `The sign-in host ${new URL(url).origin} ${message}.`,
    fix: "Check the network of the machine and the cloud of the connection, then run again.",
    who: "wait",
  });
  let response;
  let text;
  try {
    response = await fetch(url, { method: "POST", body: form, redirect: "manual", signal: AbortSignal.timeout(PATIENCE_MS) });
    text = await response.text();
  } catch (error) {
    if (error.name === "TimeoutError") throw failed(`did not respond within ${PATIENCE_MS / 1000} seconds`);
    throw failed(`could not be reached (${error.cause?.code ?? error.cause?.message ?? error.message})`);
  }
  try {
    return { status: response.status, body: JSON.parse(text) };
  } catch {
    throw failed(`responded with ${response.status} and no JSON`);
  }
}

/** The failure for a response without a token. */
function refused(status, body, { tenant }) {
  if (status === 429 || status >= 500) {
    return new Failure({
      kind: status === 429 ? "throttled" : "transport",
      message: `The sign-in host responded with ${status}${body?.error ? ` ${body.error}` : ""}.`,
      fix: "Run again later.",
      who: "wait",
    });
  }
  // The first line of Entra's text; the others are ids, of which support asks for the trace id.
  const said = String(body?.error_description ?? body?.error ?? `status ${status}`).split(/\r?\n/);
  const trace = body?.trace_id ? ` (trace id ${body.trace_id})` : "";
  return new Failure({
    kind: "unauthorized",
    message: `The sign-in to ${tenant} was refused: ${said[0]}${trace}`,
    fix: FIXES[body?.error] ?? "Correct the sign-in of the connection.",
  });
}

module.exports = { SignIn };
