//! Tokens in files: one for each key, readable by this user alone, replaced whole.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use disk::lock::Lock;
use disk::replace::{Synced, replace};
use disk::user_dir::UserDir;
use disk::{private, regular};
use secrecy::zeroize::Zeroizing;

use super::store::StoreError;

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

impl Directory {
    /// Opens a directory, or the user's own for state; makes it when it is not there.
    pub fn open(path: Option<&Path>) -> Result<Self, StoreError> {
        let path = path.map_or_else(|| UserDir::State.path(), |path| Ok(path.to_owned()))?;
        private::open_dir(&path)?;
        Ok(Self(path))
    }

    /// Waits until no other process has the lock of `name`, and takes it.
    pub async fn lock(&self, name: &str) -> Result<Lock, StoreError> {
        let path = self.0.join(name).with_extension("lock");
        let failed = |reason| StoreError::Io { path: path.clone(), reason };
        let file = regular::open_with(&private::file_options(), &path).map_err(failed)?;
        let (lock, started) = (Lock::on(file), Instant::now());
        while !lock.try_take().map_err(failed)? {
            if started.elapsed() > PATIENCE {
                return Err(StoreError::Locked { path });
            }
            tokio::time::sleep(INTERVAL).await;
        }
        Ok(lock)
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
        replace(&path, bytes, Synced::ContentAndName)
            .map_err(|reason| StoreError::Io { path, reason })
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
    let mut file = regular::open(path)?;
    let shared = private::shared_mode(&file.metadata()?);
    if shared.is_some() {
        private::close_to_others(&file)?;
    }
    let mut bytes = Zeroizing::new(Vec::new());
    file.read_to_end(&mut bytes)?;
    Ok(Kept { bytes, shared })
}
