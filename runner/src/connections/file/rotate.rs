//! Replacing keys in the text of the file: a new key, and an end of the others. Keys that have
//! expired are removed.

use std::mem;
use std::ops::Range;

use jiff::Timestamp;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::hashes;
use super::insert::{self, KEYS, OPERATOR_KEYS, find};
use super::{serve, tenant};
use crate::api_key::AcceptedKey;

/// What a rotation does.
#[derive(Clone, Copy, Debug)]
pub struct Rotation {
    /// The new key.
    pub key: AcceptedKey,
    /// The time of the rotation.
    pub now: Timestamp,
    /// The end of the other keys; `None` to remove them.
    pub end: Option<Timestamp>,
}

/// What becomes of the keys that are valid before a rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OtherKeys {
    /// There are none.
    None,
    /// They are removed.
    Removed,
    /// The last of them expires at this time.
    ExpireBy(Timestamp),
}

impl Rotation {
    /// Returns the keys after the rotation, the new one first, and what becomes of `old`.
    pub fn applied_to(&self, old: &[AcceptedKey]) -> (Vec<AcceptedKey>, OtherKeys) {
        let valid = || old.iter().filter(|key| !key.is_expired(self.now));
        let until = |end| valid().map(move |key| ended(key, end));
        let others: Vec<AcceptedKey> = self.end.into_iter().flat_map(until).collect();
        let told = match others.iter().filter_map(|key| key.expires).max() {
            Some(end) => OtherKeys::ExpireBy(end),
            None if valid().next().is_some() => OtherKeys::Removed,
            None => OtherKeys::None,
        };
        (std::iter::once(self.key).chain(others).collect(), told)
    }
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
    replaced(text, list, old, new, |text, first| insert::tenant_key(text, id, first))
}

/// Returns the text in which the operators have the keys `new` in place of `old`; `None` when
/// there are none.
pub fn operators(text: &str, old: &[AcceptedKey], new: &[AcceptedKey]) -> Option<String> {
    let document = DeTable::parse(text).ok()?;
    let (_, serve) = find(document.get_ref(), serve::TABLE)?;
    let (_, list) = find(serve.get_ref().as_table()?, OPERATOR_KEYS)?;
    replaced(text, list, old, new, insert::operator_key)
}

/// Replaces the keys of a list, of which `insert` adds the first. Those that stay keep their
/// places and comments.
fn replaced(
    text: &str,
    list: &Spanned<DeValue<'_>>,
    old: &[AcceptedKey],
    new: &[AcceptedKey],
    insert: impl FnOnce(&str, &str) -> Option<String>,
) -> Option<String> {
    let (first, others) = new.split_first()?;
    let first = hashes::written(first);
    if others.is_empty() {
        let (before, after) = (text.get(..list.span().start)?, text.get(list.span().end..)?);
        return Some(format!("{before}[{first}]{after}"));
    }
    let mut text = text.to_owned();
    let mut before = list.span().start + 1;
    let mut items = Vec::new();
    for (item, old) in list.get_ref().as_array()?.iter().zip(old) {
        let span = item.span();
        items.push((mem::replace(&mut before, span.end), span, old));
    }
    // From the last one, so that the places of the others stay.
    for (before, item, old) in items.into_iter().rev() {
        match others.iter().find(|new| new.hash == old.hash) {
            Some(new) if new == old => {}
            Some(new) => {
                text.get(item.clone())?;
                text.replace_range(item, &hashes::written(new));
            }
            None => {
                let place = with_comma(&text, before, item)?;
                text.get(place.clone())?;
                text.replace_range(place, "");
            }
        }
    }
    insert(&text, &first)
}

/// Returns the place of an item of a list with the comma that separates it, and with its whole
/// line where it is alone there. The item before it, or the opening bracket, ends at `before`.
fn with_comma(text: &str, before: usize, item: Range<usize>) -> Option<Range<usize>> {
    let comma = comma(text.get(item.end..)?).map(|length| item.end + length);
    let end = comma.unwrap_or(item.end);
    let line = text.get(..item.start)?.rfind('\n').map_or(0, |end| end + 1);
    let is_first_of_line = text.get(line..item.start)?.trim().is_empty();
    let after = text.get(end..)?;
    if let Some((rest, _)) = after.split_once('\n').filter(|_| is_first_of_line) {
        let rest_of_line = rest.trim();
        if rest_of_line.is_empty() || rest_of_line.starts_with('#') {
            return Some(line..end + rest.len() + 1);
        }
    }
    if comma.is_some() {
        return Some(item.start..text.len() - after.trim_start_matches([' ', '\t']).len());
    }
    // The last item: a comma before it is superfluous.
    match text.get(before..item.start)?.trim() {
        "," => Some(before..item.end),
        _ => Some(item),
    }
}

/// Returns the length of a text up to a comma and with it, if only blanks and comments precede it.
fn comma(text: &str) -> Option<usize> {
    let mut rest = text.trim_start();
    while rest.starts_with('#') {
        rest = rest.split_once('\n')?.1.trim_start();
    }
    rest.strip_prefix(',').map(|rest| text.len() - rest.len())
}
