//! The guest: implements the world `office365` of `wit/` and talks to Microsoft
//! Graph alone.
//!
//! | module | what it holds |
//! | --- | --- |
//! | `actions` | what a platform calls: one file per action |
//! | `input` | checks of what an action is given, shared by the actions |
//! | `graph` | the Graph client: requests, retries, errors, the few types used |
//! | `country_codes` | ISO 3166-1, for usage locations |
//! | `failure` | building the contract's `error` |
//! | `permissions` | the least permission of each Graph call, from `wit/actions.toml` |
//! | `wasi` | the only file that knows WASI: HTTP, the clock, the host's connections |
//! | `bindings` | generated from `wit/` |
//!
//! Everything but `wasi` also runs outside a sandbox: an action takes a
//! [`graph::Host`], which is three small traits.

#![allow(
    clippy::result_large_err,
    reason = "the contract's error is one value, made once in a run"
)]

pub mod actions;
pub mod bindings;
pub mod country_codes;
pub mod failure;
pub mod graph;
pub mod input;
pub mod permissions;
mod wasi;

use actions::accounts;
use bindings::connector::office365::types::Error;
use bindings::exports::connector::office365::accounts::{
    Account, AssignLicenseToExistingUserInput, CreateUserInput, DeleteUserInput, Guest,
    LicenseInput,
};

/// The component as its host sees it.
pub struct Component;

impl Guest for Component {
    fn create_user(input: CreateUserInput) -> Result<Account, Error> {
        wasi::with_host(|host| accounts::create_user::run(host, input))
    }

    fn assign_license_to_existing_user(
        input: AssignLicenseToExistingUserInput,
    ) -> Result<Account, Error> {
        wasi::with_host(|host| accounts::assign_license_to_existing_user::run(host, input))
    }

    fn delete_user(input: DeleteUserInput) -> Result<(), Error> {
        wasi::with_host(|host| accounts::delete_user::run(host, input))
    }

    fn is_license_available(input: LicenseInput) -> Result<bool, Error> {
        wasi::with_host(|host| accounts::is_license_available::run(host, input))
    }

    fn get_available_license_count(input: LicenseInput) -> Result<u32, Error> {
        wasi::with_host(|host| accounts::get_available_license_count::run(host, input))
    }
}

// The names of a component's exports are no symbols that a host's linker takes.
#[cfg(target_arch = "wasm32")]
bindings::export!(Component with_types_in bindings);
