//! `wasi:http/outgoing-handler`: one request at a time, and no wait without an end.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;

use super::code::{failed, is_unnamed};
use super::nanoseconds;
use crate::bindings::wasi::clocks::monotonic_clock;
use crate::bindings::wasi::http::outgoing_handler;
use crate::bindings::wasi::http::types::{
    Fields, FutureIncomingResponse, HeaderError, IncomingBody, IncomingResponse,
    Method as WasiMethod, OutgoingBody, OutgoingRequest, RequestOptions, Scheme,
};
use crate::bindings::wasi::io::poll::{self, Pollable};
use crate::bindings::wasi::io::streams::{InputStream, OutputStream, StreamError};
use crate::graph::{Body, Method, Reach, Request, Response, Transport, TransportError};

/// The most that is read of one response's body, in bytes. A page of 999 users with the 86
/// plans of Microsoft 365 E5 each is some 17 megabytes; more than this would only fill the
/// sandbox's memory.
const LARGEST_BODY: usize = 20 * 1024 * 1024;

/// How much is asked of a response's body at once, in bytes.
const READ_SIZE: u64 = 64 * 1024;

/// `wasi:http/outgoing-handler`.
pub struct WasiHttp;

impl Transport for WasiHttp {
    fn send(&mut self, request: &Request) -> Result<Response, TransportError> {
        let outgoing = outgoing_request(request)?;
        let body = takes_body(request)
            .then(|| outgoing.body().map_err(|()| refused("the host takes no request body")))
            .transpose()?;
        let options = options(request.timeout);
        let deadline = monotonic_clock::subscribe_duration(nanoseconds(request.limit));
        let pending =
            outgoing_handler::handle(outgoing, Some(options)).map_err(|code| failed(&code))?;
        // A body that could not be written to its end stays open until the response has been
        // read: dropping it would take the connection away from under the response.
        let (written, _unfinished) = match body {
            Some(body) => write_body(body, &request.body, &pending, &deadline),
            None => (Ok(()), None),
        };
        let response = response(&pending, &deadline, written)?;
        read_response(&response, &deadline)
    }
}

/// Whether a body of `request` is taken from the host. An empty one is, too, for GET: jco
/// keeps a connection for each request whose body was not finished. For DELETE, wasmtime
/// would send an empty body as a chunked one.
fn takes_body(request: &Request) -> bool {
    !request.body.is_empty() || request.method == Method::Get
}

fn outgoing_request(request: &Request) -> Result<OutgoingRequest, TransportError> {
    let (scheme, authority, path) = split(&request.url)
        .ok_or_else(|| refused("the connection's Graph address is no http or https URL"))?;
    let mut headers: Vec<(String, Vec<u8>)> = request
        .headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.clone().into_bytes()))
        .collect();
    // Without it, hosts send the body in chunks, which some proxies refuse.
    if !request.body.is_empty() {
        let length = request.body.len().to_string();
        headers.push(("content-length".to_owned(), length.into_bytes()));
    }
    let headers = Fields::from_list(&headers).map_err(|error| refused(refused_header(&error)))?;
    let outgoing = OutgoingRequest::new(headers);
    let method = match request.method {
        Method::Get => WasiMethod::Get,
        Method::Post => WasiMethod::Post,
        Method::Delete => WasiMethod::Delete,
    };
    outgoing
        .set_method(&method)
        .and_then(|()| outgoing.set_scheme(Some(&scheme)))
        .and_then(|()| outgoing.set_authority(Some(authority)))
        .and_then(|()| outgoing.set_path_with_query(Some(path)))
        .map_err(|()| refused("the host refuses the request's address"))?;
    Ok(outgoing)
}

fn refused_header(error: &HeaderError) -> &'static str {
    match error {
        HeaderError::InvalidSyntax => "the host refuses the syntax of a request header",
        HeaderError::Forbidden => "the host forbids a request header",
        HeaderError::Immutable => "the host takes no request headers",
    }
}

/// The scheme, the authority, and the path with the query of `url`.
fn split(url: &str) -> Option<(Scheme, &str, &str)> {
    let (scheme, rest) = match url.strip_prefix("https://") {
        Some(rest) => (Scheme::Https, rest),
        None => (Scheme::Http, url.strip_prefix("http://")?),
    };
    let (authority, path) = rest.split_at_checked(rest.find('/')?)?;
    (!authority.is_empty()).then_some((scheme, authority, path))
}

/// Returns the options of a request. A host may refuse a timeout that it does not support.
///
/// The time to connect is not shorter than the time to answer: jco ends the exchange after a
/// silence of this length at any time, also while Graph works on the request.
fn options(timeout: Duration) -> RequestOptions {
    let options = RequestOptions::new();
    let limit = Some(nanoseconds(timeout));
    _ = options.set_connect_timeout(limit);
    _ = options.set_first_byte_timeout(limit);
    _ = options.set_between_bytes_timeout(limit);
    options
}

/// Writes and finishes a body; returns the body, too, where that failed.
fn write_body(
    body: OutgoingBody,
    bytes: &[u8],
    pending: &FutureIncomingResponse,
    deadline: &Pollable,
) -> (Result<(), TransportError>, Option<OutgoingBody>) {
    match write_parts(&body, bytes, pending, deadline) {
        Ok(()) => (OutgoingBody::finish(body, None).map_err(|code| failed(&code)), None),
        Err(error) => (Err(error), Some(body)),
    }
}

