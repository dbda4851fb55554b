//! What each `error-code` of `wasi:http` means: whether the request can have been sent, and
//! what a person is told.
//!
//! The specification does not say at which moment a host may give which code, so what counts
//! is what hosts do. A write whose request can have left is never taken for unsent. The hosts
//! are wasmtime 46, 48, 49 and 50, jco 1.35 with preview2-shim 0.26, wash 2.0 and 2.10, and
//! wassette 0.8, measured by `tests/hosts/`; and `o365` itself.
//!
//! | Code | Who gives it, and when |
//! | --- | --- |
//! | `DNS-timeout` | `o365`, before it connects |
//! | `DNS-error` | All, before they connect. jco gives `internal-error` while the name server fails |
//! | `destination-not-found` | `o365`, for a name without an address |
//! | `destination-unavailable` | wasmtime 50, without a route; `o365`, whenever it has no connection, also for a connect timeout and a failed TLS handshake |
//! | `destination-IP-unroutable` | None of them; by its name it is about connecting |
//! | `connection-refused` | All, when they cannot connect. wash 2.10 also for a hang-up in the TLS handshake |
//! | `connection-limit-reached` | `o365`, before it connects |
//! | `connection-timeout` | wasmtime, when it cannot connect. **jco for a silence at any time, after the request was sent and carried out, too** |
//! | `connection-terminated` | wasmtime 50, when it connects or in the TLS handshake; `o365`, after the request was sent |
//! | `TLS-certificate-error` | wasmtime 50 and `o365`, when they verify the certificate, which is before TLS lets them send |
//! | `TLS-protocol-error` | wasmtime, wash and wassette, in the handshake, for a certificate that is not trusted, too. With TLS 1.3 a server can break off after the request was sent |
//! | `TLS-alert-received` | wasmtime 50, in the handshake. With TLS 1.3 a server sends its alert about a client after the request was sent |
//! | `HTTP-protocol-error` | All, when the server closes or resets the connection without an answer, or answers with something that is not HTTP |
//! | `connection-read-timeout` | wasmtime, wash and wassette, without an answer in time |
//! | `HTTP-response-timeout`, `HTTP-response-incomplete` | `o365`, without an answer in time, and for an answer that is cut off |
//! | `HTTP-response-body-size` | `o365`, for an answer that is too large |
//! | `HTTP-request-*`, `destination-IP-prohibited`, `loop-detected`, `configuration-error` | A host that refuses the request itself |
//! | `internal-error` | jco for all else: an untrusted certificate, no route, an answer that is not HTTP |

use alloc::borrow::ToOwned;
use alloc::string::String;

use crate::bindings::wasi::http::types::{ErrorCode, TlsAlertReceivedPayload};
use crate::graph::{Reach, TransportError};

/// The most that is taken of a host's own message, in bytes. One host puts its stack into it.
const LONGEST_MESSAGE: usize = 200;

/// What became of a request that ended with `code`.
pub fn failed(code: &ErrorCode) -> TransportError {
    let (reach, message) = meaning(code);
    TransportError { reach, message: own_words(code).unwrap_or_else(|| message.to_owned()) }
}

/// Whether `code` says nothing.
pub fn is_unnamed(code: &ErrorCode) -> bool {
    matches!(code, ErrorCode::InternalError(None))
}

