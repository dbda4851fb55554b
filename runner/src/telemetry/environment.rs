//! The standard variables: where the collector is, and how to reach it.
//!
//! Source: "OpenTelemetry Protocol Exporter" and "Environment Variable Specification". What
//! is not here the libraries read themselves: `OTEL_SERVICE_NAME`,
//! `OTEL_RESOURCE_ATTRIBUTES`, `OTEL_EXPORTER_OTLP_HEADERS`, `OTEL_EXPORTER_OTLP_COMPRESSION`,
//! `OTEL_TRACES_SAMPLER`, `OTEL_BSP_*`.

use std::path::PathBuf;
use std::time::Duration;

use http::Uri;
use thiserror::Error;

/// How long one request to the collector may take where nothing is said.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The only form that is spoken.
const PROTOCOL: &str = "http/protobuf";

/// The path of traces below an endpoint for all signals.
const TRACES: &str = "v1/traces";

/// Where spans go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The collector's address for traces.
    pub endpoint: Uri,
    /// How long one request to it may take.
    pub timeout: Duration,
    /// A PEM file with the authority of its certificate.
    pub certificate: Option<PathBuf>,
}

/// A variable that says nothing that can be done. Its value is not repeated: an address may
/// have a key in it.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum InvalidEnvironment {
    /// It is no address.
    #[error("{0} is not the address of a collector")]
    Endpoint(&'static str),
    /// It names a form that this exporter does not speak.
    #[error("{0} names another protocol than http/protobuf")]
    Protocol(&'static str),
    /// It is no time.
    #[error("{0} is not a number of milliseconds")]
    Timeout(&'static str),
}

impl InvalidEnvironment {
    /// What to do about it.
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
    /// What the environment says; none where it names no collector or wants no spans.
    /// `variable` is the text of a variable.
    ///
    /// # Errors
    /// When a variable cannot be followed.
    pub fn read(
        variable: impl Fn(&'static str) -> Option<String>,
    ) -> Result<Option<Self>, InvalidEnvironment> {
        // An empty variable is none, says the specification.
        let get = |name| variable(name).filter(|value| !value.trim().is_empty());
        // The one for traces comes before the one for all signals.
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

/// The address for traces; what is `whole` is taken as it is.
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
