//! Changes texts in JSON, and in texts that are themselves JSON, URLs or base64. Unchanged parts
//! keep every byte.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use percent_encoding::{AsciiSet, percent_decode_str, utf8_percent_encode};
use serde_json::Value;
use url::Url;

use super::forms::all_but;

/// The greatest depth of encodings that are decoded.
const DEPTH: usize = 8;

/// The fewest characters that are decoded as base64.
const SHORTEST_BASE64: usize = 8;

/// The characters that are not encoded in a part of a URL.
const COMPONENT: &AsciiSet = &all_but("-._~@$,'()");

/// Returns the new text, or `None` where it stays. The function receives decoded text.
pub type Change<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Changes every text in `value`, and the names of members. Returns whether anything changed.
pub fn change_value(value: &mut Value, change: Change<'_>) -> bool {
    in_value(value, change, DEPTH)
}

/// Changes a text and the texts encoded in it, or returns `None`.
pub fn change_text(text: &str, change: Change<'_>) -> Option<String> {
    in_text(text, change, DEPTH)
}

fn in_value(value: &mut Value, change: Change<'_>, depth: usize) -> bool {
    match value {
        Value::String(text) => in_text(text, change, depth).map(|new| *text = new).is_some(),
        Value::Array(items) => {
            items.iter_mut().fold(false, |changed, item| in_value(item, change, depth) | changed)
        }
        Value::Object(fields) => {
            let mut changed = fields
                .iter_mut()
                .fold(false, |changed, (_, field)| in_value(field, change, depth) | changed);
            if fields.keys().any(|name| in_name(name, change).is_some()) {
                let old = std::mem::take(fields);
                fields.extend(
                    old.into_iter()
                        .map(|(name, field)| (in_name(&name, change).unwrap_or(name), field)),
                );
                changed = true;
            }
            changed
        }
        _ => false,
    }
}

/// A name of letters alone belongs to the format.
fn in_name(name: &str, change: Change<'_>) -> Option<String> {
    if name.chars().all(|c| c.is_ascii_alphabetic()) { None } else { change(name) }
}

fn in_text(text: &str, change: Change<'_>, depth: usize) -> Option<String> {
    let Some(depth) = depth.checked_sub(1) else { return change(text) };
    if let Some(json) = in_json(text, change, depth) {
        return json;
    }
    if let Some(address) = in_address(text, change, depth) {
        return address;
    }
    let new = change(text);
    let inner = in_pieces(new.as_deref().unwrap_or(text), change, depth);
    inner.or(new)
}

/// Returns `None` for a text that is not JSON, and else the change of it.
fn in_json(text: &str, change: Change<'_>, depth: usize) -> Option<Option<String>> {
    if !text.trim_start().starts_with(['{', '[']) {
        return None;
    }
    let mut value: Value = serde_json::from_str(text).ok()?;
    // A reference is changed as text.
    if value.get("$secret").is_some() {
        return None;
    }
    Some(in_value(&mut value, change, depth).then(|| value.to_string()))
}

/// Returns `None` for a text that is not a URL, and else the change of it.
fn in_address(text: &str, change: Change<'_>, depth: usize) -> Option<Option<String>> {
    if !(text.starts_with("https://") || text.starts_with("http://"))
        || text.contains(|c: char| c.is_whitespace() || c == '"' || c == '<')
    {
        return None;
    }
    Url::parse(text).ok()?;
    let (before, query) = match text.split_once('?') {
        Some((before, query)) => (before, Some(query)),
        None => (text, None),
    };
    let mut changed = false;
    let mut part = |part: &str, plus: bool| {
        let new = in_part(part, plus, change, depth);
        changed |= new.is_some();
        new.unwrap_or_else(|| part.to_owned())
    };
    let mut new: String =
        before.split_inclusive('/').map(|piece| with_end(piece, '/', |p| part(p, false))).collect();
    if let Some(query) = query {
        new.push('?');
        let pairs = query.split_inclusive('&').map(|pair| {
            with_end(pair, '&', |pair| match pair.split_once('=') {
                Some((name, value)) => format!("{name}={}", part(value, true)),
                None => part(pair, true),
            })
        });
        new.extend(pairs);
    }
    Some(changed.then_some(new))
}

/// Changes `piece` without the character `end` after it.
fn with_end(piece: &str, end: char, change: impl FnOnce(&str) -> String) -> String {
    match piece.strip_suffix(end) {
        Some(piece) => format!("{}{end}", change(piece)),
        None => change(piece),
    }
}

/// Changes a percent-encoded part of a URL.
fn in_part(part: &str, plus: bool, change: Change<'_>, depth: usize) -> Option<String> {
    let blank = if plus { part.replace('+', " ") } else { part.to_owned() };
    let decoded = percent_decode_str(&blank).decode_utf8().ok()?;
    let new = in_text(&decoded, change, depth)?;
    Some(utf8_percent_encode(&new, COMPONENT).to_string())
}

/// Changes the encoded words of a text.
fn in_pieces(text: &str, change: Change<'_>, depth: usize) -> Option<String> {
    let percent = in_words(text, &of_percent, &|word| {
        // Words that are not encoded were changed with the text.
        if !word.contains('%') {
            return None;
        }
        in_part(word, false, change, depth).filter(|new| new != word)
    });
    let text = percent.as_deref().unwrap_or(text);
    in_words(text, &of_base64, &|word| in_base64(word, change, depth)).or(percent)
}

fn of_percent(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-_.~%+!*()'".contains(c)
}

fn of_base64(c: char) -> bool {
    c.is_ascii_alphanumeric() || "+/=-_".contains(c)
}

/// Changes each longest run of the characters `of`.
fn in_words(text: &str, of: &dyn Fn(char) -> bool, change: Change<'_>) -> Option<String> {
    let mut new = String::with_capacity(text.len());
    let mut changed = false;
    for piece in text.split_inclusive(|c: char| !of(c)) {
        let end = piece.chars().next_back().filter(|c| !of(*c));
        let word = end.map_or(piece, |c| piece.strip_suffix(c).unwrap_or(piece));
        match change(word) {
            Some(word) => {
                changed = true;
                new.push_str(&word);
                new.extend(end);
            }
            None => new.push_str(piece),
        }
    }
    changed.then_some(new)
}

fn in_base64(word: &str, change: Change<'_>, depth: usize) -> Option<String> {
    // `name=` may precede it, and `=` may pad it.
    let name = word.trim_end_matches('=').rfind('=').map_or(0, |equals| equals + 1);
    let (name, word) = word.split_at_checked(name)?;
    if word.len() < SHORTEST_BASE64 {
        return None;
    }
    let url_safe = word.contains(['-', '_']) || !word.len().is_multiple_of(4);
    let new = if url_safe {
        URL_SAFE_NO_PAD.encode(in_bytes(URL_SAFE_NO_PAD.decode(word).ok()?, change, depth)?)
    } else {
        STANDARD.encode(in_bytes(STANDARD.decode(word).ok()?, change, depth)?)
    };
    Some(format!("{name}{new}"))
}

fn in_bytes(bytes: Vec<u8>, change: Change<'_>, depth: usize) -> Option<String> {
    let text = String::from_utf8(bytes).ok()?;
    let is_text = text.chars().all(|c| !c.is_control() || "\r\n\t".contains(c));
    if is_text { in_text(&text, change, depth) } else { None }
}
