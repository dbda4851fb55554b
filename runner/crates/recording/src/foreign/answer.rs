//! What came of a recorded request: a whole answer, one that broke off, or none. What a
//! program left out is none of these, and is told: taken for an empty answer it would make
//! the run another one.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use serde::de::IgnoredAny;
use serde_json::Value;

use super::beside::Beside;
use super::body::{self, Body};
use super::defect::Defect;
use super::document::Raw;
use super::loose;
use crate::error_code;
use crate::exchange::{KEPT_HEADERS, size};
use crate::har::{Content, Header, Response};

/// Where other programs say in words of their own why an answer broke off: Chrome's DevTools
/// and Playwright.
const MARKS: [&str; 2] = ["_error", "_failureText"];

/// The statuses whose answers have no body, whatever their headers say.
/// Source: RFC 9110, sections 15.3.5, 15.3.6 and 15.4.5.
const BODILESS: [u16; 3] = [204, 205, 304];

/// What Graph answers without a body: it accepted a mail.
/// Source: "user: sendMail", Microsoft Graph v1.0.
const ACCEPTED: u16 = 202;

/// What stands for a character that a program could not hold.
const REPLACEMENT: char = '\u{fffd}';

/// What came of a request.
pub struct Outcome {
    /// In HAR, as a replay gives it.
    pub response: Response,
    /// Whether there is no answer and nothing that says why: the program had not seen it yet.
    pub silent: bool,
}

/// The status that an entry has, or that it has none.
pub fn status(raw: &Raw) -> Option<f64> {
    let response = raw.value.get("response")?;
    loose::number(response, "status").filter(|status| *status > 0.0)
}

/// What came of the request of an entry.
///
/// # Errors
/// When that cannot be known.
pub fn outcome(raw: &Raw, beside: &mut Beside) -> Result<Outcome, Defect> {
    let response = raw.value.get("response").unwrap_or(&Value::Null);
    let mark = mark(response).or_else(|| mark(&raw.value));
    let Some(status) = status(raw) else {
        let words =
            loose::filled(response, "status").filter(|status| status.parse::<f64>().is_err());
        let silent = mark.is_none() && words.is_none();
        let error = reason(mark.as_deref(), "connection-terminated");
        return Ok(Outcome { response: Response { error, ..Response::default() }, silent });
    };
    let known = loose::whole(status).and_then(|status| u16::try_from(status).ok());
    let known = known.filter(|status| http::StatusCode::from_u16(*status).is_ok());
    let status = known.ok_or(Defect::Status(status))?;
    let content = loose::member(response, "content").unwrap_or(&Value::Null);
    let headers = headers(response, content);
    let body = body::read(content, beside).map_err(Defect::Answer)?;
    let seen = Seen { status, response, content, headers: &headers };
    let body = body.unwrap_or_default();
    let ends = match &mark {
        Some(_) => Ends::BrokenOff,
        None if body.is_empty() => seen.empty()?,
        None => seen.held(&body)?,
    };
    let error = match ends {
        Ends::Whole => None,
        Ends::BrokenOff => reason(mark.as_deref(), "HTTP-response-incomplete"),
    };
    let content = seen.content(body, error.is_some(), raw.lossy)?;
    let response = Response {
        status,
        status_text: loose::text(response, "statusText").unwrap_or_default(),
        http_version: loose::text(response, "httpVersion").unwrap_or_default(),
        redirect_url: loose::text(response, "redirectURL").unwrap_or_default(),
        body_size: content.size,
        content,
        error,
        headers: kept(headers),
        ..Response::default()
    };
    Ok(Outcome { response, silent: false })
}

fn mark(value: &Value) -> Option<String> {
    MARKS.iter().find_map(|name| loose::filled(value, name))
}

/// The case of `wasi:http`'s `error-code` that a mark names, or else what it means.
fn reason(mark: Option<&str>, meant: &str) -> Option<String> {
    let named = mark.filter(|mark| error_code::named(mark).is_some());
    Some(named.unwrap_or(meant).to_owned())
}

/// The headers. The media type is `content`'s, where a program keeps it only there.
fn headers(response: &Value, content: &Value) -> Vec<Header> {
    let mut headers = loose::headers(response);
    let media_type = loose::filled(content, "mimeType").filter(|kind| kind != "x-unknown");
    if let (Some(value), None) = (media_type, loose::header(&headers, CONTENT_TYPE.as_str())) {
        headers.push(Header { name: CONTENT_TYPE.to_string(), value });
    }
    headers
}

