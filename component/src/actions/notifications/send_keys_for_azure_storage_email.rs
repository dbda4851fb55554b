//! `send-keys-for-azure-storage-email`: sends a person the access keys of an Azure
//! storage account. The keys are in the mail,
//! so the sender's mailbox keeps no copy.

use super::storage;
use crate::bindings::connector::office365::types::Error;
use crate::bindings::exports::connector::office365::notifications::AzureStorageEmailInput;
use crate::graph::Host;
use crate::mail::Mail;

/// Runs the action.
///
/// # Errors
/// Those of the contract; `outcome-unknown` when the mail may have been sent.
pub fn run(host: Host<'_>, input: AzureStorageEmailInput) -> Result<(), Error> {
    let mut outbox = storage::check(host, &input)?;
    outbox.send(&Mail {
        subject: &format!("Access keys for Azure storage account {}", input.storage_account),
        opening: "These are the access keys of a storage account in Microsoft Azure.",
        facts: &storage::facts(&input),
        advice: storage::KEEP_SECRET,
        key: None,
        secret: true,
    })
}
