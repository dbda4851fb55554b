//! Bodies in files beside a recording, or with it in an archive, as Playwright writes them
//! with `content: "attach"`. A recording is somebody else's: it names no file elsewhere, and
//! what it unpacks to has an end.

use std::fmt;
use std::fs::{self, File};
use std::io::{Cursor, Read};
use std::path::{Component, Path, PathBuf};

use thiserror::Error;
use zip::ZipArchive;

use crate::har::{HarError, MAX_TEXT};

/// How a zip archive begins, and one that is empty.
/// Source: PKWARE's APPNOTE.TXT, sections 4.3.7 and 4.3.16.
const ARCHIVES: [&[u8]; 2] = [b"PK\x03\x04", b"PK\x05\x06"];

/// What the HAR file in an archive is called by Playwright.
const HAR: &str = "har.har";

/// Why a body outside of its entry is not there.
#[derive(Debug, Error)]
pub enum BesideError {
    /// Its name leads elsewhere.
    #[error("is in {0:?}, and only a file beside the recording is read")]
    Elsewhere(String),
    /// The file cannot be read.
    #[error("is in the file {name:?} beside it, which cannot be read: {reason}")]
    Read {
        /// The file's name.
        name: String,
        /// The reason.
        reason: String,
    },
    /// With it the bodies are larger than any recording.
    #[error("makes the recording unpack to more than {} MiB, the most that is read", MAX_TEXT >> 20)]
    TooLarge,
}

/// Where the other files of a recording are, and how much of them may be read yet.
#[derive(Debug)]
pub struct Beside {
    place: Place,
    left: usize,
}

enum Place {
    Folder(PathBuf),
    /// The names in it begin with `folder`.
    Archive {
        archive: Box<ZipArchive<Cursor<Vec<u8>>>>,
        folder: String,
    },
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => f.debug_tuple("Folder").field(folder).finish(),
            Self::Archive { folder, .. } => f.debug_tuple("Archive").field(folder).finish(),
        }
    }
}

/// Whether these are the bytes of an archive.
pub fn is_archive(bytes: &[u8]) -> bool {
    ARCHIVES.iter().any(|mark| bytes.starts_with(mark))
}

impl Beside {
    /// What is beside the file `path`.
    pub fn of(path: &Path) -> Self {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new(".")).to_owned();
        Self { place: Place::Folder(folder), left: MAX_TEXT }
    }

    /// The HAR file in an archive, the file `path`, and what is beside it there.
    ///
    /// # Errors
    /// When it is no archive with one HAR file.
    pub fn unpacked(path: &Path, bytes: Vec<u8>) -> Result<(Vec<u8>, Self), HarError> {
        let failed = |reason: String| HarError::Archive { path: path.to_owned(), reason };
        let archive =
            ZipArchive::new(Cursor::new(bytes)).map_err(|error| failed(error.to_string()))?;
        let name = har_in(&archive).map_err(|reason| failed(reason.to_owned()))?;
        let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
        let folder = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let place = Place::Archive { archive: Box::new(archive), folder };
        let mut beside = Self { place, left: MAX_TEXT };
        let name = name.rsplit('/').next().unwrap_or_default().to_owned();
        let har = beside.read(&name).map_err(|error| failed(format!("its HAR file {error}")))?;
        Ok((har, beside))
    }

    /// The file `name`.
    ///
    /// # Errors
    /// When it is not beside the recording, cannot be read, or is too large.
    pub fn read(&mut self, name: &str) -> Result<Vec<u8>, BesideError> {
        let failed = |reason: String| BesideError::Read { name: name.to_owned(), reason };
        if !is_plain(name) {
            return Err(BesideError::Elsewhere(name.to_owned()));
        }
        let left = self.left;
        let bytes = match &mut self.place {
            Place::Folder(folder) => {
                let path = folder.join(name);
                // A link leads elsewhere, and a pipe has no end.
                let kind =
                    fs::symlink_metadata(&path).map_err(|error| failed(error.to_string()))?;
                if !kind.is_file() {
                    return Err(failed("it is no plain file".to_owned()));
                }
                let file = File::open(&path).map_err(|error| failed(error.to_string()))?;
                limited(file, left).map_err(|error| failed(error.to_string()))?
            }
            Place::Archive { archive, folder } => {
                let file = archive
                    .by_name(&format!("{folder}{name}"))
                    .map_err(|error| failed(error.to_string()))?;
                if !file.is_file() || file.is_symlink() {
                    return Err(failed("it is no plain file".to_owned()));
                }
                limited(file, left).map_err(|error| failed(error.to_string()))?
            }
        };
        self.spend(bytes.len())?;
        Ok(bytes)
    }

    /// What may yet be read or unpacked, in bytes.
    pub fn left(&self) -> usize {
        self.left
    }

    /// Counts what was read or unpacked.
    ///
    /// # Errors
    /// When it was more than there may be.
    pub fn spend(&mut self, bytes: usize) -> Result<(), BesideError> {
        self.left = self.left.checked_sub(bytes).ok_or(BesideError::TooLarge)?;
        Ok(())
    }
}

/// So much of a file, and a byte more where there is more.
pub fn limited(file: impl Read, left: usize) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let most = u64::try_from(left).unwrap_or(u64::MAX).saturating_add(1);
    file.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The name of the HAR file in an archive.
fn har_in(archive: &ZipArchive<Cursor<Vec<u8>>>) -> Result<String, &'static str> {
    if archive.index_for_name(HAR).is_some() {
        return Ok(HAR.to_owned());
    }
    let mut names = archive
        .file_names()
        .filter_map(Result::ok)
        .filter(|name| name.to_lowercase().ends_with(".har"));
    match (names.next(), names.next()) {
        (Some(name), None) => Ok(name.into_owned()),
        (None, _) => Err("there is no .har file in it"),
        (Some(_), Some(_)) => Err("there is more than one .har file in it; unpack it and give one"),
    }
}

/// Whether a name is a file's own name and nothing else, on whatever system.
fn is_plain(name: &str) -> bool {
    let mut parts = Path::new(name).components();
    let one =
        matches!((parts.next(), parts.next()), (Some(Component::Normal(own)), None) if own == name);
    one && !name.contains(['/', '\\', ':', '\0'])
}
