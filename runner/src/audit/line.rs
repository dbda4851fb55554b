//! The lines of the log, one JSON object each.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::context::Receipt;

/// The format, with its version.
pub const FORMAT: &str = "o365-audit/1";

/// The outcome of a successful run.
pub const DONE: &str = "done";

/// The longest address in a line, in bytes.
const URL: usize = 2 << 10;

/// The longest message in a line, in bytes.
const MESSAGE: usize = 4 << 10;

/// The longest name, code or id in a line, in bytes.
const NAME: usize = 256;

/// The most writes in the line of a run. Each also has lines of its own.
const WRITES: usize = 32;

/// The end of a text that was cut.
const CUT: &str = " ... (cut)";

/// A line of the log; in JSON, `type` names the variant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum Line {
    /// The heading of a file.
    Log(LogLine),
    /// A write is about to be sent to Graph.
    Write(WriteLine),
    /// Graph has responded to a write, or the response was lost.
    #[serde(rename = "answer")]
    Response(ResponseLine),
    /// A run has ended.
    Run(Box<RunLine>),
}

/// The heading of a file. The log writes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LogLine {
    /// The format of the lines, [`FORMAT`].
    pub format: String,
}

/// A write, on its way to Graph.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WriteLine {
    /// The run.
    pub run: Uuid,
    /// The tenant.
    pub tenant: String,
    /// The action.
    pub action: String,
    /// The connection.
    pub connection: String,
    /// The number of the write in the run.
    pub number: u32,
    /// The method.
    pub method: String,
    /// The address.
    pub url: String,
    /// When it was sent.
    pub at: Timestamp,
}

/// The response to a write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResponseLine {
    /// The run.
    pub run: Uuid,
    /// The number of the write in the run.
    pub number: u32,
    /// The status; `None` when the response was lost, or nothing was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// False when the write was not sent after all.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub sent: bool,
    /// Graph's id of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// When the response arrived, or the run stopped waiting for it.
    pub at: Timestamp,
}

/// A run that has ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RunLine {
    /// The run.
    pub run: Uuid,
    /// The tenant.
    pub tenant: String,
    /// The action.
    pub action: String,
    /// The connection; `None` for an action that makes no call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection: Option<String>,
    /// Whether it was a plan, which changes nothing.
    #[serde(default, skip_serializing_if = "is_false")]
    pub plan: bool,
    /// Whether it was interrupted by a crash, and went on.
    #[serde(default, skip_serializing_if = "is_false")]
    pub resumed: bool,
    /// The SHA-256 of the input, in hex.
    pub input_digest: String,
    /// The SHA-256 of the component, in hex.
    pub component: String,
    /// When the run started.
    pub started_at: Timestamp,
    /// When the run ended.
    pub ended_at: Timestamp,
    /// The writes that were sent, in order, up to a limit.
    pub writes: Vec<Written>,
    /// The number of further writes. The log counts them when it cuts the list.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub writes_omitted: usize,
    /// [`DONE`], or the kind of the error.
    pub outcome: String,
    /// The error's message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The warnings of a successful run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// Graph's error response, if that is why the run failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub graph: Option<GraphError>,
    /// The resources that the run used.
    pub receipt: Receipt,
    /// The SHA-256 of the caller's idempotency key, in hex.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<String>,
}

/// A write of a run and its outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Written {
    /// The number of the write in the run.
    pub number: u32,
    /// The method.
    pub method: String,
    /// The address.
    pub url: String,
    /// The status of the response; `None` when it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// False when the write was not sent after all.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub sent: bool,
    /// Graph's id of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

/// Graph's response to the call at which a run failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GraphError {
    /// The status.
    pub status: u16,
    /// Graph's error code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Graph's id of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

impl Line {
    /// Returns the first line of a file.
    pub(super) fn heading() -> Self {
        Self::Log(LogLine { format: FORMAT.to_owned() })
    }

    /// Returns the line with its newline. Long texts are cut, which bounds its length.
    pub(super) fn into_bytes(mut self) -> serde_json::Result<Vec<u8>> {
        self.cut();
        let mut bytes = serde_json::to_vec(&self)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    fn cut(&mut self) {
        match self {
            Self::Log(log) => cut(&mut log.format, NAME),
            Self::Write(write) => {
                let WriteLine { tenant, action, connection, method, .. } = write;
                for name in [tenant, action, connection, method] {
                    cut(name, NAME);
                }
                cut(&mut write.url, URL);
            }
            Self::Response(response) => cut_some(&mut response.request_id, NAME),
            Self::Run(run) => run.cut(),
        }
    }
}

impl RunLine {
    /// Returns whether the run succeeded.
    pub fn is_done(&self) -> bool {
        self.outcome == DONE
    }

    fn cut(&mut self) {
        let Self { tenant, action, input_digest, component, outcome, .. } = self;
        for name in [tenant, action, input_digest, component, outcome] {
            cut(name, NAME);
        }
        cut_some(&mut self.connection, NAME);
        cut_some(&mut self.idempotency_key, NAME);
        cut_some(&mut self.message, MESSAGE);
        self.warnings.truncate(WRITES);
        for warning in &mut self.warnings {
            cut(warning, URL);
        }
        if let Some(graph) = &mut self.graph {
            cut_some(&mut graph.code, NAME);
            cut_some(&mut graph.request_id, NAME);
        }
        let omitted = self.writes.len().saturating_sub(WRITES);
        self.writes_omitted = self.writes_omitted.saturating_add(omitted);
        self.writes.truncate(WRITES);
        for write in &mut self.writes {
            cut(&mut write.method, NAME);
            cut(&mut write.url, URL);
            cut_some(&mut write.request_id, NAME);
        }
    }
}

impl Written {
    /// Describes the write and its outcome.
    pub fn in_words(&self) -> String {
        let call = format!("{} {}", self.method, self.url);
        match self.status {
            Some(status) => format!("{call} returned {status}"),
            None if self.sent => format!("{call} was sent; its response is unknown"),
            None => format!("{call} was not sent"),
        }
    }
}

fn cut(text: &mut String, most: usize) {
    if text.len() > most {
        text.truncate(text.floor_char_boundary(most));
        text.push_str(CUT);
    }
}

fn cut_some(text: &mut Option<String>, most: usize) {
    if let Some(text) = text {
        cut(text, most);
    }
}

fn yes() -> bool {
    true
}

fn is_true(value: &bool) -> bool {
    *value
}

fn is_false(value: &bool) -> bool {
    !value
}

fn is_zero(value: &usize) -> bool {
    *value == 0
}