/// How far a request came that ended with `code`, and why it did. Where that is open, it
/// counts as sent.
fn meaning(code: &ErrorCode) -> (Reach, &'static str) {
    match code {
        ErrorCode::DnsTimeout | ErrorCode::DnsError(_) => {
            (Reach::NeverSent, "the server's name cannot be resolved")
        }
        ErrorCode::DestinationNotFound => (Reach::NeverSent, "the server is not known"),
        ErrorCode::DestinationUnavailable | ErrorCode::DestinationIpUnroutable => {
            (Reach::NeverSent, "the server cannot be reached")
        }
        ErrorCode::ConnectionRefused => (Reach::NeverSent, "the connection was refused"),
        ErrorCode::ConnectionLimitReached => {
            (Reach::NeverSent, "the host has no connection to spare")
        }
        ErrorCode::TlsCertificateError => {
            (Reach::NeverSent, "the server's certificate is not trusted")
        }
        ErrorCode::TlsProtocolError => (
            Reach::Lost,
            "TLS failed; the server's certificate may not be trusted, or it speaks no TLS",
        ),
        ErrorCode::TlsAlertReceived(_) => (Reach::Lost, "the server ended TLS with an alert"),
        ErrorCode::ConnectionTimeout => {
            (Reach::Lost, "there was no connection, or no answer over it, in time")
        }
        ErrorCode::ConnectionReadTimeout | ErrorCode::HttpResponseTimeout => {
            (Reach::Lost, "no answer came in time")
        }
        ErrorCode::ConnectionWriteTimeout => (Reach::Lost, "the server did not take the request"),
        ErrorCode::ConnectionTerminated => (Reach::Lost, "the connection broke off"),
        ErrorCode::HttpProtocolError => {
            (Reach::Lost, "the connection ended without an answer, or with one that is not HTTP")
        }
        ErrorCode::HttpResponseIncomplete => (Reach::Lost, "the answer was cut off"),
        ErrorCode::HttpResponseHeaderSectionSize(_)
        | ErrorCode::HttpResponseHeaderSize(_)
        | ErrorCode::HttpResponseTrailerSectionSize(_)
        | ErrorCode::HttpResponseTrailerSize(_) => {
            (Reach::Lost, "the headers of the answer are too large")
        }
        ErrorCode::HttpResponseBodySize(_) => (Reach::TooLarge, "the answer is too large"),
        ErrorCode::HttpResponseTransferCoding(_) | ErrorCode::HttpResponseContentCoding(_) => {
            (Reach::Lost, "the coding of the answer is not known to the host")
        }
        ErrorCode::HttpUpgradeFailed => (Reach::Lost, "the change of the protocol failed"),
        ErrorCode::InternalError(_) => (Reach::Lost, "the host failed without a reason"),
        ErrorCode::HttpRequestDenied => (Reach::Refused, "the host does not allow this request"),
        ErrorCode::DestinationIpProhibited => {
            (Reach::Refused, "the host does not allow the server's address")
        }
        ErrorCode::HttpRequestLengthRequired
        | ErrorCode::HttpRequestBodySize(_)
        | ErrorCode::HttpRequestMethodInvalid
        | ErrorCode::HttpRequestUriInvalid
        | ErrorCode::HttpRequestUriTooLong
        | ErrorCode::HttpRequestHeaderSectionSize(_)
        | ErrorCode::HttpRequestHeaderSize(_)
        | ErrorCode::HttpRequestTrailerSectionSize(_)
        | ErrorCode::HttpRequestTrailerSize(_) => {
            (Reach::Refused, "the host refuses the request's form")
        }
        ErrorCode::LoopDetected => (Reach::Refused, "the request would come back to its sender"),
        ErrorCode::ConfigurationError => (Reach::Refused, "the host is not set up to send it"),
    }
}

/// The host's own message, where it gives one: its first line, and no more than can be read.
fn own_words(code: &ErrorCode) -> Option<String> {
    let (before, words) = match code {
        ErrorCode::InternalError(Some(reason)) => ("", reason),
        ErrorCode::TlsAlertReceived(TlsAlertReceivedPayload {
            alert_message: Some(alert), ..
        }) => ("the server ended TLS with the alert ", alert),
        _ => return None,
    };
    let line = words.lines().next().unwrap_or_default().trim();
    let end = line.floor_char_boundary(LONGEST_MESSAGE);
    let (shown, _) = line.split_at_checked(end)?;
    (!shown.is_empty()).then(|| format!("{before}{shown}"))
}
