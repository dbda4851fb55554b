//! One request to the sign-in host, with a deadline for every wait.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use adapter::address::Address;

use crate::bindings::wasi::clocks::monotonic_clock;
use crate::bindings::wasi::http::outgoing_handler;
use crate::bindings::wasi::http::types::{
    ErrorCode, Fields, IncomingResponse, Method, OutgoingBody, OutgoingRequest, RequestOptions,
    Scheme,
};
use crate::bindings::wasi::io::poll::{Pollable, poll};
use crate::bindings::wasi::io::streams::StreamError;

/// The time for a sign-in, in nanoseconds.
const TIME: u64 = 30_000_000_000;

/// The largest response that is read, in bytes.
const LARGEST: usize = 256 * 1024;

/// How much is read at once, in bytes.
const PART: u64 = 16 * 1024;

/// A response.
pub struct Response {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

/// Sends a form to `path` below `address`. The error is a sentence.
pub fn post(address: &Address<'_>, path: &str, form: &str) -> Result<Response, String> {
    exchange(address, path, form.as_bytes()).map_err(|reason| {
        format!(
            "the sign-in host {} was not reached: {reason}; check login-url and cloud, and that \
             this host may send requests there",
            address.authority
        )
    })
}

fn exchange(address: &Address<'_>, path: &str, form: &[u8]) -> Result<Response, String> {
    let request = request(address, path, form.len())?;
    let body = request.body().map_err(|()| refused())?;
    let options = RequestOptions::new();
    // A host may refuse a limit that it does not support. The limit for the connection is that
    // of the whole: some hosts apply it to the whole exchange.
    _ = options.set_connect_timeout(Some(TIME));
    _ = options.set_first_byte_timeout(Some(TIME));
    _ = options.set_between_bytes_timeout(Some(TIME));
    let deadline = monotonic_clock::subscribe_duration(TIME);
    let pending = outgoing_handler::handle(request, Some(options)).map_err(|code| failed(&code))?;
    let written = write(body, form, &deadline);
    wait(&pending.subscribe(), &deadline)?;
    match pending.get() {
        Some(Ok(Ok(response))) => read(&response, &deadline),
        Some(Ok(Err(code))) => Err(failed(&code)),
        _ => Err(written.err().unwrap_or_else(|| "the host gave no response".to_owned())),
    }
}

fn request(address: &Address<'_>, path: &str, length: usize) -> Result<OutgoingRequest, String> {
    let headers = [
        ("content-type", "application/x-www-form-urlencoded".to_owned()),
        ("content-length", length.to_string()),
        ("accept", "application/json".to_owned()),
    ];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.into_bytes()));
    let request = OutgoingRequest::new(Fields::from_list(&headers).map_err(|_| refused())?);
    let scheme = if address.secure { Scheme::Https } else { Scheme::Http };
    request
        .set_method(&Method::Post)
        .and_then(|()| request.set_scheme(Some(&scheme)))
        .and_then(|()| request.set_authority(Some(address.authority)))
        .and_then(|()| request.set_path_with_query(Some(&format!("{}{path}", address.path))))
        .map_err(|()| refused())?;
    Ok(request)
}

fn write(body: OutgoingBody, bytes: &[u8], deadline: &Pollable) -> Result<(), String> {
    let stream = body.write().map_err(|()| refused())?;
    let mut rest = bytes;
    while !rest.is_empty() {
        wait(&stream.subscribe(), deadline)?;
        let permitted = stream.check_write().map_err(|_| broken())?;
        let size = usize::try_from(permitted).unwrap_or(usize::MAX).min(rest.len());
        let (now, later) = rest.split_at_checked(size).unwrap_or((rest, &[]));
        stream.write(now).map_err(|_| broken())?;
        rest = later;
    }
    stream.flush().map_err(|_| broken())?;
    // A body cannot be finished while its stream is in use.
    drop(stream);
    OutgoingBody::finish(body, None).map_err(|code| failed(&code))
}

fn read(response: &IncomingResponse, deadline: &Pollable) -> Result<Response, String> {
    let incoming = response.consume().map_err(|()| broken())?;
    let stream = incoming.stream().map_err(|()| broken())?;
    let mut body = Vec::new();
    loop {
        wait(&stream.subscribe(), deadline)?;
        match stream.read(PART) {
            Ok(part) => body.extend_from_slice(&part),
            Err(StreamError::Closed) => break,
            Err(StreamError::LastOperationFailed(_)) => return Err(broken()),
        }
        if body.len() > LARGEST {
            return Err(format!("its response is larger than {LARGEST} bytes"));
        }
    }
    Ok(Response { status: response.status(), body })
}

/// Waits until `ready`, or fails at the deadline.
fn wait(ready: &Pollable, deadline: &Pollable) -> Result<(), String> {
    match poll(&[ready, deadline]).contains(&0) {
        true => Ok(()),
        false => Err(late()),
    }
}

fn late() -> String {
    format!("it did not respond within {} seconds", TIME / 1_000_000_000)
}

fn refused() -> String {
    "the host does not take the request".to_owned()
}

fn broken() -> String {
    "the connection broke off".to_owned()
}

/// Returns the reason of a failure, without texts of the host.
fn failed(code: &ErrorCode) -> String {
    let reason = match code {
        ErrorCode::ConnectionRefused => "the connection was refused",
        ErrorCode::DnsError(_) | ErrorCode::DnsTimeout => "its name cannot be resolved",
        ErrorCode::DestinationUnavailable | ErrorCode::DestinationNotFound => "no way leads to it",
        ErrorCode::TlsCertificateError => "its certificate is not trusted",
        ErrorCode::TlsProtocolError | ErrorCode::TlsAlertReceived(_) => "the TLS handshake failed",
        ErrorCode::HttpRequestDenied | ErrorCode::DestinationIpProhibited => {
            "the host does not allow the request"
        }
        ErrorCode::ConnectionTimeout
        | ErrorCode::ConnectionReadTimeout
        | ErrorCode::HttpResponseTimeout => return late(),
        _ => "the connection broke off or is not HTTP",
    };
    reason.to_owned()
}
