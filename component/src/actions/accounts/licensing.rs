//! Finding a licence and a free seat, and why a licence cannot be assigned.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use crate::bindings::connector::office365::types::{Error, ErrorKind, Who};
use crate::failure::failure;
use crate::graph::Graph;
use crate::graph::error::{CallError, Doing};
use crate::graph::fault::Fault;
use crate::graph::operation;
use crate::graph::skus::{self, Sku};

/// How many of the tenant's SKUs an error names at most.
const NAMED: usize = 5;

/// A SKU of the tenant.
pub struct Found {
    /// The SKU.
    pub sku: Sku,
    /// When Graph listed it, by its own clock, in seconds since 1970.
    pub listed_at: Option<i64>,
}

/// Finds the SKU `service_id` among the tenant's subscriptions: by its id or by its part
/// number.
///
/// # Errors
/// `not-found` when it is not among them; else what kept Graph from listing them.
pub fn find(graph: &mut Graph<'_>, service_id: &str) -> Result<Found, Error> {
    let listed = graph.subscribed_skus().map_err(|error| graph.explain(error, skus::LIST))?;
    let listed_at = listed.answered_at;
    let wanted = |sku: &&Sku| !sku.sku_id.is_empty() && sku.is_named(service_id);
    match listed.items.iter().find(wanted) {
        Some(sku) => Ok(Found { sku: sku.clone(), listed_at }),
        None => Err(not_owned(service_id, &listed.items)),
    }
}

/// Checks that a seat of `sku` is free.
///
/// # Errors
/// `license-unavailable`, with the numbers.
pub fn require_seat(sku: &Sku) -> Result<(), Error> {
    if !sku.is_for_users() {
        return Err(failure(
            ErrorKind::LicenseUnavailable,
            format!(
                "The licence {} is for the whole company and cannot be assigned to a user.",
                sku.name()
            ),
            "Use the service id of a licence for users.",
            Who::Caller,
        ));
    }
    if sku.available_seats() > 0 {
        return Ok(());
    }
    let status = sku.capability_status.as_deref().unwrap_or("unknown");
    Err(failure(
        ErrorKind::LicenseUnavailable,
        format!(
            "No seat of the licence {} is free: {} (status {status}).",
            sku.name(),
            sku.seats_in_words()
        ),
        "Buy more seats of the licence, or take it from a user who does not need it.",
        Who::LicenseAdmin,
    ))
}

/// The contract's error for a licence that could not be assigned.
///
/// Graph responds with 400 `Request_BadRequest` to most of the reasons, so its message has to
/// tell them apart; one that is not known stays what it is. The texts are those observed
/// in public; those on unknown SKUs, conflicts and dependencies are from memory.
pub fn explain_assignment(graph: &Graph<'_>, error: CallError, task: &str) -> Error {
    let known = error.fault().filter(|fault| fault.status == 400).and_then(known_refusal);
    known.unwrap_or_else(|| {
        graph.explain(error, Doing { operation: &operation::ASSIGN_LICENSE, task })
    })
}

fn known_refusal(fault: &Fault) -> Option<Error> {
    let (fix, who) = if fault.says("usage location") {
        (
            "Set the user's usage location to a country in which the licence is sold.",
            Who::TenantAdmin,
        )
    } else if fault.says("does not have any available licenses") {
        (
            "Buy more seats of the licence, or take it from a user who does not need it.",
            Who::LicenseAdmin,
        )
    } else if fault.says("mutually exclusive") || fault.says("conflicting") {
        (
            "Take away the user's licence that holds the conflicting service plan, or switch that plan off.",
            Who::LicenseAdmin,
        )
    } else if fault.says("depend") {
        ("Assign the licence on which this one depends first.", Who::LicenseAdmin)
    } else if fault.says("cannot be assigned to a user") {
        ("Use the service id of a licence for users.", Who::Caller)
    } else if fault.says("does not correspond to a valid company license") {
        let message = "The licence is not among the tenant's subscriptions.".to_owned();
        return Some(with_graph(ErrorKind::NotFound, message, NOT_OWNED_FIX, Who::Caller, fault));
    } else {
        return None;
    };
    let message = format!("The licence cannot be assigned: {}", fault.text());
    Some(with_graph(ErrorKind::LicenseUnavailable, message, fix, who, fault))
}

/// What to do about a licence that the tenant does not have.
const NOT_OWNED_FIX: &str =
    "Check the service id and the connection's tenant, or import the catalog again.";

fn with_graph(kind: ErrorKind, message: String, fix: &str, who: Who, fault: &Fault) -> Error {
    Error { graph: fault.record(), ..failure(kind, message, fix, who) }
}

fn not_owned(service_id: &str, owned: &[Sku]) -> Error {
    // In order as they come: a sort costs more of the component's size than this file.
    let mut names = Vec::with_capacity(owned.len());
    for name in owned.iter().map(Sku::name) {
        names.insert(names.partition_point(|other| *other < name), name);
    }
    let more = if names.len() > NAMED { " and others" } else { "" };
    names.truncate(NAMED);
    let has = match names.as_slice() {
        [] => "it has none".to_owned(),
        some => format!("it has {}{more}", some.join(", ")),
    };
    failure(
        ErrorKind::NotFound,
        format!("The licence {service_id} is not among the tenant's subscriptions; {has}."),
        NOT_OWNED_FIX,
        Who::Caller,
    )
}
