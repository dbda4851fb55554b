//! The content of a recording's file, as editors and shells save it.

use std::borrow::Cow;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::read::{HarError, MAX_TEXT};

/// The byte order mark that some editors put before UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The first bytes of UTF-16: a byte order mark, or the brace of JSON.
const UTF_16: [&[u8]; 4] = [b"\xff\xfe", b"\xfe\xff", b"{\0", b"\0{"];

/// The first bytes of gzip. Source: RFC 1952, section 2.3.1.
pub const GZIP: &[u8] = b"\x1f\x8b";

/// Reads a file of at most [`MAX_TEXT`] bytes. Fails when the file is unreadable or larger.
pub fn bytes(path: &Path) -> Result<Vec<u8>, HarError> {
    // A device or a pipe does not state its size.
    let read = || {
        let mut bytes = Vec::new();
        let limit = u64::try_from(MAX_TEXT).unwrap_or(u64::MAX).saturating_add(1);
        File::open(path)?.take(limit).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let bytes = read().map_err(|reason| HarError::Read(path.to_owned(), reason))?;
    check_size(path, &bytes)?;
    Ok(bytes)
}

/// Fails when `bytes` exceeds [`MAX_TEXT`].
pub(super) fn check_size(path: &Path, bytes: &[u8]) -> Result<(), HarError> {
    if bytes.len() <= MAX_TEXT { Ok(()) } else { Err(HarError::TooLarge(path.to_owned())) }
}

/// Returns the JSON in `bytes`, without a byte order mark and without trailing zeros. Fails when
/// the file is in UTF-16 or compressed.
pub fn json<'a>(path: &Path, bytes: &'a [u8]) -> Result<&'a [u8], HarError> {
    if UTF_16.iter().any(|mark| bytes.starts_with(mark)) {
        return Err(HarError::Utf16(path.to_owned()));
    }
    if bytes.starts_with(GZIP) {
        return Err(HarError::Gzip(path.to_owned()));
    }
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    Ok(bytes.get(..end).unwrap_or(bytes))
}

/// Returns the JSON as text, with U+FFFD in place of bytes that are not UTF-8. Fails as [`json`]
/// does.
pub fn text<'a>(path: &Path, bytes: &'a [u8]) -> Result<Cow<'a, str>, HarError> {
    Ok(String::from_utf8_lossy(json(path, bytes)?))
}
