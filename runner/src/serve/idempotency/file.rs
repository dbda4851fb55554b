//! Opening the file, and what is wrong with one that cannot be opened.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use disk::{private, regular, replace};
use redb::backends::FileBackend;
use redb::{
    Database, DatabaseError, ReadableDatabase, TableDefinition, TableError, WriteTransaction,
};

use super::StoreError;
use super::command::DigestKey;

/// The file in its directory.
const NAME: &str = "idempotency.redb";

/// What the file says of itself.
const ABOUT: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("about");
const VERSION: &str = "version";
const SECRET: &str = "secret";

/// Of the tables in the file; another is refused.
const THIS_VERSION: u8 = 2;

/// How much of the file is held in memory, in bytes; redb's own choice is 1 GiB. What is
/// asked for is mostly what was written last.
const CACHE: usize = 16 << 20;

/// The file, open, and the key of its digests.
pub struct Opened {
    pub database: Database,
    pub secret: DigestKey,
}

/// Where the file is, in a directory that is made when it is not there.
pub fn place(directory: &Path) -> Result<PathBuf, StoreError> {
    private::open_dir(directory).map_err(|error| StoreError::Directory(Arc::new(error)))?;
    Ok(directory.join(NAME))
}

/// Opens the file, which is made when it is not there, and checks all of it.
pub fn open(path: &Path) -> Result<Opened, StoreError> {
    let io = |reason| StoreError::Io { path: path.to_owned(), reason: Arc::new(reason) };
    let file = open_private(path).map_err(io)?;
    let backend = FileBackend::new(file).map_err(|error| cannot_open(path, error))?;
    let mut builder = Database::builder();
    // Unchecked, a file that was damaged elsewhere is trusted, and redb panics later.
    builder.set_cache_size(CACHE).set_check_integrity_on_open(true);
    let database =
        builder.create_with_backend(backend).map_err(|error| cannot_open(path, error))?;
    let secret = match about(path, &database)? {
        Some(secret) => secret,
        None => found(path, &database)?,
    };
    // That there is such a file has to outlive the machine's end too.
    replace::sync_name(path).map_err(io)?;
    Ok(Opened { database, secret })
}

/// A transaction that is on the disk when it is committed. In two phases, for then a damaged
/// commit is an error when the file is opened; in one, redb goes back to the commit before
/// it, and the last keys would be new again without a word.
pub fn transaction(database: &Database) -> Result<WriteTransaction, redb::Error> {
    let mut transaction = database.begin_write()?;
    transaction.set_two_phase_commit(true);
    Ok(transaction)
}

/// What an error of an open file means.
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

/// What the system says of a file that is no database, or ends too early.
fn not_whole(reason: &io::Error) -> bool {
    matches!(reason.kind(), ErrorKind::InvalidData | ErrorKind::UnexpectedEof)
}

/// The key of the digests, if the file is one of ours; none if it is new.
fn about(path: &Path, database: &Database) -> Result<Option<DigestKey>, StoreError> {
    let fail = |error| failed(path, error);
    let damaged = |reason: &str| StoreError::Damaged { path: path.into(), reason: reason.into() };
    let transaction = database.begin_read().map_err(|error| fail(error.into()))?;
    let table = match transaction.open_table(ABOUT) {
        Ok(table) => table,
        Err(TableError::TableDoesNotExist(_)) => {
            let mut tables = transaction.list_tables().map_err(|error| fail(error.into()))?;
            let new = tables.next().is_none();
            return if new { Ok(None) } else { Err(damaged("it is a database of something else")) };
        }
        Err(error) => return Err(fail(error.into())),
    };
    let value = |name| table.get(name).map_err(|error| fail(error.into()));
    match value(VERSION)?.as_ref().map(redb::AccessGuard::value) {
        Some([THIS_VERSION]) => {}
        Some([found]) => {
            return Err(StoreError::OtherVersion { path: path.to_owned(), found: *found });
        }
        _ => return Err(damaged("it does not say its version")),
    }
    let secret = value(SECRET)?.and_then(|secret| secret.value().try_into().ok());
    secret.map(Some).ok_or_else(|| damaged("the key of its digests is missing"))
}

/// Makes a new file one of ours.
fn found(path: &Path, database: &Database) -> Result<DigestKey, StoreError> {
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

/// The file, which this user alone can read.
fn open_private(path: &Path) -> io::Result<File> {
    let file = regular::open_with(private::file_options().read(true), path)?;
    private::close_to_others(&file)?;
    Ok(file)
}
