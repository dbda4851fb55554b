//! Service ids, and GUIDs in general.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use super::Problems;
use crate::product_names;

/// Where the hyphens of a GUID are.
const HYPHENS: [usize; 4] = [8, 13, 18, 23];

/// The length of a GUID with hyphens.
const LENGTH: usize = 36;

/// The shortest part numbers that Microsoft has, such as `EMS`, and more than the longest,
/// in characters. Source: "Product names and service plan identifiers for licensing".
const PART_NUMBER: core::ops::RangeInclusive<usize> = 3..=128;

/// How many products are suggested at most.
const SUGGESTIONS: usize = 3;

/// Checks a service id: the GUID of a SKU, or its part number, as one of the tenant's
/// subscriptions has it. Graph compares GUIDs without regard to case, so one is returned in
/// lower case.
pub fn service_id(problems: &mut Problems, value: &str) -> String {
    if is_guid(value) {
        return value.to_ascii_lowercase();
    }
    if !is_part_number(value) {
        let hint = match meant_by(value) {
            Some(hint) => format!("perhaps {hint}"),
            None => "such as 189a915c-fe4f-4ffa-bde4-85b9628d07a0".to_owned(),
        };
        problems.add(
            "/serviceId",
            format!(
                "it is neither a GUID nor a part number such as SPE_E5; expected the external service id of the imported service, without braces or blanks, {hint}"
            ),
        );
    }
    value.to_owned()
}

/// Whether `value` is a GUID with hyphens and nothing around it.
pub fn is_guid(value: &str) -> bool {
    value.len() == LENGTH
        && value.char_indices().all(|(index, c)| {
            if HYPHENS.contains(&index) { c == '-' } else { c.is_ascii_hexdigit() }
        })
}

/// Whether `value` can be a part number. Those have letters, digits and a few signs; some
/// have blanks, but beside an underscore, which no product's name has. What is written in
/// hexadecimal digits throughout is a GUID with a slip.
fn is_part_number(value: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_/(),.+ \u{a0}".contains(c);
    let slip = |c: char| c.is_ascii_hexdigit() || c == '-';
    PART_NUMBER.contains(&value.chars().count())
        && value.chars().all(allowed)
        && value.trim() == value
        && (value.contains('_') || !value.contains([' ', '\u{a0}']))
        && !(value.len() > 16 && value.chars().all(slip))
        && product_names::named(value).is_empty()
}

/// The service id that may be meant by `value`: the GUID in it, or those of the products
/// with that name.
fn meant_by(value: &str) -> Option<String> {
    if let Some(guid) = guid_in(value) {
        return Some(guid);
    }
    let products: Vec<String> = product_names::meant_by(value)
        .iter()
        .take(SUGGESTIONS)
        .map(|product| format!("{} for {}", guid(&product.sku_id), product.name))
        .collect();
    (!products.is_empty()).then(|| products.join(" or "))
}

/// The GUID in `value` that lacks its hyphens or has something around it: braces, blanks,
/// or the tenant's id, as in the `id` of Graph's `subscribedSku`.
fn guid_in(value: &str) -> Option<String> {
    let last = value.rsplit('_').next().unwrap_or(value);
    let around = |c: char| c.is_whitespace() || "{}()[]\"'".contains(c);
    let inner = last.trim_matches(around).to_ascii_lowercase();
    if is_guid(&inner) {
        return Some(inner);
    }
    let mut hyphened = inner.clone();
    for place in HYPHENS {
        hyphened.get(place..)?;
        hyphened.insert(place, '-');
    }
    is_guid(&hyphened).then_some(hyphened)
}

/// A GUID as its bytes are written.
fn guid(bytes: &[u8; 16]) -> String {
    let mut text = String::with_capacity(LENGTH);
    for byte in bytes {
        if HYPHENS.contains(&text.len()) {
            text.push('-');
        }
        for digit in [byte >> 4, byte & 15] {
            text.extend(char::from_digit(digit.into(), 16));
        }
    }
    text
}
