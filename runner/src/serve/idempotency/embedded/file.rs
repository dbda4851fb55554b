//! The file of the store.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use disk::{private, regular, replace};
use redb::backends::FileBackend;
use redb::{
    Database, DatabaseError, ReadableDatabase, TableDefinition, TableError, WriteTransaction,
};

use super::super::StoreError;
use super::super::digest::DigestKey;

/// The file name.
const NAME: &str = "idempotency.redb";

/// The metadata of the file.
const ABOUT: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("about");
const VERSION: &str = "version";
const SECRET: &str = "secret";

/// The version of the tables.
const THIS_VERSION: u8 = 2;

/// The size of redb's cache, in bytes, in place of 1 GiB: most reads are of recent entries.
const CACHE: usize = 16 << 20;

/// The open file, and the key of its digests.
pub struct Opened {
    pub database: Database,
    pub secret: DigestKey,
}

/// Returns the path of the file. Creates its directory if it does not exist.
pub fn path_in(directory: &Path) -> Result<PathBuf, StoreError> {
    private::open_dir(directory).map_err(|error| StoreError::Directory(Arc::new(error)))?;
    Ok(directory.join(NAME))
}

/// Opens and verifies the file. Creates it if it does not exist.
pub fn open(path: &Path) -> Result<Opened, StoreError> {
    let io = |reason| StoreError::Io { path: path.to_owned(), reason: Arc::new(reason) };
    let file = open_private(path).map_err(io)?;
    let backend = FileBackend::new(file).map_err(|error| cannot_open(path, error))?;
    let mut builder = Database::builder();
    // Without the check, redb would panic later on a damaged file.
    builder.set_cache_size(CACHE).set_check_integrity_on_open(true);
    let database =
        builder.create_with_backend(backend).map_err(|error| cannot_open(path, error))?;
    let secret = match about(path, &database)? {
        Some(secret) => secret,
        None => initialize(path, &database)?,
    };
    // The name of a new file must survive a crash of the machine, too.
    replace::sync_name(path).map_err(io)?;
    Ok(Opened { database, secret })
}

/// Begins a transaction that is on the disk when it is committed. It has two phases, so that a
/// damaged commit is an error when the file is opened: with one phase, redb would silently revert
/// to the previous commit and lose the last keys.
pub fn transaction(database: &Database) -> Result<WriteTransaction, redb::Error> {
    let mut transaction = database.begin_write()?;
    transaction.set_two_phase_commit(true);
    Ok(transaction)
}

/// Converts an error of the open file.
pub fn failed(path: &Path, error: redb::Error) -> StoreError {
    let path = path.to_owned();
    match error {
        redb::Error::Io(reason) if !not_whole(&reason) => {
            StoreError::Io { path, reason: Arc::new(reason) }
        }
        error @ (redb::Error::Io(_)
        | redb::Error::Corrupted(_)
        | redb::Error::TableTypeMismatch { .. }
        | redb::Error::TypeDefinitionChanged { .. }
        | redb::Error::TableIsMultimap(_)) => {
            StoreError::Damaged { path, reason: error.to_string() }
        }
        other => StoreError::Io { path, reason: Arc::new(io::Error::other(other)) },
    }
}

fn cannot_open(path: &Path, error: DatabaseError) -> StoreError {
    match error {
        DatabaseError::DatabaseAlreadyOpen | DatabaseError::LockProtocolMismatch => {
            StoreError::InUse { path: path.to_owned() }
        }
        DatabaseError::UpgradeRequired(found) => {
            StoreError::OtherVersion { path: path.to_owned(), found }
        }
        other => failed(path, other.into()),
    }
}

/// Returns whether the file is not a database, or is truncated.
fn not_whole(reason: &io::Error) -> bool {
    matches!(reason.kind(), ErrorKind::InvalidData | ErrorKind::UnexpectedEof)
}

/// Reads the key of the digests from a store; `None` if the file is new.
fn about(path: &Path, database: &Database) -> Result<Option<DigestKey>, StoreError> {
    let fail = |error| failed(path, error);
    let damaged = |reason: &str| StoreError::Damaged { path: path.into(), reason: reason.into() };
    let transaction = database.begin_read().map_err(|error| fail(error.into()))?;
    let table = match transaction.open_table(ABOUT) {
        Ok(table) => table,
        Err(TableError::TableDoesNotExist(_)) => {
            let mut tables = transaction.list_tables().map_err(|error| fail(error.into()))?;
            let new = tables.next().is_none();
            return if new { Ok(None) } else { Err(damaged("it is another database")) };
        }
        Err(error) => return Err(fail(error.into())),
    };
    let value = |name| table.get(name).map_err(|error| fail(error.into()));
    match value(VERSION)?.as_ref().map(redb::AccessGuard::value) {
        Some([THIS_VERSION]) => {}
        Some([found]) => {
            return Err(StoreError::OtherVersion { path: path.to_owned(), found: *found });
        }
        _ => return Err(damaged("its version is missing")),
    }
    let secret = value(SECRET)?.and_then(|secret| secret.value().try_into().ok());
    secret.map(Some).ok_or_else(|| damaged("the key of its digests is missing"))
}

/// Writes the metadata of a new store.
fn initialize(path: &Path, database: &Database) -> Result<DigestKey, StoreError> {
    let mut secret = DigestKey::default();
    getrandom::fill(&mut secret).map_err(|error| StoreError::Machine(error.to_string().into()))?;
    let write = || -> Result<(), redb::Error> {
        let transaction = transaction(database)?;
        let mut table = transaction.open_table(ABOUT)?;
        table.insert(VERSION, [THIS_VERSION].as_slice())?;
        table.insert(SECRET, secret.as_slice())?;
        drop(table);
        Ok(transaction.commit()?)
    };
    write().map_err(|error| failed(path, error))?;
    Ok(secret)
}

/// Opens the file for this user only.
fn open_private(path: &Path) -> io::Result<File> {
    let file = regular::open_with(private::file_options().read(true), path)?;
    private::close_to_others(&file)?;
    Ok(file)
}
