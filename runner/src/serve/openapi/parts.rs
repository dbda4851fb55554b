//! What operations share: parameters, headers, the key.

use serde_json::{Value, json};

/// The name of the tenant's key among the security schemes.
pub const KEY: &str = "tenantKey";

/// The heading of the operations that describe actions.
pub const DESCRIPTIONS: &str = "Descriptions";

/// The heading of the operations of the server itself.
pub const SERVER: &str = "Server";

/// The parameter that asks for a plan.
pub const PLAN: &str = "Plan";

/// The parameter that makes a repeat safe.
pub const IDEMPOTENCY_KEY: &str = "IdempotencyKey";

/// The header with the id of the run.
pub const RUN_ID: &str = "RunId";

/// The header with what is to be said beside a result.
pub const RUN_WARNING: &str = "RunWarning";

/// The header that says when to come back.
pub const RETRY_AFTER: &str = "RetryAfter";

/// The header that says which key is asked for.
pub const CHALLENGE: &str = "Challenge";

/// A key as it is, or in quotes with a backslash before each quote and backslash in it.
const KEY_PATTERN: &str = r#"^([!#-~][!-~]*|"([!#-\[\]-~]|\\["\\])+")$"#;

/// The parameters that are referred to.
pub fn parameters() -> Value {
    json!({
        PLAN: {
            "name": "plan", "in": "query",
            "description": "Whether to say what the action would change, and change nothing.",
            "schema": { "type": "boolean", "default": false },
        },
        IDEMPOTENCY_KEY: {
            "name": "Idempotency-Key", "in": "header",
            "description": "Names this call, in visible ASCII. The same key with the same body \
                gives the first answer again, and with another body is refused.",
            "schema": { "type": "string", "minLength": 1, "maxLength": 255, "pattern": KEY_PATTERN },
        },
    })
}

/// The headers of answers that are referred to.
pub fn headers() -> Value {
    json!({
        RUN_ID: {
            "description": "The id of the run, which is also Graph's `client-request-id`.",
            "schema": { "type": "string", "format": "uuid" },
        },
        RUN_WARNING: {
            "description": "What is to be said beside the result, such as that the user to be \
                deleted was not there. Percent-encoded where it is not printable ASCII; one \
                header for each sentence.",
            "schema": { "type": "string" },
        },
        RETRY_AFTER: {
            "description": "In how many seconds to come back, where that is known.",
            "schema": { "type": "integer", "minimum": 0 },
        },
        CHALLENGE: {
            "description": "Which key is asked for: a bearer token.",
            "schema": { "type": "string" },
        },
    })
}

/// How a caller shows who it is.
pub fn security_schemes() -> Value {
    json!({ KEY: {
        "type": "http", "scheme": "bearer",
        "description": "The tenant's key, as `o365 tenant add` printed it.",
    } })
}

/// The reference to a parameter.
pub fn parameter(name: &str) -> Value {
    json!({ "$ref": format!("#/components/parameters/{name}") })
}

/// The reference to a header.
pub fn header(name: &str) -> Value {
    json!({ "$ref": format!("#/components/headers/{name}") })
}
