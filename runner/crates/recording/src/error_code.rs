//! The cases of `wasi:http`'s `error-code` by their names in WIT, for recordings, which say
//! by name why an answer never came or broke off.

use super::HttpError;

/// Both directions of one table.
macro_rules! error_codes {
    ($($name:literal $case:ident $(($payload:expr))? $({ $($field:ident),* })?,)*) => {
        /// The name of the case that a guest is told of an error.
        pub fn name(error: &HttpError) -> &'static str {
            match error {
                $(HttpError::$case { .. } => $name,)*
                // What wasmtime makes of these by itself.
                HttpError::Connect(_) => "connection-refused",
                HttpError::Tls(_) => "TLS-protocol-error",
                _ => "HTTP-protocol-error",
            }
        }

        /// The case of a name, without details; none for a name that WIT does not have.
        pub fn named(name: &str) -> Option<HttpError> {
            match name {
                $($name => Some(HttpError::$case $(($payload))? $({ $($field: None),* })?),)*
                _ => None,
            }
        }

        #[cfg(test)]
        const NAMES: &[&str] = &[$($name),*];
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

/// The words that a host gave with a case, which a guest may repeat.
pub fn words(error: &HttpError) -> Option<&str> {
    match error {
        HttpError::InternalError(words) => words.as_deref(),
        HttpError::TlsAlertReceived { alert_message, .. } => alert_message.as_deref(),
        _ => None,
    }
}

/// The case of a name, with the words that went with it.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_those_of_wit_and_lead_back() {
        let wit = include_str!("../../../../wit/deps/http/types.wit");
        let (_, cases) = wit.split_once("variant error-code {").unwrap();
        let (cases, _) = cases.split_once('}').unwrap();
        let cases: Vec<&str> = cases
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with("//"))
            .filter_map(|line| line.split(['(', ',']).next())
            .collect();
        assert_eq!(NAMES, cases);
        for given in NAMES {
            assert_eq!(name(&named(given).unwrap()), *given);
        }
    }

    #[test]
    fn words_stay_with_their_case() {
        let code = with_words("internal-error", Some("no route")).unwrap();
        assert_eq!((name(&code), words(&code)), ("internal-error", Some("no route")));
        let code = with_words("TLS-alert-received", Some("unknown ca")).unwrap();
        assert_eq!(words(&code), Some("unknown ca"));
        assert!(with_words("net::ERR_FAILED", None).is_none());
    }
}
