//! Reading a file, and whether every answer in it can be given.

use std::io;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue};
use thiserror::Error;

use super::{Content, Entry, Har, Header, Response, text};

/// The largest file that is read, in bytes.
pub(super) const MAX_BYTES: u64 = 256 << 20;

/// The same, as the length of what was read.
pub const MAX_TEXT: usize = 256 << 20;

/// The longest exchange, in milliseconds: a day.
const LONGEST_MS: f64 = 86_400_000.0;

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
    /// Its text is not in JSON's encoding.
    #[error(
        "the recording {} is in UTF-16; save it as UTF-8, which is JSON's encoding, such as with `iconv -f UTF-16 -t UTF-8`",
        path.display()
    )]
    Utf16 {
        /// The file.
        path: PathBuf,
    },
    /// It is packed.
    #[error("the recording {} is packed with gzip; unpack it with `gunzip` first", path.display())]
    Gzip {
        /// The file.
        path: PathBuf,
    },
    /// It is an archive without a HAR file.
    #[error("the recording {} is a zip archive that is of no use: {reason}", path.display())]
    Archive {
        /// The file.
        path: PathBuf,
        /// The reason.
        reason: String,
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

impl Har {
    /// Reads a recording, and checks that every answer in it can be given.
    pub fn read(path: &Path) -> Result<Self, HarError> {
        let har = Self::parse(path)?;
        har.check(path)?;
        Ok(har)
    }

    /// Checks that every answer in it, the file `path`, can be given.
    pub fn check(&self, path: &Path) -> Result<(), HarError> {
        let mut entries = (1..).zip(&self.log.entries);
        entries.try_for_each(|(number, entry)| {
            let failed = |reason| HarError::Entry { path: path.to_owned(), number, reason };
            entry.check().map_err(failed)
        })
    }

    /// Reads a recording, whatever its answers are.
    pub fn parse(path: &Path) -> Result<Self, HarError> {
        Self::from_slice(path, &text::bytes(path)?)
    }

    /// The same for `bytes`, which were read from the file `path`.
    pub fn from_slice(path: &Path, bytes: &[u8]) -> Result<Self, HarError> {
        text::small_enough(path, bytes)?;
        serde_json::from_slice(text::json(path, bytes)?)
            .map_err(|reason| HarError::Format { path: path.to_owned(), reason })
    }
}

impl Entry {
    /// Checks that its answer can be given, and says in words why not.
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
