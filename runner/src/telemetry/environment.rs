//! The standard environment variables of an OTLP exporter.
//!
//! Source: "OpenTelemetry Protocol Exporter" and "Environment Variable Specification". The
//! libraries themselves read `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`,
//! `OTEL_EXPORTER_OTLP_HEADERS`, `OTEL_EXPORTER_OTLP_COMPRESSION`, `OTEL_TRACES_SAMPLER` and
//! `OTEL_BSP_*`.

use std::path::PathBuf;
use std::time::Duration;

use http::Uri;
use thiserror::Error;

/// The default time limit of a request to the collector.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The only supported protocol.
const PROTOCOL: &str = "http/protobuf";

/// The path for traces below an endpoint for all signals.
const TRACES: &str = "v1/traces";

/// The settings of the exporter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The collector's address for traces.
    pub endpoint: Uri,
    /// The time limit of a request.
    pub timeout: Duration,
    /// A PEM file with the authority of the collector's certificate.
    pub certificate: Option<PathBuf>,
}

/// A variable with an invalid value. The error does not repeat the value: an address may
/// contain a key.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum InvalidEnvironment {
    /// It is not an address.
    #[error("{0} is not the address of a collector")]
    Endpoint(&'static str),
    /// It names an unsupported protocol.
    #[error("{0} names another protocol than http/protobuf")]
    Protocol(&'static str),
    /// It is not a time.
    #[error("{0} is not a number of milliseconds")]
    Timeout(&'static str),
}

impl InvalidEnvironment {
    /// Returns the fix.
    pub fn fix(&self) -> String {
        match self {
            Self::Endpoint(name) => format!(
                "Set {name} to an address such as http://localhost:4318, without a user or a query; keys go into OTEL_EXPORTER_OTLP_HEADERS."
            ),
            Self::Protocol(name) => format!(
                "Set {name} to {PROTOCOL} or to nothing, and the endpoint to the collector's port for HTTP, as a rule 4318."
            ),
            Self::Timeout(name) => format!("Set {name} to a number such as 10000."),
        }
    }
}

impl Settings {
    /// Reads the environment; returns `None` if it names no collector or disables spans.
    /// `variable` returns the value of a variable.
    pub fn read(
        variable: impl Fn(&'static str) -> Option<String>,
    ) -> Result<Option<Self>, InvalidEnvironment> {
        // By the specification, an empty variable counts as not set.
        let get = |name| variable(name).filter(|value| !value.trim().is_empty());
        // The variable for traces takes precedence over that for all signals.
        let either = |first, second| {
            get(first).map(|value| (first, value)).or(get(second).map(|value| (second, value)))
        };
        let is = |name, word: &str| get(name).is_some_and(|value| value.eq_ignore_ascii_case(word));
        if is("OTEL_SDK_DISABLED", "true") || is("OTEL_TRACES_EXPORTER", "none") {
            return Ok(None);
        }
        let own = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
        let Some((name, value)) = either(own, "OTEL_EXPORTER_OTLP_ENDPOINT") else {
            return Ok(None);
        };
        let endpoint = endpoint(value.trim(), name == own);
        let endpoint = endpoint.ok_or(InvalidEnvironment::Endpoint(name))?;
        let protocol = either("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL");
        if let Some((name, _)) = protocol.filter(|(_, value)| value != PROTOCOL) {
            return Err(InvalidEnvironment::Protocol(name));
        }
        let timeout = either("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT");
        let timeout = match timeout {
            None => TIMEOUT,
            Some((name, value)) => {
                let ms = value.parse().map_err(|_| InvalidEnvironment::Timeout(name))?;
                Duration::from_millis(ms)
            }
        };
        let certificate =
            either("OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE", "OTEL_EXPORTER_OTLP_CERTIFICATE");
        Ok(Some(Self { endpoint, timeout, certificate: certificate.map(|(_, path)| path.into()) }))
    }
}

/// Returns the address for traces: `value` itself if it is `whole`, else a path below it.
fn endpoint(value: &str, whole: bool) -> Option<Uri> {
    let text =
        if whole { value.to_owned() } else { format!("{}/{TRACES}", value.trim_end_matches('/')) };
    let uri: Uri = text.parse().ok()?;
    let plain = matches!(uri.scheme_str(), Some("http" | "https"))
        && uri.host().is_some_and(|host| !host.is_empty())
        && uri.authority().is_some_and(|authority| !authority.as_str().contains('@'))
        && uri.query().is_none();
    plain.then_some(uri)
}
