//! HAR 1.2, as far as a replay needs it. Everything else in a file is ignored, so
//! that a file from a browser or a proxy can be read as well.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use thiserror::Error;

use crate::connections::Connection;

/// The largest file that is read, in bytes.
const MAX_BYTES: u64 = 256 << 20;

/// The same, as the length of what was read.
const MAX_TEXT: usize = 256 << 20;

/// The longest exchange, in milliseconds: a day.
const LONGEST_MS: f64 = 86_400_000.0;

/// What some editors put before UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A HAR file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Har {
    /// Its only member.
    pub log: Log,
}

/// The log: the exchanges, and the run that made them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Log {
    /// The exchanges in the order of their requests.
    pub entries: Vec<Entry>,
    /// The run, which a file of another program lacks.
    #[serde(rename = "_o365", default, skip_serializing_if = "Option::is_none")]
    pub run: Option<Run>,
}

/// The run that a recording was made of.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Run {
    /// The action's name.
    pub action: String,
    /// The input, its secrets as references such as `{"$secret": "password"}`.
    pub input: Value,
    /// What the action returned, `null` where that is nothing; this or `error`.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub result: Option<Value>,
    /// What the action failed with; this or `result`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Value>,
    /// What `describe` answered, for an action that uses a connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<Connection>,
    /// The component that ran: its SHA-256, in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub component: Option<String>,
    /// How long the run took by its own clock, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elapsed_ms: Option<u64>,
    /// Which clock that was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<ClockKind>,
}

/// The clock of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClockKind {
    /// One that runs as clocks do: it counts what the machine took as well.
    Real,
    /// One that stands still while anything goes on: the same run takes the same time.
    Virtual,
}

/// One exchange.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// How long the exchange took, in milliseconds.
    #[serde(default)]
    pub time: f64,
    /// The request.
    pub request: Request,
    /// The answer, or that there was none.
    pub response: Response,
}

/// A recorded request.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    /// The method.
    pub method: String,
    /// The whole address.
    pub url: String,
    /// The headers.
    #[serde(default)]
    pub headers: Vec<Header>,
    /// The body, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post_data: Option<PostData>,
}

/// A recorded request's body.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PostData {
    /// The body, its secrets as references.
    #[serde(default)]
    pub text: String,
}

/// A header.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Header {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// A recorded answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Response {
    /// The status; 0 when there was no answer.
    pub status: u16,
    /// The headers.
    #[serde(default)]
    pub headers: Vec<Header>,
    /// The body.
    #[serde(default)]
    pub content: Content,
    /// Why there was no answer: a case of `wasi:http`'s `error-code`. Browsers use the
    /// same field for words of their own.
    #[serde(rename = "_error", default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// A recorded answer's body.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Content {
    /// The body, as text or encoded.
    #[serde(default)]
    pub text: String,
    /// `base64` when the text is that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
}

/// Why a recording cannot be used.
#[derive(Debug, Error)]
pub enum HarError {
    /// The file cannot be read.
    #[error("the recording {}: {reason}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The reason.
        reason: io::Error,
    },
    /// The file is larger than any recording.
    #[error("the recording {} is larger than {} MiB, the most that is read", path.display(), MAX_BYTES >> 20)]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// The file is no HAR.
    #[error("the recording {} is no HAR 1.2 file: {reason}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// The reason.
        reason: serde_json::Error,
    },
    /// One of its exchanges cannot have happened.
    #[error("the recording {}: its exchange {number} {reason}", path.display())]
    Entry {
        /// The file.
        path: PathBuf,
        /// Which exchange, from 1.
        number: usize,
        /// What is wrong with it.
        reason: String,
    },
}

/// A body whose encoding cannot be undone.
#[derive(Debug, Error)]
pub enum ContentError {
    /// It says base64 and is not.
    #[error("has a body that is no base64: {0}")]
    Base64(base64::DecodeError),
    /// It names an encoding that HAR does not define.
    #[error("has a body in the unknown encoding {0:?}; HAR knows base64")]
    Encoding(String),
}

/// A value that is there, be it `null`.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

impl Har {
    /// Reads a recording, and checks that every answer in it can be given.
    pub fn read(path: &Path) -> Result<Self, HarError> {
        let failed = |reason| HarError::Read { path: path.to_owned(), reason };
        let mut text = Vec::new();
        // A device or a pipe does not say how much is in it.
        let file = File::open(path).map_err(failed)?;
        file.take(MAX_BYTES + 1).read_to_end(&mut text).map_err(failed)?;
        if text.len() > MAX_TEXT {
            return Err(HarError::TooLarge { path: path.to_owned() });
        }
        let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&text);
        let har: Self = serde_json::from_slice(text)
            .map_err(|reason| HarError::Format { path: path.to_owned(), reason })?;
        for (number, entry) in (1..).zip(&har.log.entries) {
            entry.check().map_err(|reason| HarError::Entry {
                path: path.to_owned(),
                number,
                reason,
            })?;
        }
        Ok(har)
    }
}

impl Entry {
    fn check(&self) -> Result<(), String> {
        if !(0.0..=LONGEST_MS).contains(&self.time) {
            return Err(format!("took {} ms, which no exchange does", self.time));
        }
        self.response.check()
    }
}

impl Response {
    fn check(&self) -> Result<(), String> {
        if self.error.is_some() {
            return Ok(());
        }
        self.content.bytes().map_err(|error| error.to_string())?;
        match self.status {
            0 => Err("has status 0, and no `_error` that says why there was no answer".to_owned()),
            status => {
                http::StatusCode::from_u16(status)
                    .map_err(|_| format!("has the status {status}, which HTTP does not have"))?;
                self.header_map().map(|_| ())
            }
        }
    }

    /// The headers as HTTP has them.
    pub fn header_map(&self) -> Result<HeaderMap, String> {
        let mut headers = HeaderMap::new();
        for Header { name, value } in &self.headers {
            let name = HeaderName::from_bytes(name.as_bytes())
                .map_err(|_| "has a header with an impossible name".to_owned())?;
            let value = HeaderValue::from_str(value)
                .map_err(|_| format!("has an impossible value of the header {name}"))?;
            headers.try_append(name, value).map_err(|_| "has too many headers".to_owned())?;
        }
        Ok(headers)
    }
}

impl Content {
    /// The body as it came.
    pub fn bytes(&self) -> Result<Vec<u8>, ContentError> {
        match self.encoding.as_deref() {
            None | Some("") => Ok(self.text.clone().into_bytes()),
            Some("base64") => STANDARD.decode(&self.text).map_err(ContentError::Base64),
            Some(other) => Err(ContentError::Encoding(other.to_owned())),
        }
    }
}
