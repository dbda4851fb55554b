//! Whether the tenant has licences with free seats.

use alloc::vec::Vec;

use super::finding::{passed, refused, warning};
use crate::bindings::connector::office365::types::Who;
use crate::bindings::exports::connector::office365::diagnostics::{Check, Finding};
use crate::graph::Graph;
use crate::graph::skus::{self, Sku};

/// Checks that some licence for users has a free seat.
pub fn check(graph: &mut Graph<'_>) -> Finding {
    let listed = match graph.subscribed_skus() {
        Ok(listed) => listed.items,
        Err(error) => return refused(Check::Seats, graph.explain(error, skus::LIST)),
    };
    let for_users: Vec<&Sku> = listed.iter().filter(|sku| sku.is_assignable()).collect();
    let free = for_users.iter().filter(|sku| sku.available_seats() > 0).count();
    match (for_users.len(), free) {
        (0, _) => warning(
            Check::Seats,
            "The tenant has no licences that can be assigned to users.",
            "Buy licences for users before users are created.",
            Who::LicenseAdmin,
        ),
        (all, 0) => warning(
            Check::Seats,
            format!("No seat is free in any of the tenant's {all} licences for users."),
            "Buy more seats, or take licences from users who do not need them.",
            Who::LicenseAdmin,
        ),
        (all, free) => {
            passed(Check::Seats, format!("Licences for users with free seats: {free} of {all}."))
        }
    }
}
