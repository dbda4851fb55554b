//! `is-license-available`: whether at least one seat of a licence is free.
//!
//! The response is that of `get-available-license-count`, compared with zero, and so are
//! the errors. A free seat is not reserved: another caller may take it.

use super::get_available_license_count;
use crate::bindings::connector::office365::types::Error;
use crate::bindings::exports::connector::office365::accounts::LicenseInput;
use crate::graph::Host;

/// Runs the action.
///
/// # Errors
/// Those of `get-available-license-count`.
pub fn run(host: Host<'_>, input: LicenseInput) -> Result<bool, Error> {
    Ok(get_available_license_count::run(host, input)? > 0)
}
