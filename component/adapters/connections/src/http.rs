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

/// The longest time for a sign-in, in milliseconds.
const LONGEST: u32 = 30_000;

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

/// Sends a form to `path` below `address`, and waits no longer than the run may last. The error
/// is a sentence.
pub fn post(
    address: &Address<'_>,
    path: &str,
    form: &str,
    time_limit_ms: u32,
) -> Result<Response, String> {
    let time = Time(time_limit_ms.min(LONGEST));
    exchange(address, path, form.as_bytes(), time).map_err(|reason| {
        format!(
            "the sign-in host {} was not reached: {reason}; check login-url and cloud, and that \
             this host may send requests there",
            address.authority
        )
    })
}

/// The time for a sign-in, in milliseconds.
#[derive(Clone, Copy)]
struct Time(u32);

impl Time {
    fn nanoseconds(self) -> u64 {
        u64::from(self.0).saturating_mul(1_000_000)
    }

    fn is_over(self) -> String {
        format!("it did not respond within {} seconds", self.0.div_ceil(1_000))
    }
}

fn exchange(
    address: &Address<'_>,
    path: &str,
    form: &[u8],
    time: Time,
) -> Result<Response, String> {
    let request = request(address, path, form.len())?;
    let body = request.body().map_err(|()| refused())?;
    let options = RequestOptions::new();
    // A host may refuse a limit that it does not support. The limit for the connection is that
    // of the whole: some hosts apply it to the whole exchange.
    _ = options.set_connect_timeout(Some(time.nanoseconds()));
    _ = options.set_first_byte_timeout(Some(time.nanoseconds()));
    _ = options.set_between_bytes_timeout(Some(time.nanoseconds()));
    let pollable = monotonic_clock::subscribe_duration(time.nanoseconds());
    let deadline = Deadline { pollable, time };
    let pending =
        outgoing_handler::handle(request, Some(options)).map_err(|code| failed(&code, time))?;
    let written = write(body, form, &deadline);
    wait(&pending.subscribe(), &deadline)?;
    match pending.get() {
        Some(Ok(Ok(response))) => read(&response, &deadline),
        Some(Ok(Err(code))) => Err(failed(&code, time)),
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

fn write(body: OutgoingBody, bytes: &[u8], deadline: &Deadline) -> Result<(), String> {
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
    OutgoingBody::finish(body, None).map_err(|code| failed(&code, deadline.time))
}

fn read(response: &IncomingResponse, deadline: &Deadline) -> Result<Response, String> {
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

/// The end of the time for a sign-in.
struct Deadline {
    pollable: Pollable,
    time: Time,
}

/// Waits until `ready`, or fails at the deadline.
fn wait(ready: &Pollable, deadline: &Deadline) -> Result<(), String> {
    match poll(&[ready, &deadline.pollable]).contains(&0) {
        true => Ok(()),
        false => Err(deadline.time.is_over()),
    }
}

fn refused() -> String {
    "the host does not take the request".to_owned()
}

fn broken() -> String {
    "the connection broke off".to_owned()
}

/// Returns the reason of a failure, without texts of the host.
fn failed(code: &ErrorCode, time: Time) -> String {
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
        | ErrorCode::HttpResponseTimeout => return time.is_over(),
        _ => "the connection broke off or is not HTTP",
    };
    reason.to_owned()
}
