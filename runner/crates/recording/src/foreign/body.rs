//! Decodes bodies: base64, also in lines; gzip in it; a list of parts; Node's `Buffer`; a file
//! beside the recording. Nothing stays encoded, so that redaction and scan see all of it.

use base64::alphabet;
use base64::engine::{DecodePaddingMode, Engine as _, GeneralPurpose, GeneralPurposeConfig};
use flate2::read::MultiGzDecoder;
use serde_json::Value;
use thiserror::Error;

use super::attachments::{AttachmentError, Attachments, limited};
use super::lenient;
use crate::har::text::GZIP;

/// Both alphabets, with or without padding.
const BASE64: [GeneralPurpose; 2] = {
    let config =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    [
        GeneralPurpose::new(&alphabet::STANDARD, config),
        GeneralPurpose::new(&alphabet::URL_SAFE, config),
    ]
};

/// Why a body cannot be decoded.
#[derive(Debug, Error)]
pub enum BodyError {
    /// The text is not base64, as its encoding states.
    #[error("is not base64")]
    Base64,
    /// HAR does not define the encoding.
    #[error("is in the unknown encoding {0:?}; HAR knows base64")]
    Encoding(String),
    /// The gzip stream is damaged.
    #[error("is packed with gzip and cannot be unpacked: {0}")]
    Gzip(std::io::Error),
    /// The file with the body cannot be read.
    #[error("{0}")]
    Attachments(#[from] AttachmentError),
}

/// A decoded body.
#[derive(Debug, Default)]
pub struct Body {
    /// The unpacked bytes.
    pub bytes: Vec<u8>,
    /// The length before unpacking.
    pub packed: Option<usize>,
    /// Whether the gzip stream ended early.
    pub cut: bool,
    /// Whether the program stored text.
    pub is_text: bool,
}

impl Body {
    /// Whether the body is missing.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty() && !self.cut
    }
}

/// Reads the body in `content` or `postData`, or returns `None`. Fails when the body cannot be
/// decoded.
pub fn read(part: &Value, attachments: &mut Attachments) -> Result<Option<Body>, BodyError> {
    let encoding = lenient::filled(part, "encoding").unwrap_or_default();
    let file = lenient::filled(part, "_file");
    let (bytes, is_text) = match (lenient::member(part, "text"), file) {
        (None, None) => return Ok(None),
        (Some(Value::String(text)), None) if text.is_empty() => return Ok(None),
        (Some(Value::String(text)), _) if !text.is_empty() => of_text(text, encoding.trim())?,
        (Some(Value::Object(fields)), None) => match lenient::buffer(fields) {
            Some(bytes) => (bytes, false),
            None => (Value::Object(fields.clone()).to_string().into_bytes(), true),
        },
        (Some(value), None) => (value.to_string().into_bytes(), true),
        (_, Some(name)) => (attachments.read(&name)?, false),
    };
    unpacked(bytes, is_text, attachments).map(Some)
}

/// Returns the bytes of a text, and whether they are the text itself.
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
                .then(|| serde_json::from_str(text).ok().as_ref().and_then(lenient::buffer));
            Ok(match buffer.flatten() {
                Some(bytes) => (bytes, false),
                None => (text.as_bytes().to_owned(), true),
            })
        }
        _ => Err(BodyError::Encoding(encoding.to_owned())),
    }
}

/// The text may be broken into lines.
fn of_base64(text: &str) -> Option<Vec<u8>> {
    let text: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    BASE64.iter().find_map(|base64| base64.decode(&text).ok())
}

fn unpacked(
    bytes: Vec<u8>,
    is_text: bool,
    attachments: &mut Attachments,
) -> Result<Body, BodyError> {
    if is_text || !bytes.starts_with(GZIP) {
        return Ok(Body { bytes, is_text, ..Body::default() });
    }
    let mut reader = Unpacker { decoder: MultiGzDecoder::new(bytes.as_slice()), failed: None };
    // The part of a truncated stream is kept.
    let whole = limited(&mut reader, attachments.left()).map_err(BodyError::Gzip)?;
    let cut = match reader.failed {
        None => false,
        Some(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => true,
        Some(error) => return Err(BodyError::Gzip(error)),
    };
    attachments.spend(whole.len())?;
    Ok(Body { bytes: whole, packed: Some(bytes.len()), cut, is_text })
}

/// A decoder that stores its failure and ends.
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
