//! The fields that only some errors have.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::values::Problem;

/// The fields that only some errors have.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Details {
    /// The problems of an input or a configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problems: Option<Problems>,
    /// Graph's error response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub graph: Option<GraphError>,
    /// Entra's error response to a sign-in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entra: Option<EntraError>,
    /// The name of the limit that ended the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<String>,
    /// Whether a smaller input or another action stays below that limit.
    #[serde(skip)]
    pub asked_too_much: bool,
    /// The recording of the run that failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recording: Option<PathBuf>,
    /// The error of a component whose errors have another form than the connector's.
    #[serde(skip)]
    pub foreign: Option<Value>,
}

/// A list of problems.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Problems {
    /// Of an input.
    Input(Vec<Problem>),
    /// Of a configuration file.
    Configuration(Vec<ConfigProblem>),
}

/// An error response of Microsoft Graph.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GraphError {
    /// The HTTP status.
    pub status: u16,
    /// Graph's error code; empty when the response had none.
    pub code: String,
    /// Graph's own message; empty when the response had none.
    pub message: String,
    /// The `request-id`, for Microsoft's support.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

/// Entra's error response to a sign-in, with the fields that Microsoft's support asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EntraError {
    /// OAuth's error, such as `invalid_grant`.
    pub error: String,
    /// Entra's `suberror`, such as `bad_token`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suberror: Option<String>,
    /// The numbers behind `AADSTS`.
    pub codes: Vec<u64>,
    /// The trace id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    /// The correlation id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation_id: Option<String>,
    /// The time, as Entra writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<String>,
}

/// One problem of a configuration file. It never repeats a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigProblem {
    /// The line, from 1.
    pub line: usize,
    /// The key, such as `connections.contoso.tenant`; empty when the file is not TOML.
    pub key: String,
    /// What is wrong.
    pub message: String,
    /// The fix, in one sentence.
    pub fix: String,
}
