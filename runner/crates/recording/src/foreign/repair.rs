//! JSON as some programs write it and no parser takes it: halves of surrogate pairs, which
//! mitmproxy writes for bytes that are no UTF-8, and Python's and JavaScript's numbers that
//! JSON does not have.
//! Source: RFC 8259, sections 6 and 8.2.

use serde_json::Value;

/// What stands for half a surrogate pair.
const REPLACEMENT: &str = "\\ufffd";

/// `text` with U+FFFD in place of each half of a surrogate pair, and `null` in place of each
/// number that JSON does not have; none when there is neither.
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

/// What takes the place of the escape at the beginning, and how long the escape is.
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

/// The UTF-16 unit that an escape such as `\u00e9` means.
fn unit(rest: &str) -> Option<u16> {
    u16::from_str_radix(rest.strip_prefix("\\u")?.get(..4)?, 16).ok()
}

/// What takes the place of the number or word at the beginning, and how long it is.
fn word(rest: &str) -> (&str, usize) {
    let length = rest.find(|c| !in_word(c)).unwrap_or(rest.len());
    let word = rest.get(..length).unwrap_or(rest);
    let is_json = serde_json::from_str::<Value>(word).is_ok();
    // What Rust takes for a number has "NaN", "Infinity" and "1e999" among it.
    let piece = if !is_json && word.parse::<f64>().is_ok() { "null" } else { word };
    (piece, length)
}

fn in_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || "+-.".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_parser_takes_is_repaired_and_nothing_else() {
        for (text, expected) in [
            (r#"{"a":"x\udc80y"}"#, Some(r#"{"a":"x\ufffdy"}"#)),
            (r#"["\ud83d\ude00\ud83d","\\udc80"]"#, Some(r#"["\ud83d\ude00\ufffd","\\udc80"]"#)),
            (
                r#"{"a":NaN,"b":-Infinity,"c":1e999,"NaN":"NaN"}"#,
                Some(r#"{"a":null,"b":null,"c":null,"NaN":"NaN"}"#),
            ),
            (r#"{"a":[1.5e3,true,null,"é\"1e999\u00e9"]}"#, None),
            (r#"{"a":"\u12"#, None),
            (r#"{"a":"\"#, None),
            ("{x}", None),
        ] {
            assert_eq!(repaired(text).as_deref(), expected, "{text}");
        }
    }
}
