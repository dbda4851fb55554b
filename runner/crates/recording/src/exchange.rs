//! An exchange as it happened, and as a HAR entry.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, Version};
use jiff::Timestamp;
use url::Url;

use super::har::{
    ClockKind, Content, Entry, Header, PostData, Request, Response, Size, Timings, milliseconds,
};
use crate::{HttpError, error_code};

/// The request headers that are not recorded. A guest cannot set those of the sign-in, and the
/// length of a body would tell that of the secrets in it.
pub const OMITTED_HEADERS: [&str; 4] =
    ["authorization", "content-length", "cookie", "proxy-authorization"];

/// The response headers that are recorded. `set-cookie` is not among them. Source: "Microsoft
/// Graph throttling guidance" and "Microsoft Graph error responses".
pub const KEPT_HEADERS: [&str; 17] = [
    "client-request-id",
    "content-encoding",
    "content-type",
    "date",
    "etag",
    "location",
    "odata-version",
    "preference-applied",
    "request-id",
    "retry-after",
    "x-ms-ags-diagnostic",
    "x-ms-resource-unit",
    "x-ms-throttle-information",
    "x-ms-throttle-limit-percentage",
    "x-ms-throttle-scope",
    "ratelimit-remaining",
    "ratelimit-reset",
];

/// The exchanges of a run with Graph.
#[derive(Clone, Debug)]
pub struct Exchanges {
    /// The exchanges, in the order of their requests.
    pub list: Vec<Exchange>,
    /// The start of the run.
    pub begun: Timestamp,
    /// The duration of the run by its own clock.
    pub elapsed: Duration,
    /// The clock of the run.
    pub clock: ClockKind,
    /// Whether the run exchanged more than a recording can hold, so that exchanges are missing.
    pub too_large: bool,
}

/// A request and its response.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// The request's method.
    pub method: Method,
    /// The URL.
    pub uri: Uri,
    /// The request's headers.
    pub headers: HeaderMap,
    /// The request's body.
    pub body: Bytes,
    /// The time at which the request was sent, by the run's clock.
    pub started: Duration,
    /// The response.
    pub response: ResponseState,
}

/// The response to a request. Times are those of the run's clock.
#[derive(Clone, Debug)]
pub enum ResponseState {
    /// The run ended before the response.
    Pending,
    /// The request failed.
    Failed {
        /// The reason.
        error: TransferError,
        /// The time of the failure.
        at: Duration,
    },
    /// At least the head was received.
    Received {
        /// The status.
        status: StatusCode,
        /// The protocol.
        version: Version,
        /// The headers.
        headers: HeaderMap,
        /// The time at which the head was received.
        at: Duration,
        /// The part of the body that was read.
        body: Vec<u8>,
        /// How and when the body ended; `None` while it is unread.
        end: Option<(Result<(), TransferError>, Duration)>,
    },
}

/// Why a response is missing or incomplete: a case of `wasi:http`'s `error-code`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferError {
    /// The name of the case.
    pub name: &'static str,
    /// The message of the error.
    pub words: Option<String>,
}

impl From<&HttpError> for TransferError {
    fn from(error: &HttpError) -> Self {
        let words = error_code::words(error).map(ToOwned::to_owned);
        Self { name: error_code::name(error), words }
    }
}

impl TransferError {
    fn named(name: &'static str) -> Self {
        Self { name, words: None }
    }
}

impl Exchange {
    /// Returns the HAR entry, for a run that began at `epoch` and took `elapsed`.
    pub fn entry(&self, epoch: Timestamp, elapsed: Duration) -> Entry {
        let (head, end) = self.times(elapsed);
        let wait = milliseconds(head.saturating_sub(self.started));
        let receive = milliseconds(end.saturating_sub(head));
        Entry {
            started_date_time: date_time(epoch, self.started),
            time: milliseconds(end.saturating_sub(self.started)),
            request: self.request(),
            response: self.response(),
            timings: Timings { wait, receive, ..Timings::default() },
            ..Entry::default()
        }
    }

    /// Returns the times at which the head and the whole of the response were received.
    fn times(&self, elapsed: Duration) -> (Duration, Duration) {
        match &self.response {
            ResponseState::Pending => (elapsed, elapsed),
            ResponseState::Failed { at, .. } => (*at, *at),
            ResponseState::Received { at, end, .. } => {
                (*at, end.as_ref().map_or(elapsed, |(_, ended)| *ended))
            }
        }
    }

    fn request(&self) -> Request {
        let url = self.uri.to_string();
        let body = (!self.body.is_empty()).then(|| PostData {
            mime_type: content_type(&self.headers),
            text: String::from_utf8_lossy(&self.body).into_owned(),
        });
        Request {
            method: self.method.to_string(),
            http_version: match &self.response {
                ResponseState::Received { version, .. } => protocol(*version),
                _ => String::new(),
            },
            headers: listed(&self.headers, |name| !OMITTED_HEADERS.contains(&name.as_str())),
            query_string: query(&url),
            body_size: Size::of(&self.body),
            post_data: body,
            url,
            ..Request::default()
        }
    }

    fn response(&self) -> Response {
        match &self.response {
            ResponseState::Pending => failed(TransferError::named("connection-terminated")),
            ResponseState::Failed { error, .. } => failed(error.clone()),
            ResponseState::Received { status, version, headers, body, end, .. } => {
                let error = match end {
                    None => Some(TransferError::named("HTTP-response-incomplete")),
                    Some((result, _)) => result.clone().err(),
                };
                Response {
                    status: status.as_u16(),
                    status_text: status.canonical_reason().unwrap_or_default().to_owned(),
                    http_version: protocol(*version),
                    headers: listed(headers, |name| KEPT_HEADERS.contains(&name.as_str())),
                    content: content(headers, body),
                    redirect_url: text(headers.get("location")),
                    body_size: Size::of(body),
                    ..error.map(failed).unwrap_or_default()
                }
            }
        }
    }
}

fn failed(error: TransferError) -> Response {
    Response { error: Some(error.name.to_owned()), error_words: error.words, ..Response::default() }
}

fn content(headers: &HeaderMap, body: &[u8]) -> Content {
    let (text, encoding) = match std::str::from_utf8(body) {
        Ok(text) => (text.to_owned(), None),
        Err(_) => (STANDARD.encode(body), Some("base64".to_owned())),
    };
    Content { size: Size::of(body).0, mime_type: content_type(headers), text, encoding }
}

fn listed(headers: &HeaderMap, keep: impl Fn(&HeaderName) -> bool) -> Vec<Header> {
    headers
        .iter()
        .filter(|(name, _)| keep(name))
        .map(|(name, value)| Header { name: name.to_string(), value: text(Some(value)) })
        .collect()
}

fn content_type(headers: &HeaderMap) -> String {
    text(headers.get(CONTENT_TYPE))
}

fn text(value: Option<&HeaderValue>) -> String {
    value.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).unwrap_or_default()
}

/// Returns the decoded query parameters of a URL.
pub fn query(url: &str) -> Vec<Header> {
    let Ok(url) = Url::parse(url) else { return Vec::new() };
    url.query_pairs()
        .map(|(name, value)| Header { name: name.into_owned(), value: value.into_owned() })
        .collect()
}

fn protocol(version: Version) -> String {
    match version {
        Version::HTTP_2 => "HTTP/2".to_owned(),
        other => format!("{other:?}"),
    }
}

/// Returns a time as HAR has it, to the millisecond.
fn date_time(epoch: Timestamp, since: Duration) -> String {
    let moment = epoch.checked_add(since).unwrap_or(epoch);
    format!("{moment:.3}")
}
