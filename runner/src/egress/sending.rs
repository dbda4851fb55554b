//! Reads the body of a guest's request, and counts what the request uses.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http::header::CONTENT_LENGTH;
use http_body_util::BodyExt;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use tokio::sync::Semaphore;
use tower::ServiceExt;
use wasmtime_wasi_http::WasiBody;

use super::throttle::NotSent;
use super::{Body, EgressError, EgressStack, HttpError};
use crate::context::{RunContext, Stop};

/// One request of a guest.
pub(super) struct Sending {
    pub context: RunContext,
    pub egress: EgressStack,
    pub in_flight: Arc<Semaphore>,
}

impl Sending {
    /// Sends the request once its body is complete.
    pub async fn send(
        self,
        request: http::Request<WasiBody>,
    ) -> Result<http::Response<Counted>, EgressError> {
        let RunContext { limits, usage, stop, .. } = &self.context;
        // Never closed.
        let _permit = self.in_flight.acquire().await;
        let (head, body) = request.into_parts();
        let body = self.read(body).await?;
        if stop.is_over() {
            // The end of a run drops the body that its guest was writing, which looks like the
            // end of the body.
            return Err(EgressError::Http(HttpError::HttpProtocolError));
        }
        fits(&head.headers, &body)?;
        usage.request(&head, &body, limits)?;
        let request = http::Request::from_parts(head, body);
        let response = self.egress.clone().oneshot(request).await;
        // Only Graph's responses are counted.
        let counted = if response.as_ref().is_ok_and(NotSent::marks) {
            usage.not_sent();
            None
        } else {
            Some(self.context.clone())
        };
        response.map(|response| response.map(|inner| Counted { inner, context: counted }))
    }

    /// Reads a body into one piece: a guest may write it byte by byte, and many small parts would
    /// need much more memory.
    async fn read(&self, mut body: WasiBody) -> Result<Bytes, EgressError> {
        let RunContext { limits, usage, .. } = &self.context;
        let max = limits.request;
        let mut whole = BytesMut::new();
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(EgressError::Http)?;
            let Some(part) = frame.data_ref() else { continue };
            if whole.len().saturating_add(part.len()) > max {
                return Err(Stop::RequestTooLarge(max).into());
            }
            usage.sending(part, limits)?;
            whole.extend_from_slice(part);
        }
        Ok(whole.freeze())
    }
}

/// Fails when a body is not as long as `Content-Length` states. Otherwise a server could read
/// the rest as another request.
fn fits(headers: &HeaderMap, body: &Bytes) -> Result<(), EgressError> {
    let Some(stated) = headers.get(CONTENT_LENGTH) else { return Ok(()) };
    let length = stated.to_str().ok().and_then(|stated| stated.parse::<usize>().ok());
    if length == Some(body.len()) {
        return Ok(());
    }
    let length = u64::try_from(body.len()).ok();
    Err(EgressError::Http(HttpError::HttpRequestBodySize(length)))
}

/// A body of a response whose bytes are counted. Too many of them end the run.
pub(super) struct Counted {
    inner: Body,
    /// The run whose bytes are counted, if they are.
    context: Option<RunContext>,
}

impl HttpBody for Counted {
    type Data = Bytes;
    type Error = HttpError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, HttpError>>> {
        let frame = ready!(Pin::new(&mut self.inner).poll_frame(context));
        if let (Some(Ok(frame)), Some(run)) = (&frame, &self.context)
            && let Some(data) = frame.data_ref()
            && let Err(stop) = run.usage.received(data.len(), &run.limits)
        {
            run.stop.end(stop);
            let limit = Some(run.limits.bytes_in);
            return Poll::Ready(Some(Err(HttpError::HttpResponseBodySize(limit))));
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
