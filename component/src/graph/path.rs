//! A user's key as a segment of a URL's path.

use alloc::string::String;
use core::fmt::Write;

/// The path of the user whose object id or user principal name is `key`.
///
/// A name that begins with `$` needs OData's quoted form; else it would be read as a
/// system segment. Source: "Get a user", Graph v1.0 reference.
pub fn user(key: &str) -> String {
    match key.strip_prefix('$') {
        Some(rest) => format!("/users('${}')", encode(&rest.replace('\'', "''"))),
        None => format!("/users/{}", encode(key)),
    }
}

/// `text` with every byte percent-encoded that is not unreserved in RFC 3986, save `@`,
/// which a segment may hold and which keeps recorded addresses readable.
fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'@' => {
                encoded.push(char::from(byte));
            }
            // Writing to a string cannot fail.
            _ => _ = write!(encoded, "%{byte:02X}"),
        }
    }
    encoded
}
