//! One exchange as it happened, and its form in HAR.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, Version};
use jiff::Timestamp;
use url::Url;

use super::har::{
    ClockKind, Content, Entry, Header, PostData, Request, Response, Timings, milliseconds,
};
use crate::{HttpError, error_code};

/// The headers of a request that are never written down. A guest cannot set them either.
pub const SIGN_IN_HEADERS: [&str; 3] = ["authorization", "cookie", "proxy-authorization"];

/// The headers of an answer that are kept: those that say what the answer is, when to come
/// back, and under which number Microsoft knows it. `set-cookie` is none of them.
/// Source: "Microsoft Graph throttling guidance" and "Microsoft Graph error responses".
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

/// What a run exchanged with Graph.
#[derive(Clone, Debug)]
pub struct Exchanges {
    /// The exchanges, in the order of their requests.
    pub list: Vec<Exchange>,
    /// When the run began.
    pub begun: Timestamp,
    /// How long it had lasted, by its own clock.
    pub elapsed: Duration,
    /// Which clock that is.
    pub clock: ClockKind,
    /// Whether there was more than a recording holds, so that something is missing.
    pub too_large: bool,
}

/// A request, and what came of it.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// The request's method.
    pub method: Method,
    /// The whole address.
    pub uri: Uri,
    /// The request's headers.
    pub headers: HeaderMap,
    /// The request's body.
    pub body: Bytes,
    /// When it was sent, by the run's clock.
    pub started: Duration,
    /// What came of it.
    pub answer: Answer,
}

/// What came of a request. Times are by the run's clock.
#[derive(Clone, Debug)]
pub enum Answer {
    /// The run ended before there was an answer.
    Awaited,
    /// There was none.
    Never {
        /// The reason.
        why: Broken,
        /// When that was known.
        at: Duration,
    },
    /// It came, at least its head.
    Begun {
        /// Its status.
        status: StatusCode,
        /// The protocol.
        version: Version,
        /// Its headers.
        headers: HeaderMap,
        /// When its head was there.
        at: Duration,
        /// As much of its body as came and was read.
        body: Vec<u8>,
        /// How the body ended, and when; none when nobody read so far.
        end: Option<(Result<(), Broken>, Duration)>,
    },
}

/// Why an answer never came or broke off: a case of `wasi:http`'s `error-code`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The case's name.
    pub name: &'static str,
    /// What the host said beside it.
    pub words: Option<String>,
}

impl From<&HttpError> for Broken {
    fn from(error: &HttpError) -> Self {
        Self {
            name: error_code::name(error),
            words: error_code::words(error).map(ToOwned::to_owned),
        }
    }
}

impl Broken {
    fn named(name: &'static str) -> Self {
        Self { name, words: None }
    }
}

impl Exchange {
    /// The exchange in HAR, for a run that began at `epoch` and lasted `elapsed`.
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

    /// When the head of the answer was there, and when all of it.
    fn times(&self, elapsed: Duration) -> (Duration, Duration) {
        match &self.answer {
            Answer::Awaited => (elapsed, elapsed),
            Answer::Never { at, .. } => (*at, *at),
            Answer::Begun { at, end, .. } => {
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
            http_version: match &self.answer {
                Answer::Begun { version, .. } => protocol(*version),
                _ => String::new(),
            },
            headers: listed(&self.headers, |name| !SIGN_IN_HEADERS.contains(&name.as_str())),
            query_string: query(&url),
            body_size: size(self.body.len()),
            post_data: body,
            url,
            ..Request::default()
        }
    }

    fn response(&self) -> Response {
        match &self.answer {
            Answer::Awaited => none(&Broken::named("connection-terminated")),
            Answer::Never { why, .. } => none(why),
            Answer::Begun { status, version, headers, body, end, .. } => {
                let broken = match end {
                    None => Some(Broken::named("HTTP-response-incomplete")),
                    Some((Err(broken), _)) => Some(broken.clone()),
                    Some((Ok(()), _)) => None,
                };
                Response {
                    status: status.as_u16(),
                    status_text: status.canonical_reason().unwrap_or_default().to_owned(),
                    http_version: protocol(*version),
                    headers: listed(headers, |name| KEPT_HEADERS.contains(&name.as_str())),
                    content: content(headers, body),
                    redirect_url: text(headers.get("location")),
                    body_size: size(body.len()),
                    error: broken.as_ref().map(|broken| broken.name.to_owned()),
                    error_words: broken.and_then(|broken| broken.words),
                    ..Response::default()
                }
            }
        }
    }
}

/// The answer that never came.
fn none(why: &Broken) -> Response {
    Response {
        error: Some(why.name.to_owned()),
        error_words: why.words.clone(),
        ..Response::default()
    }
}

fn content(headers: &HeaderMap, body: &[u8]) -> Content {
    let (text, encoding) = match std::str::from_utf8(body) {
        Ok(text) => (text.to_owned(), None),
        Err(_) => (STANDARD.encode(body), Some("base64".to_owned())),
    };
    Content { size: size(body.len()), mime_type: content_type(headers), text, encoding }
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

/// The parameters of an address, decoded.
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

/// A length as HAR has it.
pub fn size(bytes: usize) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

/// A moment as HAR writes it, to the millisecond.
fn date_time(epoch: Timestamp, since: Duration) -> String {
    let moment = epoch.checked_add(since).unwrap_or(epoch);
    format!("{moment:.3}")
}
