//! The files of a directory of journals: numbered, private and append-only.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use disk::private;
use disk::replace::sync_name;

use super::lines::{FORMAT, Heading};

/// The end of the name of a file.
const SUFFIX: &str = ".journal";

/// A file that records are appended to.
pub(super) struct Segment {
    pub number: u64,
    pub path: Arc<Path>,
    file: File,
    heading: u64,
    pub size: usize,
}

impl Segment {
    /// Creates the file with a number, which must not exist, and syncs its heading and its name.
    pub fn create(directory: &Path, number: u64) -> io::Result<Self> {
        let path: Arc<Path> = path(directory, number).into();
        let mut options = private::file_options();
        let mut file = options.append(true).create_new(true).open(&path)?;
        let mut heading = serde_json::to_vec(&Heading { format: FORMAT.to_owned() })?;
        heading.push(b'\n');
        file.write_all(&heading)?;
        file.sync_all()?;
        sync_name(&path)?;
        let (size, length) = (heading.len(), u64::try_from(heading.len()).unwrap_or(u64::MAX));
        Ok(Self { number, path, file, heading: length, size })
    }

    /// Appends bytes.
    pub fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.size = self.size.saturating_add(bytes.len());
        Ok(())
    }

    /// Removes all records.
    pub fn clear(&mut self) -> io::Result<()> {
        self.file.set_len(self.heading)?;
        self.size = usize::try_from(self.heading).unwrap_or(usize::MAX);
        Ok(())
    }

    /// Syncs the appended bytes to the disk.
    pub fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }
}

/// Returns the path of the file with a number.
pub(super) fn path(directory: &Path, number: u64) -> PathBuf {
    directory.join(format!("{number:010}{SUFFIX}"))
}

/// Returns the numbers of the files in a directory, in order.
pub(super) fn numbers(directory: &Path) -> io::Result<Vec<u64>> {
    let mut numbers = Vec::new();
    for entry in fs::read_dir(directory)? {
        let name = entry?.file_name();
        let number = name.to_str().and_then(|name| name.strip_suffix(SUFFIX)?.parse().ok());
        numbers.extend::<Option<u64>>(number);
    }
    numbers.sort_unstable();
    Ok(numbers)
}
