//! The export of spans to an OpenTelemetry collector: OTLP as protobuf over HTTP, configured by
//! the environment.
//!
//! Nothing waits for the collector: a thread sends spans in batches, and its queue drops spans
//! when it is full.

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

/// The default name of the service.
const SERVICE: &str = "o365";

/// Why spans cannot be exported.
#[derive(Debug, Error)]
pub enum ExportError {
    /// A variable has an invalid value.
    #[error(transparent)]
    Environment(#[from] InvalidEnvironment),
    /// The HTTP client cannot be created.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The exporter refuses its settings.
    #[error("spans cannot be exported: {0}. Correct the OTEL_EXPORTER_OTLP variable that it names")]
    Exporter(#[from] ExporterBuildError),
    /// The system cannot start a thread.
    #[error(
        "spans cannot be exported, for lack of a thread: {0}. Raise the thread limit of this process"
    )]
    Runtime(std::io::Error),
}

/// The export of this process.
pub struct Export {
    provider: SdkTracerProvider,
    collector: Collector,
    runtime: Runtime,
}

impl Export {
    /// Starts the export that the environment configures, if it does.
    pub fn from_environment() -> Result<Option<Self>, ExportError> {
        let variable = |name: &'static str| env::var(name).ok();
        Settings::read(variable)?.map(Self::new).transpose()
    }

    /// Starts an export with these settings.
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

    /// Returns the layer that exports the spans of requests, runs and calls.
    pub fn layer<S>(&self) -> impl Layer<S> + Send + Sync + use<S>
    where
        S: tracing::Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
    {
        let taken = Targets::new()
            .with_target(RUN, LevelFilter::INFO)
            .with_target(TRACE, LevelFilter::INFO);
        tracing_opentelemetry::layer()
            .with_tracer(self.provider.tracer(SERVICE))
            // Code locations are of no use to the reader, and the receipt has the busy times.
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            // Spans alone determine their parents, independent of the thread.
            .with_context_activation(false)
            .with_filter(taken)
    }

    /// Sends the remaining spans, for at most `limit` and until the first failure. Returns why
    /// the collector did not take them, if it did not. Blocks.
    pub fn end(self, limit: Duration) -> Option<String> {
        let Self { provider, collector, runtime } = self;
        let (sender, ended) = mpsc::channel();
        collector.end(sender.clone());
        runtime.spawn_blocking(move || {
            // After a timeout nothing is sent, and the receiver times out as well.
            if provider.shutdown_with_timeout(limit).is_ok() {
                let _ = sender.send(());
            }
        });
        let in_time = ended.recv_timeout(limit);
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

/// Sets the parent of a request's span, if the caller names one.
pub(super) fn continue_from(span: &Span, headers: &HeaderMap) {
    let caller = TraceContextPropagator::new().extract(&HeaderExtractor(headers));
    if caller.span().span_context().is_valid() {
        // Fails without an exporter.
        let _ = span.set_parent(caller);
    }
}

/// Returns the resource of the spans.
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
