//! A file of another program as its parts: each entry by itself, so that one that is nothing
//! to a run can hold whatever its program wrote.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;
use serde_json::value::RawValue;

use super::beside::{self, Beside};
use super::repair::repaired;
use crate::har::{HarError, text};

/// A HAR file, or an archive with one.
#[derive(Debug)]
pub struct Document {
    pub(super) path: PathBuf,
    pub(super) entries: Entries,
    pub(super) beside: Beside,
    own: bool,
}

/// The entries of a file, each of which is read by itself.
#[derive(Debug)]
pub(super) struct Entries {
    list: Vec<Box<RawValue>>,
    /// Whether bytes that were no UTF-8 have become U+FFFD.
    lossy: bool,
}

/// An entry as its program wrote it.
pub(super) struct Raw {
    pub value: Value,
    /// Whether U+FFFD may stand in it for what its program or its file could not hold.
    pub lossy: bool,
}

#[derive(Deserialize)]
struct File {
    log: Log,
}

#[derive(Deserialize)]
struct Log {
    entries: Vec<Box<RawValue>>,
    #[serde(rename = "_o365", default)]
    run: Option<IgnoredAny>,
}

impl Document {
    /// Reads a file.
    ///
    /// # Errors
    /// When it cannot be read, or is neither a HAR file nor an archive with one.
    pub fn read(path: &Path) -> Result<Self, HarError> {
        Self::from_bytes(path, &text::bytes(path)?)
    }

    /// The same for `bytes`, which were read from the file `path`.
    ///
    /// # Errors
    /// When they are neither a HAR file nor an archive with one.
    pub fn from_bytes(path: &Path, bytes: &[u8]) -> Result<Self, HarError> {
        if beside::is_archive(bytes) {
            let (har, beside) = Beside::unpacked(path, bytes.to_vec())?;
            return Ok(Self { own: false, ..Self::parsed(path, &har, beside)? });
        }
        Self::parsed(path, bytes, Beside::of(path))
    }

    fn parsed(path: &Path, bytes: &[u8], beside: Beside) -> Result<Self, HarError> {
        let text = text::text(path, bytes)?;
        let File { log } = match serde_json::from_str(&text) {
            Ok(file) => file,
            // What cannot be repaired is told as it is.
            Err(reason) => repaired(&text)
                .and_then(|text| serde_json::from_str(&text).ok())
                .ok_or_else(|| HarError::Format { path: path.to_owned(), reason })?,
        };
        let lossy = matches!(text, Cow::Owned(_));
        let entries = Entries { list: log.entries, lossy };
        Ok(Self { path: path.to_owned(), entries, beside, own: log.run.is_some() })
    }

    /// Whether it says which run it was made of, as recordings of ours do.
    pub fn is_own(&self) -> bool {
        self.own
    }
}

impl Entries {
    /// The entries in order; none for one that is no JSON, however one reads it.
    pub(super) fn raw(&self) -> impl Iterator<Item = Option<Raw>> {
        self.list.iter().map(|entry| match serde_json::from_str(entry.get()) {
            Ok(value) => Some(Raw { value, lossy: self.lossy }),
            Err(_) => {
                let value = serde_json::from_str(&repaired(entry.get())?).ok()?;
                Some(Raw { value, lossy: true })
            }
        })
    }
}
