//! Standard base64 with padding (RFC 4648, 4), in the direction that is needed.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// `bytes` as base64.
pub fn encode(bytes: &[u8]) -> String {
    bytes.chunks(3).flat_map(quad).collect()
}

/// The four characters of one to three bytes.
fn quad(bytes: &[u8]) -> [char; 4] {
    let byte = |index: usize| bytes.get(index).copied().unwrap_or(0);
    let (a, b, c) = (byte(0), byte(1), byte(2));
    let sextets = [a >> 2, (a << 4) | (b >> 4), (b << 2) | (c >> 6), c];
    let mut quad = sextets.map(|sextet| {
        ALPHABET.get(usize::from(sextet & 63)).map_or('=', |letter| char::from(*letter))
    });
    // One character more than there are bytes tells something; the others pad.
    quad.iter_mut().skip(bytes.len().saturating_add(1)).for_each(|letter| *letter = '=');
    quad
}
