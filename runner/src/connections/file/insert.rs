//! Adding a tenant or a key to the text of the file.
//!
//! One piece is inserted at a position from the parser, and every other byte is kept, also in
//! comments and line breaks. (`toml_edit` would rewrite the whole text, and replace `\r\n`.)

use std::borrow::Cow;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::keys::shown;
use super::{serve, tenant};

/// The key for a tenant's hashes.
pub const KEYS: &str = "keys";

/// The key for the operators' hashes.
pub const OPERATOR_KEYS: &str = "operator-keys";

/// The byte order mark, with which some editors begin a text.
pub const MARK: char = '\u{feff}';

/// Returns the text with one more tenant, whose `keys` have values in TOML; `None` when the
/// text has no place for it.
pub fn tenant(text: &str, id: &str, keys: &[(&str, String)]) -> Option<String> {
    let document = DeTable::parse(text).ok()?;
    let id = shown(id);
    let lines = keys.iter().map(|(key, value)| format!("{key} = {value}"));
    match find(document.get_ref(), tenant::TABLE) {
        // A header cannot extend an inline table.
        Some((_, value)) if is_inline(text, value) => {
            let keys = lines.collect::<Vec<_>>().join(", ");
            in_braces(text, value, &format!("{id} = {{ {keys} }}"))
        }
        _ => {
            let header = format!("[{}.{id}]", tenant::TABLE);
            Some(at_the_end(text, [header].into_iter().chain(lines)))
        }
    }
}

/// Returns the text with one more key of a tenant; `None` when there is no such tenant.
pub fn tenant_key(text: &str, id: &str, hash: &str) -> Option<String> {
    let document = DeTable::parse(text).ok()?;
    let (_, tenants) = find(document.get_ref(), tenant::TABLE)?;
    let (_, tenant) = find(tenants.get_ref().as_table()?, id)?;
    let (_, keys) = find(tenant.get_ref().as_table()?, KEYS)?;
    in_brackets(text, keys, hash)
}

/// Returns the text with one more key of operators.
pub fn operator_key(text: &str, hash: &str) -> Option<String> {
    let document = DeTable::parse(text).ok()?;
    let line = format!("{OPERATOR_KEYS} = [{hash}]");
    let Some((key, table)) = find(document.get_ref(), serve::TABLE) else {
        return Some(at_the_end(text, [format!("[{}]", serve::TABLE), line].into_iter()));
    };
    if let Some((_, keys)) = find(table.get_ref().as_table()?, OPERATOR_KEYS) {
        return in_brackets(text, keys, hash);
    }
    if is_inline(text, table) {
        return in_braces(text, table, &line);
    }
    let end = line_end(text);
    if !opens_with(text, table, '[') {
        // A header cannot extend `serve.address = "..."`.
        let line = format!("{}.{line}{end}", serve::TABLE);
        return put(text, key.span().start, &line);
    }
    let header = table.span().end;
    match text.get(header..)?.find('\n') {
        Some(rest) => put(text, header + rest + 1, &format!("{line}{end}")),
        None => put(text, text.len(), &format!("{end}{line}{end}")),
    }
}

/// A key of a table and its value.
pub type Entry<'a> = (&'a Spanned<Cow<'a, str>>, &'a Spanned<DeValue<'a>>);

pub fn find<'a>(table: &'a DeTable<'a>, key: &str) -> Option<Entry<'a>> {
    table.iter().find(|(name, _)| name.get_ref() == key)
}

/// Inserts the first item of a list, apart from the comments of the others.
fn in_brackets(text: &str, list: &Spanned<DeValue<'_>>, item: &str) -> Option<String> {
    let open = list.span().start + 1;
    let Some(first) = list.get_ref().as_array()?.first() else {
        return put(text, open, item);
    };
    let before = text.get(open..first.span().start)?;
    let (Some(line), Some((_, indent))) = (before.find('\n'), before.rsplit_once('\n')) else {
        return put(text, first.span().start, &format!("{item}, "));
    };
    put(text, open + line + 1, &format!("{indent}{item},{}", line_end(text)))
}

/// Inserts the first entry of an inline table.
fn in_braces(text: &str, table: &Spanned<DeValue<'_>>, entry: &str) -> Option<String> {
    let Range { start, end } = table.span();
    let is_empty = table.get_ref().as_table()?.is_empty();
    let after = if !is_empty {
        ","
    } else if end == start + 2 {
        " "
    } else {
        ""
    };
    put(text, start + 1, &format!(" {entry}{after}"))
}

/// Appends lines after a blank one.
fn at_the_end(text: &str, lines: impl Iterator<Item = String>) -> String {
    let end = line_end(text);
    let mut text = text.to_owned();
    if !text.trim_start_matches(MARK).is_empty() {
        if !text.ends_with('\n') {
            text.push_str(end);
        }
        text.push_str(end);
    }
    for line in lines {
        text.push_str(&line);
        text.push_str(end);
    }
    text
}

fn put(text: &str, at: usize, piece: &str) -> Option<String> {
    let (before, after) = text.split_at_checked(at)?;
    Some([before, piece, after].concat())
}

pub fn is_inline(text: &str, table: &Spanned<DeValue<'_>>) -> bool {
    opens_with(text, table, '{')
}

/// Returns whether a value's text begins with `sign`. A table's text is its header, its braces,
/// or the first of its dotted keys.
pub fn opens_with(text: &str, value: &Spanned<DeValue<'_>>, sign: char) -> bool {
    text.get(value.span()).is_some_and(|text| text.starts_with(sign))
}

/// Returns the line break of the first line.
fn line_end(text: &str) -> &'static str {
    match text.split_once('\n') {
        Some((line, _)) if line.ends_with('\r') => "\r\n",
        _ => "\n",
    }
}
