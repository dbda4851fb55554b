//! `users-without-licenses-report`: the users who have no licence, not by a
//! group either.
//!
//! Guests and users who cannot sign in are there too. All is held in memory: for a tenant of
//! many thousands of users there is `users-without-licenses-page`.

use super::group::Group;
use super::output::Report;
use super::whole;
use crate::bindings::connector::office365::types::Error;
use crate::bindings::exports::connector::office365::reports::ReportInput;
use crate::graph::Host;

/// Runs the action.
///
/// # Errors
/// Those of the contract; see the module's description.
pub fn run(host: Host<'_>, input: ReportInput) -> Result<Report, Error> {
    whole::run(host, &input, Group::WithoutLicenses)
}
