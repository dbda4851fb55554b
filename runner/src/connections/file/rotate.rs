//! Replacing keys in the text of the file: a new key, and an end of the others.

use jiff::Timestamp;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::hashes;
use super::insert::{KEYS, OPERATOR_KEYS, find, in_brackets};
use super::{serve, tenant};
use crate::api_key::AcceptedKey;

/// Returns the keys after a rotation: the new one, and the others until `end`; only the new one
/// without an end.
pub fn keys(new: AcceptedKey, old: &[AcceptedKey], end: Option<Timestamp>) -> Vec<AcceptedKey> {
    let until = |end| old.iter().map(move |key| ended(key, end));
    std::iter::once(new).chain(end.into_iter().flat_map(until)).collect()
}

/// Returns a key with an end that is not after `end`.
fn ended(key: &AcceptedKey, end: Timestamp) -> AcceptedKey {
    let expires = key.expires.map_or(end, |expires| expires.min(end));
    AcceptedKey { expires: Some(expires), ..*key }
}

/// Returns the text in which the tenant `id` has the keys `new` in place of `old`; `None` when
/// there is no such tenant.
pub fn tenant(text: &str, id: &str, old: &[AcceptedKey], new: &[AcceptedKey]) -> Option<String> {
    let document = DeTable::parse(text).ok()?;
    let (_, tenants) = find(document.get_ref(), tenant::TABLE)?;
    let (_, tenant) = find(tenants.get_ref().as_table()?, id)?;
    let (_, list) = find(tenant.get_ref().as_table()?, KEYS)?;
    replaced(text, list, old, new)
}

/// Returns the text in which the operators have the keys `new` in place of `old`; `None` when
/// there are none.
pub fn operators(text: &str, old: &[AcceptedKey], new: &[AcceptedKey]) -> Option<String> {
    let document = DeTable::parse(text).ok()?;
    let (_, serve) = find(document.get_ref(), serve::TABLE)?;
    let (_, list) = find(serve.get_ref().as_table()?, OPERATOR_KEYS)?;
    replaced(text, list, old, new)
}

/// Replaces the keys of a list. Those that stay keep their places and comments.
fn replaced(
    text: &str,
    list: &Spanned<DeValue<'_>>,
    old: &[AcceptedKey],
    new: &[AcceptedKey],
) -> Option<String> {
    let (first, others) = new.split_first()?;
    let first = hashes::written(first);
    if others.is_empty() {
        let (before, after) = (text.get(..list.span().start)?, text.get(list.span().end..)?);
        return Some(format!("{before}[{first}]{after}"));
    }
    let mut text = text.to_owned();
    // From the last one, so that the places of the others stay.
    for (item, (old, new)) in list.get_ref().as_array()?.iter().zip(old.iter().zip(others)).rev() {
        if old != new {
            text.get(item.span())?;
            text.replace_range(item.span(), &hashes::written(new));
        }
    }
    in_brackets(&text, list, &first)
}
