//! Tables that have an id: `[connections.ID]` and `[tenants.ID]`.

use std::borrow::Cow;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::keys::Problems;

/// The form of an id, in words.
pub const ID: &str = "letters, digits, dots, hyphens and underscores, at most 64";

/// The longest id, in bytes.
const MAX_ID: usize = 64;

/// Returns whether a text can be the id of a connection or a tenant. An id is safe as a file
/// name, and in logs, addresses and headers.
pub fn is_id(id: &str) -> bool {
    let safe = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    (1..=MAX_ID).contains(&id.len()) && id.bytes().all(safe) && !id.starts_with('.')
}

/// Returns the table at `key`, which describes a `kind`, such as `a connection`.
pub fn table<'a>(
    kind: &str,
    key: &str,
    id: &Spanned<Cow<'_, str>>,
    value: &'a Spanned<DeValue<'a>>,
    problems: &mut Problems<'_>,
) -> Option<&'a DeTable<'a>> {
    if !is_id(id.get_ref()) {
        let fix = format!("Give it an id of {ID}.");
        problems.add(&id.span(), key, format!("is not an id of {kind}"), fix);
        return None;
    }
    let table = value.get_ref().as_table();
    if table.is_none() {
        let fix = format!("Write [{key}], and its keys below.");
        problems.add(&id.span(), key, "is not a table", fix);
    }
    table
}
