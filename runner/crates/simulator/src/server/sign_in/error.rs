//! Sign-in errors: OAuth errors with Entra's codes.

use http::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::Time;

/// A sign-in error.
#[derive(Clone, Debug)]
pub struct SignInError {
    /// The HTTP status.
    pub status: StatusCode,
    /// The OAuth error.
    error: &'static str,
    /// Entra's code. Source: Microsoft Learn, "Microsoft Entra authentication and
    /// authorization error codes".
    code: u32,
    message: String,
}

impl SignInError {
    /// Creates an error with the status 400.
    pub fn new(error: &'static str, code: u32, message: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, error, code, message: message.into() }
    }

    /// Creates the error of an unauthenticated client, with the status 401.
    pub fn client(code: u32, message: impl Into<String>) -> Self {
        Self { status: StatusCode::UNAUTHORIZED, ..Self::new("invalid_client", code, message) }
    }

    /// Creates the error of a missing parameter.
    pub fn missing(name: &str) -> Self {
        Self::new(
            "invalid_request",
            900_144,
            format!("The request body must contain the following parameter: '{name}'."),
        )
    }

    /// Creates the error of an unknown or expired code or refresh token.
    pub fn expired() -> Self {
        Self::new(
            "invalid_grant",
            70_008,
            "The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request for this user and resource.",
        )
    }

    /// Returns the body of the response.
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
