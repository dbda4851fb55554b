//! Reports on the users of a tenant, and what they share.
//!
//! | module | what it holds |
//! | --- | --- |
//! | `users_with_licenses_report`, `users_without_licenses_report` | a whole report; `whole` is what they share |
//! | `users_with_licenses_page`, `users_without_licenses_page` | a report by page; `page` is what they share |
//! | `group` | which users a report is about |
//! | `cursor` | the cursors of report pages |
//! | `output` | a user as reports show it |
//!
//! The tenant's users are listed once, without a filter, and split here: so every user is in
//! exactly one of the two reports.

mod cursor;
mod group;
mod output;
mod page;
pub mod users_with_licenses_page;
pub mod users_with_licenses_report;
pub mod users_without_licenses_page;
pub mod users_without_licenses_report;
mod whole;

use crate::bindings::connector::office365::types::Error;
use crate::bindings::exports::connector::office365::reports::{
    Guest, Report, ReportInput, ReportPage, ReportPageInput,
};
use crate::{Component, wasi};

impl Guest for Component {
    fn users_with_licenses_report(input: ReportInput) -> Result<Report, Error> {
        wasi::with_host(|host| users_with_licenses_report::run(host, input))
    }

    fn users_without_licenses_report(input: ReportInput) -> Result<Report, Error> {
        wasi::with_host(|host| users_without_licenses_report::run(host, input))
    }

    fn users_with_licenses_page(input: ReportPageInput) -> Result<ReportPage, Error> {
        wasi::with_host(|host| users_with_licenses_page::run(host, input))
    }

    fn users_without_licenses_page(input: ReportPageInput) -> Result<ReportPage, Error> {
        wasi::with_host(|host| users_without_licenses_page::run(host, input))
    }
}
