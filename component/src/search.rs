//! Finding a text or a character in a text. What the standard library has for both is made
//! for long texts and large in the component; those that are searched here are messages,
//! names and addresses.

/// Whether `text` holds `wanted`.
pub fn holds(text: &[u8], wanted: &str) -> bool {
    wanted.is_empty() || find(text, wanted.as_bytes()).is_some()
}

/// Where `wanted` begins in `text`.
pub fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len().max(1)).position(|part| part == wanted)
}

/// Whether `text` has the character `wanted`.
pub fn has(text: &str, wanted: char) -> bool {
    text.chars().any(|c| c == wanted)
}
