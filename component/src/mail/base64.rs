//! Standard base64 with padding (RFC 4648, 4), in the direction that is needed.

use alloc::string::String;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// `bytes` as base64.
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3).saturating_mul(4));
    for group in bytes.chunks(3) {
        let byte = |index: usize| group.get(index).copied().unwrap_or(0);
        let (a, b, c) = (byte(0), byte(1), byte(2));
        text.push(letter(a >> 2));
        text.push(letter((a << 4) | (b >> 4)));
        text.push(if group.len() > 1 { letter((b << 2) | (c >> 6)) } else { '=' });
        text.push(if group.len() > 2 { letter(c) } else { '=' });
    }
    text
}

/// The letter of the lower six bits.
fn letter(bits: u8) -> char {
    ALPHABET.get(usize::from(bits & 63)).map_or('=', |letter| char::from(*letter))
}
