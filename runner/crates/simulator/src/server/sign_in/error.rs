//! Entra's refusals: an OAuth error with a number of Entra's own.

use http::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::Time;

/// A refused sign-in.
#[derive(Clone, Debug)]
pub struct SignInError {
    /// The HTTP status.
    pub status: StatusCode,
    /// OAuth's word for it.
    error: &'static str,
    /// Entra's number. Source: Microsoft Learn, "Microsoft Entra authentication and
    /// authorization error codes".
    code: u32,
    /// What happened.
    message: String,
}

impl SignInError {
    /// A refusal with 400.
    pub fn new(error: &'static str, code: u32, message: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, error, code, message: message.into() }
    }

    /// The client did not show who it is: 401.
    pub fn client(code: u32, message: impl Into<String>) -> Self {
        Self { status: StatusCode::UNAUTHORIZED, ..Self::new("invalid_client", code, message) }
    }

    /// A field of the request is missing.
    pub fn missing(name: &str) -> Self {
        Self::new(
            "invalid_request",
            900_144,
            format!("The request body must contain the following parameter: '{name}'."),
        )
    }

    /// A code or a refresh token is none of this tenant's, or too old.
    pub fn expired() -> Self {
        Self::new(
            "invalid_grant",
            70_008,
            "The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request for this user and resource.",
        )
    }

    /// The body.
    pub fn body(&self) -> Value {
        let at = Time::now();
        let (trace, correlation) = (Uuid::new_v4(), Uuid::new_v4());
        let Self { error, code, message, .. } = self;
        json!({
            "error": error,
            "error_description": format!(
                "AADSTS{code}: {message} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {at}"
            ),
            "error_codes": [code],
            "timestamp": at,
            "trace_id": trace,
            "correlation_id": correlation,
        })
    }
}
