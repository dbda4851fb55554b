//! The outside as WASI gives it: a small blocking HTTP client, the monotonic clock, and
//! the host's connections.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use crate::bindings::connector::office365::connections::{self, Connection};
use crate::bindings::wasi::clocks::monotonic_clock;
use crate::bindings::wasi::http::outgoing_handler;
use crate::bindings::wasi::http::types::{
    ErrorCode, Fields, HeaderError, IncomingBody, IncomingResponse, Method as WasiMethod,
    OutgoingBody, OutgoingRequest, RequestOptions, Scheme, TlsAlertReceivedPayload,
    http_error_code,
};
use crate::bindings::wasi::io::poll::{self, Pollable};
use crate::bindings::wasi::io::streams::{InputStream, StreamError};
use crate::graph::{
    Body, Clock, Connections, Host, Method, Reach, Request, Response, Transport, TransportError,
};

/// The most that is read of one response's body, in bytes. A page of 999 users with the 86
/// plans of Microsoft 365 E5 each is some 17 megabytes; more than this would only fill the
/// sandbox's memory.
const LARGEST_BODY: usize = 20 * 1024 * 1024;

/// How much is asked of a response's body at once, in bytes.
const READ_SIZE: u64 = 64 * 1024;

/// The longest wait for a connection.
const LONGEST_CONNECT: Duration = Duration::from_secs(10);

/// Runs `action` with the component's own outside.
pub fn with_host<T>(action: impl FnOnce(Host<'_>) -> T) -> T {
    action(Host {
        transport: &mut WasiHttp,
        clock: &mut MonotonicClock,
        connections: &mut HostConnections,
    })
}

/// The host's connections.
struct HostConnections;

impl Connections for HostConnections {
    fn describe(&mut self, id: &str) -> Result<Connection, String> {
        connections::describe(id)
    }

    fn authorization(&mut self, id: &str) -> Result<Option<String>, String> {
        connections::authorization(id)
    }
}

/// `wasi:clocks/monotonic-clock`.
struct MonotonicClock;

impl Clock for MonotonicClock {
    fn now(&mut self) -> Duration {
        Duration::from_nanos(monotonic_clock::now())
    }

    fn sleep(&mut self, wait: Duration) {
        monotonic_clock::subscribe_duration(nanoseconds(wait)).block();
    }
}

/// `wasi:http/outgoing-handler`.
struct WasiHttp;

impl Transport for WasiHttp {
    fn send(&mut self, request: &Request) -> Result<Response, TransportError> {
        let outgoing = outgoing_request(request)?;
        // A host may send an empty body as a chunked one, so a request without one takes none.
        let body = (!request.body.is_empty())
            .then(|| outgoing.body().map_err(|()| refused("the host takes no request body")))
            .transpose()?;
        let options = options(request.timeout);
        let deadline = monotonic_clock::subscribe_duration(nanoseconds(request.timeout));
        let pending =
            outgoing_handler::handle(outgoing, Some(options)).map_err(|code| failed(&code))?;
        let written = body.map_or(Ok(()), |body| write_body(body, &request.body));
        pending.subscribe().block();
        // A response counts even when the whole body was not taken, and an error that the
        // host names tells more than the stream that broke.
        let result = pending.get().ok_or_else(|| lost("the host gave no answer"))?;
        let result = result.map_err(|()| lost("the host gave its answer twice"))?;
        let response = result.map_err(|code| {
            written.err().filter(|_| unnamed(&code)).unwrap_or_else(|| failed(&code))
        })?;
        read_response(&response, &deadline)
    }
}

fn outgoing_request(request: &Request) -> Result<OutgoingRequest, TransportError> {
    let (scheme, authority, path) = split(&request.url)
        .ok_or_else(|| refused("the connection's Graph address is no http or https URL"))?;
    let headers: Vec<(String, Vec<u8>)> = request
        .headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.clone().into_bytes()))
        .collect();
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
fn options(timeout: Duration) -> RequestOptions {
    let options = RequestOptions::new();
    let limit = Some(nanoseconds(timeout));
    _ = options.set_connect_timeout(Some(nanoseconds(timeout.min(LONGEST_CONNECT))));
    _ = options.set_first_byte_timeout(limit);
    _ = options.set_between_bytes_timeout(limit);
    options
}

