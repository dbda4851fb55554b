//! The cases of `wasi:http`'s `error-code`, by their names in WIT. A recording names the case by
//! which a response failed.

use super::HttpError;

/// Defines both directions of the mapping.
macro_rules! error_codes {
    ($($name:literal $case:ident $(($payload:expr))? $({ $($field:ident),* })?,)*) => {
        /// Returns the name of the case that a guest receives for an error.
        pub fn name(error: &HttpError) -> &'static str {
            match error {
                $(HttpError::$case { .. } => $name,)*
                // As wasmtime maps these.
                HttpError::Connect(_) => "connection-refused",
                HttpError::Tls(_) => "TLS-protocol-error",
                _ => "HTTP-protocol-error",
            }
        }

        /// Returns the case of a name, without its payload.
        pub fn named(name: &str) -> Option<HttpError> {
            match name {
                $($name => Some(HttpError::$case $(($payload))? $({ $($field: None),* })?),)*
                _ => None,
            }
        }
    };
}

error_codes! {
    "DNS-timeout" DnsTimeout,
    "DNS-error" DnsError { rcode, info_code },
    "destination-not-found" DestinationNotFound,
    "destination-unavailable" DestinationUnavailable,
    "destination-IP-prohibited" DestinationIpProhibited,
    "destination-IP-unroutable" DestinationIpUnroutable,
    "connection-refused" ConnectionRefused,
    "connection-terminated" ConnectionTerminated,
    "connection-timeout" ConnectionTimeout,
    "connection-read-timeout" ConnectionReadTimeout,
    "connection-write-timeout" ConnectionWriteTimeout,
    "connection-limit-reached" ConnectionLimitReached,
    "TLS-protocol-error" TlsProtocolError,
    "TLS-certificate-error" TlsCertificateError,
    "TLS-alert-received" TlsAlertReceived { alert_id, alert_message },
    "HTTP-request-denied" HttpRequestDenied,
    "HTTP-request-length-required" HttpRequestLengthRequired,
    "HTTP-request-body-size" HttpRequestBodySize(None),
    "HTTP-request-method-invalid" HttpRequestMethodInvalid,
    "HTTP-request-URI-invalid" HttpRequestUriInvalid,
    "HTTP-request-URI-too-long" HttpRequestUriTooLong,
    "HTTP-request-header-section-size" HttpRequestHeaderSectionSize(None),
    "HTTP-request-header-size" HttpRequestHeaderSize { field_name, field_size },
    "HTTP-request-trailer-section-size" HttpRequestTrailerSectionSize(None),
    "HTTP-request-trailer-size" HttpRequestTrailerSize { field_name, field_size },
    "HTTP-response-incomplete" HttpResponseIncomplete,
    "HTTP-response-header-section-size" HttpResponseHeaderSectionSize(None),
    "HTTP-response-header-size" HttpResponseHeaderSize { field_name, field_size },
    "HTTP-response-body-size" HttpResponseBodySize(None),
    "HTTP-response-trailer-section-size" HttpResponseTrailerSectionSize(None),
    "HTTP-response-trailer-size" HttpResponseTrailerSize { field_name, field_size },
    "HTTP-response-transfer-coding" HttpResponseTransferCoding(None),
    "HTTP-response-content-coding" HttpResponseContentCoding(None),
    "HTTP-response-timeout" HttpResponseTimeout,
    "HTTP-upgrade-failed" HttpUpgradeFailed,
    "HTTP-protocol-error" HttpProtocolError,
    "loop-detected" LoopDetected,
    "configuration-error" ConfigurationError,
    "internal-error" InternalError(None),
}

/// Returns the message in the payload of a case.
pub fn words(error: &HttpError) -> Option<&str> {
    match error {
        HttpError::InternalError(words) => words.as_deref(),
        HttpError::TlsAlertReceived { alert_message, .. } => alert_message.as_deref(),
        _ => None,
    }
}

/// Returns the case of a name, with a message in its payload.
pub fn with_words(name: &str, words: Option<&str>) -> Option<HttpError> {
    let words = words.map(ToOwned::to_owned);
    Some(match named(name)? {
        HttpError::InternalError(_) => HttpError::InternalError(words),
        HttpError::TlsAlertReceived { alert_id, .. } => {
            HttpError::TlsAlertReceived { alert_id, alert_message: words }
        }
        other => other,
    })
}
