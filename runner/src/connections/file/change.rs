//! Adding, changing and removing tenants and keys in the configuration file, without other changes.
//!
//! A lock file admits one process at a time. The file is replaced as a whole, and only if the
//! new text has the intended content.

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

pub use super::rotate::{OtherKeys, Rotation};
use super::{ConfigError, Connections, Content, MAX_BYTES, hashes, insert, remove, rotate, text};
use crate::api_key::AcceptedKey;
use crate::connections::allowed::AllowedSecrets;
use crate::connections::config::TenantConfig;
use crate::limits::TenantLimits;

/// The time limit for acquiring the lock: many times the duration of a change.
const PATIENCE: Duration = Duration::from_secs(30);

/// The interval at which the lock is tried.
const INTERVAL: Duration = Duration::from_millis(10);

/// The configuration file, locked until this is dropped.
#[derive(Debug)]
pub struct Locked {
    /// The content, with the path as it was given.
    connections: Connections,
    /// The file itself, where that path is a link.
    file: PathBuf,
    metadata: Metadata,
    text: String,
    /// On a file beside it, since each change replaces the file itself.
    _lock: Lock,
}

impl Locked {
    /// Locks and reads the file.
    ///
    /// # Errors
    /// Fails when the file cannot be read or written, is invalid, or stays locked.
    pub fn open(path: &Path) -> Result<Self, ConfigError> {
        let unreadable = |reason| ConfigError::Unreadable(path.to_owned(), reason);
        let unwritable = |reason| ConfigError::Unwritable(path.to_owned(), reason);
        // A change replaces the file, not a link to it.
        let file = fs::canonicalize(path).map_err(unreadable)?;
        let metadata = fs::metadata(&file).map_err(unreadable)?;
        if metadata.permissions().readonly() {
            return Err(ConfigError::ReadOnly(path.to_owned()));
        }
        // Replacing only needs access to the directory; this checks access to the file.
        regular::open_with(OpenOptions::new().write(true), &file).map_err(unwritable)?;
        let lock = lock_file(&file, &metadata).map_err(unwritable)?;
        let started = Instant::now();
        while !lock.try_take().map_err(unwritable)? {
            if started.elapsed() > PATIENCE {
                return Err(ConfigError::Busy(path.to_owned()));
            }
            thread::sleep(INTERVAL);
        }
        let text = text(&file)?;
        let connections = Connections::parse(path, &text)?;
        Ok(Self { connections, file, metadata, text, _lock: lock })
    }

    /// Returns the content of the file.
    pub fn connections(&self) -> &Connections {
        &self.connections
    }

    /// Adds a tenant with one key and the default limits.
    ///
    /// # Errors
    /// Fails, and leaves the file unchanged, when the file has no place for it or cannot be
    /// replaced.
    pub fn add_tenant(
        self,
        id: &str,
        key: AcceptedKey,
        connections: &[String],
        actions: Option<&BTreeSet<String>>,
    ) -> Result<(), ConfigError> {
        let mut lines = vec![
            ("keys", format!("[{}]", hashes::written(&key))),
            ("connections", list(connections)),
        ];
        lines.extend(actions.map(|actions| ("actions", list(actions))));
        let mut content = self.connections.content.clone();
        content.tenants.push(TenantConfig {
            id: id.to_owned(),
            keys: vec![key],
            connections: connections.to_owned(),
            actions: actions.cloned(),
            limits: TenantLimits::default(),
            secrets: AllowedSecrets::default(),
            callback: None,
        });
        // As the parser sorts them.
        content.tenants.sort_by(|one, other| one.id.cmp(&other.id));
        self.replace(insert::tenant(&self.text, id, &lines), &content)
    }

    /// Adds a key to a tenant, before its other keys.
    ///
    /// # Errors
    /// Fails as [`Locked::add_tenant`] does, and when there is no such tenant.
    pub fn add_tenant_key(self, id: &str, key: AcceptedKey) -> Result<(), ConfigError> {
        let mut content = self.connections.content.clone();
        for tenant in content.tenants.iter_mut().filter(|tenant| tenant.id == id) {
            tenant.keys.insert(0, key);
        }
        self.replace(insert::tenant_key(&self.text, id, &hashes::written(&key)), &content)
    }

