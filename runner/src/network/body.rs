//! The body of a response, with its limits.

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

/// A body that fails when it exceeds its size or stalls.
pub(super) struct LimitedBody {
    /// `None` after the end or a failure.
    inner: Option<Limited<Incoming>>,
    max: usize,
    between_bytes: Duration,
    /// Runs while the reader waits for the next part.
    waiting: Option<Pin<Box<Sleep>>>,
    /// The permit of the HTTP/1.1 connection, which is busy until the end of the body.
    slot: Option<OwnedSemaphorePermit>,
}

impl LimitedBody {
    /// Limits `body` to `max` bytes, and to `between_bytes` between two parts.
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
            // The connection is free, or unusable.
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
    tracing::debug!(%error, "a response was cut off");
    HttpError::HttpResponseIncomplete
}

/// Explains why a body failed with `error`.
pub fn explain(error: &HttpError) -> Explanation {
    let (message, fix) = match error {
        HttpError::HttpResponseBodySize(max) => {
            let limit = max.map(|max| format!(", {max} bytes")).unwrap_or_default();
            let fix = "Ask for less at once, such as a report page by page.";
            (format!("the response exceeds the limit{limit}"), Some(fix.to_owned()))
        }
        HttpError::ConnectionReadTimeout => {
            ("the response began, and stalled before its end".to_owned(), None)
        }
        _ => ("the connection was lost within the response".to_owned(), None),
    };
    Explanation { message, fix }
}
