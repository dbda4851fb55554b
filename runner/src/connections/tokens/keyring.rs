//! Tokens in the system's keyring: Keychain, Credential Manager, or the Secret Service.

use keyring::v1::{Entry, Error};
use secrecy::zeroize::Zeroizing;

use super::store::StoreError;

/// The service's name in the keyring.
const SERVICE: &str = "o365";

/// Reads the entry `name`.
pub async fn read(name: String) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
    off_the_runtime(move || match entry(&name)?.get_secret() {
        Ok(bytes) => Ok(Some(Zeroizing::new(bytes))),
        Err(Error::NoEntry) => Ok(None),
        Err(error) => Err(failed(&error)),
    })
    .await
}

/// Writes the entry `name`.
pub async fn write(name: String, bytes: Zeroizing<Vec<u8>>) -> Result<(), StoreError> {
    off_the_runtime(move || entry(&name)?.set_secret(&bytes).map_err(|error| failed(&error))).await
}

fn entry(name: &str) -> Result<Entry, StoreError> {
    if let Err(error) = Entry::store_status() {
        return Err(failed(error));
    }
    Entry::new(SERVICE, name).map_err(|error| failed(&error))
}

/// Describes a failure without the entry's content, which the library's errors may contain.
fn failed(error: &Error) -> StoreError {
    StoreError::Keyring(match error {
        Error::PlatformFailure(reason) | Error::NoStorageAccess(reason) => reason.to_string(),
        Error::TooLong(..) => "the tokens are too long for it".to_owned(),
        Error::NoDefaultStore | Error::NotSupportedByStore(_) => "there is none".to_owned(),
        _ => "what it holds cannot be read".to_owned(),
    })
}

/// Runs blocking work: a keyring may ask its user.
async fn off_the_runtime<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|_| Err(StoreError::Keyring("it was interrupted".to_owned())))
}
