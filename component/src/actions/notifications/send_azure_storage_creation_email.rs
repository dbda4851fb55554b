//! `send-azure-storage-creation-email`: tells a person that an Azure storage account
//! was created, and its access keys. The keys are in the mail,
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
        subject: &format!("Azure storage account {} was created", input.storage_account),
        opening: "A storage account was created in Microsoft Azure. These are its access keys.",
        facts: &storage::facts(&input),
        advice: storage::KEEP_SECRET,
        key: None,
        secret: true,
    })
}
