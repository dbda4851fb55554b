//! The requests to a collector, over this process's HTTP client.

use std::fmt;
use std::pin::Pin;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use opentelemetry_http::{HttpClient, HttpError};
use tokio::runtime::Handle;

use crate::network::Client;

/// The largest response that is read, in bytes. It lists the rejected spans.
const MAX_RESPONSE: usize = 64 << 10;

type Delivered = Result<http::Response<Bytes>, HttpError>;

/// A collector. Clones share its state.
#[derive(Clone)]
pub struct Collector(Arc<Inner>);

struct Inner {
    client: Client,
    /// The runtime of the requests: the exporter's thread has none.
    runtime: Handle,
    timeout: Duration,
    state: Mutex<Reachability>,
}

#[derive(Default)]
struct Reachability {
    /// Why the last request failed.
    failing: Option<String>,
    /// Receives each failure, once the export ends.
    ending: Option<Sender<()>>,
}

impl Collector {
    /// Creates a collector whose requests go over `client`, on `runtime`, within `timeout`.
    pub fn new(client: Client, runtime: Handle, timeout: Duration) -> Self {
        Self(Arc::new(Inner { client, runtime, timeout, state: Mutex::default() }))
    }

    /// Returns why the last request failed, if it did.
    pub fn failing(&self) -> Option<String> {
        self.0.state().failing.clone()
    }

    /// Sends each further failure to `ending`.
    pub fn end(&self, ending: Sender<()>) {
        self.0.state().ending = Some(ending);
    }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, Reachability> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn send(&self, request: http::Request<Bytes>) -> Delivered {
        let response = tokio::time::timeout(self.timeout, self.exchange(request)).await;
        let response = response.unwrap_or_else(|_| {
            Err(format!("it did not answer within {} ms", self.timeout.as_millis()).into())
        });
        let failure = match &response {
            Ok(response) if response.status().is_success() => None,
            Ok(response) => Some(format!("it answered {}", response.status().as_u16())),
            Err(error) => Some(error.to_string()),
        };
        self.record(failure);
        response
    }

    async fn exchange(&self, request: http::Request<Bytes>) -> Delivered {
        let response = self.client.send(request).await?;
        let (head, body) = response.into_parts();
        let body = Limited::new(body, MAX_RESPONSE).collect().await?.to_bytes();
        Ok(http::Response::from_parts(head, body))
    }

    /// Records the outcome of a request, and logs a change.
    fn record(&self, failure: Option<String>) {
        let mut state = self.state();
        let was_failing = state.failing.is_some();
        let ending = state.ending.clone().filter(|_| failure.is_some());
        state.failing.clone_from(&failure);
        drop(state);
        match failure {
            Some(reason) if !was_failing => {
                tracing::warn!(reason, "the OpenTelemetry collector takes no spans");
            }
            None if was_failing => tracing::info!("the OpenTelemetry collector takes spans again"),
            _ => {}
        }
        // Comes last: the receiver may end the process, and with it the log.
        if let Some(ending) = ending {
            let _ = ending.send(());
        }
    }
}

impl HttpClient for Collector {
    fn send_bytes<'a, 'b>(
        &'a self,
        request: http::Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Delivered> + Send + 'b>>
    where
        'a: 'b,
        Self: 'b,
    {
        let inner = Arc::clone(&self.0);
        let sent = self.0.runtime.spawn(async move { inner.send(request).await });
        Box::pin(async move { sent.await.unwrap_or_else(|error| Err(error.into())) })
    }
}

impl fmt::Debug for Collector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Collector").finish_non_exhaustive()
    }
}
