//! The responses to requests that fail, from the table of kinds: kinds with the same status share
//! a response.

use std::collections::BTreeMap;

use crate::report::kind::{Http, Kind, Reach};

/// A kind of error with its HTTP response.
pub type Failing = (Kind, Http);

/// Returns the kinds of errors of an operation with this reach, by status.
pub fn of(reach: Reach) -> BTreeMap<u16, Vec<Failing>> {
    let reached = reach..Reach::Undocumented;
    by_status(Kind::over_http().filter(|(_, http)| reached.contains(&http.reach)))
}

/// Returns the kinds of errors of any request with a key, and these, by status.
pub fn keyed_and(kinds: &[Kind]) -> BTreeMap<u16, Vec<Failing>> {
    let keyed = Reach::Keyed..Reach::Undocumented;
    let is_one = |(kind, http): &Failing| keyed.contains(&http.reach) || kinds.contains(kind);
    by_status(Kind::over_http().filter(is_one))
}

/// Returns the kinds of errors of a request for the result of a run, by status.
pub fn of_results() -> BTreeMap<u16, Vec<Failing>> {
    by_status(Kind::over_http().filter(|(_, http)| http.reach != Reach::Undocumented))
}

/// Returns these kinds of errors by status.
pub fn of_kinds(kinds: &[Kind]) -> BTreeMap<u16, Vec<Failing>> {
    by_status(kinds.iter().filter_map(|kind| Some((*kind, kind.http()?))))
}

/// Returns what the kinds of a response mean, a line each.
pub fn lines(kinds: &[Failing]) -> Vec<String> {
    kinds.iter().map(|(kind, http)| format!("`{}`: {}.", kind.name(), http.title)).collect()
}

fn by_status(kinds: impl Iterator<Item = Failing>) -> BTreeMap<u16, Vec<Failing>> {
    let mut statuses: BTreeMap<u16, Vec<Failing>> = BTreeMap::new();
    for (kind, http) in kinds {
        statuses.entry(http.status.as_u16()).or_default().push((kind, http));
    }
    statuses
}
