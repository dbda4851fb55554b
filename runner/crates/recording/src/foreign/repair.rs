//! Repairs JSON that no parser accepts: halves of surrogate pairs, which mitmproxy writes for
//! bytes that are not UTF-8, and numbers of Python and JavaScript. Source: RFC 8259, sections 6
//! and 8.2.

use serde_json::Value;

/// The replacement of half a surrogate pair.
const REPLACEMENT: &str = "\\ufffd";

/// Replaces each half of a surrogate pair with U+FFFD and each number that JSON lacks with
/// `null`. Returns `None` where nothing changes.
pub fn repaired(text: &str) -> Option<String> {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    let mut within = false;
    while let Some(c) = rest.chars().next() {
        let (piece, length) = match c {
            '\\' if within => escape(rest),
            c if !within && in_word(c) => word(rest),
            c => (rest.get(..c.len_utf8())?, c.len_utf8()),
        };
        within ^= c == '"';
        clean.push_str(piece);
        rest = rest.get(length..)?;
    }
    (clean != text).then_some(clean)
}

/// Returns the replacement of the escape at the beginning, and the length of the escape.
fn escape(rest: &str) -> (&str, usize) {
    let whole = |length: usize| match rest.get(..length) {
        Some(piece) => (piece, length),
        None => (rest, rest.len()),
    };
    match unit(rest) {
        Some(0xD800..=0xDBFF) => match rest.get(6..).and_then(unit) {
            Some(0xDC00..=0xDFFF) => whole(12),
            _ => (REPLACEMENT, 6),
        },
        Some(0xDC00..=0xDFFF) => (REPLACEMENT, 6),
        _ => whole(1 + rest.chars().nth(1).map_or(0, char::len_utf8)),
    }
}

/// Returns the UTF-16 unit of an escape such as `\u00e9`.
fn unit(rest: &str) -> Option<u16> {
    u16::from_str_radix(rest.strip_prefix("\\u")?.get(..4)?, 16).ok()
}

/// Returns the replacement of the word at the beginning, and the length of the word.
fn word(rest: &str) -> (&str, usize) {
    let length = rest.find(|c| !in_word(c)).unwrap_or(rest.len());
    let word = rest.get(..length).unwrap_or(rest);
    let is_json = serde_json::from_str::<Value>(word).is_ok();
    // Rust parses "NaN", "Infinity" and "1e999" as numbers.
    let piece = if !is_json && word.parse::<f64>().is_ok() { "null" } else { word };
    (piece, length)
}

fn in_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || "+-.".contains(c)
}
