//! The text of a file, whatever an editor or a shell made of it.

use std::borrow::Cow;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::read::{HarError, MAX_BYTES, MAX_TEXT};

/// What some editors put before UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// How UTF-16 begins: with its byte order mark, or with the brace of JSON in two bytes.
const UTF_16: [&[u8]; 4] = [b"\xff\xfe", b"\xfe\xff", b"{\0", b"\0{"];

/// How gzip begins. Source: RFC 1952, section 2.3.1.
pub const GZIP: &[u8] = b"\x1f\x8b";

/// The bytes of a file, if it is not larger than any recording.
///
/// # Errors
/// When it cannot be read, or is larger.
pub fn bytes(path: &Path) -> Result<Vec<u8>, HarError> {
    let failed = |reason| HarError::Read { path: path.to_owned(), reason };
    let mut bytes = Vec::new();
    // A device or a pipe does not say how much is in it.
    let file = File::open(path).map_err(failed)?;
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
    small_enough(path, &bytes)?;
    Ok(bytes)
}

/// Refuses what is larger than any recording.
pub(super) fn small_enough(path: &Path, bytes: &[u8]) -> Result<(), HarError> {
    if bytes.len() > MAX_TEXT {
        return Err(HarError::TooLarge { path: path.to_owned() });
    }
    Ok(())
}

/// The JSON in `bytes`: what was put before it and filled up behind it is no part of it.
///
/// # Errors
/// When it is in another encoding than JSON's.
pub fn json<'a>(path: &Path, bytes: &'a [u8]) -> Result<&'a [u8], HarError> {
    let path = || path.to_owned();
    if UTF_16.iter().any(|mark| bytes.starts_with(mark)) {
        return Err(HarError::Utf16 { path: path() });
    }
    if bytes.starts_with(GZIP) {
        return Err(HarError::Gzip { path: path() });
    }
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    Ok(bytes.get(..end).unwrap_or(bytes))
}

/// The same as text; where bytes are not UTF-8, U+FFFD stands for them.
///
/// # Errors
/// When it is in another encoding than JSON's.
pub fn text<'a>(path: &Path, bytes: &'a [u8]) -> Result<Cow<'a, str>, HarError> {
    Ok(String::from_utf8_lossy(json(path, bytes)?))
}
