//! The lines of the log, one JSON object each, as they are written and read.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::context::Receipt;

/// The format, with its version.
pub const FORMAT: &str = "o365-audit/1";

/// The outcome of a run that did what it was asked to.
pub const DONE: &str = "done";

/// The longest address that is kept whole, in bytes.
const URL: usize = 2 << 10;

/// The longest message that is kept whole, in bytes.
const MESSAGE: usize = 4 << 10;

/// The longest name, code or id that is kept whole, in bytes.
const NAME: usize = 256;

/// How many writes the line of a run has; each has lines of its own besides.
const WRITES: usize = 32;

/// What stands at the end of a text that was cut.
const CUT: &str = " ... (cut)";

/// A line of the log. In JSON, `type` says which.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum Line {
    /// The heading of a file.
    Log(LogLine),
    /// A write is about to be sent to Graph.
    Write(WriteLine),
    /// What came of a write.
    Answer(AnswerLine),
    /// A run has ended.
    Run(Box<RunLine>),
}

/// The heading of a file, which the log writes itself.
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
    /// The tenant that it is for.
    pub tenant: String,
    /// The action.
    pub action: String,
    /// The connection that the write goes out by.
    pub connection: String,
    /// Which of the run's writes it is.
    pub number: u32,
    /// The method.
    pub method: String,
    /// The address.
    pub url: String,
    /// When it was sent.
    pub at: Timestamp,
}

/// What came of a write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AnswerLine {
    /// The run.
    pub run: Uuid,
    /// Which of the run's writes was answered.
    pub number: u32,
    /// The status of the answer; none when the answer was lost, or nothing was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// False when it turned out that the write never went out.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub sent: bool,
    /// Graph's id of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// When the answer came, or was given up.
    pub at: Timestamp,
}

/// A run from its beginning to its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RunLine {
    /// The run.
    pub run: Uuid,
    /// The tenant that it was for.
    pub tenant: String,
    /// The action.
    pub action: String,
    /// The connection; none for an action that makes no call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection: Option<String>,
    /// Whether it was a plan, which changes nothing.
    #[serde(default, skip_serializing_if = "is_false")]
    pub plan: bool,
    /// The SHA-256 of the input, in hex.
    pub input_digest: String,
    /// The SHA-256 of the component, in hex.
    pub component: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Timestamp,
    /// The writes that went out, in order; the first ones of very many.
    pub writes: Vec<Written>,
    /// How many more there were. The log counts them when it cuts the list.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub writes_omitted: usize,
    /// [`DONE`], or the kind of the error.
    pub outcome: String,
    /// The error's message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// What was said beside the result of a run that did what it was asked to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// The answer of Graph that the error tells of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub graph: Option<GraphAnswer>,
    /// What it took.
    pub receipt: Receipt,
    /// The SHA-256 of the caller's idempotency key, in hex.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<String>,
}

/// A write of a run, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Written {
    /// Which of the run's writes it is.
    pub number: u32,
    /// The method.
    pub method: String,
    /// The address.
    pub url: String,
    /// The status of the answer; none when it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// False when it turned out that the write never went out.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub sent: bool,
    /// Graph's id of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

/// What Graph answered to the call that a run failed at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GraphAnswer {
    /// The status.
    pub status: u16,
    /// Graph's own code of the error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Graph's id of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

impl Line {
    /// The first line of a file.
    pub(super) fn heading() -> Self {
        Self::Log(LogLine { format: FORMAT.to_owned() })
    }

    /// The line with its newline. Whatever was too long is cut, so that it has an upper bound.
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
            Self::Answer(answer) => cut_some(&mut answer.request_id, NAME),
            Self::Run(run) => run.cut(),
        }
    }
}

impl RunLine {
    /// Whether it did what it was asked to.
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
    /// What was done and what came of it, in words.
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
