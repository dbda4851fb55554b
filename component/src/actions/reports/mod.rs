//! Reports on the users of a tenant, and what they share.
//!
//! | module | what it holds |
//! | --- | --- |
//! | `users_with_licenses_report`, `users_without_licenses_report` | a whole report; `whole` is what they share |
//! | `users_with_licenses_page`, `users_without_licenses_page` | a report by page; `page` is what they share |
//! | `group` | which users a report is about |
//! | `cursor` | the cursors of report pages |
//! | `users` | the users of a report, in little memory |
//! | `output` | a report as the contract has it |
//! | `lowering` | its users as the canonical ABI has them |
//!
//! The tenant's users are listed once, without a filter, and split here: so every user is in
//! exactly one of the two reports.

mod cursor;
mod group;
#[cfg(target_arch = "wasm32")]
pub(crate) mod lowering;
pub mod output;
mod page;
mod users;
pub mod users_with_licenses_page;
pub mod users_with_licenses_report;
pub mod users_without_licenses_page;
pub mod users_without_licenses_report;
mod whole;

#[cfg(target_arch = "wasm32")]
use lowering::hold as lowered;
#[cfg(not(target_arch = "wasm32"))]
use output::copied as lowered;

use crate::bindings::connector::office365::types::Error;
use crate::bindings::exports::connector::office365::reports::{
    Guest, Report, ReportInput, ReportPage, ReportPageInput,
};
use crate::{Component, wasi};

impl Guest for Component {
    fn users_with_licenses_report(input: ReportInput) -> Result<Report, Error> {
        wasi::with_host(|host| users_with_licenses_report::run(host, input))
            .map(|it| it.with(lowered))
    }

    fn users_without_licenses_report(input: ReportInput) -> Result<Report, Error> {
        wasi::with_host(|host| users_without_licenses_report::run(host, input))
            .map(|it| it.with(lowered))
    }

    fn users_with_licenses_page(input: ReportPageInput) -> Result<ReportPage, Error> {
        wasi::with_host(|host| users_with_licenses_page::run(host, input))
            .map(|it| it.with(lowered))
    }

    fn users_without_licenses_page(input: ReportPageInput) -> Result<ReportPage, Error> {
        wasi::with_host(|host| users_without_licenses_page::run(host, input))
            .map(|it| it.with(lowered))
    }
}
