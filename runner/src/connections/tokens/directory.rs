//! Tokens in private files, one for each key.

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

/// The time limit for acquiring a lock: longer than a sign-in takes.
const PATIENCE: Duration = Duration::from_secs(90);

/// The interval at which a lock is tried.
const INTERVAL: Duration = Duration::from_millis(25);

/// The directory of all tokens.
pub struct Directory(PathBuf);

/// The content of a file.
pub struct Kept {
    pub bytes: Zeroizing<Vec<u8>>,
    /// The permission bits of the file, if they gave others access.
    pub shared: Option<u32>,
}

impl Directory {
    /// Opens or creates a directory; the default is the user's state directory.
    pub fn open(path: Option<&Path>) -> Result<Self, StoreError> {
        let path = path.map_or_else(|| UserDir::State.path(), |path| Ok(path.to_owned()))?;
        private::open_dir(&path)?;
        Ok(Self(path))
    }

    /// Waits for the lock of `name`, and acquires it.
    pub async fn lock(&self, name: &str) -> Result<Lock, StoreError> {
        let path = self.0.join(name).with_extension("lock");
        let failed = |reason| StoreError::Io(path.clone(), reason);
        let file = regular::open_with(&private::file_options(), &path).map_err(failed)?;
        let (lock, started) = (Lock::on(file), Instant::now());
        while !lock.try_take().map_err(failed)? {
            if started.elapsed() > PATIENCE {
                return Err(StoreError::Locked(path));
            }
            tokio::time::sleep(INTERVAL).await;
        }
        Ok(lock)
    }

    /// Reads the file of `name`, and makes it private if others could read it.
    pub fn read(&self, name: &str) -> Result<Option<Kept>, StoreError> {
        let path = self.path(name);
        match read(&path) {
            Ok(kept) => Ok(Some(kept)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(reason) => Err(StoreError::Io(path, reason)),
        }
    }

    /// Writes the file of `name`, synced to the disk.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let path = self.path(name);
        replace(&path, bytes, Synced::ContentAndName).map_err(|reason| StoreError::Io(path, reason))
    }

    /// Renames the file of `name`, and returns the new path.
    pub fn set_aside(&self, name: &str) -> Result<PathBuf, StoreError> {
        let path = self.path(name);
        let aside = path.with_extension("damaged");
        fs::rename(&path, &aside).map(|()| aside).map_err(|reason| StoreError::Io(path, reason))
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
