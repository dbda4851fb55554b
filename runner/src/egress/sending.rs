//! One request of a guest: its body read, what it takes counted, its write noted.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http::header::CONTENT_LENGTH;
use http_body_util::BodyExt;
use tokio::sync::{Semaphore, watch};
use tower::ServiceExt;
use wasmtime_wasi_http::WasiBody;

use super::ledger::Ledger;
use super::throttle::NotSent;
use super::usage::{Counted, End, Usage};
use super::{EgressError, HttpError, WayOut};
use crate::sandbox::{Limits, Stop};

/// One request on its way.
pub(super) struct Sending {
    pub way_out: WayOut,
    pub ledger: Ledger,
    pub limits: Limits,
    pub usage: Usage,
    pub stop: watch::Sender<Option<Stop>>,
    pub end: End,
    pub in_flight: Arc<Semaphore>,
}

impl Sending {
    /// Sends it when its body has come to its end.
    pub async fn send(
        &self,
        request: http::Request<WasiBody>,
    ) -> Result<http::Response<Counted>, EgressError> {
        // Never closed.
        let _turn = self.in_flight.acquire().await;
        let (head, body) = request.into_parts();
        let body = self.read(body).await?;
        if self.stop.is_closed() {
            // The run is over, and so its body may only seem to be at its end: what a guest
            // had begun to write is dropped, which looks the same from here.
            return Err(EgressError::Http(HttpError::HttpProtocolError));
        }
        fits(&head.headers, &body)?;
        self.usage.request(&head, &body, &self.limits)?;
        let write = self.ledger.begin(&head.method, &head.uri);
        let answer = self.way_out.clone().oneshot(http::Request::from_parts(head, body)).await;
        let was_sent = !answer.as_ref().is_ok_and(NotSent::marks);
        match (write, &answer) {
            (Some(write), _) if !was_sent => write.refused(),
            (Some(write), Ok(response)) => write.answered(response.status().as_u16()),
            (Some(write), Err(EgressError::Stop(_))) => write.refused(),
            _ => {}
        }
        let limit = self.limits.bytes_in;
        // What did not come from Graph is not counted as that.
        let usage = if was_sent {
            self.usage.clone()
        } else {
            self.usage.not_sent();
            Usage::default()
        };
        answer.map(|response| {
            response.map(|body| usage.of_answer(body, limit, Arc::clone(&self.end)))
        })
    }

    /// A body as a whole, in one piece: a guest may write it byte by byte, and each of these
    /// would take more room than what is in it.
    async fn read(&self, mut body: WasiBody) -> Result<Bytes, EgressError> {
        let max = self.limits.request;
        let mut whole = BytesMut::new();
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(EgressError::Http)?;
            let Some(part) = frame.data_ref() else { continue };
            if whole.len().saturating_add(part.len()) > max {
                return Err(Stop::RequestTooLarge { max }.into());
            }
            self.usage.sending(part, &self.limits)?;
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
