//! Where connections come in, how many there are, and an end that cuts off no answer.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::connection::Connection;
use super::tls::Tls;

/// How many connections may be open at a time. A further one waits to be accepted.
const CONNECTIONS: usize = 4_096;

/// How long open connections have to end once no more requests are answered.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// How long to wait when the system has no room for a connection.
const NO_ROOM: Duration = Duration::from_millis(100);

/// Listens for a service.
pub struct Listener {
    tcp: TcpListener,
    tls: Option<Tls>,
    places: Arc<Semaphore>,
}

impl Listener {
    /// Listens on `address`, for TLS if there is a certificate.
    ///
    /// # Errors
    /// When the address cannot be listened on.
    pub async fn bind(address: SocketAddr, tls: Option<Tls>) -> io::Result<Self> {
        Ok(Self {
            tcp: TcpListener::bind(address).await?,
            tls,
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
        let (connections, ending) = (TaskTracker::new(), CancellationToken::new());
        let mut end = std::pin::pin!(end);
        loop {
            let (stream, place) = tokio::select! {
                biased;
                () = &mut end => break,
                accepted = self.accept() => accepted,
            };
            let connection = Connection {
                router: router.clone(),
                tls: self.tls.as_ref().map(Tls::acceptor),
                ending: ending.clone(),
                _place: place,
            };
            connections.spawn(connection.serve(stream));
        }
        drop(self.tcp);
        ending.cancel();
        connections.close();
        let _ = tokio::time::timeout(LAST_WORDS, connections.wait()).await;
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
