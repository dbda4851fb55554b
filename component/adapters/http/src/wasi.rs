//! Requests and responses as WASI has them, with a deadline for every wait.

use serde_json::Value;

use crate::bindings::exports::wasi::http::incoming_handler::{IncomingRequest, ResponseOutparam};
use crate::bindings::wasi::clocks::monotonic_clock;
use crate::bindings::wasi::config::store;
use crate::bindings::wasi::http::types::{Fields, Method, OutgoingBody, OutgoingResponse};
use crate::bindings::wasi::io::poll::{Pollable, poll};
use crate::bindings::wasi::io::streams::StreamError;

/// The time to receive a body, and the time in which a client must take a part of a response, in
/// nanoseconds. The first is that of the server.
const BODY_TIME: u64 = 30_000_000_000;

/// How much is read at once, in bytes.
const PART: u64 = 64 * 1024;

/// A request.
pub struct Request(IncomingRequest);

/// Why a body was not read.
pub enum BodyError {
    /// It is too large.
    TooLarge,
    /// It broke off.
    Incomplete,
    /// It took too long.
    Late,
}

/// A response.
pub struct Response {
    status: u16,
    /// The headers, beside those of every response.
    pub headers: Vec<(&'static str, String)>,
    body: String,
}

impl Response {
    /// Creates a response with a JSON body.
    pub fn new(status: u16, media_type: &str, body: Value) -> Self {
        Self::text(status, media_type, body.to_string())
    }

    /// Creates a response whose body is the text of JSON.
    pub fn text(status: u16, media_type: &str, body: String) -> Self {
        let headers = vec![
            ("content-type", media_type.to_owned()),
            ("content-length", body.len().to_string()),
            ("cache-control", "no-store".to_owned()),
            ("x-content-type-options", "nosniff".to_owned()),
        ];
        Self { status, headers, body }
    }
}

impl Request {
    /// Takes a request.
    pub fn new(request: IncomingRequest) -> Self {
        Self(request)
    }

    /// Returns the method.
    pub fn method(&self) -> String {
        let known = match self.0.method() {
            Method::Get => "GET",
            Method::Head => "HEAD",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Delete => "DELETE",
            Method::Connect => "CONNECT",
            Method::Options => "OPTIONS",
            Method::Trace => "TRACE",
            Method::Patch => "PATCH",
            Method::Other(other) => return other,
        };
        known.to_owned()
    }

    /// Returns whether the response must have no body.
    pub fn is_head(&self) -> bool {
        matches!(self.0.method(), Method::Head)
    }

    /// Returns the path, as the client wrote it: no path of this server needs an escape.
    pub fn path(&self) -> String {
        self.target().0
    }

    /// Returns the query.
    pub fn query(&self) -> String {
        self.target().1
    }

    fn target(&self) -> (String, String) {
        let target = self.0.path_with_query().unwrap_or_default();
        match target.split_once('?') {
            Some((path, query)) => (path.to_owned(), query.to_owned()),
            None => (target, String::new()),
        }
    }

    /// Returns the values of a header. Bytes that are no text make the value an empty one.
    pub fn headers(&self, name: &str) -> Vec<String> {
        let values = self.0.headers().get(name);
        values.into_iter().map(|value| String::from_utf8(value).unwrap_or_default()).collect()
    }

    /// Returns the key of a request; `None` unless there is exactly one.
    pub fn bearer(&self) -> Option<String> {
        let values = self.headers("authorization");
        let [value] = values.as_slice() else { return None };
        let (scheme, key) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| key.trim().to_owned())
    }

    /// Reads the body, of at most `limit` bytes.
    pub fn body(&mut self, limit: usize) -> Result<Vec<u8>, BodyError> {
        let declared = self.headers("content-length").first().and_then(|text| text.parse().ok());
        if declared.is_some_and(|length: usize| length > limit) {
            return Err(BodyError::TooLarge);
        }
        let incoming = self.0.consume().map_err(|()| BodyError::Incomplete)?;
        let stream = incoming.stream().map_err(|()| BodyError::Incomplete)?;
        let deadline = monotonic_clock::subscribe_duration(BODY_TIME);
        let mut body = Vec::new();
        loop {
            if !ready(&stream.subscribe(), &deadline) {
                return Err(BodyError::Late);
            }
            match stream.read(PART) {
                Ok(part) => body.extend_from_slice(&part),
                Err(StreamError::Closed) => return Ok(body),
                Err(StreamError::LastOperationFailed(_)) => return Err(BodyError::Incomplete),
            }
            if body.len() > limit {
                return Err(BodyError::TooLarge);
            }
        }
    }
}

/// Sends a response. A client that has gone, or that takes nothing, ends it.
pub fn send(response: Response, is_head: bool, out: ResponseOutparam) {
    let headers = response.headers.iter();
    let headers: Vec<_> =
        headers.map(|(name, value)| ((*name).to_owned(), value.clone().into_bytes())).collect();
    let outgoing =
        OutgoingResponse::new(Fields::from_list(&headers).unwrap_or_else(|_| Fields::new()));
    _ = outgoing.set_status_code(response.status);
    let body = outgoing.body();
    ResponseOutparam::set(out, Ok(outgoing));
    let Ok(body) = body else { return };
    if is_head || write(&body, response.body.as_bytes()) {
        _ = OutgoingBody::finish(body, None);
    }
}

/// Writes a body, and returns whether all of it was taken.
fn write(body: &OutgoingBody, bytes: &[u8]) -> bool {
    let Ok(stream) = body.write() else { return false };
    let mut rest = bytes;
    while !rest.is_empty() {
        let deadline = monotonic_clock::subscribe_duration(BODY_TIME);
        if !ready(&stream.subscribe(), &deadline) {
            return false;
        }
        let Ok(permitted) = stream.check_write() else { return false };
        let size = usize::try_from(permitted).unwrap_or(usize::MAX).min(rest.len());
        let (now, later) = rest.split_at_checked(size).unwrap_or((rest, &[]));
        if stream.write(now).is_err() {
            return false;
        }
        rest = later;
    }
    stream.flush().is_ok()
}

/// Waits until `pollable` is ready; false at the deadline.
fn ready(pollable: &Pollable, deadline: &Pollable) -> bool {
    poll(&[pollable, deadline]).contains(&0)
}

/// Reads a setting of the host.
pub fn setting(name: &str) -> Result<Option<String>, String> {
    store::get(name).map_err(|error| match error {
        store::Error::Upstream(reason) | store::Error::Io(reason) => reason,
    })
}
