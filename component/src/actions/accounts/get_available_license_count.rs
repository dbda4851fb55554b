//! `get-available-license-count`: how many seats of a licence are free.
//!
//! Seats that are paid for or in their grace period count, less those in use; see
//! [`Sku::available_seats`](crate::graph::skus::Sku::available_seats). A licence for the
//! whole company has none. A licence that the tenant does not have is `not-found`.

use alloc::string::String;

use super::licensing;
use crate::bindings::connector::office365::types::Error;
use crate::bindings::exports::connector::office365::accounts::LicenseInput;
use crate::graph::{Graph, Host};
use crate::input::{Problems, connection, ids};

/// Opens the connection and checks the service id, which is returned in lower case.
fn check<'a>(mut host: Host<'a>, input: &LicenseInput) -> Result<(Graph<'a>, String), Error> {
    let mut problems = Problems::default();
    let connection = connection::connection(&mut problems, &mut host, &input.connection_id);
    let sku_id = ids::service_id(&mut problems, &input.service_id);
    let connection = problems.or_refuse(connection)?;
    Ok((Graph::open(host, &input.connection_id, connection, &sku_id)?, sku_id))
}

/// Runs the action.
///
/// # Errors
/// Those of the contract; see the module's description.
pub fn run(host: Host<'_>, input: LicenseInput) -> Result<u32, Error> {
    let (mut graph, sku_id) = check(host, &input)?;
    Ok(licensing::find(&mut graph, &sku_id)?.sku.available_seats())
}
