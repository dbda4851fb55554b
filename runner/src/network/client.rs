//! One pool of connections, and how long each step of a request may take.
//!
//! The pool is two: one that speaks HTTP/2 alone, of which the library keeps to one
//! connection for each server however many requests wait for it, and one for servers that
//! turn out to speak HTTP/1.1. The connection that showed it is not wasted.

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
use super::connector::{Connector, DialError, Dialer};
use super::fault::Fault;
use super::guard::{Guard, Target};
use super::origin::{Counted, HTTP1_CONNECTIONS, Origin, Origins, waits};
use super::proxies::InvalidProxy;
use super::tls::{Offer, Tls, TlsSetupError};
use super::{ClientOptions, Timeouts};
use crate::recording::{HttpError, Request};

/// How long a connection is kept that nobody uses; less than what servers allow.
const IDLE: Duration = Duration::from_secs(60);

/// How often a busy HTTP/2 connection is asked whether it lives, and how long it may take to
/// say so: a network may drop a connection without a word.
const PING: Duration = Duration::from_secs(20);

/// Why there can be no client.
#[derive(Debug, Error)]
pub enum ClientError {
    /// TLS cannot be set up, for a file of certificates as a rule.
    #[error(transparent)]
    Tls(#[from] TlsSetupError),
    /// The environment names a proxy that cannot be used.
    #[error(transparent)]
    Proxy(#[from] InvalidProxy),
    /// The configuration names an address that is none.
    #[error("the address {0} is not of the form https://graph.microsoft.com/v1.0. Correct it")]
    Address(http::Uri),
}

/// Sends requests over connections that are kept. Clones share them.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    http2: Pool<Connector, Full<Bytes>>,
    http1: Pool<Connector, Full<Bytes>>,
    origins: Arc<Origins>,
    timeouts: Timeouts,
    max_response_bytes: usize,
}

/// Why a pool has no answer.
enum Failed {
    /// The server speaks only HTTP/1.1; nothing was sent.
    Http1,
    /// The connection that it waited for was another request's to make, and did not come
    /// about; nothing was sent.
    Unsent,
    Fault(Fault),
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

impl Client {
    /// A client without a connection yet. Reads the certificates that `options` name.
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

    /// Sends `request` once, and follows no redirect.
    ///
    /// # Errors
    ///
    /// A [`Fault`] when there is no answer. The body of an answer that breaks off, stops or
    /// grows too large fails by itself.
    pub async fn send(&self, request: Request) -> Result<Response, Fault> {
        let request = prepare(request)?;
        let plain = request.uri().scheme_str() == Some("http");
        let origin = self.0.origins.of(request.uri());
        if !plain
            && !origin.speaks_http1()
            && let Some(response) = self.by_way_of(&self.0.http2, &origin, &request).await?
        {
            return Ok(self.limited(response, None));
        }
        let slot = self.slot(&origin, &request).await?;
        match self.by_way_of(&self.0.http1, &origin, &request).await? {
            Some(response) => Ok(self.limited(response, Some(slot))),
            // The pool for HTTP/1.1 does not ask for more.
            None => Err(Fault::new(
                HttpError::DestinationUnavailable,
                "the server changed its mind about HTTP versions",
            )),
        }
    }

    /// Sends `request` by way of `pool`; none if the server speaks only HTTP/1.1, and the
    /// pool does not.
    ///
    /// When the request that connects for all fails or is dropped, the others are told that
    /// there will be no connection. Then it is their turn: the next one connects for all, and
    /// if it fails has a fault of its own.
    async fn by_way_of(
        &self,
        pool: &Pool<Connector, Full<Bytes>>,
        origin: &Origin,
        request: &http::Request<Full<Bytes>>,
    ) -> Result<Option<http::Response<Incoming>>, Fault> {
        let Timeouts { connect, tls, .. } = self.0.timeouts;
        // Name and address, proxy and handshake have their own limits. This one is for who
        // waits while others connect.
        let limit = (connect + tls) * 2;
        let end = Instant::now() + limit;
        loop {
            match self.attempt(pool, request.clone(), origin.wait(), end).await {
                Ok(response) => return Ok(Some(response)),
                Err(Failed::Http1) => return Ok(None),
                Err(Failed::Fault(fault)) => return Err(fault),
                Err(Failed::Unsent) if Instant::now() < end => yield_now().await,
                Err(Failed::Unsent) => {
                    return Err(Fault::new(
                        HttpError::ConnectionTimeout,
                        format!(
                            "there was no connection to {} within {limit:?}",
                            host(request.uri())
                        ),
                    ));
                }
            }
        }
    }

