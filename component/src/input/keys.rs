//! Access keys and private keys. A problem never repeats one.

use alloc::borrow::ToOwned;
use alloc::string::String;

use super::{Problems, text};

/// The longest access key, in characters. Azure's have 88; their form is its own to change.
const ACCESS_KEY: usize = 512;

/// The largest private key, in bytes. An RSA key of 16384 bits has 13 KB; Graph takes files
/// below 3 MB within requests of 4 MB (`outlook-large-attachments`), far above any key.
const PRIVATE_KEY: usize = 64 * 1024;

/// The kinds of private keys, as their first and last line name them. Sources: RFC 7468,
/// RFC 5915, and OpenSSL's and OpenSSH's own forms.
const KINDS: [&str; 5] = [
    "RSA PRIVATE KEY",
    "PRIVATE KEY",
    "EC PRIVATE KEY",
    "OPENSSH PRIVATE KEY",
    "ENCRYPTED PRIVATE KEY",
];

/// Checks an access key at `pointer`.
pub fn access_key(problems: &mut Problems, pointer: &str, value: &str) {
    text::line(problems, pointer, value, ACCESS_KEY);
}

/// Checks a private key in PEM form. Lines may end in LF or CRLF, and the last one need not.
pub fn private_key(problems: &mut Problems, value: &str) {
    let mut add = |message: String| problems.add("/privateKey", message);
    let size = value.len();
    if size > PRIVATE_KEY {
        add(format!("it has {size} bytes; expected at most {PRIVATE_KEY}"));
    } else if !is_pem(value) {
        add("it is no private key in PEM form; expected a line such as -----BEGIN RSA PRIVATE KEY-----, lines of base64, and the same line with END, with the line breaks that the key came with".to_owned());
    }
}

/// Whether `value` is one private key in PEM form and nothing else.
fn is_pem(value: &str) -> bool {
    let mut lines = value.trim_ascii_end().lines();
    let kind = lines.next().and_then(|line| label(line, "-----BEGIN "));
    let end = lines.next_back().and_then(|line| label(line, "-----END "));
    let known = kind.is_some_and(|kind| KINDS.contains(&kind));
    known && kind == end && is_base64(lines)
}

fn label<'a>(line: &'a str, dashes: &str) -> Option<&'a str> {
    line.strip_prefix(dashes)?.strip_suffix("-----")
}

/// Whether `lines` together are base64 with its padding.
fn is_base64<'a>(lines: impl Iterator<Item = &'a str>) -> bool {
    let mut length: usize = 0;
    let mut padding: usize = 0;
    for line in lines {
        for byte in line.bytes() {
            match byte {
                b'=' => padding = padding.saturating_add(1),
                _ if padding > 0 => return false,
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' => {}
                _ => return false,
            }
            length = length.saturating_add(1);
        }
    }
    length > 0 && length.is_multiple_of(4) && padding <= 2
}
