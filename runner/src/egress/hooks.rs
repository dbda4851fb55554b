//! Where `wasi:http` hands a guest's request over to the layers.

use std::sync::Arc;

use bytes::Bytes;
use http::HeaderName;
use http::header::{AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION};
use http::uri::Scheme;
use http_body_util::{BodyExt, Limited};
use tokio::sync::watch;
use tower::ServiceExt;
use tracing::Instrument;
use wasmtime_wasi_http::{
    DEFAULT_FORBIDDEN_HEADERS, Error as HttpError, ForbiddenHeaderFilter, RequestOptions, WasiBody,
    WasiHttpHooks,
};

use super::ledger::Ledger;
use super::usage::{End, Usage};
use super::{EgressError, Response, WayOut};
use crate::sandbox::{Clock, Limits, Stop};

type Answer = Result<(http::Response<WasiBody>, Io), HttpError>;
type Io = Box<dyn Future<Output = Result<(), HttpError>> + Send>;

/// The hooks of one run.
pub struct Hooks {
    /// Where its requests go.
    pub way_out: WayOut,
    /// Its clock.
    pub clock: Clock,
    /// Where its writes are noted.
    pub ledger: Ledger,
    /// What it may use up.
    pub limits: Limits,
    /// Where it is counted what it takes.
    pub usage: Usage,
    /// Where a layer's refusal ends the run.
    pub stop: watch::Sender<Option<Stop>>,
}

impl WasiHttpHooks for Hooks {
    /// A guest never handles a sign-in: the host adds it below the recording.
    fn forbidden_header_filter(&mut self) -> ForbiddenHeaderFilter {
        Arc::new(|name: &HeaderName| {
            [AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION].contains(name)
                || DEFAULT_FORBIDDEN_HEADERS.contains(name)
        })
    }

    /// Which of the two a connection uses is the authority layer's to check.
    fn is_supported_scheme(&mut self, scheme: &Scheme) -> bool {
        *scheme == Scheme::HTTPS || *scheme == Scheme::HTTP
    }

    /// The pooled client names the host itself, as HTTP/2 wants it.
    fn set_host_header(&mut self) -> bool {
        false
    }

    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        _options: Option<RequestOptions>,
        _written: Box<dyn Future<Output = Result<(), HttpError>> + Send>,
    ) -> Box<dyn Future<Output = Answer> + Send> {
        let sending = Sending {
            way_out: self.way_out.clone(),
            ledger: self.ledger.clone(),
            limits: self.limits,
            usage: self.usage.clone(),
            end: end(&self.stop),
        };
        let busy = self.clock.busy();
        // It goes on as a task of its own, whose log would not say which run it is of.
        let span = tracing::Span::current();
        let sent = async move {
            let _busy = busy;
            match sending.send(request).await {
                Ok(response) => {
                    // Nothing drives the connection from here: the client below does.
                    let io: Io = Box::new(async { Ok(()) });
                    Ok((response, io))
                }
                Err(EgressError::Http(error)) => Err(error),
                Err(EgressError::Stop(reason)) => {
                    (sending.end)(reason);
                    // The run ends now; the guest gets no answer to act upon.
                    std::future::pending().await
                }
            }
        };
        Box::new(sent.instrument(span))
    }
}

/// What ends the run, with the first reason that there is.
fn end(stop: &watch::Sender<Option<Stop>>) -> End {
    let stop = stop.clone();
    Arc::new(move |reason| {
        stop.send_if_modified(|first| {
            let is_first = first.is_none();
            if is_first {
                *first = Some(reason);
            }
            is_first
        });
    })
}

/// One request on its way.
struct Sending {
    way_out: WayOut,
    ledger: Ledger,
    limits: Limits,
    usage: Usage,
    end: End,
}

impl Sending {
    async fn send(&self, request: http::Request<WasiBody>) -> Result<Response, EgressError> {
        let (head, body) = request.into_parts();
        let body = read(body, self.limits.request).await?;
        self.usage.request(&head, &body, &self.limits)?;
        let write = self.ledger.begin(&head.method, &head.uri.to_string());
        let answer = self.way_out.clone().oneshot(http::Request::from_parts(head, body)).await;
        match (write, &answer) {
            (Some(write), Ok(response)) => write.answered(response.status().as_u16()),
            (Some(write), Err(EgressError::Stop(_))) => write.refused(),
            _ => {}
        }
        let limit = self.limits.bytes_in;
        answer.map(|response| {
            let counted = |body| self.usage.of_answer(body, limit, Arc::clone(&self.end));
            response.map(|body| counted(body).boxed_unsync())
        })
    }
}

async fn read(body: WasiBody, max: usize) -> Result<Bytes, EgressError> {
    match Limited::new(body, max).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => {
            Err(Stop::RequestTooLarge { max }.into())
        }
        Err(error) => Err(EgressError::Http(match error.downcast::<HttpError>() {
            Ok(error) => *error,
            Err(error) => HttpError::InternalError(Some(error.to_string())),
        })),
    }
}