    /// Waits until one more HTTP/1.1 connection may be in use.
    async fn slot(
        &self,
        origin: &Origin,
        request: &http::Request<Full<Bytes>>,
    ) -> Result<OwnedSemaphorePermit, Fault> {
        let slot = Arc::clone(&origin.slots).acquire_owned();
        match timeout(self.0.timeouts.free, slot).await {
            Ok(Ok(slot)) => Ok(slot),
            _ => Err(Fault::new(
                HttpError::ConnectionLimitReached,
                format!(
                    "all {HTTP1_CONNECTIONS} connections to {} were in use for {:?}",
                    host(request.uri()),
                    self.0.timeouts.free
                ),
            )
            .fix("Start fewer runs at once, or try again later.")),
        }
    }

    /// Sends `request` by way of `pool`, if there is a connection before `end`, and waits for
    /// the head of its answer.
    async fn attempt(
        &self,
        pool: &Pool<Connector, Full<Bytes>>,
        mut request: http::Request<Full<Bytes>>,
        waiting: Counted,
        end: Instant,
    ) -> Result<http::Response<Incoming>, Failed> {
        let host = host(request.uri());
        let first_byte = self.0.timeouts.first_byte;
        let mut captured = capture_connection(&mut request);
        let mut answer = pin!(waits(pool.request(request)));
        let ended = tokio::select! {
            biased;
            ended = &mut answer => ended,
            () = connected(&mut captured) => {
                drop(waiting);
                match timeout(first_byte, answer).await {
                    Ok(ended) => ended,
                    Err(_) => {
                        // Whatever is wrong with it, the next request takes another one.
                        if let Some(connected) = &*captured.connection_metadata() {
                            connected.poison();
                        }
                        return Err(Failed::Fault(Fault::new(
                            HttpError::HttpResponseTimeout,
                            format!("{host} gave no answer within {first_byte:?}"),
                        )));
                    }
                }
            }
            () = sleep_until(end) => return Err(Failed::Unsent),
        };
        ended.map_err(|error| failed(&host, &error))
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

/// What both pools have in common. A request that a kept connection gave back unsent, because
/// the server had closed it, is sent on another one; no other request is ever repeated here.
fn builder() -> Builder {
    let mut builder = Pool::builder(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE)
        .retry_canceled_requests(true);
    builder
}

/// The request as the pool takes it. It names the host itself: HTTP/2 has no such header.
fn prepare(mut request: Request) -> Result<http::Request<Full<Bytes>>, Fault> {
    if Target::of(request.uri()).is_none() {
        return Err(Fault::new(
            HttpError::HttpRequestUriInvalid,
            format!("{:?} is no address of a server", host(request.uri())),
        ));
    }
    request.headers_mut().remove(HOST);
    // The pool knows which version the connection speaks.
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

fn failed(host: &str, error: &PoolError) -> Failed {
    let dial =
        std::error::Error::source(error).and_then(|source| source.downcast_ref::<DialError>());
    match dial {
        Some(DialError::Http1) => Failed::Http1,
        // Each error is taken once, so its fault is there.
        Some(dial) => dial.take().map_or(Failed::Unsent, Failed::Fault),
        // The pool never came to a connection.
        None if error.is_connect() || std::error::Error::source(error).is_none() => Failed::Unsent,
        None => Failed::Fault(lost(host, error)),
    }
}

/// A request that may have been sent, and has no answer.
fn lost(host: &str, error: &PoolError) -> Fault {
    let cause =
        std::error::Error::source(error).and_then(|source| source.downcast_ref::<hyper::Error>());
    match cause {
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
