//! Finding out what is wrong with a connection.
//!
//! | module | what it holds |
//! | --- | --- |
//! | `verify_connection` | the action; the checks in their order |
//! | `tenant`, `sender`, `seats` | the checks; that of the domain is part of the tenant's |
//! | `finding` | what a check found |

mod finding;
mod seats;
mod sender;
mod tenant;
pub mod verify_connection;

use crate::bindings::connector::office365::types::Error;
use crate::bindings::exports::connector::office365::diagnostics::{
    Guest, Verification, VerifyConnectionInput,
};
use crate::{Component, wasi};

impl Guest for Component {
    fn verify_connection(input: VerifyConnectionInput) -> Result<Verification, Error> {
        wasi::with_host(|host| verify_connection::run(host, input))
    }
}
