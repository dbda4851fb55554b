//! The cache of compiled components. Cached code runs as native code, so its directory must be
//! accessible to the current user only, and each file carries a digest.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use disk::private::{self, PrivateDirError};
use disk::replace::{Replacement, Synced};
use disk::user_dir::{UserDir, UserDirError};
use sha2::{Digest, Sha256};
use thiserror::Error;

/// The environment variable that overrides the directory.
const VARIABLE: &str = UserDir::Cache.variable();

/// The file extension.
const EXTENSION: &str = "cwasm";

/// The number of cached components. Each build of the component is a separate file.
const MAX_FILES: usize = 16;

/// The length of a SHA-256 digest, in bytes.
const DIGEST: usize = 32;

/// Why compiled code is not cached. Runs work without the cache, and start more slowly.
#[derive(Debug, Error)]
pub enum CacheError {
    /// The user has no home directory.
    #[error("compiled code is not cached: there is no cache directory; name one in {VARIABLE}")]
    NoDirectory,
    /// The directory cannot be used, or a file in it cannot be written.
    #[error("compiled code is not cached: {0}")]
    Directory(#[from] PrivateDirError),
    /// Other users can access the directory, and may have placed code in it.
    #[error("compiled code is not cached: {0}; remove it, or name another directory in {VARIABLE}")]
    Others(PrivateDirError),
}

pub struct Cache {
    directory: PathBuf,
}

impl Cache {
    /// Opens the cache, and creates its directory if it does not exist.
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

    /// Returns the code with this key; `None` if it is missing or damaged.
    pub fn get(&self, key: &str) -> Option<Vec<u8>> {
        let mut file = fs::read(self.path(key)).ok()?;
        let (digest, code) = file.split_at_checked(DIGEST)?;
        if Sha256::digest(code).as_slice() != digest {
            return None;
        }
        file.drain(..DIGEST);
        Some(file)
    }

    /// Stores `code` under `key`, atomically.
    pub fn put(&self, key: &str, code: &[u8]) -> Result<(), CacheError> {
        self.write(key, code).map_err(|reason| failed(&self.directory, reason))
    }

    fn write(&self, key: &str, code: &[u8]) -> io::Result<()> {
        let mut file = Replacement::of(&self.path(key))?;
        file.write_all(&Sha256::digest(code))?;
        file.write_all(code)?;
        // Not synced: the digest detects a file that a crash of the machine truncated.
        file.commit(Synced::Nothing)?;
        self.remove_oldest()
    }

    fn remove_oldest(&self) -> io::Result<()> {
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
