//! The file of a simulated tenant.
//!
//! It is JSON: `{"format": "o365-simulated-tenant/2", "tenant": {...}}` with a [`Tenant`]. Only its
//! owner can read it, because it contains mail. Writes are atomic, by one program at a time.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use disk::lock::{self, Lock};
use disk::regular;
use disk::replace::{Replacement, Synced};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::seed::SeedError;
use super::tenant::Tenant;

/// The format, with its version.
const FORMAT: &str = "o365-simulated-tenant/2";

/// The format before groups, which is read as well: a tenant without groups.
const EARLIER: &str = "o365-simulated-tenant/1";

/// The format, without the version.
const FORMAT_NAME: &str = "o365-simulated-tenant/";

/// The largest file that is read, in bytes.
const MAX_BYTES: u64 = 1 << 30;

/// The locked file of a tenant.
#[derive(Debug)]
pub struct StateFile {
    path: PathBuf,
    /// A lock beside the file, which each write replaces.
    _lock: Lock,
}

/// Why the file of a tenant cannot be used.
#[derive(Debug, Error)]
pub enum StateError {
    /// The file cannot be read.
    #[error("the simulated tenant {} cannot be read: {reason}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The reason.
        reason: io::Error,
    },
    /// The file does not contain a tenant.
    #[error(
        "{} does not contain a simulated tenant, and is left unchanged: {reason}; name another file, or remove it to start with the built-in tenant",
        path.display()
    )]
    Foreign {
        /// The file.
        path: PathBuf,
        /// The missing part.
        reason: String,
    },
    /// The tenant in the file is damaged or inconsistent.
    #[error(
        "the simulated tenant {} is damaged, and is left unchanged: {reason}; repair it, or remove it to start with the built-in tenant",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The damage.
        reason: String,
    },
    /// The file cannot be written.
    #[error("the simulated tenant {} cannot be written: {reason}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The reason.
        reason: io::Error,
    },
    /// The built-in tenant cannot be read.
    #[error(transparent)]
    Seed(#[from] SeedError),
}

#[derive(Deserialize)]
struct Head {
    format: Option<String>,
}

#[derive(Deserialize)]
struct Whole {
    tenant: Tenant,
}

#[derive(Serialize)]
struct Writing<'a> {
    format: &'a str,
    tenant: &'a Tenant,
}

impl StateFile {
    /// Opens and locks the file at `path`, which need not exist. If another program has locked it,
    /// calls `waiting` and waits.
    pub fn open(path: &Path, waiting: impl FnOnce()) -> Result<Self, StateError> {
        // A write must replace the file and not a link to it.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let failed = |reason| StateError::Write { path: path.clone(), reason };
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).write(true);
        let lock = lock::beside(&path).and_then(|path| regular::open_with(&options, &path));
        let lock = lock.map(Lock::on).map_err(failed)?;
        if !lock.try_take().map_err(failed)? {
            waiting();
            lock.take().map_err(failed)?;
        }
        Ok(Self { path, _lock: lock })
    }

    /// Reads the tenant; returns the built-in one if the file does not exist.
    pub fn read(&self) -> Result<Tenant, StateError> {
        match read(&self.path)? {
            Some(tenant) => Ok(tenant),
            None => Ok(Tenant::built_in()?),
        }
    }

    /// Writes the tenant.
    pub fn write(&self, tenant: &Tenant) -> Result<(), StateError> {
        self.replace(tenant).map_err(|reason| StateError::Write { path: self.path.clone(), reason })
    }

    fn replace(&self, tenant: &Tenant) -> io::Result<()> {
        let mut file = Replacement::of(&self.path)?;
        {
            let mut writer = BufWriter::new(&mut file);
            serde_json::to_writer_pretty(&mut writer, &Writing { format: FORMAT, tenant })?;
            writer.write_all(b"\n")?;
            writer.flush()?;
        }
        file.commit(Synced::Content)
    }
}

/// Reads the tenant in the file at `path`; `None` if the file does not exist.
pub fn read(path: &Path) -> Result<Option<Tenant>, StateError> {
    let failed = |reason| StateError::Read { path: path.to_owned(), reason };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(reason) => return Err(failed(reason)),
    };
    let mut text = Vec::new();
    file.take(MAX_BYTES).read_to_end(&mut text).map_err(failed)?;
    parse(path, &text).map(Some)
}

fn parse(path: &Path, text: &[u8]) -> Result<Tenant, StateError> {
    let foreign = |reason: String| StateError::Foreign { path: path.to_owned(), reason };
    let damaged = |reason: String| StateError::Damaged { path: path.to_owned(), reason };
    let head: Head = serde_json::from_slice(text).map_err(|error| {
        // The file may be a truncated tenant.
        let ours = String::from_utf8_lossy(text).contains(FORMAT_NAME);
        if ours { damaged(error.to_string()) } else { foreign(error.to_string()) }
    })?;
    match head.format.as_deref() {
        Some(FORMAT | EARLIER) => {}
        Some(other) if other.starts_with(FORMAT_NAME) => {
            return Err(foreign(format!(
                "it has the format {other:?}, and this version of o365 supports {FORMAT:?}"
            )));
        }
        _ => return Err(foreign(format!("it has no \"format\": {FORMAT:?}"))),
    }
    let whole: Whole = serde_json::from_slice(text).map_err(|error| damaged(error.to_string()))?;
    match whole.tenant.contradiction() {
        None => Ok(whole.tenant),
        Some(reason) => Err(damaged(reason)),
    }
}
