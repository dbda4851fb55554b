//! Reads and validates recordings.

use std::io;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use thiserror::Error;

use super::{Content, Entry, Har, Header, Response, text};

/// The largest file that is read, in bytes.
pub const MAX_TEXT: usize = 256 << 20;

/// The longest exchange, in milliseconds: a day.
const LONGEST_MS: f64 = 86_400_000.0;

/// Why a recording cannot be used.
#[derive(Debug, Error)]
pub enum HarError {
    /// The file cannot be read.
    #[error("the recording {}: {}", .0.display(), .1)]
    Read(PathBuf, io::Error),
    /// The file is larger than [`MAX_TEXT`].
    #[error("the recording {} is larger than {} MiB, the most that is read", .0.display(), MAX_TEXT >> 20)]
    TooLarge(PathBuf),
    /// The text is not UTF-8.
    #[error(
        "the recording {} is in UTF-16; save it as UTF-8, which is JSON's encoding, such as with `iconv -f UTF-16 -t UTF-8`",
        .0.display()
    )]
    Utf16(PathBuf),
    /// The file is compressed.
    #[error("the recording {} is packed with gzip; unpack it with `gunzip` first", .0.display())]
    Gzip(PathBuf),
    /// The archive does not contain exactly one HAR file.
    #[error("the recording {} is an unusable zip archive: {}", .0.display(), .1)]
    Archive(PathBuf, String),
    /// The file is not HAR.
    #[error("the recording {} is not a HAR 1.2 file: {}", .0.display(), .1)]
    Format(PathBuf, serde_json::Error),
    /// An exchange, counted from 1, is invalid.
    #[error("the recording {}: its exchange {} {}", .0.display(), .1, .2)]
    Entry(PathBuf, usize, String),
}

/// Why a body cannot be decoded.
#[derive(Debug, Error)]
pub enum ContentError {
    /// The text is not base64, as its encoding states.
    #[error("has a body that is not base64: {0}")]
    Base64(base64::DecodeError),
    /// HAR does not define the encoding.
    #[error("has a body in the unknown encoding {0:?}; HAR knows base64")]
    Encoding(String),
}

impl Har {
    /// Reads a recording and validates every response in it.
    pub fn read(path: &Path) -> Result<Self, HarError> {
        let har = Self::parse(path)?;
        har.check(path)?;
        Ok(har)
    }

    /// Validates every response. `path` is named in the error.
    pub fn check(&self, path: &Path) -> Result<(), HarError> {
        (1..).zip(&self.log.entries).try_for_each(|(number, entry)| {
            entry.check().map_err(|reason| HarError::Entry(path.to_owned(), number, reason))
        })
    }

    /// Reads a recording without validating its responses.
    pub fn parse(path: &Path) -> Result<Self, HarError> {
        Self::from_slice(path, &text::bytes(path)?)
    }

    /// Parses `bytes`, the content of the file `path`.
    pub fn from_slice(path: &Path, bytes: &[u8]) -> Result<Self, HarError> {
        text::check_size(path, bytes)?;
        serde_json::from_slice(text::json(path, bytes)?)
            .map_err(|reason| HarError::Format(path.to_owned(), reason))
    }
}

impl Entry {
    /// Validates the response. The error completes a sentence about the entry.
    pub fn check(&self) -> Result<(), String> {
        if !(0.0..=LONGEST_MS).contains(&self.time) {
            return Err(format!("took {} ms, which no exchange does", self.time));
        }
        self.response.check()
    }
}

impl Response {
    fn check(&self) -> Result<(), String> {
        if self.status == 0 && self.error.is_some() {
            return Ok(());
        }
        self.content.bytes().map_err(|error| error.to_string())?;
        if self.status == 0 {
            return Err("has status 0, and no `_error` that states why there is no response".into());
        }
        StatusCode::from_u16(self.status)
            .map_err(|_| format!("has the status {}, which HTTP does not have", self.status))?;
        self.header_map().map(|_| ())
    }

    /// Returns the headers.
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
    /// Returns the decoded body.
    pub fn bytes(&self) -> Result<Vec<u8>, ContentError> {
        match self.encoding.as_deref() {
            None | Some("") => Ok(self.text.clone().into_bytes()),
            Some("base64") => STANDARD.decode(&self.text).map_err(ContentError::Base64),
            Some(other) => Err(ContentError::Encoding(other.to_owned())),
        }
    }
}
