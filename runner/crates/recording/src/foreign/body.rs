//! A body in whatever a program wrapped it: base64, in lines too; gzip within that; a list of
//! pieces; Node's `Buffer`; a file beside the recording. Nothing is left wrapped, so that what
//! takes secrets out and looks for them sees all of it.

use base64::alphabet;
use base64::engine::{DecodePaddingMode, Engine as _, GeneralPurpose, GeneralPurposeConfig};
use flate2::read::MultiGzDecoder;
use serde_json::Value;
use thiserror::Error;

use super::beside::{Beside, BesideError, limited};
use super::loose;
use crate::har::text::GZIP;

/// Either alphabet, however it is filled up.
const BASE64: [GeneralPurpose; 2] = {
    let config =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    [
        GeneralPurpose::new(&alphabet::STANDARD, config),
        GeneralPurpose::new(&alphabet::URL_SAFE, config),
    ]
};

/// Why a body cannot be had.
#[derive(Debug, Error)]
pub enum BodyError {
    /// It says base64 and is not.
    #[error("is no base64")]
    Base64,
    /// It names an encoding that HAR does not define.
    #[error("is in the unknown encoding {0:?}; HAR knows base64")]
    Encoding(String),
    /// It is packed with gzip and damaged.
    #[error("is packed with gzip and cannot be unpacked: {0}")]
    Gzip(std::io::Error),
    /// It is elsewhere.
    #[error("{0}")]
    Beside(#[from] BesideError),
}

/// A body as it was on its way.
#[derive(Debug, Default)]
pub struct Body {
    /// The bytes, unpacked.
    pub bytes: Vec<u8>,
    /// How many there were before they were unpacked, if they were.
    pub packed: Option<usize>,
    /// Whether what was packed ended too early.
    pub cut: bool,
    /// Whether the program had a text and not bytes.
    pub is_text: bool,
}

impl Body {
    /// Whether nothing of it is there.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty() && !self.cut
    }
}

/// The body in `content` or `postData`; none where there is nothing.
///
/// # Errors
/// When what is there cannot be unwrapped.
pub fn read(part: &Value, beside: &mut Beside) -> Result<Option<Body>, BodyError> {
    let encoding = loose::filled(part, "encoding").unwrap_or_default();
    let file = loose::filled(part, "_file");
    let (bytes, is_text) = match (loose::member(part, "text"), file) {
        (None, None) => return Ok(None),
        (Some(Value::String(text)), None) if text.is_empty() => return Ok(None),
        (Some(Value::String(text)), _) if !text.is_empty() => of_text(text, encoding.trim())?,
        (Some(Value::Object(fields)), None) => match loose::buffer(fields) {
            Some(bytes) => (bytes, false),
            None => (Value::Object(fields.clone()).to_string().into_bytes(), true),
        },
        (Some(value), None) => (value.to_string().into_bytes(), true),
        (_, Some(name)) => (beside.read(&name)?, false),
    };
    unpacked(bytes, is_text, beside).map(Some)
}

/// The bytes that a text stands for, and whether it stands for itself.
fn of_text(text: &str, encoding: &str) -> Result<(Vec<u8>, bool), BodyError> {
    match encoding.to_ascii_lowercase().as_str() {
        "base64" => {
            let bytes = match serde_json::from_str::<Vec<String>>(text) {
                Ok(pieces) => {
                    let pieces: Option<Vec<_>> =
                        pieces.iter().map(|piece| of_base64(piece)).collect();
                    pieces.map(|pieces| pieces.concat())
                }
                Err(_) => of_base64(text),
            };
            Ok((bytes.ok_or(BodyError::Base64)?, false))
        }
        "" | "utf8" | "utf-8" => {
            let buffer = text
                .trim_start()
                .starts_with('{')
                .then(|| serde_json::from_str(text).ok().as_ref().and_then(loose::buffer));
            Ok(match buffer.flatten() {
                Some(bytes) => (bytes, false),
                None => (text.as_bytes().to_owned(), true),
            })
        }
        _ => Err(BodyError::Encoding(encoding.to_owned())),
    }
}

/// Lines are broken by whoever wrote them.
fn of_base64(text: &str) -> Option<Vec<u8>> {
    let text: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    BASE64.iter().find_map(|base64| base64.decode(&text).ok())
}

fn unpacked(bytes: Vec<u8>, is_text: bool, beside: &mut Beside) -> Result<Body, BodyError> {
    if is_text || !bytes.starts_with(GZIP) {
        return Ok(Body { bytes, is_text, ..Body::default() });
    }
    let mut reader = Unpacker { decoder: MultiGzDecoder::new(bytes.as_slice()), failed: None };
    // What came before the end of a stream that was cut off is there, too.
    let whole = limited(&mut reader, beside.left()).map_err(BodyError::Gzip)?;
    let cut = match reader.failed {
        None => false,
        Some(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => true,
        Some(error) => return Err(BodyError::Gzip(error)),
    };
    beside.spend(whole.len())?;
    Ok(Body { bytes: whole, packed: Some(bytes.len()), cut, is_text })
}

/// A decoder whose failure is an end that is noted.
struct Unpacker<'a> {
    decoder: MultiGzDecoder<&'a [u8]>,
    failed: Option<std::io::Error>,
}

impl std::io::Read for Unpacker<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.failed.is_some() {
            return Ok(0);
        }
        Ok(self.decoder.read(buffer).unwrap_or_else(|error| {
            self.failed = Some(error);
            0
        }))
    }
}
