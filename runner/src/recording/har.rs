//! HAR 1.2, as far as a replay needs it. Everything else in a file is ignored, so
//! that a file from a browser or a proxy can be read as well.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

use crate::connections::Connection;

/// The largest file that is read, in bytes.
const MAX_BYTES: u64 = 256 * 1024 * 1024;

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
    /// What the action returned; this or `error`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<Value>,
    /// What the action failed with; this or `result`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Value>,
    /// What `describe` answered, for an action that uses a connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<Connection>,
    /// How long the run took by its own clock, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elapsed_ms: Option<u64>,
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

/// Why a recording cannot be read.
#[derive(Debug, Error)]
pub enum HarError {
    /// The file cannot be read.
    #[error("{path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// The file is larger than any recording.
    #[error("{path} is larger than {MAX_BYTES} bytes, the most that is read")]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// The file is no HAR.
    #[error("{path} is no HAR 1.2 file: {source}")]
    Format {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: serde_json::Error,
    },
}

/// A body whose encoding cannot be undone.
#[derive(Debug, Error)]
pub enum ContentError {
    /// It says base64 and is not.
    #[error("its body is no base64: {0}")]
    Base64(#[from] base64::DecodeError),
    /// It names an encoding that HAR does not define.
    #[error("its body has the unknown encoding {0:?}; HAR knows base64")]
    Encoding(String),
}

impl Har {
    /// Reads a recording.
    pub fn read(path: &Path) -> Result<Self, HarError> {
        let failed = |source| HarError::Read { path: path.to_owned(), source };
        if fs::metadata(path).map_err(failed)?.len() > MAX_BYTES {
            return Err(HarError::TooLarge { path: path.to_owned() });
        }
        let text = fs::read(path).map_err(failed)?;
        serde_json::from_slice(&text)
            .map_err(|source| HarError::Format { path: path.to_owned(), source })
    }
}

impl Content {
    /// The body as it came.
    pub fn bytes(&self) -> Result<Vec<u8>, ContentError> {
        match self.encoding.as_deref() {
            None | Some("") => Ok(self.text.clone().into_bytes()),
            Some("base64") => Ok(STANDARD.decode(&self.text)?),
            Some(other) => Err(ContentError::Encoding(other.to_owned())),
        }
    }
}
