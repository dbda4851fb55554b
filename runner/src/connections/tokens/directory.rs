//! Tokens in files: one for each key, readable by this user alone, replaced whole.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use secrecy::zeroize::Zeroizing;
use tempfile::NamedTempFile;

use super::store::StoreError;
use crate::connections::secret::shared;
use crate::private_dir;
use crate::regular_file;
use crate::state_dir;

/// How long another process may hold a lock: longer than any one sign-in should take.
const PATIENCE: Duration = Duration::from_secs(90);

/// How often a lock is tried.
const INTERVAL: Duration = Duration::from_millis(25);

/// The directory of all tokens.
pub struct Directory(PathBuf);

/// What a file holds.
pub struct Kept {
    pub bytes: Zeroizing<Vec<u8>>,
    /// The permission bits that the file had, where they let others at it.
    pub shared: Option<u32>,
}

/// Held while tokens are replaced; let go when it is dropped, or the process ends.
pub struct Lock(#[expect(dead_code, reason = "its end lets go of the lock")] File);

impl Directory {
    /// Opens a directory, or the user's own for state; makes it when it is not there.
    pub fn open(path: Option<&Path>) -> Result<Self, StoreError> {
        let path = path.map_or_else(state_dir::path, |path| Ok(path.to_owned()))?;
        private_dir::open(&path)?;
        Ok(Self(path))
    }

    /// Waits until no other process has the lock of `name`.
    pub async fn lock(&self, name: &str) -> Result<Lock, StoreError> {
        let path = self.0.join(name).with_extension("lock");
        let failed = |reason| StoreError::Io { path: path.clone(), reason };
        let file = regular_file::open_with(&private_options(), &path).map_err(failed)?;
        let started = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Lock(file)),
                Err(TryLockError::Error(reason)) => return Err(failed(reason)),
                Err(TryLockError::WouldBlock) if started.elapsed() > PATIENCE => {
                    return Err(StoreError::Locked { path });
                }
                Err(TryLockError::WouldBlock) => tokio::time::sleep(INTERVAL).await,
            }
        }
    }

    /// What is kept under `name`. A file that others could read is made private again.
    pub fn read(&self, name: &str) -> Result<Option<Kept>, StoreError> {
        let path = self.path(name);
        match read(&path) {
            Ok(kept) => Ok(Some(kept)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(reason) => Err(StoreError::Io { path, reason }),
        }
    }

    /// Keeps `bytes` under `name`, on the disk when it returns.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let path = self.path(name);
        self.replace(&path, bytes).map_err(|reason| StoreError::Io { path, reason })
    }

    fn replace(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        // Readable by nobody else, whatever the umask is.
        let mut file = NamedTempFile::new_in(&self.0)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        private_dir::sync(&self.0)
    }

    /// Moves what is kept under `name` out of the way, and says where to.
    pub fn set_aside(&self, name: &str) -> Result<PathBuf, StoreError> {
        let path = self.path(name);
        let aside = path.with_extension("damaged");
        fs::rename(&path, &aside).map(|()| aside).map_err(|reason| StoreError::Io { path, reason })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name).with_extension("json")
    }
}

fn read(path: &Path) -> io::Result<Kept> {
    let mut file = regular_file::open(path)?;
    let shared = shared(&file.metadata()?);
    if shared.is_some() {
        make_private(&file)?;
    }
    let mut bytes = Zeroizing::new(Vec::new());
    file.read_to_end(&mut bytes)?;
    Ok(Kept { bytes, shared })
}

#[cfg(unix)]
fn make_private(file: &File) -> io::Result<()> {
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))
}

#[cfg(not(unix))]
fn make_private(_: &File) -> io::Result<()> {
    Ok(())
}

fn private_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}
