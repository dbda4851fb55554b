//! The client: a connection pool, and a time limit for each step of a request.
//!
//! There are two pools. That for HTTP/2 makes one connection for each server, however many
//! requests wait for it. The other is for servers that turn out to speak only HTTP/1.1; it
//! reuses the connection that showed this.

use std::error::Error as _;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Version;
use http::header::HOST;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy::connect::{CaptureConnection, capture_connection};
use hyper_util::client::legacy::{Builder, Client as Pool, Error as PoolError};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use thiserror::Error;
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::yield_now;
use tokio::time::{Instant, sleep_until, timeout};

use super::Response;
use super::body::LimitedBody;
use super::connector::{Connector, DialError, Dialer, invalid};
use super::fault::Fault;
use super::guard::{Guard, Target};
use super::origin::{Counted, HTTP1_CONNECTIONS, Origin, Origins, waits};
use super::proxies::InvalidProxy;
use super::tls::{Offer, Tls, TlsSetupError};
use super::{ClientOptions, Timeouts};
use crate::recording::{HttpError, Request};

/// How long an idle connection is kept; servers allow longer.
const IDLE: Duration = Duration::from_secs(60);

/// The interval and the timeout of pings on a busy HTTP/2 connection, which detect that the
/// network has dropped it.
const PING: Duration = Duration::from_secs(20);

/// Why a client cannot be created.
#[derive(Debug, Error)]
pub enum ClientError {
    /// TLS cannot be set up, usually because of a certificate file.
    #[error(transparent)]
    Tls(#[from] TlsSetupError),
    /// The environment names an unusable proxy.
    #[error(transparent)]
    Proxy(#[from] InvalidProxy),
    /// The configuration has an invalid address.
    #[error("the address {0} is not of the form https://graph.microsoft.com/v1.0. Correct it")]
    Address(http::Uri),
}

/// An HTTP client. Clones share its connections.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    http2: Pool<Connector, Full<Bytes>>,
    http1: Pool<Connector, Full<Bytes>>,
    origins: Arc<Origins>,
    timeouts: Timeouts,
    max_response_bytes: usize,
}

/// Why an attempt has no response.
enum AttemptError {
    /// The server speaks only HTTP/1.1. Nothing was sent.
    Http1,
    /// Another request failed to make the connection that this one waited for. Nothing was
    /// sent.
    Unsent,
    Fault(Fault),
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

impl Client {
    /// Creates a client, and reads the certificates that `options` name.
    pub fn new(options: &ClientOptions) -> Result<Self, ClientError> {
        let own = options
            .own_addresses
            .iter()
            .map(|uri| Target::of(uri).ok_or_else(|| ClientError::Address(uri.clone())));
        let timeouts = options.timeouts;
        let dialer = Arc::new(Dialer {
            guard: Guard::new(own.collect::<Result<_, _>>()?, timeouts.connect),
            proxies: options.proxies.matcher()?,
            tls: Tls::new(&options.trust, timeouts.tls)?,
            tunnel: timeouts.tls,
        });
        let origins = Arc::new(Origins::default());
        let connector =
            |offer| Connector { dialer: Arc::clone(&dialer), origins: Arc::clone(&origins), offer };
        Ok(Self(Arc::new(Inner {
            http2: builder()
                .http2_only(true)
                .http2_keep_alive_interval(PING)
                .http2_keep_alive_timeout(PING)
                .build(connector(Offer::Either)),
            http1: builder()
                .pool_max_idle_per_host(HTTP1_CONNECTIONS)
                .build(connector(Offer::Http1)),
            origins,
            timeouts,
            max_response_bytes: options.max_response_bytes,
        })))
    }

    /// Sends `request` once, without following redirects.
    ///
    /// # Errors
    /// Fails when there is no response. A body that is cut off, stalls or grows too large
    /// fails on its own.
    pub async fn send(&self, request: Request) -> Result<Response, Fault> {
        let request = prepare(request)?;
        let plain = request.uri().scheme_str() == Some("http");
        let origin = self.0.origins.of(request.uri());
        if !plain
            && !origin.speaks_http1()
            && let Some(response) = self.send_over(&self.0.http2, &origin, &request).await?
        {
            return Ok(self.limited(response, None));
        }
        let slot = self.slot(&origin, &request).await?;
        match self.send_over(&self.0.http1, &origin, &request).await? {
            Some(response) => Ok(self.limited(response, Some(slot))),
            // The pool for HTTP/1.1 does not offer more.
            None => Err(Fault::unsent("the server changed its HTTP version")),
        }
    }

    /// Sends `request` over `pool`; returns `None` if the pool is for HTTP/2 and the server
    /// speaks only HTTP/1.1.
    ///
    /// When the request that makes the connection for all fails or is dropped, the pool fails
    /// the others, too. They try again: the next one makes the connection, and its fault is its
    /// own.
    async fn send_over(
        &self,
        pool: &Pool<Connector, Full<Bytes>>,
        origin: &Origin,
        request: &http::Request<Full<Bytes>>,
    ) -> Result<Option<http::Response<Incoming>>, Fault> {
        let Timeouts { connect, tls, .. } = self.0.timeouts;
        // Resolving, connecting and the handshake have their own limits. This one is for
        // requests that wait while others connect.
        let limit = (connect + tls) * 2;
        let end = Instant::now() + limit;
        loop {
            match self.attempt(pool, request.clone(), origin.wait(), end).await {
                Ok(response) => return Ok(Some(response)),
                Err(AttemptError::Http1) => return Ok(None),
                Err(AttemptError::Fault(fault)) => return Err(fault),
                Err(AttemptError::Unsent) if Instant::now() < end => yield_now().await,
                Err(AttemptError::Unsent) => {
                    let host = host(request.uri());
                    return Err(Fault::unsent(format!(
                        "there was no connection to {host} within {limit:?}"
                    )));
                }
            }
        }
    }

