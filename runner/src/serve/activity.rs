//! Whether anything is asked on a connection. One on which nothing is holds a place that
//! another client may want, so it is ended.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::connection::PATIENCE;

/// How long a connection may be idle between two requests.
const IDLE: Duration = Duration::from_secs(60);

/// How long a client that never asked for anything has to say that it has heard of the end.
const SILENT: Duration = Duration::from_secs(1);

/// How long the end of another connection may take: its last answer may still be on its way.
const PARTING: Duration = Duration::from_secs(60);

/// The requests of one connection. Clones are of the same one.
#[derive(Clone, Default)]
pub(super) struct Activity(watch::Sender<Requests>);

#[derive(Clone, Copy, Default)]
struct Requests {
    /// How many are not answered to the end.
    open: usize,
    /// Whether there ever was one.
    any: bool,
}

/// A request, until this is dropped.
pub(super) struct Open(watch::Sender<Requests>);

impl Activity {
    /// A request has come.
    pub fn open(&self) -> Open {
        self.0.send_modify(|requests| {
            requests.open = requests.open.saturating_add(1);
            requests.any = true;
        });
        Open(self.0.clone())
    }

    /// Waits until nothing has been asked for too long, or for the end of the server; gives how
    /// long the connection may take to end.
    pub async fn over(&self, ending: &CancellationToken) -> Duration {
        tokio::select! {
            () = ending.cancelled() => PARTING,
            patience = self.idle() => patience,
        }
    }

    async fn idle(&self) -> Duration {
        let mut requests = self.0.subscribe();
        loop {
            let now = *requests.borrow_and_update();
            let (most, parting) = match now {
                Requests { open: 1.., .. } => (Duration::MAX, PARTING),
                Requests { any: true, .. } => (IDLE, PARTING),
                Requests { .. } => (PATIENCE, SILENT),
            };
            if tokio::time::timeout(most, requests.changed()).await.is_err() {
                return parting;
            }
        }
    }
}

impl Open {
    /// The body of the answer, with which the request ends.
    pub fn until_sent(self, body: Body) -> Sent {
        Sent { body, _open: self }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.send_modify(|requests| requests.open = requests.open.saturating_sub(1));
    }
}

/// The body of an answer.
pub(super) struct Sent {
    body: Body,
    _open: Open,
}

impl HttpBody for Sent {
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
