//! The least permission that allows each Graph call, as `wit/actions.toml` has it.

use crate::bindings::connector::office365::connections::Access;

/// A call's name, the least delegated and the least application permission.
type Row = (&'static str, Option<&'static str>, Option<&'static str>);

/// A row per call.
const LEAST: &[Row] = include!(concat!(env!("OUT_DIR"), "/permissions.rs"));

/// The least permission for `call`, such as `POST /users`, when it is made with `access`;
/// none for a call that no action declares.
pub fn least(call: &str, access: Access) -> Option<&'static str> {
    let (_, delegated, application) = LEAST.iter().find(|(name, ..)| *name == call)?;
    match access {
        Access::Delegated => *delegated,
        Access::AppOnly => *application,
    }
}