/// Writes all bytes, as many at a time as the stream permits.
fn write_parts(
    body: &OutgoingBody,
    bytes: &[u8],
    pending: &FutureIncomingResponse,
    deadline: &Pollable,
) -> Result<(), TransportError> {
    if bytes.is_empty() {
        return Ok(());
    }
    let stream = body.write().map_err(|()| lost("the host takes no request body"))?;
    let mut rest = bytes;
    while !rest.is_empty() {
        let permitted = permitted(&stream, pending, deadline)?;
        let size = usize::try_from(permitted).unwrap_or(usize::MAX).min(rest.len());
        let (now, later) = rest.split_at_checked(size).unwrap_or((rest, &[]));
        stream.write(now).map_err(|error| broken(&error))?;
        rest = later;
    }
    stream.flush().map_err(|error| broken(&error))
}

/// Waits until the stream takes bytes, and returns how many. A server that answers before it
/// has read the body may never read the rest.
fn permitted(
    stream: &OutputStream,
    pending: &FutureIncomingResponse,
    deadline: &Pollable,
) -> Result<u64, TransportError> {
    let writable = 0;
    if poll::poll(&[&stream.subscribe(), &pending.subscribe(), deadline]).contains(&writable) {
        return stream.check_write().map_err(|error| broken(&error));
    }
    Err(lost("the request was not taken to its end"))
}

/// Waits for the head of the response. A response counts even when not the whole body was
/// taken, and an error that the host names tells more than the stream that broke.
fn response(
    pending: &FutureIncomingResponse,
    deadline: &Pollable,
    written: Result<(), TransportError>,
) -> Result<IncomingResponse, TransportError> {
    poll::poll(&[&pending.subscribe(), deadline]);
    let result = pending.get().ok_or_else(|| lost("no answer came in time"))?;
    let result = result.map_err(|()| lost("the host gave its answer twice"))?;
    result.map_err(|code| {
        written.err().filter(|_| is_unnamed(&code)).unwrap_or_else(|| failed(&code))
    })
}

fn read_response(
    response: &IncomingResponse,
    deadline: &Pollable,
) -> Result<Response, TransportError> {
    let headers = response
        .headers()
        .entries()
        .into_iter()
        .map(|(name, value)| (name, String::from_utf8_lossy(&value).into_owned()));
    let headers = headers.collect();
    let body = response.consume().map_err(|()| lost("the host gives no answer body"))?;
    let mut response = Response { status: response.status(), headers, body: Body::default() };
    let (body, length) = read_body(&body, deadline)?;
    // jco on a busy machine has ended a whole body before its first byte, without an error.
    if stated_length(&response).is_some_and(|stated| length < stated) {
        return Err(lost("the answer was cut off"));
    }
    response.body = body;
    Ok(response)
}

/// The length of a body in bytes, where its headers state it. That of an encoded body is none:
/// a host that decodes it, as browsers do, may leave the length of what was sent.
fn stated_length(response: &Response) -> Option<usize> {
    match response.header("content-encoding") {
        Some(_) => None,
        None => response.header("content-length")?.trim().parse().ok(),
    }
}

/// Reads a whole body, and says how many bytes it has.
fn read_body(body: &IncomingBody, deadline: &Pollable) -> Result<(Body, usize), TransportError> {
    let stream = body.stream().map_err(|()| lost("the host gives no answer body"))?;
    let (mut whole, mut length) = (Body::default(), 0_usize);
    while let Some(part) = read_part(&stream, deadline)? {
        length = length.saturating_add(part.len());
        if length > LARGEST_BODY {
            return Err(TransportError {
                reach: Reach::TooLarge,
                message: format!("the answer is larger than {LARGEST_BODY} bytes"),
            });
        }
        whole.push(part);
    }
    Ok((whole, length))
}

/// The next part of a response's body; `None` at its end. A body that comes slowly is given
/// up at the `deadline`, however little time there is between its parts.
///
/// Reads first, and waits when nothing is there: a small body came with its head, and each wait
/// takes three calls of the host.
fn read_part(stream: &InputStream, deadline: &Pollable) -> Result<Option<Vec<u8>>, TransportError> {
    loop {
        match stream.read(READ_SIZE) {
            Ok(part) if !part.is_empty() => return Ok(Some(part)),
            Ok(_) if is_ready(&stream.subscribe(), deadline) => {}
            Ok(_) => return Err(lost("the answer did not come to its end in time")),
            Err(StreamError::Closed) => return Ok(None),
            Err(error) => return Err(broken(&error)),
        }
    }
}

/// Waits until `awaited` is ready; false when the deadline passes before.
fn is_ready(awaited: &Pollable, deadline: &Pollable) -> bool {
    let first = 0;
    poll::poll(&[awaited, deadline]).contains(&first)
}

fn refused(message: &str) -> TransportError {
    TransportError { reach: Reach::Refused, message: message.to_owned() }
}

fn lost(message: &str) -> TransportError {
    TransportError { reach: Reach::Lost, message: message.to_owned() }
}

/// A stream that ended early; part of the request may have arrived. The host is not asked why:
/// jco throws through the guest at that question, and wasmtime has no answer from 48 on.
fn broken(error: &StreamError) -> TransportError {
    lost(match error {
        StreamError::Closed => "the connection was closed",
        StreamError::LastOperationFailed(_) => "the connection broke off",
    })
}
