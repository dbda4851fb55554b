//! One request of a guest: its body read, and what it takes counted.

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

/// One request on its way.
pub(super) struct Sending {
    pub context: RunContext,
    pub egress: EgressStack,
    pub in_flight: Arc<Semaphore>,
}

impl Sending {
    /// Sends it when its body has come to its end.
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
            // The run is over, and so its body may only seem to be at its end: what a guest
            // had begun to write is dropped, which looks the same from here.
            return Err(EgressError::Http(HttpError::HttpProtocolError));
        }
        fits(&head.headers, &body)?;
        usage.request(&head, &body, limits)?;
        let request = http::Request::from_parts(head, body);
        let response = self.egress.clone().oneshot(request).await;
        // What did not come from Graph is not counted as that.
        let counted = if response.as_ref().is_ok_and(NotSent::marks) {
            usage.not_sent();
            None
        } else {
            Some(self.context.clone())
        };
        response.map(|response| response.map(|inner| Counted { inner, context: counted }))
    }

    /// A body as a whole, in one piece: a guest may write it byte by byte, and each of these
    /// would take more room than what is in it.
    async fn read(&self, mut body: WasiBody) -> Result<Bytes, EgressError> {
        let RunContext { limits, usage, .. } = &self.context;
        let max = limits.request;
        let mut whole = BytesMut::new();
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(EgressError::Http)?;
            let Some(part) = frame.data_ref() else { continue };
            if whole.len().saturating_add(part.len()) > max {
                return Err(Stop::RequestTooLarge { max }.into());
            }
            usage.sending(part, limits)?;
            whole.extend_from_slice(part);
        }
        Ok(whole.freeze())
    }
}

/// Whether a body is as long as the request says, where it says so. A server that takes the
/// one for the other would read the rest as a request of its own.
fn fits(headers: &HeaderMap, body: &Bytes) -> Result<(), EgressError> {
    let Some(said) = headers.get(CONTENT_LENGTH) else { return Ok(()) };
    let length = said.to_str().ok().and_then(|said| said.parse::<usize>().ok());
    if length == Some(body.len()) {
        return Ok(());
    }
    let length = u64::try_from(body.len()).ok();
    Err(EgressError::Http(HttpError::HttpRequestBodySize(length)))
}

/// A body of a response whose bytes are counted. More than the run may take in end it.
pub(super) struct Counted {
    inner: Body,
    /// None where nothing is counted.
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
