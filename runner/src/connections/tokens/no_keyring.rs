//! No keyring: the program was built without it.

use std::future::{Ready, ready};

use secrecy::zeroize::Zeroizing;

use super::store::StoreError;

/// Fails: there is nothing to read from.
pub fn read(_: String) -> Ready<Result<Option<Zeroizing<Vec<u8>>>, StoreError>> {
    ready(Err(StoreError::NoKeyring))
}

/// Fails: there is nothing to write to.
pub fn write(_: String, _: Zeroizing<Vec<u8>>) -> Ready<Result<(), StoreError>> {
    ready(Err(StoreError::NoKeyring))
}
