"use strict";
// Why a request had no response.

/** Codes of a request that never left: no connection, or one whose certificate is not trusted. */
const UNREACHED = ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH", "UND_ERR_CONNECT_TIMEOUT"];
const UNTRUSTED = [
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
  "CERT_UNTRUSTED",
  "ERR_TLS_CERT_ALTNAME_INVALID",
];
/** What fetch says of a port that it does not connect to, such as 6000. */
const BAD_PORT = "bad port";

/** The code of an error of fetch, or what it says. */
const reason = (error) => error.cause?.code ?? error.cause?.message ?? error.message;

/** Whether a request was never sent. */
const isUnsent = (error) => [...UNREACHED, ...UNTRUSTED, BAD_PORT].includes(reason(error));

/** What fixes a certificate that is not trusted; undefined for another error. */
function certificate(error) {
  if (!UNTRUSTED.includes(reason(error))) return undefined;
  return "Correct the host of the URL or the certificate of the host; for the certificate of a private authority, " +
    "start Node-RED with the environment variable NODE_EXTRA_CA_CERTS, which names a PEM file with that of the authority.";
}

module.exports = { certificate, isUnsent, reason };
