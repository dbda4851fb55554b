//! Passes the requests of `wasi:http` to the egress stack.

use std::sync::Arc;

use http::HeaderName;
use http::header::{AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION};
use http::uri::Scheme;
use http_body_util::BodyExt;
use tokio::sync::Semaphore;
use tracing::Instrument;
use wasmtime_wasi_http::{
    DEFAULT_FORBIDDEN_HEADERS, Error as HttpError, ForbiddenHeaderFilter, RequestOptions, WasiBody,
    WasiHttpHooks,
};

use super::faults::Noted;
use super::sending::Sending;
use super::unseen::Unseen;
use super::{EgressError, EgressStack};
use crate::context::RunContext;

/// How many requests of a run are in flight at a time; more of them wait. The connector sends one
/// after the other, and a thousand at a time would hinder other runs.
const IN_FLIGHT: usize = 16;

/// How much of a body a guest writes at a time, in bytes. The host keeps two such parts for each
/// open body: with wasmtime's default of a megabyte, 300 bodies took 320 MiB.
pub const BODY_PART: usize = 8 << 10;

type Sent = Result<(http::Response<WasiBody>, Io), HttpError>;
/// What drives a connection beside the body of its response.
pub(super) type Io = Box<dyn Future<Output = Result<(), HttpError>> + Send>;

/// The hooks of one run.
pub struct Hooks {
    context: RunContext,
    egress: EgressStack,
    in_flight: Arc<Semaphore>,
}

impl Hooks {
    /// Returns the hooks of a run whose requests go to `egress`.
    pub fn new(context: RunContext, egress: EgressStack) -> Self {
        Self { context, egress, in_flight: Arc::new(Semaphore::new(IN_FLIGHT)) }
    }
}

impl WasiHttpHooks for Hooks {
    /// Only the host signs requests, below the recording.
    fn forbidden_header_filter(&mut self) -> ForbiddenHeaderFilter {
        Arc::new(|name: &HeaderName| {
            [AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION].contains(name)
                || DEFAULT_FORBIDDEN_HEADERS.contains(name)
        })
    }

    /// The authority layer checks which of the two the connection uses.
    fn is_supported_scheme(&mut self, scheme: &Scheme) -> bool {
        *scheme == Scheme::HTTPS || *scheme == Scheme::HTTP
    }

    fn p2_outgoing_body_chunk_size(&mut self) -> usize {
        BODY_PART
    }

    /// The pooled client sets the host itself, as HTTP/2 requires.
    fn set_host_header(&mut self) -> bool {
        false
    }

    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        _options: Option<RequestOptions>,
        _written: Box<dyn Future<Output = Result<(), HttpError>> + Send>,
    ) -> Box<dyn Future<Output = Sent> + Send> {
        let sending = Sending {
            context: self.context.clone(),
            egress: self.egress.clone(),
            in_flight: Arc::clone(&self.in_flight),
        };
        let stop = self.context.stop.clone();
        let unseen = Unseen::new(&self.context.clock);
        // The request is a task of its own, whose log lines would lack the run.
        let span = tracing::Span::current();
        let sent = async move {
            match sending.send(request).await {
                Ok(response) => {
                    let response = Noted::pass(response, &stop).await;
                    Ok(unseen.with(response.map(BodyExt::boxed_unsync)))
                }
                Err(EgressError::Http(error)) => {
                    unseen.fade();
                    Err(error)
                }
                Err(EgressError::Stop(reason)) => {
                    stop.end(reason);
                    // The run ends; the guest gets no response to act upon.
                    std::future::pending().await
                }
            }
        };
        Box::new(sent.instrument(span))
    }
}
