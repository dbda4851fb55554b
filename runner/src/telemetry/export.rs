//! Spans to an OpenTelemetry collector: OTLP as protobuf over HTTP, as the environment says.
//!
//! Nothing waits for the collector: spans are sent in batches by a thread of their own, from
//! a queue that drops what it has no room for.

use std::env;
use std::fmt;
use std::sync::mpsc;
use std::time::Duration;

use http::HeaderMap;
use opentelemetry::KeyValue;
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::{TraceContextExt, TracerProvider};
use opentelemetry_http::HeaderExtractor;
use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::resource::{EnvResourceDetector, TelemetryResourceDetector};
use opentelemetry_sdk::trace::SdkTracerProvider;
use thiserror::Error;
use tokio::runtime::{Builder, Runtime};
use tracing::Span;
use tracing::level_filters::LevelFilter;
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::registry::LookupSpan;

use super::collector::Collector;
use super::environment::{InvalidEnvironment, Settings};
use super::spans::{RUN, TRACE};
use crate::network::Trust;
use crate::network::{Client, ClientError, ClientOptions, Proxies};

/// The service's name where the environment does not say one.
const SERVICE: &str = "o365";

/// Why there is no export.
#[derive(Debug, Error)]
pub enum ExportError {
    /// A variable cannot be followed.
    #[error(transparent)]
    Environment(#[from] InvalidEnvironment),
    /// There can be no client for the collector.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The exporter refuses how it is set up.
    #[error("spans cannot be exported: {0}. Correct the OTEL_EXPORTER_OTLP variable that it names")]
    Exporter(#[from] ExporterBuildError),
    /// The machine has no thread for it.
    #[error("spans cannot be exported, for want of a thread: {0}. Let this process have more")]
    Runtime(std::io::Error),
}

/// The export of this process, until it is ended.
pub struct Export {
    provider: SdkTracerProvider,
    collector: Collector,
    runtime: Runtime,
}

impl Export {
    /// The export that the environment asks for; none where it names no collector.
    ///
    /// # Errors
    /// When what it says cannot be followed.
    pub fn from_environment() -> Result<Option<Self>, ExportError> {
        let variable = |name: &'static str| env::var(name).ok();
        Settings::read(variable)?.map(Self::new).transpose()
    }

    /// An export with these settings.
    ///
    /// # Errors
    /// When there can be none.
    pub fn new(settings: Settings) -> Result<Self, ExportError> {
        let client = Client::new(&ClientOptions {
            trust: Trust {
                ca_certificates: settings.certificate.into_iter().collect(),
                ..Trust::default()
            },
            own_addresses: vec![settings.endpoint.clone()],
            proxies: Proxies::from_env(),
            ..ClientOptions::default()
        })?;
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("telemetry")
            .enable_all()
            .build()
            .map_err(ExportError::Runtime)?;
        let collector = Collector::new(client, runtime.handle().clone(), settings.timeout);
        let exporter = SpanExporter::builder()
            .with_http()
            .with_endpoint(settings.endpoint.to_string())
            .with_timeout(settings.timeout)
            .with_http_client(collector.clone())
            .build()?;
        let provider = SdkTracerProvider::builder()
            .with_resource(resource())
            .with_batch_exporter(exporter)
            .build();
        Ok(Self { provider, collector, runtime })
    }

    /// Takes the spans of requests, runs and calls, and nothing else that is traced.
    pub fn layer<S>(&self) -> impl Layer<S> + Send + Sync + use<S>
    where
        S: tracing::Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
    {
        let taken = Targets::new()
            .with_target(RUN, LevelFilter::INFO)
            .with_target(TRACE, LevelFilter::INFO);
        tracing_opentelemetry::layer()
            .with_tracer(self.provider.tracer(SERVICE))
            // Where in the code a span was made is nothing to the reader, and busy times are
            // in the receipt.
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            // Parents are those of the spans alone, on whatever thread.
            .with_context_activation(false)
            .with_filter(taken)
    }

    /// Sends what is left, for at most `limit` and not after a failure; why the collector
    /// took it not, if so. Blocks.
    pub fn end(self, limit: Duration) -> Option<String> {
        let Self { provider, collector, runtime } = self;
        let (tell, told) = mpsc::channel();
        collector.end(tell.clone());
        runtime.spawn_blocking(move || {
            // That it was too slow is seen below, by whoever is not told in time.
            if provider.shutdown_with_timeout(limit).is_ok() {
                let _ = tell.send(());
            }
        });
        let in_time = told.recv_timeout(limit);
        runtime.shutdown_background();
        let late = || format!("it did not take the last ones within {} ms", limit.as_millis());
        collector.failing().or_else(|| in_time.err().map(|_| late()))
    }
}

impl fmt::Debug for Export {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Export").finish_non_exhaustive()
    }
}

/// Puts a request's span below the one that its caller names, if it names one.
pub(super) fn continue_from(span: &Span, headers: &HeaderMap) {
    let caller = TraceContextPropagator::new().extract(&HeaderExtractor(headers));
    if caller.span().span_context().is_valid() {
        // Without an exporter there is nothing to put it below.
        let _ = span.set_parent(caller);
    }
}

/// What the spans are said to be of.
fn resource() -> Resource {
    let resource = Resource::builder_empty()
        .with_service_name(SERVICE)
        .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .with_detector(Box::new(TelemetryResourceDetector))
        .with_detector(Box::new(EnvResourceDetector::new()));
    match env::var("OTEL_SERVICE_NAME") {
        Ok(name) if !name.is_empty() => resource.with_service_name(name).build(),
        _ => resource.build(),
    }
}
