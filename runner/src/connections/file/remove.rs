//! Removing a tenant from the text of the file.
//!
//! The lines of the tenant go, and every other byte is kept, with comments before and after the
//! tenant's table.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::insert::{MARK, find, is_inline, opens_with};
use super::tenant;

/// Returns the text without a tenant; `None` when there is no such tenant, or when the text has a
/// form in which it cannot be taken out.
pub fn tenant(text: &str, id: &str) -> Option<String> {
    let document = DeTable::parse(text).ok()?;
    let (_, tenants) = find(document.get_ref(), tenant::TABLE)?;
    let (key, value) = find(tenants.get_ref().as_table()?, id)?;
    let entry = key.span().start..value.span().end;
    if is_inline(text, tenants) {
        return cut(text, with_comma(text, entry)?);
    }
    if is_inline(text, value) {
        return without_lines(text, entry);
    }
    let mut pairs = pairs(value)?;
    if opens_with(text, value, '[') {
        let Range { start, end } = value.span();
        let end = pairs.iter().map(|pair| pair.end).fold(end, usize::max);
        return without_lines(text, start..end);
    }
    // Dotted keys, which need not follow each other.
    pairs.sort_by_key(|pair| pair.start);
    pairs.into_iter().rev().try_fold(text.to_owned(), |text, pair| without_lines(&text, pair))
}

/// Returns the places of the keys of a table with their values.
fn pairs(table: &Spanned<DeValue<'_>>) -> Option<Vec<Range<usize>>> {
    let pairs = table.get_ref().as_table()?.iter();
    Some(pairs.map(|(key, value)| key.span().start..value.span().end).collect())
}

/// Returns the place of an entry of an inline table, with the comma that separates it.
fn with_comma(text: &str, entry: Range<usize>) -> Option<Range<usize>> {
    let (before, after) = (text.get(..entry.start)?, text.get(entry.end..)?);
    let rest = after.trim_start();
    if let Some(next) = rest.strip_prefix(',') {
        let next = next.trim_start_matches([' ', '\t']);
        return Some(entry.start..text.len() - next.len());
    }
    match before.trim_end().strip_suffix(',') {
        Some(before) => Some(before.len()..entry.end),
        None => Some(entry),
    }
}

/// Removes the lines of a range, and one of the blank lines around them.
fn without_lines(text: &str, range: Range<usize>) -> Option<String> {
    let before = text.get(..range.start)?;
    let start = match before.rfind('\n') {
        Some(end) => end + 1,
        None if before.starts_with(MARK) => MARK.len_utf8(),
        None => 0,
    };
    let after = text.get(range.end..)?;
    let end = after.find('\n').map_or(text.len(), |line| range.end + line + 1);
    let is_apart =
        |rest: &str| rest.is_empty() || rest.starts_with('\n') || rest.starts_with("\r\n");
    let kept = text.get(..start)?;
    let start = match blank_line(kept).filter(|_| text.get(end..).is_some_and(is_apart)) {
        Some(blank) => start - blank.len(),
        None => start,
    };
    cut(text, start..end)
}

/// Returns the blank line at the end of a text.
fn blank_line(text: &str) -> Option<&'static str> {
    ["\r\n", "\n"].into_iter().find(|end| {
        text.strip_suffix(*end).is_some_and(|text| text.is_empty() || text.ends_with('\n'))
    })
}

fn cut(text: &str, range: Range<usize>) -> Option<String> {
    Some([text.get(..range.start)?, text.get(range.end..)?].concat())
}
