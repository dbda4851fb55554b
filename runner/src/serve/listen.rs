//! Connections: plain or TLS, HTTP/1.1 or HTTP/2, each within its limits, and an end that
//! cuts off no answer.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_rustls::TlsAcceptor;

/// How many connections may be open at a time. A further one waits to be accepted.
const CONNECTIONS: usize = 4_096;

/// How long a client may take to agree on a key, and to send the headers of a request.
const PATIENCE: Duration = Duration::from_secs(10);

/// The largest headers of a request, in bytes.
const MAX_HEADERS: u32 = 32 << 10;

/// How many headers a request may have.
const MAX_HEADER_COUNT: usize = 64;

/// How many requests may be open on one HTTP/2 connection.
const MAX_STREAMS: u32 = 1_024;

/// How often an HTTP/2 client is asked whether it is there.
const PING: Duration = Duration::from_secs(30);

/// How long open connections have to end once no more requests are answered.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// How long to wait when the system has no room for a connection.
const NO_ROOM: Duration = Duration::from_millis(100);

/// Listens for a service.
pub struct Listener {
    tcp: TcpListener,
    tls: Option<TlsAcceptor>,
    places: Arc<Semaphore>,
}

impl Listener {
    /// Listens on `address`, for TLS if there is a configuration of it.
    ///
    /// # Errors
    /// When the address cannot be listened on.
    pub async fn bind(address: SocketAddr, tls: Option<Arc<ServerConfig>>) -> io::Result<Self> {
        Ok(Self {
            tcp: TcpListener::bind(address).await?,
            tls: tls.map(TlsAcceptor::from),
            places: Arc::new(Semaphore::new(CONNECTIONS)),
        })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.tcp.local_addr()
    }

    /// Answers with `router` until `end`; then takes no more connections, and gives those that
    /// are open the time to end what they are at.
    pub async fn run(self, router: Router, end: impl Future<Output = ()>) {
        let graceful = GracefulShutdown::new();
        let mut end = std::pin::pin!(end);
        loop {
            let (stream, place) = tokio::select! {
                biased;
                () = &mut end => break,
                accepted = self.accept() => accepted,
            };
            let connection = Connection {
                router: router.clone(),
                tls: self.tls.clone(),
                watcher: graceful.watcher(),
                _place: place,
            };
            tokio::spawn(connection.serve(stream));
        }
        drop(self.tcp);
        let _ = tokio::time::timeout(LAST_WORDS, graceful.shutdown()).await;
    }

    async fn accept(&self) -> (TcpStream, Option<OwnedSemaphorePermit>) {
        // Never closed.
        let place = Arc::clone(&self.places).acquire_owned().await.ok();
        loop {
            match self.tcp.accept().await {
                Ok((stream, _)) => {
                    // Small answers would wait for more.
                    let _ = stream.set_nodelay(true);
                    return (stream, place);
                }
                // The client's own, which is gone again.
                Err(error) if is_the_clients(&error) => {}
                Err(error) => {
                    tracing::warn!(%error, "no connection can be accepted");
                    tokio::time::sleep(NO_ROOM).await;
                }
            }
        }
    }
}

fn is_the_clients(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
    )
}

/// One connection.
struct Connection {
    router: Router,
    tls: Option<TlsAcceptor>,
    watcher: Watcher,
    _place: Option<OwnedSemaphorePermit>,
}

impl Connection {
    async fn serve(self, stream: TcpStream) {
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
        let service = TowerToHyperService::new(self.router);
        let connection = builder.serve_connection(TokioIo::new(stream), service);
        if let Err(error) = self.watcher.watch(connection).await {
            tracing::debug!(error, "a connection broke off");
        }
    }
}
