//! A file of another program as its entries. Each entry is parsed by itself, so that other
//! entries may hold anything.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;
use serde_json::value::RawValue;

use super::attachments::{self, Attachments};
use super::repair::repaired;
use crate::har::{HarError, text};

/// A HAR file, or an archive with one.
#[derive(Debug)]
pub struct Document {
    pub(super) path: PathBuf,
    pub(super) entries: Entries,
    pub(super) attachments: Attachments,
    own: bool,
}

#[derive(Debug)]
pub(super) struct Entries {
    list: Vec<Box<RawValue>>,
    /// Whether U+FFFD replaces bytes that are not UTF-8.
    lossy: bool,
}

pub(super) struct Raw {
    pub value: Value,
    /// Whether U+FFFD may replace bytes that the program or the file could not store.
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
    /// Reads a HAR file, or an archive with one.
    pub fn read(path: &Path) -> Result<Self, HarError> {
        Self::from_bytes(path, &text::bytes(path)?)
    }

    /// Parses `bytes`, the content of the file `path`. Fails when they are neither a HAR file nor
    /// an archive with one.
    pub fn from_bytes(path: &Path, bytes: &[u8]) -> Result<Self, HarError> {
        if attachments::is_archive(bytes) {
            let (har, attachments) = Attachments::unpacked(path, bytes.to_vec())?;
            return Ok(Self { own: false, ..Self::parsed(path, &har, attachments)? });
        }
        Self::parsed(path, bytes, Attachments::of(path))
    }

    fn parsed(path: &Path, bytes: &[u8], attachments: Attachments) -> Result<Self, HarError> {
        let text = text::text(path, bytes)?;
        let File { log } = match serde_json::from_str(&text) {
            Ok(file) => file,
            // The error is that of the original text.
            Err(reason) => repaired(&text)
                .and_then(|text| serde_json::from_str(&text).ok())
                .ok_or_else(|| HarError::Format(path.to_owned(), reason))?,
        };
        let lossy = matches!(text, Cow::Owned(_));
        let entries = Entries { list: log.entries, lossy };
        Ok(Self { path: path.to_owned(), entries, attachments, own: log.run.is_some() })
    }

    /// Whether the file is a recording of the runner.
    pub fn is_own(&self) -> bool {
        self.own
    }
}

impl Entries {
    /// Returns the entries in order, with `None` for invalid JSON.
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
