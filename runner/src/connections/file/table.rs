//! The tables that have an id: `[connections.ID]` and `[tenants.ID]`.

use std::borrow::Cow;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::keys::Problems;

/// What an id is, in words.
pub const ID: &str = "letters, digits, dots, hyphens and underscores, at most 64";

/// The longest id, in bytes.
const MAX_ID: usize = 64;

/// Whether a connection or a tenant can have this id. It can be the name of a file, and needs
/// no care in a log, an address or a header.
pub fn is_id(id: &str) -> bool {
    let safe = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    (1..=MAX_ID).contains(&id.len()) && id.bytes().all(safe) && !id.starts_with('.')
}

/// The table of an id, which stands under `key` and describes `kind`, such as `a connection`.
pub fn table<'a>(
    kind: &str,
    key: &str,
    id: &Spanned<Cow<'_, str>>,
    value: &'a Spanned<DeValue<'a>>,
    problems: &mut Problems<'_>,
) -> Option<&'a DeTable<'a>> {
    if !is_id(id.get_ref()) {
        let fix = format!("Give it an id of {ID}.");
        problems.add(&id.span(), key, format!("is no id of {kind}"), fix);
        return None;
    }
    let table = value.get_ref().as_table();
    if table.is_none() {
        let fix = format!("Write [{key}], and its keys below.");
        problems.add(&id.span(), key, "is no table", fix);
    }
    table
}
