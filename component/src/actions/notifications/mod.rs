//! Actions that send notifications about events, from the connection's own mailbox.
//!
//! | module | what it tells a person |
//! | --- | --- |
//! | `send_created_user_email_notification` | a user account was created |
//! | `send_azure_storage_creation_email` | a storage account was created, and its keys |
//! | `send_keys_for_azure_storage_email` | a storage account's keys |
//! | `send_regenerated_keys_for_azure_storage_email` | a storage account's new keys |
//! | `send_aws_instance_creation_email` | an instance was created, with its private key |
//! | `send_virtual_machine_creation_email` | a virtual machine was created, how to log in |
//! | `send_status_virtual_machine_email` | a virtual machine's status |
//! | `storage` | what the mails about storage accounts share |
//!
//! A mail is sent at most once: when Graph's response is lost, `outcome-unknown` says how to
//! find out whether it was. It is Graph that has taken it then, and not the recipient.

pub mod send_aws_instance_creation_email;
pub mod send_azure_storage_creation_email;
pub mod send_created_user_email_notification;
pub mod send_keys_for_azure_storage_email;
pub mod send_regenerated_keys_for_azure_storage_email;
pub mod send_status_virtual_machine_email;
pub mod send_virtual_machine_creation_email;
mod storage;

use crate::bindings::connector::office365::types::Error;
use crate::bindings::exports::connector::office365::notifications::{
    AwsInstanceEmailInput, AzureStorageEmailInput, CreatedUserEmailInput, Guest,
    VirtualMachineCreatedEmailInput, VirtualMachineStatusEmailInput,
};
use crate::{Component, wasi};

impl Guest for Component {
    fn send_created_user_email_notification(input: CreatedUserEmailInput) -> Result<(), Error> {
        wasi::with_host(|host| send_created_user_email_notification::run(host, input))
    }

    fn send_azure_storage_creation_email(input: AzureStorageEmailInput) -> Result<(), Error> {
        wasi::with_host(|host| send_azure_storage_creation_email::run(host, input))
    }

    fn send_keys_for_azure_storage_email(input: AzureStorageEmailInput) -> Result<(), Error> {
        wasi::with_host(|host| send_keys_for_azure_storage_email::run(host, input))
    }

    fn send_regenerated_keys_for_azure_storage_email(
        input: AzureStorageEmailInput,
    ) -> Result<(), Error> {
        wasi::with_host(|host| send_regenerated_keys_for_azure_storage_email::run(host, input))
    }

    fn send_aws_instance_creation_email(input: AwsInstanceEmailInput) -> Result<(), Error> {
        wasi::with_host(|host| send_aws_instance_creation_email::run(host, input))
    }

    fn send_virtual_machine_creation_email(
        input: VirtualMachineCreatedEmailInput,
    ) -> Result<(), Error> {
        wasi::with_host(|host| send_virtual_machine_creation_email::run(host, input))
    }

    fn send_status_virtual_machine_email(
        input: VirtualMachineStatusEmailInput,
    ) -> Result<(), Error> {
        wasi::with_host(|host| send_status_virtual_machine_email::run(host, input))
    }
}
