//! The file of the store.

use std::path::Path;
use std::sync::Arc;

use disk::private;

use super::super::StoreError;
use crate::store::file::{DatabaseFile, FileError};

/// The file name.
const NAME: &str = "idempotency.redb";

/// The version of the tables.
const VERSION: u8 = 2;

/// Opens and verifies the file in a directory. Creates both if they do not exist. The random bytes
/// of the file are the key of its digests.
pub fn open(directory: &Path) -> Result<DatabaseFile, StoreError> {
    private::open_dir(directory).map_err(|error| StoreError::Directory(Arc::new(error)))?;
    let path = directory.join(NAME);
    DatabaseFile::open(&path, VERSION).map_err(|error| failed(&path, error))
}

/// Returns the error of a file.
pub fn failed(path: &Path, error: FileError) -> StoreError {
    let path = path.to_owned();
    match error {
        FileError::Io(reason) => StoreError::Io { path, reason },
        FileError::InUse => StoreError::InUse { path },
        FileError::Damaged(reason) => StoreError::Damaged { path, reason },
        FileError::OtherVersion(found) => StoreError::OtherVersion { path, found },
        FileError::Machine(reason) => StoreError::Machine(reason),
    }
}
