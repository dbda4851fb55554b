//! A tenant or a key added to the configuration file, and nothing else in it changed.
//!
//! One process at a time changes it, which a lock file beside it sees to. The new text takes
//! the old one's place as a whole, and only if it says what it is to say: a process that is
//! killed leaves one or the other.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use disk::lock::{self, Lock};
use disk::regular;
use disk::replace::{Replacement, Synced};

use super::{ConfigError, Connections, Content, MAX_BYTES, insert, text};
use crate::api_key::KeyHash;
use crate::connections::config::TenantConfig;
use crate::limits::TenantLimits;

/// How long another process may be changing the file: many times what one change takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often the lock is tried.
const INTERVAL: Duration = Duration::from_millis(10);

/// The configuration file, which no other process changes until this is dropped.
#[derive(Debug)]
pub struct Locked {
    /// What the file says, under the name that it was given.
    connections: Connections,
    /// The file itself, where that name is a link to it.
    file: PathBuf,
    metadata: Metadata,
    text: String,
    /// The file itself cannot be locked: each change replaces it.
    _lock: Lock,
}

impl Locked {
    /// Waits for other processes that change the file, then reads it.
    ///
    /// # Errors
    /// When it cannot be read or written, is not as it must be, or another process does not
    /// end.
    pub fn open(path: &Path) -> Result<Self, ConfigError> {
        let unreadable = |reason| ConfigError::Unreadable { path: path.to_owned(), reason };
        let unwritable = |reason| ConfigError::Unwritable { path: path.to_owned(), reason };
        // What is written replaces the file and not a link to it.
        let file = fs::canonicalize(path).map_err(unreadable)?;
        let metadata = fs::metadata(&file).map_err(unreadable)?;
        if metadata.permissions().readonly() {
            return Err(ConfigError::ReadOnly { path: path.to_owned() });
        }
        // Replacing asks for the directory's permission alone, and this for the file's own.
        regular::open_with(OpenOptions::new().write(true), &file).map_err(unwritable)?;
        let lock = lock_file(&file, &metadata).map_err(unwritable)?;
        let started = Instant::now();
        while !lock.try_take().map_err(unwritable)? {
            if started.elapsed() > PATIENCE {
                return Err(ConfigError::Busy { path: path.to_owned() });
            }
            thread::sleep(INTERVAL);
        }
        let text = text(&file)?;
        let connections = Connections::parse(path, &text)?;
        Ok(Self { connections, file, metadata, text, _lock: lock })
    }

    /// What the file says.
    pub fn connections(&self) -> &Connections {
        &self.connections
    }

    /// Adds a tenant with one key and the limits that a tenant has if nothing is said.
    ///
    /// # Errors
    /// When the file has no place for it, or cannot be replaced; it is as it was then.
    pub fn add_tenant(
        self,
        id: &str,
        key: KeyHash,
        connections: &[String],
        actions: Option<&BTreeSet<String>>,
    ) -> Result<(), ConfigError> {
        let mut lines = vec![("keys", list([key])), ("connections", list(connections))];
        lines.extend(actions.map(|actions| ("actions", list(actions))));
        let mut content = self.connections.content.clone();
        content.tenants.push(TenantConfig {
            id: id.to_owned(),
            keys: vec![key],
            connections: connections.to_owned(),
            actions: actions.cloned(),
            limits: TenantLimits::default(),
        });
        // The order in which the parser has them.
        content.tenants.sort_by(|one, other| one.id.cmp(&other.id));
        self.replace(insert::tenant(&self.text, id, &lines), &content)
    }

    /// Adds a key to a tenant, before those that it has.
    ///
    /// # Errors
    /// As [`Locked::add_tenant`]; also when there is no such tenant.
    pub fn add_tenant_key(self, id: &str, key: KeyHash) -> Result<(), ConfigError> {
        let mut content = self.connections.content.clone();
        for tenant in content.tenants.iter_mut().filter(|tenant| tenant.id == id) {
            tenant.keys.insert(0, key);
        }
        self.replace(insert::tenant_key(&self.text, id, &quoted(key)), &content)
    }

    /// Adds a key that sees the metrics of all tenants and nothing else.
    ///
    /// # Errors
    /// As [`Locked::add_tenant`].
    pub fn add_operator_key(self, key: KeyHash) -> Result<(), ConfigError> {
        let mut content = self.connections.content.clone();
        content.serve.operator_keys.insert(0, key);
        self.replace(insert::operator_key(&self.text, &quoted(key)), &content)
    }

    /// Puts a text into the file's place, if it says what it is to say.
    fn replace(&self, text: Option<String>, content: &Content) -> Result<(), ConfigError> {
        let path = self.connections.path();
        let text = text
            .filter(|text| u64::try_from(text.len()).is_ok_and(|length| length <= MAX_BYTES))
            .filter(|text| Connections::parse(path, text).is_ok_and(|new| says(&new, content)))
            .ok_or_else(|| ConfigError::NoPlace { path: path.to_owned() })?;
        let failed = |reason| ConfigError::Unwritable { path: path.to_owned(), reason };
        let mut new = Replacement::of(&self.file).map_err(failed)?;
        new.write_all(text.as_bytes()).map_err(failed)?;
        take_over(new.file(), &self.metadata).map_err(|reason| match reason.kind() {
            ErrorKind::PermissionDenied => ConfigError::NotOurs { path: path.to_owned() },
            _ => failed(reason),
        })?;
        new.commit(Synced::ContentAndName).map_err(failed)
    }
}

/// Whether a configuration is what it is to be. The connections cannot have changed, as one
/// piece was added elsewhere; that they are as many shows that it was.
fn says(new: &Connections, content: &Content) -> bool {
    new.content.tenants == content.tenants
        && new.content.serve == content.serve
        && new.content.connections.len() == content.connections.len()
}

/// Texts that need no escapes, as TOML.
fn list(items: impl IntoIterator<Item = impl Display>) -> String {
    let items: Vec<String> = items.into_iter().map(quoted).collect();
    format!("[{}]", items.join(", "))
}

fn quoted(text: impl Display) -> String {
    format!("\"{text}\"")
}

/// The lock, beside the file. Whoever may write the file may hold it.
fn lock_file(file: &Path, metadata: &Metadata) -> io::Result<Lock> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    let lock = regular::open_with(&options, &lock::beside(file)?)?;
    // Not ours to give where another user has made it, who has done this then.
    let _ = take_over(&lock, metadata);
    Ok(Lock::on(lock))
}

/// Gives a file the owner and the mode of another.
fn take_over(file: &File, metadata: &Metadata) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, fchown};

        let own = file.metadata()?;
        if (own.uid(), own.gid()) != (metadata.uid(), metadata.gid()) {
            fchown(file, Some(metadata.uid()), Some(metadata.gid()))?;
        }
    }
    file.set_permissions(metadata.permissions())
}