    /// Adds a key of operators, which gives access to the metrics of all tenants alone.
    ///
    /// # Errors
    /// Fails as [`Locked::add_tenant`] does.
    pub fn add_operator_key(self, key: AcceptedKey) -> Result<(), ConfigError> {
        let mut content = self.connections.content.clone();
        content.serve.operator_keys.insert(0, key);
        self.replace(insert::operator_key(&self.text, &hashes::written(&key)), &content)
    }

    /// Replaces the keys of a tenant. Returns what becomes of its other keys.
    ///
    /// # Errors
    /// Fails as [`Locked::add_tenant`] does, and when there is no such tenant.
    pub fn rotate_tenant_keys(
        self,
        id: &str,
        rotation: &Rotation,
    ) -> Result<OtherKeys, ConfigError> {
        let mut content = self.connections.content.clone();
        let (mut text, mut others) = (None, OtherKeys::None);
        for tenant in content.tenants.iter_mut().filter(|tenant| tenant.id == id) {
            let (keys, told) = rotation.applied_to(&tenant.keys);
            text = rotate::tenant(&self.text, id, &tenant.keys, &keys);
            (tenant.keys, others) = (keys, told);
        }
        self.replace(text, &content)?;
        Ok(others)
    }

    /// Replaces the keys of operators. Returns what becomes of the other ones.
    ///
    /// # Errors
    /// Fails as [`Locked::add_tenant`] does, and when the operators have no keys.
    pub fn rotate_operator_keys(self, rotation: &Rotation) -> Result<OtherKeys, ConfigError> {
        let mut content = self.connections.content.clone();
        let old = &mut content.serve.operator_keys;
        let (keys, others) = rotation.applied_to(old);
        let text = rotate::operators(&self.text, old, &keys);
        *old = keys;
        self.replace(text, &content)?;
        Ok(others)
    }

    /// Removes a tenant.
    ///
    /// # Errors
    /// Fails as [`Locked::add_tenant`] does, and when there is no such tenant.
    pub fn remove_tenant(self, id: &str) -> Result<(), ConfigError> {
        let mut content = self.connections.content.clone();
        content.tenants.retain(|tenant| tenant.id != id);
        self.replace(remove::tenant(&self.text, id), &content)
    }

    /// Replaces the file by a text, if the text has this content.
    fn replace(&self, text: Option<String>, content: &Content) -> Result<(), ConfigError> {
        let path = self.connections.path();
        let text = text
            .filter(|text| u64::try_from(text.len()).is_ok_and(|length| length <= MAX_BYTES))
            .filter(|text| {
                Connections::parse(path, text).is_ok_and(|new| has_content(&new, content))
            })
            .ok_or_else(|| ConfigError::NoPlace(path.to_owned()))?;
        let failed = |reason| ConfigError::Unwritable(path.to_owned(), reason);
        let mut new = Replacement::of(&self.file).map_err(failed)?;
        new.write_all(text.as_bytes()).map_err(failed)?;
        take_over(new.file(), &self.metadata).map_err(|reason| match reason.kind() {
            ErrorKind::PermissionDenied => ConfigError::NotOurs(path.to_owned()),
            _ => failed(reason),
        })?;
        new.commit(Synced::ContentAndName).map_err(failed)
    }
}

/// Returns whether a configuration has this content. One piece was changed, so the connections
/// are unchanged if their number is.
fn has_content(new: &Connections, content: &Content) -> bool {
    new.content.tenants == content.tenants
        && new.content.serve == content.serve
        && new.content.connections.len() == content.connections.len()
}

/// Returns texts that need no escapes as a TOML array.
fn list(items: impl IntoIterator<Item = impl Display>) -> String {
    let items: Vec<String> = items.into_iter().map(|item| format!("\"{item}\"")).collect();
    format!("[{}]", items.join(", "))
}

/// Opens the lock file, with the owner and the mode of the file.
fn lock_file(file: &Path, metadata: &Metadata) -> io::Result<Lock> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    let lock = regular::open_with(&options, &lock::beside(file)?)?;
    // Fails if another user created the lock file, and set this already.
    let _ = take_over(&lock, metadata);
    Ok(Lock::on(lock))
}

/// Sets the owner and the mode of a file.
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
