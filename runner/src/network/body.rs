//! An answer's body, with its limits.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{LengthLimitError, Limited};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Sleep, sleep};

use super::Explanation;
use crate::recording::HttpError;

type Item = Option<Result<Frame<Bytes>, HttpError>>;

/// A body that fails when it grows too large or stops coming.
pub(super) struct LimitedBody {
    /// None once it has failed.
    inner: Option<Limited<Incoming>>,
    max: usize,
    between_bytes: Duration,
    /// Runs while the next part is waited for, and not while the reader takes its time.
    waiting: Option<Pin<Box<Sleep>>>,
    /// The connection that is busy until the body is there, where that is counted.
    slot: Option<OwnedSemaphorePermit>,
}

impl LimitedBody {
    /// At most `max` bytes of `body`, with at most `between_bytes` between two parts.
    pub fn new(
        body: Incoming,
        max: usize,
        between_bytes: Duration,
        slot: Option<OwnedSemaphorePermit>,
    ) -> Self {
        Self { inner: Some(Limited::new(body, max)), max, between_bytes, waiting: None, slot }
    }

    fn poll_inner(&mut self, context: &mut Context<'_>) -> Poll<Item> {
        let Some(inner) = &mut self.inner else {
            return Poll::Ready(None);
        };
        if let Poll::Ready(item) = Pin::new(inner).poll_frame(context) {
            self.waiting = None;
            let max = self.max;
            return Poll::Ready(item.map(|frame| frame.map_err(|error| failed(&*error, max))));
        }
        let between_bytes = self.between_bytes;
        let waiting = self.waiting.get_or_insert_with(|| Box::pin(sleep(between_bytes)));
        ready!(waiting.as_mut().poll(context));
        Poll::Ready(Some(Err(HttpError::ConnectionReadTimeout)))
    }
}

impl Body for LimitedBody {
    type Data = Bytes;
    type Error = HttpError;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Item> {
        let item = ready!(self.poll_inner(context));
        if !matches!(item, Some(Ok(_))) {
            // The connection is free, or of no more use.
            self.inner = None;
            self.slot = None;
        }
        Poll::Ready(item)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.as_ref().map(Body::size_hint).unwrap_or_default()
    }
}

fn failed(error: &(dyn std::error::Error + Send + Sync + 'static), max: usize) -> HttpError {
    if error.is::<LengthLimitError>() {
        return HttpError::HttpResponseBodySize(u64::try_from(max).ok());
    }
    tracing::debug!(%error, "an answer broke off");
    HttpError::HttpResponseIncomplete
}

/// What became of a body that failed with `error`.
pub fn explain(error: &HttpError) -> Explanation {
    let told = |message: String, fix: Option<&str>| Explanation {
        message,
        fix: fix.map(ToOwned::to_owned),
    };
    match error {
        HttpError::HttpResponseBodySize(max) => told(
            match max {
                Some(max) => {
                    format!("the answer is larger than {max} bytes, the most that is taken")
                }
                None => "the answer is larger than what is taken".to_owned(),
            },
            Some("Ask for less at once, such as a report page by page."),
        ),
        HttpError::ConnectionReadTimeout => {
            told("the answer began, and stopped coming before its end".to_owned(), None)
        }
        _ => told("the connection broke off within the answer".to_owned(), None),
    }
}
