//! Bodies in files beside a recording, or in the same archive, as Playwright writes them with
//! `content: "attach"`. A recording is untrusted: it cannot name other files, and the size of its
//! files is limited.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Cursor, Read};
use std::path::{Component, Path, PathBuf};

use thiserror::Error;
use zip::ZipArchive;

use crate::har::{HarError, MAX_TEXT};

/// The first bytes of a zip archive, and of an empty one. Source: PKWARE's APPNOTE.TXT, sections
/// 4.3.7 and 4.3.16.
const ARCHIVES: [&[u8]; 2] = [b"PK\x03\x04", b"PK\x05\x06"];

/// The name of the HAR file in an archive of Playwright.
const HAR: &str = "har.har";

/// Why an attached body cannot be read.
#[derive(Debug, Error)]
pub enum AttachmentError {
    /// The name leads outside the folder of the recording.
    #[error("is in {0:?}, and only a file beside the recording is read")]
    Elsewhere(String),
    /// The file cannot be read.
    #[error("is in the file {0:?} beside it, which cannot be read: {1}")]
    Read(String, String),
    /// The bodies exceed the size of any recording.
    #[error("makes the recording unpack to more than {} MiB, the most that is read", MAX_TEXT >> 20)]
    TooLarge,
}

/// The files of a recording, with the number of bytes that may still be read.
#[derive(Debug)]
pub struct Attachments {
    place: Place,
    left: usize,
}

enum Place {
    Folder(PathBuf),
    /// An archive, with the path of the recording's folder in it.
    Archive(Box<ZipArchive<Cursor<Vec<u8>>>>, String),
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => f.debug_tuple("Folder").field(folder).finish(),
            Self::Archive(_, folder) => f.debug_tuple("Archive").field(folder).finish(),
        }
    }
}

pub fn is_archive(bytes: &[u8]) -> bool {
    ARCHIVES.iter().any(|mark| bytes.starts_with(mark))
}

impl Attachments {
    /// Returns the files beside the recording `path`.
    pub fn of(path: &Path) -> Self {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new(".")).to_owned();
        Self { place: Place::Folder(folder), left: MAX_TEXT }
    }

    /// Returns the HAR file in the archive `path`, and the files beside it. Fails when `bytes`
    /// are not an archive with one HAR file.
    pub fn unpacked(path: &Path, bytes: Vec<u8>) -> Result<(Vec<u8>, Self), HarError> {
        let failed = |reason: String| HarError::Archive(path.to_owned(), reason);
        let archive =
            ZipArchive::new(Cursor::new(bytes)).map_err(|error| failed(error.to_string()))?;
        let path = har_in(&archive).map_err(|reason| failed(reason.to_owned()))?;
        let start = path.rfind('/').map_or(0, |slash| slash + 1);
        let (folder, name) = path.split_at_checked(start).unwrap_or(("", &path));
        let place = Place::Archive(Box::new(archive), folder.to_owned());
        let mut attachments = Self { place, left: MAX_TEXT };
        let har = attachments.read(name);
        Ok((har.map_err(|error| failed(format!("its HAR file {error}")))?, attachments))
    }

    /// Reads the file `name`. Fails when the file is not beside the recording, is unreadable, or
    /// is too large.
    pub fn read(&mut self, name: &str) -> Result<Vec<u8>, AttachmentError> {
        if !is_plain(name) {
            return Err(AttachmentError::Elsewhere(name.to_owned()));
        }
        let bytes = self
            .read_plain(name)
            .map_err(|reason| AttachmentError::Read(name.to_owned(), reason.to_string()))?;
        self.spend(bytes.len())?;
        Ok(bytes)
    }

    fn read_plain(&mut self, name: &str) -> io::Result<Vec<u8>> {
        let not_plain = || Err(io::Error::other("it is no plain file"));
        match &mut self.place {
            Place::Folder(folder) => {
                let path = folder.join(name);
                // A link leads elsewhere, and a pipe has no end.
                if !fs::symlink_metadata(&path)?.is_file() {
                    return not_plain();
                }
                limited(File::open(path)?, self.left)
            }
            Place::Archive(archive, folder) => {
                let file = archive.by_name(&format!("{folder}{name}"))?;
                if !file.is_file() || file.is_symlink() {
                    return not_plain();
                }
                limited(file, self.left)
            }
        }
    }

    pub fn left(&self) -> usize {
        self.left
    }

    /// Counts bytes that were read or unpacked. Fails when they exceed the rest.
    pub fn spend(&mut self, bytes: usize) -> Result<(), AttachmentError> {
        self.left = self.left.checked_sub(bytes).ok_or(AttachmentError::TooLarge)?;
        Ok(())
    }
}

/// Reads at most one byte more than `left`, which shows that the file is too large.
pub fn limited(file: impl Read, left: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let most = u64::try_from(left).unwrap_or(u64::MAX).saturating_add(1);
    file.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

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

/// Whether `name` is a plain file name on every system.
fn is_plain(name: &str) -> bool {
    let mut parts = Path::new(name).components();
    let one =
        matches!((parts.next(), parts.next()), (Some(Component::Normal(own)), None) if own == name);
    one && !name.contains(['/', '\\', ':', '\0'])
}
