//! Bodies that are slow, truncated or altered.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use http::header::CONTENT_LENGTH;
use http_body_util::BodyExt;
use hyper::body::{Body as HttpBody, Frame};
use serde::de::IgnoredAny;

use crate::context::{Busy, Clock};
use crate::egress::{Body, HttpError, whole};

/// The byte order mark of UTF-8.
const MARK: &[u8] = "\u{feff}".as_bytes();

/// The number of pieces of a slow body.
const PIECES: u32 = 10;

/// Returns the first half of a body, followed by an error.
pub fn broken(mut whole: Bytes) -> Body {
    let half = whole.split_to(whole.len().div_ceil(2));
    breaking_off(half, HttpError::ConnectionTerminated)
}

/// Returns a body of `bytes`, followed by `error`.
pub fn breaking_off(bytes: Bytes, error: HttpError) -> Body {
    Pieces { left: [bytes].into(), pause: None, end: Some(error) }.boxed_unsync()
}

/// Returns a body that takes `duration` on `clock`.
pub fn slow(mut whole: Bytes, duration: Duration, clock: &Clock) -> Body {
    let pieces = usize::try_from(PIECES).unwrap_or(1);
    let length = whole.len().div_ceil(pieces).max(1);
    let mut left = VecDeque::new();
    while !whole.is_empty() {
        left.push_back(whole.split_to(length.min(whole.len())));
    }
    let pause =
        Pause { clock: clock.clone(), each: duration / PIECES, now: None, _busy: clock.busy() };
    Pieces { left, pause: Some(pause), end: None }.boxed_unsync()
}

/// Whether a body is a JSON object. No part of one is JSON.
pub fn is_object(body: &[u8]) -> bool {
    let is_json = || serde_json::from_slice::<IgnoredAny>(body).is_ok();
    body.trim_ascii_start().starts_with(b"{") && is_json()
}

/// Returns a body behind a byte order mark.
pub fn marked(body: &[u8]) -> Bytes {
    [MARK, body].concat().into()
}

/// Returns the first half of a body.
pub fn cut(mut body: Bytes) -> Bytes {
    body.truncate(body.len() / 2);
    body
}

/// Returns a body whose length `headers` state.
pub fn all_of(body: Bytes, headers: &mut HeaderMap) -> Body {
    headers.insert(CONTENT_LENGTH, body.len().into());
    whole(body)
}

/// The rest of a body.
struct Pieces {
    left: VecDeque<Bytes>,
    /// The wait before each piece.
    pause: Option<Pause>,
    /// The error at the end.
    end: Option<HttpError>,
}

struct Pause {
    clock: Clock,
    each: Duration,
    now: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    /// The guest runs between two pieces, so no time passes until it reads the next. Declared
    /// last, since a cancelled wait becomes busy again.
    _busy: Busy,
}

impl HttpBody for Pieces {
    type Data = Bytes;
    type Error = HttpError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, HttpError>>> {
        let this = self.get_mut();
        if let Some(pause) = this.pause.as_mut().filter(|_| !this.left.is_empty()) {
            ready!(pause.poll(context));
        }
        Poll::Ready(match this.left.pop_front() {
            Some(piece) => Some(Ok(Frame::data(piece))),
            None => this.end.take().map(Err),
        })
    }
}

impl Pause {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let (clock, each) = (&self.clock, self.each);
        let now = self.now.get_or_insert_with(|| {
            let clock = clock.clone();
            Box::pin(async move { clock.sleep_while_busy(each).await })
        });
        ready!(now.as_mut().poll(context));
        self.now = None;
        Poll::Ready(())
    }
}
