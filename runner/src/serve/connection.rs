//! One connection: plain or TLS, HTTP/1.1 or HTTP/2, within its limits.

use std::pin::pin;
use std::time::Duration;

use axum::Router;
use hyper::service::Service;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use super::activity::Activity;

/// How long a client may take to agree on a key, to send the headers of a request, and to ask
/// for something at all.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// The largest headers of a request that are read, in bytes. Smaller ones that are too large
/// all the same can be told so, those above end the connection.
const MAX_HEADERS: u32 = 32 << 10;

/// How many headers of a request are read.
const MAX_HEADER_COUNT: usize = 128;

/// How many requests may be open on one HTTP/2 connection.
const MAX_STREAMS: u32 = 1_024;

/// How often an HTTP/2 client is asked whether it is there.
const PING: Duration = Duration::from_secs(30);

/// One connection.
pub(super) struct Connection {
    pub router: Router,
    pub tls: Option<TlsAcceptor>,
    /// The server ends: what is asked for is answered, and nothing more.
    pub ending: CancellationToken,
    /// One of those that there may be.
    pub _place: Option<OwnedSemaphorePermit>,
}

impl Connection {
    /// Answers until the client or the server has enough.
    pub async fn serve(self, stream: TcpStream) {
        match self.tls.clone() {
            None => self.answer(stream).await,
            Some(tls) => match tokio::time::timeout(PATIENCE, tls.accept(stream)).await {
                Ok(Ok(stream)) => self.answer(stream).await,
                Ok(Err(error)) => tracing::debug!(%error, "a client did not agree on a key"),
                Err(_) => tracing::debug!("a client took too long to agree on a key"),
            },
        }
    }

    async fn answer(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        let activity = Activity::default();
        let router = TowerToHyperService::new(self.router);
        let service = hyper::service::service_fn(|request| {
            let open = activity.open();
            let response = router.call(request);
            async move { response.await.map(|response| response.map(|body| open.until_sent(body))) }
        });
        let builder = builder();
        let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            patience = activity.over(&self.ending) => {
                connection.as_mut().graceful_shutdown();
                match tokio::time::timeout(patience, connection).await {
                    Ok(ended) => ended,
                    Err(_) => return tracing::debug!("a client did not end its connection"),
                }
            }
        };
        if let Err(error) = ended {
            tracing::debug!(error, "a connection broke off");
        }
    }
}

fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
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
