//! A guest that misbehaves, to show that the sandbox stops it. What it does is
//! chosen by the service id, which the connector itself would refuse, or in a report by the
//! cursor: a name, and for some a number after a colon.
//!
//! - `computing`: it computes, waits, or fails by itself
//! - `hoarding`: it takes what the host keeps for it: memory, handles, names, headers
//! - `bodies`: it sends too much, too slowly, or never comes to an end
//! - `requests`: it makes many, and holds on to them; and how one is made
//! - `trespass`: it goes where it may not
//! - `handles`: it gives back what it has not, and in the wrong order
//! - `results`: it returns too much, or what is no value
//! - `dump`: its own memory, to be searched

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a guest that misbehaves may well panic"
)]

#[allow(clippy::all, clippy::restriction, reason = "generated code")]
mod bindings {
    wit_bindgen::generate!({
        path: "../wit",
        inline: "
            package test:hostile;
            // The connector's world with two of its interfaces: enough to misbehave in.
            world hostile {
                import wasi:http/outgoing-handler@0.2.3;
                import wasi:clocks/monotonic-clock@0.2.3;
                import connector:office365/connections@1.0.0;
                export connector:office365/accounts@1.0.0;
                export connector:office365/reports@1.0.0;
            }
        ",
        generate_all,
    });
}

mod bodies;
mod computing;
mod dump;
mod handles;
mod hoarding;
mod requests;
mod results;
mod trespass;

use bindings::connector::office365::types::Error;
use bindings::exports::connector::office365::accounts::{
    Account, AssignLicenseToExistingUserInput, CreateUserInput, DeleteUserInput, Guest as Accounts,
    LicenseInput,
};
use bindings::exports::connector::office365::reports::{
    Guest as Reports, Report, ReportInput, ReportPage, ReportPageInput,
};

struct Hostile;

impl Accounts for Hostile {
    fn is_license_available(input: LicenseInput) -> Result<bool, Error> {
        if input.service_id == "dump" {
            return Err(dump::told(&dump::after_a_request(&input.connection_id)));
        }
        misbehave(&input.service_id, &input.connection_id)?;
        Ok(true)
    }

    fn get_available_license_count(input: LicenseInput) -> Result<u32, Error> {
        misbehave(&input.service_id, &input.connection_id)?;
        Ok(0)
    }

    fn create_user(input: CreateUserInput) -> Result<Account, Error> {
        misbehave(&input.service_id, &input.connection_id)?;
        Err(results::failed())
    }

    fn assign_license_to_existing_user(
        _: AssignLicenseToExistingUserInput,
    ) -> Result<Account, Error> {
        unreachable!()
    }

    fn delete_user(_: DeleteUserInput) -> Result<(), Error> {
        unreachable!()
    }
}

impl Reports for Hostile {
    fn users_with_licenses_report(_: ReportInput) -> Result<Report, Error> {
        unreachable!()
    }

    fn users_without_licenses_report(_: ReportInput) -> Result<Report, Error> {
        unreachable!()
    }

    fn users_with_licenses_page(input: ReportPageInput) -> Result<ReportPage, Error> {
        let how = input.cursor.unwrap_or_default();
        let (name, number) = split(&how);
        Ok(results::page(name, number))
    }

    fn users_without_licenses_page(_: ReportPageInput) -> Result<ReportPage, Error> {
        unreachable!()
    }
}

fn misbehave(how: &str, connection: &str) -> Result<(), Error> {
    let (name, number) = split(how);
    let known = computing::misbehave(name, number)
        || hoarding::misbehave(name, number)
        || bodies::misbehave(name, number)
        || requests::misbehave(name, number)
        || trespass::misbehave(name, connection)
        || handles::misbehave(name);
    match results::error(name, number) {
        Some(error) => Err(error),
        None if known => Ok(()),
        None => panic!("unknown misbehaviour {name}"),
    }
}

/// A name, and the number after its colon.
fn split(how: &str) -> (&str, usize) {
    match how.split_once(':') {
        Some((name, number)) => (name, number.parse().unwrap()),
        None => (how, 0),
    }
}

bindings::export!(Hostile with_types_in bindings);