/// Those that say what the answer is. Its body is there unpacked, whatever they say.
fn kept(mut headers: Vec<Header>) -> Vec<Header> {
    headers.retain(|header| {
        let name = header.name.to_ascii_lowercase();
        KEPT_HEADERS.contains(&name.as_str()) && name != CONTENT_ENCODING.as_str()
    });
    headers
}

/// How an answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ends {
    Whole,
    BrokenOff,
}

/// What an entry says of an answer beside its body.
struct Seen<'a> {
    status: u16,
    response: &'a Value,
    content: &'a Value,
    headers: &'a [Header],
}

impl Seen<'_> {
    /// How an answer ended of which there is no body, where nothing says that it broke off.
    fn empty(&self) -> Result<Ends, Defect> {
        let size = loose::size(self.content, "size");
        match (self.promised(), size) {
            _ if BODILESS.contains(&self.status) => Ok(Ends::Whole),
            (Some(0), _) => Ok(Ends::Whole),
            (Some(promised), Some(0)) => Err(Defect::NothingOf { promised }),
            (Some(_), _) | (None, Some(1..)) => Err(Defect::NoContent),
            (None, _) if self.status == ACCEPTED => Ok(Ends::Whole),
            (None, Some(0)) if !self.is_json() => Ok(Ends::Whole),
            (None, Some(0)) => Err(Defect::NoJson),
            (None, None) => Err(Defect::NoContent),
        }
    }

    /// How an answer ended whose body is there, or some of it.
    fn held(&self, body: &Body) -> Result<Ends, Defect> {
        if body.cut {
            return Ok(Ends::BrokenOff);
        }
        // The lengths that programs note are of many kinds: in bytes or characters, packed or
        // not. JSON that ends is whole, whatever they are.
        if is_whole_json(&body.bytes) {
            return Ok(Ends::Whole);
        }
        let length = u64::try_from(body.bytes.len()).unwrap_or(u64::MAX);
        let packed = body.packed.and_then(|packed| u64::try_from(packed).ok());
        let sent = match packed {
            Some(packed) => Some(packed),
            None if self.encoding().is_none() => Some(length),
            None => loose::size(self.response, "bodySize"),
        };
        let plain = packed.is_none() && self.encoding().is_none();
        if let Some(whole) =
            loose::size(self.content, "size").filter(|size| plain && *size > length)
            && self.is_json()
        {
            return Err(Defect::Shortened { held: length, whole });
        }
        match sent.zip(self.promised()) {
            Some((sent, promised)) if sent < promised => Ok(Ends::BrokenOff),
            _ => Ok(Ends::Whole),
        }
    }

    /// The body as a recording has it.
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
        let length = if encoding.is_some() { 0 } else { text.len() };
        let mime_type = loose::header(self.headers, CONTENT_TYPE.as_str()).unwrap_or_default();
        Ok(Content { size: size(length), mime_type: mime_type.to_owned(), text, encoding })
    }

    /// How many bytes the answer's head announced.
    fn promised(&self) -> Option<u64> {
        loose::header(self.headers, CONTENT_LENGTH.as_str())?.split(',').next()?.trim().parse().ok()
    }

    /// How the body was packed on its way.
    fn encoding(&self) -> Option<&str> {
        let encoding = loose::header(self.headers, CONTENT_ENCODING.as_str())?;
        (!encoding.eq_ignore_ascii_case("identity") && !encoding.is_empty()).then_some(encoding)
    }

    fn is_json(&self) -> bool {
        let kind = loose::header(self.headers, CONTENT_TYPE.as_str()).unwrap_or_default();
        kind.to_ascii_lowercase().contains("json")
    }
}

/// The text in the bytes of an answer that broke off within a character.
fn valid(bytes: &[u8], broken: bool) -> Option<Cow<'_, str>> {
    let error = std::str::from_utf8(bytes).err()?;
    let within_character = broken && error.error_len().is_none();
    let valid = bytes.get(..error.valid_up_to()).filter(|_| within_character)?;
    std::str::from_utf8(valid).ok().map(Cow::Borrowed)
}

/// Whether this is an object or a list to its end, which no part of one is.
fn is_whole_json(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let begins = bytes.starts_with(b"{") || bytes.starts_with(b"[");
    begins && serde_json::from_slice::<IgnoredAny>(bytes).is_ok()
}
