//! Compiled code on disk. What is in there is run as native code, so it is only kept in a
//! directory that this user alone can reach, and only taken when it is whole.

use std::fs::{self, DirBuilder, Metadata};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use etcetera::{BaseStrategy, choose_base_strategy};
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;
use thiserror::Error;

/// The variable that names another directory.
const VARIABLE: &str = "O365_CACHE_DIR";

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
    /// The directory or a file in it cannot be made or written.
    #[error("compiled code is not kept: {path}: {reason}", path = .path.display())]
    Io {
        /// The directory.
        path: PathBuf,
        /// The reason.
        reason: io::Error,
    },
    /// Others can reach it, and may have put code into it.
    #[error("compiled code is not kept: others have access to {path}; remove it, or name another directory in {VARIABLE}", path = .path.display())]
    NotPrivate {
        /// The directory.
        path: PathBuf,
    },
    /// The directory belongs to another user.
    #[error("compiled code is not kept: {path} belongs to another user; name another directory in {VARIABLE}", path = .path.display())]
    NotOurs {
        /// The directory.
        path: PathBuf,
    },
}

/// The cache in its directory.
pub struct Cache {
    directory: PathBuf,
}

impl Cache {
    /// Opens the cache; makes its directory when it is not there.
    pub fn open() -> Result<Self, CacheError> {
        let directory = directory()?;
        let failed = |reason| CacheError::Io { path: directory.clone(), reason };
        private_builder().create(&directory).map_err(failed)?;
        check_private(&directory, &fs::metadata(&directory).map_err(failed)?)?;
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
        self.write(key, code)
            .map_err(|reason| CacheError::Io { path: self.directory.clone(), reason })
    }

    fn write(&self, key: &str, code: &[u8]) -> io::Result<()> {
        // Readable by nobody else, whatever the umask is.
        let mut file = NamedTempFile::new_in(&self.directory)?;
        file.write_all(&Sha256::digest(code))?;
        file.write_all(code)?;
        file.persist(self.path(key))?;
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

fn directory() -> Result<PathBuf, CacheError> {
    match std::env::var_os(VARIABLE) {
        Some(path) if !path.is_empty() => std::path::absolute(&path)
            .map_err(|reason| CacheError::Io { path: path.into(), reason }),
        _ => choose_base_strategy()
            .map(|base| base.cache_dir().join("o365"))
            .map_err(|_| CacheError::NoDirectory),
    }
}

fn private_builder() -> DirBuilder {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

#[cfg(unix)]
fn check_private(path: &Path, metadata: &Metadata) -> Result<(), CacheError> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    if metadata.permissions().mode() & 0o077 != 0 {
        return Err(CacheError::NotPrivate { path: path.to_owned() });
    }
    // A file that we make is ours: its owner says who we are.
    let owner = NamedTempFile::new_in(path)
        .and_then(|file| file.as_file().metadata())
        .map(|probe| probe.uid());
    match owner {
        Ok(owner) if owner == metadata.uid() => Ok(()),
        Ok(_) => Err(CacheError::NotOurs { path: path.to_owned() }),
        Err(reason) => Err(CacheError::Io { path: path.to_owned(), reason }),
    }
}

#[cfg(not(unix))]
fn check_private(_: &Path, _: &Metadata) -> Result<(), CacheError> {
    Ok(())
}
