//! Shared parts: parameters, headers and names.

use serde_json::{Map, Value, json};

use super::Version;
use crate::serve::openapi::model::Parameter;
use crate::serve::openapi::shared::{
    CONNECTION, CONNECTION_TEXT, CONTINUATION_TEXT, IDEMPOTENCY_KEY_TEXT, KEY_PATTERN, LIMIT_TEXT,
    PREFER_TEXT, RUN_TEXT,
};
use crate::serve::runs::{LARGEST_LIMIT, LIMIT};

/// The security scheme of the tenant's key.
pub const KEY: &str = "tenantKey";
/// The parameter `Idempotency-Key`.
const IDEMPOTENCY_KEY: &str = "IdempotencyKey";
/// The parameter `Prefer`.
const PREFER: &str = "Prefer";
/// The header `Location`.
pub const LOCATION: &str = "Location";
/// The header `Preference-Applied`.
pub const PREFERENCE_APPLIED: &str = "PreferenceApplied";
/// The header `run-id`.
pub const RUN_ID: &str = "RunId";
/// The header `run-warning`.
pub const RUN_WARNING: &str = "RunWarning";
/// The header `X-Request-Id`.
pub const REQUEST_ID: &str = "RequestId";
/// The header `Retry-After`.
pub const RETRY_AFTER: &str = "RetryAfter";
/// The header `WWW-Authenticate`.
pub const CHALLENGE: &str = "Challenge";

/// Returns the parameters.
pub fn parameters() -> Map<String, Value> {
    let idempotency_key = json!({
        "name": "Idempotency-Key", "in": "header",
        "description": IDEMPOTENCY_KEY_TEXT,
        "schema": { "type": "string", "minLength": 1, "maxLength": 255, "pattern": KEY_PATTERN },
    });
    let prefer = json!({
        // Without an example, which API explorers send unless it is removed.
        "name": "Prefer", "in": "header", "description": PREFER_TEXT,
        "schema": { "type": "string" },
    });
    Map::from_iter([(IDEMPOTENCY_KEY.to_owned(), idempotency_key), (PREFER.to_owned(), prefer)])
}

/// Returns a parameter of an operation.
pub fn parameter(parameter: &Parameter) -> Value {
    match parameter {
        Parameter::Connection(connections) => connection(connections),
        Parameter::IdempotencyKey => {
            json!({ "$ref": format!("#/components/parameters/{IDEMPOTENCY_KEY}") })
        }
        Parameter::Prefer => json!({ "$ref": format!("#/components/parameters/{PREFER}") }),
        Parameter::Run => json!({
            "name": "run", "in": "path", "required": true, "description": RUN_TEXT,
            "schema": { "type": "string", "format": "uuid" },
        }),
        Parameter::Limit => {
            json!({
                "name": "limit", "in": "query", "description": LIMIT_TEXT,
                "schema": {
                    "type": "integer", "minimum": 1, "maximum": LARGEST_LIMIT, "default": LIMIT,
                },
            })
        }
        Parameter::Continuation => json!({
            "name": "continuation", "in": "query", "description": CONTINUATION_TEXT,
            "schema": { "type": "string", "format": "uuid" },
        }),
        Parameter::Version => json!({
            "name": "version", "in": "query",
            "description": "The version of OpenAPI.",
            "schema": {
                "type": "string", "enum": Version::ALL.map(Version::name),
                "default": Version::default().name(),
            },
        }),
    }
}

fn connection(connections: &[String]) -> Value {
    let mut schema = json!({ "type": "string" });
    if let (false, Some(schema)) = (connections.is_empty(), schema.as_object_mut()) {
        schema.insert("enum".to_owned(), json!(connections));
    }
    json!({
        "name": CONNECTION, "in": "query", "required": connections.len() != 1,
        "description": CONNECTION_TEXT, "schema": schema,
    })
}

/// Returns the headers of responses.
pub fn headers() -> Value {
    json!({
        RUN_ID: {
            "description": "The id of the run, which is also Graph's `client-request-id`.",
            "schema": { "type": "string", "format": "uuid" },
        },
        RUN_WARNING: {
            "description": "A warning to the result, such as that the user to delete did not \
                exist. Percent-encoded where it is not printable ASCII; one header for each \
                sentence.",
            "schema": { "type": "string" },
        },
        REQUEST_ID: {
            "description": "The `X-Request-Id` of the request, if it had one of at most 128 visible \
                characters. The log of the server has it, too.",
            "schema": { "type": "string" },
        },
        RETRY_AFTER: {
            "description": "The number of seconds after which to repeat the call, if known.",
            "schema": { "type": "integer", "minimum": 0 },
        },
        LOCATION: {
            "description": "The address of the run, with a token that stands for the key there until an hour after the time limit of the run.",
            "schema": { "type": "string", "format": "uri-reference" },
        },
        PREFERENCE_APPLIED: {
            "description": "The preferences that the response honours.",
            "schema": { "type": "string" },
        },
        CHALLENGE: {
            "description": "The required authentication: a bearer token.",
            "schema": { "type": "string" },
        },
    })
}

/// Returns the security scheme.
pub fn security_schemes() -> Value {
    json!({ KEY: {
        "type": "http", "scheme": "bearer",
        "description": "The tenant's key, as `o365 tenant add` printed it. A client that cannot send it so sends it in the header `X-API-Key`.",
    } })
}

/// Returns a reference to a header.
pub fn header(name: &str) -> Value {
    json!({ "$ref": format!("#/components/headers/{name}") })
}
