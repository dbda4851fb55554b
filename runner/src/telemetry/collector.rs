//! The requests to a collector, over the client that all requests of this process go over.

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

/// The largest answer that is read, in bytes. It says which spans were not taken, if any.
const MAX_ANSWER: usize = 64 << 10;

type Delivered = Result<http::Response<Bytes>, HttpError>;

/// A collector. Clones are of the same one.
#[derive(Clone)]
pub struct Collector(Arc<Inner>);

struct Inner {
    client: Client,
    /// Where its requests are made: whoever exports has no runtime.
    runtime: Handle,
    timeout: Duration,
    state: Mutex<Reachability>,
}

#[derive(Default)]
struct Reachability {
    /// Why it took nothing the last time.
    failing: Option<String>,
    /// Who is told of a failure, once nobody waits for another try.
    ending: Option<Sender<()>>,
}

impl Collector {
    /// A collector that is reached over `client`, on `runtime`, each time within `timeout`.
    pub fn new(client: Client, runtime: Handle, timeout: Duration) -> Self {
        Self(Arc::new(Inner { client, runtime, timeout, state: Mutex::default() }))
    }

    /// Why it took nothing the last time; none if it did.
    pub fn failing(&self) -> Option<String> {
        self.0.state().failing.clone()
    }

    /// From now on `ending` is told of each failure.
    pub fn end(&self, ending: Sender<()>) {
        self.0.state().ending = Some(ending);
    }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, Reachability> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn send(&self, request: http::Request<Bytes>) -> Delivered {
        let answer = tokio::time::timeout(self.timeout, self.exchange(request)).await;
        let answer = answer.unwrap_or_else(|_| {
            Err(format!("it did not answer within {} ms", self.timeout.as_millis()).into())
        });
        let failure = match &answer {
            Ok(answer) if answer.status().is_success() => None,
            Ok(answer) => Some(format!("it answered {}", answer.status().as_u16())),
            Err(error) => Some(error.to_string()),
        };
        self.learn(failure);
        answer
    }

    async fn exchange(&self, request: http::Request<Bytes>) -> Delivered {
        let response = self.client.send(request).await?;
        let (head, body) = response.into_parts();
        let body = Limited::new(body, MAX_ANSWER).collect().await?.to_bytes();
        Ok(http::Response::from_parts(head, body))
    }

    /// Notes how it went, and says it where it goes otherwise than the last time.
    fn learn(&self, failure: Option<String>) {
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
        // Last: whoever is told may end the process, and with it what is to be said.
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
