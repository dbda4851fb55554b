//! The response of an entry: complete, incomplete or missing. An entry from which a program
//! removed the body is a defect: an empty body would change the run.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use serde::de::IgnoredAny;
use serde_json::Value;

use super::attachments::Attachments;
use super::body::{self, Body};
use super::defect::Defect;
use super::document::Raw;
use super::lenient;
use crate::error_code;
use crate::exchange::KEPT_HEADERS;
use crate::har::{Content, Header, Response, Size};

/// The members with the reason of a failure, in DevTools and in Playwright.
const MARKS: [&str; 2] = ["_error", "_failureText"];

/// The statuses without a body. Source: RFC 9110, sections 15.3.5, 15.3.6 and 15.4.5.
const BODILESS: [u16; 3] = [204, 205, 304];

/// The status of an accepted mail, which Graph sends without a body. Source: "user: sendMail",
/// Microsoft Graph v1.0.
const ACCEPTED: u16 = 202;

/// The character in place of bytes that a program could not store.
const REPLACEMENT: char = '\u{fffd}';

pub struct ReadResponse {
    pub response: Response,
    /// Whether the response is missing without a reason: it came after the entry was written.
    pub silent: bool,
}

pub fn status(raw: &Raw) -> Option<f64> {
    let response = raw.value.get("response")?;
    lenient::number(response, "status").filter(|status| *status > 0.0)
}

/// Reads the response of an entry. Fails when the response is unknown.
pub fn read(raw: &Raw, attachments: &mut Attachments) -> Result<ReadResponse, Defect> {
    let response = raw.value.get("response").unwrap_or(&Value::Null);
    let mark = mark(response).or_else(|| mark(&raw.value));
    let Some(status) = status(raw) else {
        let words =
            lenient::filled(response, "status").filter(|status| status.parse::<f64>().is_err());
        let silent = mark.is_none() && words.is_none();
        let error = reason(mark.as_deref(), "connection-terminated");
        return Ok(ReadResponse { response: Response { error, ..Response::default() }, silent });
    };
    let known = lenient::whole(status).and_then(|status| u16::try_from(status).ok());
    let known = known.filter(|status| http::StatusCode::from_u16(*status).is_ok());
    let status = known.ok_or(Defect::Status(status))?;
    let content = lenient::member(response, "content").unwrap_or(&Value::Null);
    let headers = headers(response, content);
    let body = body::read(content, attachments).map_err(Defect::Answer)?;
    let entry = EntryResponse { status, response, content, headers: &headers };
    let body = body.unwrap_or_default();
    let complete = match &mark {
        Some(_) => false,
        None if body.is_empty() => entry.is_complete_without_body()?,
        None => entry.is_complete(&body)?,
    };
    let error = match complete {
        true => None,
        false => reason(mark.as_deref(), "HTTP-response-incomplete"),
    };
    let content = entry.content(body, error.is_some(), raw.lossy)?;
    let response = Response {
        status,
        status_text: lenient::text(response, "statusText").unwrap_or_default(),
        http_version: lenient::text(response, "httpVersion").unwrap_or_default(),
        redirect_url: lenient::text(response, "redirectURL").unwrap_or_default(),
        body_size: Size(content.size),
        content,
        error,
        headers: kept(headers),
        ..Response::default()
    };
    Ok(ReadResponse { response, silent: false })
}

fn mark(value: &Value) -> Option<String> {
    MARKS.iter().find_map(|name| lenient::filled(value, name))
}

/// Returns the case of `wasi:http`'s `error-code` in the mark, or else `default`.
fn reason(mark: Option<&str>, default: &str) -> Option<String> {
    let named = mark.filter(|mark| error_code::named(mark).is_some());
    Some(named.unwrap_or(default).to_owned())
}

/// Returns the headers. Some programs store the media type only in `content`.
fn headers(response: &Value, content: &Value) -> Vec<Header> {
    let mut headers = lenient::headers(response);
    let media_type = lenient::filled(content, "mimeType").filter(|kind| kind != "x-unknown");
    if let (Some(value), None) = (media_type, lenient::header(&headers, CONTENT_TYPE.as_str())) {
        headers.push(Header { name: CONTENT_TYPE.to_string(), value });
    }
    headers
}

/// Returns the recorded headers. The body is already unpacked.
fn kept(mut headers: Vec<Header>) -> Vec<Header> {
    headers.retain(|header| {
        let name = header.name.to_ascii_lowercase();
        KEPT_HEADERS.contains(&name.as_str()) && name != CONTENT_ENCODING.as_str()
    });
    headers
}

