//! One connection: plain or TLS, HTTP/1.1 or HTTP/2, within its limits.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use http::Request;
use hyper::body::Incoming;
use hyper::service::Service;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use super::activity::{Activity, ResponseBody};
use super::forwarded::Client;
use super::peers::Counted;
use super::watched::Watched;
use crate::connections::config::ProxyConfig;

/// The time that a client has for the TLS handshake, for the headers of a request from their first
/// byte on, and until its first request.
pub(super) const CLIENT_TIME: Duration = Duration::from_secs(10);

/// The largest request headers that are read, in bytes. Larger ones end the connection; the
/// router rejects smaller ones that exceed its limit with a problem document.
const MAX_HEADERS: u32 = 32 << 10;

/// The number of request headers that are read.
const MAX_HEADER_COUNT: usize = 128;

/// The number of concurrent requests on an HTTP/2 connection.
const MAX_STREAMS: u32 = 1_024;

/// The interval of HTTP/2 pings.
const PING: Duration = Duration::from_secs(30);

/// One connection.
pub(super) struct Connection {
    pub router: Router,
    pub tls: Option<TlsAcceptor>,
    /// The address of the client, or of a proxy.
    pub peer: SocketAddr,
    pub proxies: Arc<ProxyConfig>,
    pub activity: Activity,
    /// Cancelled when the server stops: open requests finish, and no more are accepted.
    pub ending: CancellationToken,
    pub _permit: Option<OwnedSemaphorePermit>,
    /// `None` for a trusted proxy, which has connections of many clients.
    pub _counted: Option<Counted>,
}

impl Connection {
    /// Serves requests until the client or the server closes the connection.
    pub async fn serve(self, stream: TcpStream) {
        match self.tls.clone() {
            None => self.serve_http(stream).await,
            Some(tls) => {
                let accepted = tokio::select! {
                    accepted = tokio::time::timeout(CLIENT_TIME, tls.accept(stream)) => accepted,
                    () = self.activity.gives_way() => return,
                };
                match accepted {
                    Ok(Ok(stream)) => self.serve_http(stream).await,
                    Ok(Err(error)) => tracing::debug!(%error, "the TLS handshake failed"),
                    Err(_) => tracing::debug!("the TLS handshake timed out"),
                }
            }
        }
    }

    async fn serve_http(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        let activity = self.activity;
        let stream = Watched::new(stream, activity.clone());
        let router = TowerToHyperService::new(self.router);
        let (peer, proxies, tls) = (self.peer, self.proxies, self.tls.is_some());
        let service = hyper::service::service_fn(|mut request: Request<Incoming>| {
            let _request = activity.open();
            let client = Client::of(peer, tls, request.headers(), &proxies);
            request.extensions_mut().insert(client);
            let response = router.call(request);
            async move {
                response.await.map(|response| response.map(|body| ResponseBody { body, _request }))
            }
        });
        let builder = builder();
        let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            time = activity.over(&self.ending) => {
                connection.as_mut().graceful_shutdown();
                match tokio::time::timeout(time, connection).await {
                    Ok(ended) => ended,
                    Err(_) => return tracing::debug!("the shutdown of a connection timed out"),
                }
            }
        };
        if let Err(error) = ended {
            tracing::debug!(error, "a connection failed");
        }
    }
}

fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        // Its time would run between two requests, too; `activity` has another one.
        .header_read_timeout(None)
        .max_headers(MAX_HEADER_COUNT)
        .max_buf_size(usize::try_from(MAX_HEADERS).unwrap_or(usize::MAX));
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(PING)
        .max_header_list_size(MAX_HEADERS)
        .max_concurrent_streams(MAX_STREAMS);
    builder
}
