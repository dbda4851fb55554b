//! A collector on 127.0.0.1 that takes OTLP as protobuf over HTTP.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, Uri};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::AnyValue;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;

use crate::graph::serve;

/// One request that came in.
#[derive(Clone, Debug)]
pub struct Received {
    pub path: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// A collector, until the end of the tests.
pub struct Collector {
    address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Collector {
    pub fn start() -> Self {
        Self::answering(StatusCode::OK, Duration::ZERO)
    }

    /// Answers each request so, after so long.
    pub fn answering(status: StatusCode, after: Duration) -> Self {
        let received: Arc<Mutex<Vec<Received>>> = Arc::default();
        let noted = Arc::clone(&received);
        let router = Router::new().fallback(move |uri: Uri, headers: HeaderMap, body: Bytes| {
            let noted = Arc::clone(&noted);
            async move {
                noted.lock().unwrap().push(Received { path: uri.to_string(), headers, body });
                tokio::time::sleep(after).await;
                status
            }
        });
        Self { address: serve(router), received }
    }

    /// Its address for all signals.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every request so far.
    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    /// Every span so far, with the resource that it is of.
    pub fn spans(&self) -> Vec<Spanned> {
        let read =
            |received: &Received| ExportTraceServiceRequest::decode(&*received.body).unwrap();
        let requests: Vec<_> = self.received().iter().map(read).collect();
        let mut spans = Vec::new();
        for of_resource in requests.into_iter().flat_map(|request| request.resource_spans) {
            let resource = of_resource.resource.unwrap().attributes;
            for span in of_resource.scope_spans.into_iter().flat_map(|scope| scope.spans) {
                spans.push(Spanned { span, resource: resource.clone() });
            }
        }
        spans
    }
}

/// A span, and the resource that it is of.
#[derive(Clone, Debug)]
pub struct Spanned {
    pub span: Span,
    resource: Vec<KeyValue>,
}

impl Spanned {
    /// An attribute, as text; none where there is none.
    pub fn attribute(&self, name: &str) -> Option<String> {
        text(&self.span.attributes, name)
    }

    /// An attribute that must be a number.
    #[track_caller]
    pub fn number(&self, name: &str) -> i64 {
        let found = self.span.attributes.iter().find(|attribute| attribute.key == name);
        match found.and_then(|attribute| attribute.value.clone()?.value) {
            Some(Value::IntValue(number)) => number,
            other => panic!("{name} is {other:?}"),
        }
    }

    /// An attribute of its resource.
    pub fn resource(&self, name: &str) -> Option<String> {
        text(&self.resource, name)
    }
}

fn text(attributes: &[KeyValue], name: &str) -> Option<String> {
    let found = attributes.iter().find(|attribute| attribute.key == name)?;
    Some(match found.value.clone() {
        Some(AnyValue { value: Some(Value::StringValue(text)) }) => text,
        other => format!("{other:?}"),
    })
}