/// Writes the whole body, as much at a time as the stream permits.
fn write_body(body: OutgoingBody, bytes: &[u8]) -> Result<(), TransportError> {
    let stream = body.write().map_err(|()| lost("the host takes no request body"))?;
    let mut rest = bytes;
    while !rest.is_empty() {
        stream.subscribe().block();
        let permitted = stream.check_write().map_err(|error| broken(&error))?;
        let size = usize::try_from(permitted).unwrap_or(usize::MAX).min(rest.len());
        let (now, later) = rest.split_at_checked(size).unwrap_or((rest, &[]));
        stream.write(now).map_err(|error| broken(&error))?;
        rest = later;
    }
    stream.flush().map_err(|error| broken(&error))?;
    // A body cannot be finished while its stream is in use.
    drop(stream);
    OutgoingBody::finish(body, None).map_err(|code| failed(&code))
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
    Ok(Response { status: response.status(), headers, body: read_body(&body, deadline)? })
}

fn read_body(body: &IncomingBody, deadline: &Pollable) -> Result<Body, TransportError> {
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
    Ok(whole)
}

/// The next part of a response's body; `None` at its end. A body that comes slowly is given
/// up at the `deadline`, however little time there is between its parts.
fn read_part(stream: &InputStream, deadline: &Pollable) -> Result<Option<Vec<u8>>, TransportError> {
    let (part, late) = (0, 1);
    let ready = poll::poll(&[&stream.subscribe(), deadline]);
    if ready.contains(&late) && !ready.contains(&part) {
        return Err(lost("the answer did not come to its end in time"));
    }
    match stream.read(READ_SIZE) {
        Ok(part) => Ok(Some(part)),
        Err(StreamError::Closed) => Ok(None),
        Err(error) => Err(broken(&error)),
    }
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

fn refused(message: &str) -> TransportError {
    TransportError { reach: Reach::Refused, message: message.to_owned() }
}

fn lost(message: &str) -> TransportError {
    TransportError { reach: Reach::Lost, message: message.to_owned() }
}

/// A stream that ended early. Part of the request may have arrived.
fn broken(error: &StreamError) -> TransportError {
    let reason = match error {
        StreamError::Closed => "it was closed".to_owned(),
        StreamError::LastOperationFailed(error) => {
            http_error_code(error).map_or_else(|| error.to_debug_string(), |code| describe(&code))
        }
    };
    lost(&format!("the connection broke off ({reason})"))
}

fn failed(code: &ErrorCode) -> TransportError {
    TransportError { reach: reach(code), message: describe(code) }
}

/// Whether `code` says nothing.
fn unnamed(code: &ErrorCode) -> bool {
    matches!(code, ErrorCode::InternalError(None))
}

/// How far a request came that ended with `code`. Where that is open, it counts as sent.
fn reach(code: &ErrorCode) -> Reach {
    match code {
        ErrorCode::DnsTimeout
        | ErrorCode::DnsError(_)
        | ErrorCode::DestinationNotFound
        | ErrorCode::DestinationUnavailable
        | ErrorCode::DestinationIpUnroutable
        | ErrorCode::ConnectionRefused
        | ErrorCode::ConnectionTimeout
        | ErrorCode::ConnectionLimitReached
        | ErrorCode::TlsProtocolError
        | ErrorCode::TlsCertificateError
        | ErrorCode::TlsAlertReceived(_) => Reach::NeverSent,
        ErrorCode::DestinationIpProhibited
        | ErrorCode::HttpRequestDenied
        | ErrorCode::HttpRequestLengthRequired
        | ErrorCode::HttpRequestBodySize(_)
        | ErrorCode::HttpRequestMethodInvalid
        | ErrorCode::HttpRequestUriInvalid
        | ErrorCode::HttpRequestUriTooLong
        | ErrorCode::HttpRequestHeaderSectionSize(_)
        | ErrorCode::HttpRequestHeaderSize(_)
        | ErrorCode::LoopDetected
        | ErrorCode::ConfigurationError => Reach::Refused,
        ErrorCode::HttpResponseBodySize(_) => Reach::TooLarge,
        _ => Reach::Lost,
    }
}

/// The reason in plain words or in WASI's, and the host's own where it gives one.
fn describe(code: &ErrorCode) -> String {
    match code {
        ErrorCode::InternalError(Some(reason)) => reason.clone(),
        ErrorCode::HttpRequestDenied => "the host does not allow this request".to_owned(),
        ErrorCode::TlsCertificateError => "the server's certificate is not trusted".to_owned(),
        ErrorCode::ConnectionRefused => "the connection was refused".to_owned(),
        ErrorCode::DnsError(_) | ErrorCode::DnsTimeout => {
            "the server's name cannot be resolved".to_owned()
        }
        ErrorCode::TlsAlertReceived(TlsAlertReceivedPayload {
            alert_message: Some(alert), ..
        }) => format!("the server ended the TLS handshake: {alert}"),
        ErrorCode::ConnectionTerminated => "the connection broke off".to_owned(),
        ErrorCode::ConnectionReadTimeout | ErrorCode::HttpResponseTimeout => {
            "no answer came in time".to_owned()
        }
        other => format!("HTTP failed with {}", name(other)),
    }
}

/// The case of `code`. By hand: the derived `Debug` brings all that formats values for
/// debugging, 14 KB that nothing else needs.
fn name(code: &ErrorCode) -> &'static str {
    match code {
        ErrorCode::DnsTimeout => "DnsTimeout",
        ErrorCode::DnsError(_) => "DnsError",
        ErrorCode::DestinationNotFound => "DestinationNotFound",
        ErrorCode::DestinationUnavailable => "DestinationUnavailable",
        ErrorCode::DestinationIpProhibited => "DestinationIpProhibited",
        ErrorCode::DestinationIpUnroutable => "DestinationIpUnroutable",
        ErrorCode::ConnectionRefused => "ConnectionRefused",
        ErrorCode::ConnectionTerminated => "ConnectionTerminated",
        ErrorCode::ConnectionTimeout => "ConnectionTimeout",
        ErrorCode::ConnectionReadTimeout => "ConnectionReadTimeout",
        ErrorCode::ConnectionWriteTimeout => "ConnectionWriteTimeout",
        ErrorCode::ConnectionLimitReached => "ConnectionLimitReached",
        ErrorCode::TlsProtocolError => "TlsProtocolError",
        ErrorCode::TlsCertificateError => "TlsCertificateError",
        ErrorCode::TlsAlertReceived(_) => "TlsAlertReceived",
        ErrorCode::HttpRequestDenied => "HttpRequestDenied",
        ErrorCode::HttpRequestLengthRequired => "HttpRequestLengthRequired",
        ErrorCode::HttpRequestBodySize(_) => "HttpRequestBodySize",
        ErrorCode::HttpRequestMethodInvalid => "HttpRequestMethodInvalid",
        ErrorCode::HttpRequestUriInvalid => "HttpRequestUriInvalid",
        ErrorCode::HttpRequestUriTooLong => "HttpRequestUriTooLong",
        ErrorCode::HttpRequestHeaderSectionSize(_) => "HttpRequestHeaderSectionSize",
        ErrorCode::HttpRequestHeaderSize(_) => "HttpRequestHeaderSize",
        ErrorCode::HttpRequestTrailerSectionSize(_) => "HttpRequestTrailerSectionSize",
        ErrorCode::HttpRequestTrailerSize(_) => "HttpRequestTrailerSize",
        ErrorCode::HttpResponseIncomplete => "HttpResponseIncomplete",
        ErrorCode::HttpResponseHeaderSectionSize(_) => "HttpResponseHeaderSectionSize",
        ErrorCode::HttpResponseHeaderSize(_) => "HttpResponseHeaderSize",
        ErrorCode::HttpResponseBodySize(_) => "HttpResponseBodySize",
        ErrorCode::HttpResponseTrailerSectionSize(_) => "HttpResponseTrailerSectionSize",
        ErrorCode::HttpResponseTrailerSize(_) => "HttpResponseTrailerSize",
        ErrorCode::HttpResponseTransferCoding(_) => "HttpResponseTransferCoding",
        ErrorCode::HttpResponseContentCoding(_) => "HttpResponseContentCoding",
        ErrorCode::HttpResponseTimeout => "HttpResponseTimeout",
        ErrorCode::HttpUpgradeFailed => "HttpUpgradeFailed",
        ErrorCode::HttpProtocolError => "HttpProtocolError",
        ErrorCode::LoopDetected => "LoopDetected",
        ErrorCode::ConfigurationError => "ConfigurationError",
        ErrorCode::InternalError(_) => "InternalError",
    }
}