    /// Acquires the permit of an HTTP/1.1 connection.
    async fn slot(
        &self,
        origin: &Origin,
        request: &http::Request<Full<Bytes>>,
    ) -> Result<OwnedSemaphorePermit, Fault> {
        let (slot, limit) = (Arc::clone(&origin.slots).acquire_owned(), self.0.timeouts.free);
        if let Ok(Ok(slot)) = timeout(limit, slot).await {
            return Ok(slot);
        }
        let host = host(request.uri());
        let message =
            format!("all {HTTP1_CONNECTIONS} connections to {host} were in use for {limit:?}");
        Err(Fault::new(HttpError::ConnectionLimitReached, message)
            .fix("Start fewer runs at once, or try again later."))
    }

    /// Sends `request` over `pool`, if there is a connection before `end`, and waits for the
    /// head of its response.
    async fn attempt(
        &self,
        pool: &Pool<Connector, Full<Bytes>>,
        mut request: http::Request<Full<Bytes>>,
        waiting: Counted,
        end: Instant,
    ) -> Result<http::Response<Incoming>, AttemptError> {
        let host = host(request.uri());
        let first_byte = self.0.timeouts.first_byte;
        let mut captured = capture_connection(&mut request);
        let mut sending = pin!(waits(pool.request(request)));
        let ended = tokio::select! {
            biased;
            ended = &mut sending => ended,
            () = connected(&mut captured) => {
                drop(waiting);
                match timeout(first_byte, sending).await {
                    Ok(ended) => ended,
                    Err(_) => {
                        // The connection may be broken: the next request uses another one.
                        if let Some(connected) = &*captured.connection_metadata() {
                            connected.poison();
                        }
                        return Err(AttemptError::Fault(Fault::new(
                            HttpError::HttpResponseTimeout,
                            format!("{host} gave no answer within {first_byte:?}"),
                        )));
                    }
                }
            }
            () = sleep_until(end) => return Err(AttemptError::Unsent),
        };
        ended.map_err(|error| attempt_error(&host, &error))
    }

    fn limited(
        &self,
        response: http::Response<Incoming>,
        slot: Option<OwnedSemaphorePermit>,
    ) -> Response {
        let (max, between) = (self.0.max_response_bytes, self.0.timeouts.between_bytes);
        response.map(|body| LimitedBody::new(body, max, between, slot).boxed_unsync())
    }
}

/// Returns the settings of both pools. A request that a kept connection returned unsent,
/// because the server had closed it, is sent over another one; no other request is repeated.
fn builder() -> Builder {
    let mut builder = Pool::builder(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE)
        .retry_canceled_requests(true);
    builder
}

/// Prepares a request for the pool, which names the host itself: HTTP/2 has no such header.
fn prepare(mut request: Request) -> Result<http::Request<Full<Bytes>>, Fault> {
    if Target::of(request.uri()).is_none() {
        return Err(invalid(request.uri()));
    }
    request.headers_mut().remove(HOST);
    // The pool sets the version of the connection.
    *request.version_mut() = Version::HTTP_11;
    Ok(request.map(Full::new))
}

fn host(uri: &http::Uri) -> String {
    uri.host().unwrap_or_default().to_owned()
}

/// Waits until a request has a connection.
async fn connected(captured: &mut CaptureConnection) {
    drop(captured.wait_for_connection_metadata().await);
}

fn attempt_error(host: &str, error: &PoolError) -> AttemptError {
    let source = error.source();
    match source.and_then(|source| source.downcast_ref()) {
        Some(DialError::Http1) => AttemptError::Http1,
        Some(dial) => dial.take().map_or(AttemptError::Unsent, AttemptError::Fault),
        // The pool had no connection.
        None if error.is_connect() || source.is_none() => AttemptError::Unsent,
        None => AttemptError::Fault(lost(host, error)),
    }
}

/// Returns the fault of a request that may have been sent.
fn lost(host: &str, error: &PoolError) -> Fault {
    match error.source().and_then(|source| source.downcast_ref::<hyper::Error>()) {
        Some(cause) if cause.is_parse_too_large() => Fault::new(
            HttpError::HttpResponseHeaderSectionSize(None),
            format!("the headers of the answer of {host} are too large"),
        ),
        Some(cause) if cause.is_parse() => Fault::new(
            HttpError::HttpProtocolError,
            format!("{host} answered with something that is not HTTP: {cause}"),
        ),
        cause => Fault::new(
            HttpError::ConnectionTerminated,
            format!(
                "the connection to {host} broke off before an answer came{}",
                cause.map(|cause| format!(": {cause}")).unwrap_or_default()
            ),
        ),
    }
}
