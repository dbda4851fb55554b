//! Finding a text or a character in a text. What the standard library has for both is made
//! for long texts and large in the component; those that are searched here are messages,
//! names and addresses.

/// Whether `text` holds `wanted`.
pub fn holds(text: &[u8], wanted: &str) -> bool {
    wanted.is_empty() || text.windows(wanted.len()).any(|part| part == wanted.as_bytes())
}

/// Whether `text` has the character `wanted`.
pub fn has(text: &str, wanted: char) -> bool {
    text.chars().any(|c| c == wanted)
}
