//! Shared parts: parameters, headers and names.

use serde_json::{Value, json};

/// The security scheme of the tenant's key.
pub const KEY: &str = "tenantKey";
/// The tag of the operations that describe actions.
pub const DESCRIPTIONS: &str = "Descriptions";
/// The tag of the operations of the server.
pub const SERVER: &str = "Server";
/// The parameter `plan`.
pub const PLAN: &str = "Plan";
/// The parameter `Idempotency-Key`.
pub const IDEMPOTENCY_KEY: &str = "IdempotencyKey";
/// The header `run-id`.
pub const RUN_ID: &str = "RunId";
/// The header `run-warning`.
pub const RUN_WARNING: &str = "RunWarning";
/// The header `Retry-After`.
pub const RETRY_AFTER: &str = "RetryAfter";
/// The header `WWW-Authenticate`.
pub const CHALLENGE: &str = "Challenge";

/// A plain key, or one in quotes with a backslash before each quote and backslash.
const KEY_PATTERN: &str = r#"^([!#-~][!-~]*|"([!#-\[\]-~]|\\["\\])+")$"#;

/// Returns the parameters.
pub fn parameters() -> Value {
    json!({
        PLAN: {
            "name": "plan", "in": "query",
            "description": "Whether to plan the changes of the action and make none.",
            "schema": { "type": "boolean", "default": false },
        },
        IDEMPOTENCY_KEY: {
            "name": "Idempotency-Key", "in": "header",
            "description": "Identifies this call, in visible ASCII. A repeat with the same key and \
                the same body receives the first response; another body is rejected.",
            "schema": { "type": "string", "minLength": 1, "maxLength": 255, "pattern": KEY_PATTERN },
        },
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
        RETRY_AFTER: {
            "description": "The number of seconds after which to repeat the call, if known.",
            "schema": { "type": "integer", "minimum": 0 },
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
        "description": "The tenant's key, as `o365 tenant add` printed it.",
    } })
}

/// Returns a reference to a parameter.
pub fn parameter(name: &str) -> Value {
    json!({ "$ref": format!("#/components/parameters/{name}") })
}

/// Returns a reference to a header.
pub fn header(name: &str) -> Value {
    json!({ "$ref": format!("#/components/headers/{name}") })
}
