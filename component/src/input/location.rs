//! Usage locations.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use super::Problems;
use crate::country_codes::{by_code, meant_by};

/// How many countries are suggested at most.
const SUGGESTIONS: usize = 3;

/// Checks a usage location: an ISO 3166-1 alpha-2 code in upper case. A code in lower case
/// or a country's name is refused too, with the right code: what is sent is what was given.
pub fn usage_location(problems: &mut Problems, value: &str) {
    if by_code(value).is_some() {
        return;
    }
    let meant: Vec<String> = meant_by(value)
        .iter()
        .take(SUGGESTIONS)
        .map(|country| format!("{} for {}", country.code, country.name))
        .collect();
    let hint = match meant.as_slice() {
        [] => "such as AM for Armenia".to_owned(),
        some => format!("perhaps {}", some.join(" or ")),
    };
    problems.add(
        "/usageLocation",
        format!("it is no country code; expected two upper-case letters of ISO 3166-1, {hint}"),
    );
}
