//! What the three mails about the keys of a storage account share.

use crate::bindings::connector::office365::types::Error;
use crate::bindings::exports::connector::office365::notifications::AzureStorageEmailInput;
use crate::graph::Host;
use crate::input::{Problems, addresses, connection, keys, machines};
use crate::mail::{Fact, Outbox};

/// What to do with keys.
pub const KEEP_SECRET: &str = "Whoever has a key can read and change everything in the storage account. Keep the keys where only you can read them, and regenerate a key that somebody else may have seen.";

/// Checks the input; see the actions.
///
/// # Errors
/// `invalid-input` with all problems, or `unauthorized`.
pub fn check<'a>(mut host: Host<'a>, input: &AzureStorageEmailInput) -> Result<Outbox<'a>, Error> {
    let mut problems = Problems::default();
    let connection = connection::sending(&mut problems, &mut host, &input.connection_id);
    addresses::recipient(&mut problems, &input.recipient);
    machines::storage_account(&mut problems, &input.storage_account);
    keys::access_key(&mut problems, "/key1", &input.key1);
    keys::access_key(&mut problems, "/key2", &input.key2);
    let connection = problems.or_refuse(connection)?;
    Outbox::open(host, &input.connection_id, connection, &input.recipient)
}

/// The storage account and its keys.
pub fn facts(input: &AzureStorageEmailInput) -> [Fact<'_>; 3] {
    [
        Fact { label: "Storage account", value: &input.storage_account },
        Fact { label: "Key 1", value: &input.key1 },
        Fact { label: "Key 2", value: &input.key2 },
    ]
}
