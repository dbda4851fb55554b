//! Compiled code on disk. What is in there is run as native code, so it is only kept in a
//! directory that this user alone can reach, and only taken when it is whole.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use disk::private::{self, PrivateDirError};
use disk::replace::{Replacement, Synced};
use disk::user_dir::{UserDir, UserDirError};
use sha2::{Digest, Sha256};
use thiserror::Error;

/// The variable that names another directory.
const VARIABLE: &str = UserDir::Cache.variable();

/// The ending of its files.
const EXTENSION: &str = "cwasm";

/// How many components are kept compiled. A new build of the component is a new file.
const MAX_FILES: usize = 16;

/// The length of SHA-256, in bytes.
const DIGEST: usize = 32;

/// Why compiled code is not kept. Runs work without, and start slower.
#[derive(Debug, Error)]
pub enum CacheError {
    /// There is no home directory to put it in.
    #[error("compiled code is not kept: there is no cache directory; name one in {VARIABLE}")]
    NoDirectory,
    /// The directory cannot be used, or a file in it cannot be written.
    #[error("compiled code is not kept: {0}")]
    Directory(#[from] PrivateDirError),
    /// Others can reach the directory, or own it, and may have put code into it.
    #[error("compiled code is not kept: {0}; remove it, or name another directory in {VARIABLE}")]
    Others(PrivateDirError),
}

/// The cache in its directory.
pub struct Cache {
    directory: PathBuf,
}

impl Cache {
    /// Opens the cache; makes its directory when it is not there.
    pub fn open() -> Result<Self, CacheError> {
        let directory = UserDir::Cache.path().map_err(|error| match error {
            UserDirError::NoDirectory(_) => CacheError::NoDirectory,
            UserDirError::Io(_, path, reason) => failed(&path, reason),
        })?;
        private::open_dir(&directory).map_err(|error| match error {
            PrivateDirError::Io(..) => CacheError::Directory(error),
            _ => CacheError::Others(error),
        })?;
        Ok(Self { directory })
    }

    /// What was kept under `key`; none when nothing is there or it is damaged.
    pub fn get(&self, key: &str) -> Option<Vec<u8>> {
        let mut file = fs::read(self.path(key)).ok()?;
        let (digest, code) = file.split_at_checked(DIGEST)?;
        if Sha256::digest(code).as_slice() != digest {
            return None;
        }
        file.drain(..DIGEST);
        Some(file)
    }

    /// Keeps `code` under `key`. The file appears whole or not at all.
    pub fn put(&self, key: &str, code: &[u8]) -> Result<(), CacheError> {
        self.write(key, code).map_err(|reason| failed(&self.directory, reason))
    }

    fn write(&self, key: &str, code: &[u8]) -> io::Result<()> {
        let mut file = Replacement::of(&self.path(key))?;
        file.write_all(&Sha256::digest(code))?;
        file.write_all(code)?;
        // One that a crash of the machine has cut short fails its digest.
        file.commit(Synced::Nothing)?;
        self.forget_the_oldest()
    }

    fn forget_the_oldest(&self) -> io::Result<()> {
        let mut files: Vec<_> = fs::read_dir(&self.directory)?
            .filter_map(Result::ok)
            .filter(|entry| entry.path().extension().is_some_and(|ending| ending == EXTENSION))
            .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
            .collect();
        files.sort();
        let surplus = files.len().saturating_sub(MAX_FILES);
        files.iter().take(surplus).try_for_each(|(_, path)| fs::remove_file(path))
    }

    fn path(&self, key: &str) -> PathBuf {
        self.directory.join(key).with_extension(EXTENSION)
    }
}

fn failed(path: &Path, reason: io::Error) -> CacheError {
    PrivateDirError::Io(path.to_owned(), reason).into()
}
