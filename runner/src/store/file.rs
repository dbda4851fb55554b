//! A file of redb that one process opens at a time, and only the current user can read.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use disk::{private, regular, replace};
use redb::backends::FileBackend;
use redb::{
    Database, DatabaseError, ReadableDatabase, TableDefinition, TableError, WriteTransaction,
};
use thiserror::Error;

/// The metadata of a file.
const ABOUT: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("about");
const VERSION: &str = "version";
const SECRET: &str = "secret";

/// The size of redb's cache, in bytes, in place of 1 GiB: most reads are of recent entries.
const CACHE: usize = 16 << 20;

/// The random bytes that a file gets when it is created.
pub type Secret = [u8; 32];

/// A file with the tables of one version.
pub struct DatabaseFile {
    path: PathBuf,
    version: u8,
    secret: Secret,
    /// `None` after an error, which requires redb to open the file again.
    database: Option<Database>,
}

/// Why a file cannot be used.
#[derive(Clone, Debug, Error)]
pub enum FileError {
    /// The file cannot be created, read or written.
    #[error("{0}")]
    Io(Arc<io::Error>),
    /// Another process, or another part of this one, has the file open.
    #[error("another server has it open")]
    InUse,
    /// The file is not what was written, or is incomplete.
    #[error("it is damaged: {0}")]
    Damaged(String),
    /// The tables have another version.
    #[error("it has version {0}")]
    OtherVersion(u8),
    /// The machine lacks random numbers.
    #[error("{0}")]
    Machine(Arc<str>),
}

impl DatabaseFile {
    /// Opens and verifies a file, which is created if it does not exist. Blocks while it reads the
    /// whole file.
    pub fn open(path: &Path, version: u8) -> Result<Self, FileError> {
        let database = database(path)?;
        let secret = match about(&database, version)? {
            Some(secret) => secret,
            None => initialize(&database, version)?,
        };
        // The name of a new file must survive a crash of the machine, too.
        replace::sync_name(path).map_err(unusable)?;
        Ok(Self { path: path.to_owned(), version, secret, database: Some(database) })
    }

    /// Returns the path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the random bytes of the file.
    pub fn secret(&self) -> &Secret {
        &self.secret
    }

    /// Begins a transaction that is on the disk when it is committed. It has two phases, so that a
    /// damaged commit is an error when the file is opened: with one phase, redb would silently
    /// revert to the previous commit and lose the last entries.
    pub fn begin(&mut self) -> Result<WriteTransaction, FileError> {
        let database = match self.database.take() {
            Some(database) => database,
            None => {
                let again = Self::open(&self.path, self.version)?;
                if again.secret != self.secret {
                    let reason = "it was replaced while it was in use".to_owned();
                    return Err(FileError::Damaged(reason));
                }
                again.database.ok_or_else(|| FileError::Machine("it is closed".into()))?
            }
        };
        two_phases(self.database.insert(database))
    }

    /// Closes the file after an error. The next transaction opens it again.
    pub fn close(&mut self) {
        self.database = None;
    }
}

/// An error of an open file.
impl From<redb::Error> for FileError {
    fn from(error: redb::Error) -> Self {
        match error {
            redb::Error::Io(reason) if !is_not_whole(&reason) => unusable(reason),
            error @ (redb::Error::Io(_)
            | redb::Error::Corrupted(_)
            | redb::Error::TableTypeMismatch { .. }
            | redb::Error::TypeDefinitionChanged { .. }
            | redb::Error::TableIsMultimap(_)) => Self::Damaged(error.to_string()),
            other => unusable(io::Error::other(other)),
        }
    }
}

fn unusable(reason: io::Error) -> FileError {
    FileError::Io(Arc::new(reason))
}

fn two_phases(database: &Database) -> Result<WriteTransaction, FileError> {
    let transaction = database.begin_write().map_err(redb::Error::from);
    let mut transaction = transaction?;
    transaction.set_two_phase_commit(true);
    Ok(transaction)
}

/// Opens the file for this user only.
fn database(path: &Path) -> Result<Database, FileError> {
    let file = open_private(path).map_err(unusable)?;
    let backend = FileBackend::new(file).map_err(cannot_open)?;
    let mut builder = Database::builder();
    // Without the check, redb would panic later on a damaged file.
    builder.set_cache_size(CACHE).set_check_integrity_on_open(true);
    builder.create_with_backend(backend).map_err(cannot_open)
}

fn open_private(path: &Path) -> io::Result<File> {
    let file = regular::open_with(private::file_options().read(true), path)?;
    private::close_to_others(&file)?;
    Ok(file)
}

fn cannot_open(error: DatabaseError) -> FileError {
    match error {
        DatabaseError::DatabaseAlreadyOpen | DatabaseError::LockProtocolMismatch => {
            FileError::InUse
        }
        DatabaseError::UpgradeRequired(found) => FileError::OtherVersion(found),
        other => redb::Error::from(other).into(),
    }
}

/// Returns whether the file is not a database, or is truncated.
fn is_not_whole(reason: &io::Error) -> bool {
    matches!(reason.kind(), ErrorKind::InvalidData | ErrorKind::UnexpectedEof)
}

/// Reads the random bytes of a file of this version; `None` if the file is new.
fn about(database: &Database, version: u8) -> Result<Option<Secret>, FileError> {
    let damaged = |reason: &str| FileError::Damaged(reason.to_owned());
    let transaction = database.begin_read().map_err(redb::Error::from)?;
    let table = match transaction.open_table(ABOUT) {
        Ok(table) => table,
        Err(TableError::TableDoesNotExist(_)) => {
            let mut tables = transaction.list_tables().map_err(redb::Error::from)?;
            let is_new = tables.next().is_none();
            return if is_new { Ok(None) } else { Err(damaged("it is another database")) };
        }
        Err(error) => return Err(redb::Error::from(error).into()),
    };
    let value = |name| table.get(name).map_err(redb::Error::from);
    match value(VERSION)?.as_ref().map(redb::AccessGuard::value) {
        Some([found]) if *found == version => {}
        Some([found]) => return Err(FileError::OtherVersion(*found)),
        _ => return Err(damaged("its version is missing")),
    }
    let secret = value(SECRET)?.and_then(|secret| secret.value().try_into().ok());
    secret.map(Some).ok_or_else(|| damaged("its random bytes are missing"))
}

/// Writes the metadata of a new file.
fn initialize(database: &Database, version: u8) -> Result<Secret, FileError> {
    let mut secret = Secret::default();
    getrandom::fill(&mut secret).map_err(|error| FileError::Machine(error.to_string().into()))?;
    let transaction = two_phases(database)?;
    let write = || -> Result<(), redb::Error> {
        let mut table = transaction.open_table(ABOUT)?;
        table.insert(VERSION, [version].as_slice())?;
        table.insert(SECRET, secret.as_slice())?;
        Ok(())
    };
    write()?;
    transaction.commit().map_err(redb::Error::from)?;
    Ok(secret)
}
