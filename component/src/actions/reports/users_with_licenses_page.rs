//! `users-with-licenses-page`: one page of the users who have at least one licence.
//!
//! One page of the tenant's users is read, and those with licences are given back, which may
//! be fewer or none while there are further pages. A cursor keeps the page size that the
//! first page had.

use super::group::Group;
use super::output::ReportPage;
use super::page;
use crate::bindings::connector::office365::types::Error;
use crate::bindings::exports::connector::office365::reports::ReportPageInput;
use crate::graph::Host;

/// Runs the action.
///
/// # Errors
/// Those of the contract; see the module's description.
pub fn run(host: Host<'_>, input: ReportPageInput) -> Result<ReportPage, Error> {
    page::run(host, &input, Group::WithLicenses)
}
