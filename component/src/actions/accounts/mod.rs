//! Actions with accounts, and what they share.
//!
//! | module | what it holds |
//! | --- | --- |
//! | `create_user` | a new user with a licence; `creation` and `removal` are its steps |
//! | `assign_license_to_existing_user` | a licence for a user that exists |
//! | `delete_user` | the end of a user |
//! | `is_license_available`, `get_available_license_count` | free seats |
//! | `licensing` | finding a licence and a free seat, and why one cannot be assigned |
//! | `output` | the account that the actions give back |

pub mod assign_license_to_existing_user;
pub mod create_user;
mod creation;
pub mod delete_user;
pub mod get_available_license_count;
pub mod is_license_available;
mod licensing;
pub(super) mod output;
mod removal;

use crate::bindings::connector::office365::types::Error;
use crate::bindings::exports::connector::office365::accounts::{
    Account, AssignLicenseToExistingUserInput, CreateUserInput, DeleteUserInput, Guest,
    LicenseInput,
};
use crate::{Component, wasi};

impl Guest for Component {
    fn create_user(input: CreateUserInput) -> Result<Account, Error> {
        wasi::with_host(|host| create_user::run(host, input))
    }

    fn assign_license_to_existing_user(
        input: AssignLicenseToExistingUserInput,
    ) -> Result<Account, Error> {
        wasi::with_host(|host| assign_license_to_existing_user::run(host, input))
    }

    fn delete_user(input: DeleteUserInput) -> Result<(), Error> {
        wasi::with_host(|host| delete_user::run(host, input))
    }

    fn is_license_available(input: LicenseInput) -> Result<bool, Error> {
        wasi::with_host(|host| is_license_available::run(host, input))
    }

    fn get_available_license_count(input: LicenseInput) -> Result<u32, Error> {
        wasi::with_host(|host| get_available_license_count::run(host, input))
    }
}