/// The members of an entry about its response.
struct EntryResponse<'a> {
    status: u16,
    response: &'a Value,
    content: &'a Value,
    headers: &'a [Header],
}

impl EntryResponse<'_> {
    /// Whether a response without a body is complete, if nothing states that it failed.
    fn is_complete_without_body(&self) -> Result<bool, Defect> {
        let size = lenient::size(self.content, "size");
        match (self.promised(), size) {
            _ if BODILESS.contains(&self.status) => Ok(true),
            (Some(0), _) => Ok(true),
            (Some(promised), Some(0)) => Err(Defect::NothingOf { promised }),
            (Some(_), _) | (None, Some(1..)) => Err(Defect::NoContent),
            (None, _) if self.status == ACCEPTED => Ok(true),
            (None, Some(0)) if !self.is_json() => Ok(true),
            (None, Some(0)) => Err(Defect::NoJson),
            (None, None) => Err(Defect::NoContent),
        }
    }

    fn is_complete(&self, body: &Body) -> Result<bool, Defect> {
        if body.cut {
            return Ok(false);
        }
        // Programs store lengths in bytes or characters, packed or not. JSON that ends is
        // complete in any case.
        if is_whole_json(&body.bytes) {
            return Ok(true);
        }
        let length = u64::try_from(body.bytes.len()).unwrap_or(u64::MAX);
        let packed = body.packed.and_then(|packed| u64::try_from(packed).ok());
        let sent = match packed {
            Some(packed) => Some(packed),
            None if self.encoding().is_none() => Some(length),
            None => lenient::size(self.response, "bodySize"),
        };
        let plain = packed.is_none() && self.encoding().is_none();
        if let Some(whole) =
            lenient::size(self.content, "size").filter(|size| plain && *size > length)
            && self.is_json()
        {
            return Err(Defect::Shortened { held: length, whole });
        }
        Ok(sent.zip(self.promised()).is_none_or(|(sent, promised)| sent >= promised))
    }

    fn content(&self, body: Body, broken: bool, lossy: bool) -> Result<Content, Defect> {
        let Body { bytes, is_text, .. } = body;
        let (text, encoding) = match String::from_utf8(bytes) {
            Ok(text) if is_text && lossy && text.contains(REPLACEMENT) => return Err(Defect::Lost),
            Ok(text) => (text, None),
            Err(error) => match (valid(error.as_bytes(), broken), self.encoding()) {
                (Some(text), _) => (text.into_owned(), None),
                (None, Some(encoding)) => return Err(Defect::Packed(encoding.to_owned())),
                (None, None) => (STANDARD.encode(error.as_bytes()), Some("base64".to_owned())),
            },
        };
        let size = if encoding.is_some() { 0 } else { Size::of(&text).0 };
        let mime_type = lenient::header(self.headers, CONTENT_TYPE.as_str()).unwrap_or_default();
        Ok(Content { size, mime_type: mime_type.to_owned(), text, encoding })
    }

    /// Returns the length that the head announced.
    fn promised(&self) -> Option<u64> {
        lenient::header(self.headers, CONTENT_LENGTH.as_str())?
            .split(',')
            .next()?
            .trim()
            .parse()
            .ok()
    }

    /// Returns the encoding of the body.
    fn encoding(&self) -> Option<&str> {
        let encoding = lenient::header(self.headers, CONTENT_ENCODING.as_str())?;
        (!encoding.eq_ignore_ascii_case("identity") && !encoding.is_empty()).then_some(encoding)
    }

    fn is_json(&self) -> bool {
        let kind = lenient::header(self.headers, CONTENT_TYPE.as_str()).unwrap_or_default();
        kind.to_ascii_lowercase().contains("json")
    }
}

/// Returns the text of a response that ended within a character.
fn valid(bytes: &[u8], broken: bool) -> Option<Cow<'_, str>> {
    let error = std::str::from_utf8(bytes).err()?;
    let within_character = broken && error.error_len().is_none();
    let valid = bytes.get(..error.valid_up_to()).filter(|_| within_character)?;
    std::str::from_utf8(valid).ok().map(Cow::Borrowed)
}

fn is_whole_json(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let begins = bytes.starts_with(b"{") || bytes.starts_with(b"[");
    begins && serde_json::from_slice::<IgnoredAny>(bytes).is_ok()
}
