//! Service ids, and GUIDs in general.

use alloc::string::String;

use super::Problems;

/// Where the hyphens of a GUID are.
const HYPHENS: [usize; 4] = [8, 13, 18, 23];

/// The length of a GUID with hyphens.
const LENGTH: usize = 36;

/// Checks a service id: the GUID of a SKU. Graph compares GUIDs without regard to case, so
/// what is returned is in lower case.
pub fn service_id(problems: &mut Problems, value: &str) -> String {
    if !is_guid(value) {
        problems.add(
            "/serviceId",
            "it is no GUID; expected the external service id of the imported service, such as 189a915c-fe4f-4ffa-bde4-85b9628d07a0, without braces or blanks",
        );
    }
    value.to_ascii_lowercase()
}

/// Whether `value` is a GUID with hyphens and nothing around it.
pub fn is_guid(value: &str) -> bool {
    value.len() == LENGTH
        && value.char_indices().all(|(index, c)| {
            if HYPHENS.contains(&index) { c == '-' } else { c.is_ascii_hexdigit() }
        })
}
