//! The timeouts of connections: one that is idle, or whose request does not come to its end, takes
//! the place of another client's.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::connection::CLIENT_TIME;

/// The time for the shutdown of a connection without a complete request.
const SHUTDOWN_UNUSED: Duration = Duration::from_secs(1);

/// The time for the shutdown of other connections, which may still transfer a response.
const SHUTDOWN: Duration = Duration::from_secs(60);

/// The requests of a connection. Clones refer to the same connection.
#[derive(Clone)]
pub(super) struct Activity {
    requests: watch::Sender<Requests>,
    keep_alive: Duration,
}

#[derive(Clone, Copy)]
struct Requests {
    /// The number of requests whose responses are incomplete.
    open: usize,
    /// Whether there was any request.
    any: bool,
    /// Whether the head of a request has begun, and is incomplete.
    head: bool,
    /// When the last request was complete, or else the connection was made.
    since: Instant,
    /// Whether another connection of the client takes the place of this one.
    gives_way: bool,
}

/// An open request, until this is dropped.
pub(super) struct OpenRequest(watch::Sender<Requests>);

impl Activity {
    /// Creates the activity of a connection that is kept for `keep_alive` without a request.
    pub fn new(keep_alive: Duration) -> Self {
        let requests =
            Requests { open: 0, any: false, head: false, since: Instant::now(), gives_way: false };
        Self { requests: watch::Sender::new(requests), keep_alive }
    }

    /// Returns since when the connection is without a request; `None` if it has one or is closed.
    pub fn unused_since(&self) -> Option<Instant> {
        let requests = self.requests.borrow();
        (requests.open == 0 && !requests.gives_way).then_some(requests.since)
    }

    /// Closes the connection as soon as it has no request.
    pub fn give_way(&self) {
        self.requests.send_modify(|requests| requests.gives_way = true);
    }

    /// Waits for [`Self::give_way`].
    pub async fn gives_way(&self) {
        // The sender is `self`, so it is not closed.
        let _ = self.requests.subscribe().wait_for(|requests| requests.gives_way).await;
    }

    /// Counts a request, whose head is complete.
    pub fn open(&self) -> OpenRequest {
        self.requests.send_modify(|requests| {
            requests.open = requests.open.saturating_add(1);
            (requests.any, requests.head) = (true, false);
        });
        OpenRequest(self.requests.clone())
    }

    /// Notes that bytes came. While no request is open, they begin the head of the next one.
    pub fn received(&self) {
        self.requests.send_if_modified(|requests| {
            let begins = requests.open == 0 && !requests.head;
            requests.head |= begins;
            begins
        });
    }

    /// Waits for the idle timeout or the end of the server. Returns the time for the shutdown of
    /// the connection.
    pub async fn over(&self, ending: &CancellationToken) -> Duration {
        tokio::select! {
            () = ending.cancelled() => SHUTDOWN,
            shutdown = self.idle() => shutdown,
        }
    }

    async fn idle(&self) -> Duration {
        let mut requests = self.requests.subscribe();
        loop {
            let now = *requests.borrow_and_update();
            let (limit, shutdown) = match now {
                Requests { gives_way: true, open: 0, any: true, .. } => return SHUTDOWN,
                Requests { gives_way: true, open: 0, .. } => return SHUTDOWN_UNUSED,
                Requests { open: 1.., .. } => (Duration::MAX, SHUTDOWN),
                Requests { head: true, .. } => (CLIENT_TIME, SHUTDOWN_UNUSED),
                Requests { any: true, .. } => (self.keep_alive, SHUTDOWN),
                Requests { .. } => (CLIENT_TIME, SHUTDOWN_UNUSED),
            };
            if tokio::time::timeout(limit, requests.changed()).await.is_err() {
                return shutdown;
            }
        }
    }
}

impl Drop for OpenRequest {
    fn drop(&mut self) {
        self.0.send_modify(|requests| {
            requests.open = requests.open.saturating_sub(1);
            requests.since = Instant::now();
        });
    }
}

/// The body of a response, with which its request ends.
pub(super) struct ResponseBody {
    pub body: Body,
    pub _request: OpenRequest,
}

impl HttpBody for ResponseBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
