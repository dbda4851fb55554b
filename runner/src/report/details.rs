//! What some errors have beside the fields that all have.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::values::Problem;

/// What few errors have; boxed, since most have none of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Details {
    /// Everything that is wrong with an input or a configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problems: Option<Problems>,
    /// Graph's answer, when there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub graph: Option<GraphAnswer>,
    /// Entra's answer to a sign-in, when there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entra: Option<EntraAnswer>,
    /// The name of the limit that ended the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<String>,
    /// The recording of the run that failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recording: Option<PathBuf>,
    /// The error of a component that does not fail in the connector's form.
    #[serde(skip)]
    pub foreign: Option<Value>,
}

/// A list of what is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Problems {
    /// With an input.
    Input(Vec<Problem>),
    /// With a configuration file.
    Configuration(Vec<ConfigProblem>),
}

/// What Microsoft Graph itself answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GraphAnswer {
    /// The HTTP status.
    pub status: u16,
    /// Graph's error code; empty when the answer had none.
    pub code: String,
    /// Graph's own message; empty when the answer had none.
    pub message: String,
    /// The `request-id`, which Microsoft's support asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

/// What Entra answered to a sign-in, as Microsoft's support asks for it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EntraAnswer {
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
    /// When, as Entra writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<String>,
}

/// One thing that is wrong in a configuration file. It never repeats a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigProblem {
    /// The line, from 1.
    pub line: usize,
    /// The key, such as `connections.contoso.tenant`; empty when the file is no TOML.
    pub key: String,
    /// What is wrong.
    pub message: String,
    /// What to do about it, in one sentence.
    pub fix: String,
}
