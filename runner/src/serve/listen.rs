//! The listener: it accepts connections up to a limit, and shuts down gracefully.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use super::activity::Activity;
use super::connection::Connection;
use super::peers::Peers;
use super::router::router;
use super::service::Service;
use super::tls::Tls;
use crate::connections::config::{ProxyConfig, ServeConfig};

/// The number of open connections. A further one waits to be accepted.
const CONNECTIONS: usize = 4_096;

/// The time for the shutdown of open connections.
const SHUTDOWN: Duration = Duration::from_secs(5);

/// The pause after the system failed to accept a connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// A bound TCP listener, with TLS or without.
pub struct Listener {
    tcp: TcpListener,
    tls: Option<Tls>,
    keep_alive: Duration,
    proxies: Arc<ProxyConfig>,
    peers: Peers,
    permits: Arc<Semaphore>,
}

impl Listener {
    /// Binds the address of `config`.
    ///
    /// # Errors
    /// Fails when the address cannot be bound.
    pub async fn bind(config: &ServeConfig, tls: Option<Tls>) -> io::Result<Self> {
        Ok(Self {
            tcp: TcpListener::bind(config.address).await?,
            tls,
            keep_alive: config.keep_alive,
            proxies: Arc::new(config.proxies.clone()),
            peers: Peers::new(config.connections_per_address),
            permits: Arc::new(Semaphore::new(CONNECTIONS)),
        })
    }

    /// Returns the bound address.
    ///
    /// # Errors
    /// Fails when the system cannot state the address.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.tcp.local_addr()
    }

    /// Serves `service` until `end`. Then accepts no more connections, and lets open requests
    /// finish.
    pub async fn run(self, service: Service, end: impl Future<Output = ()>) {
        let (connections, ending) = (service.connections(), CancellationToken::new());
        let refused = service.0.refused.clone();
        let router = router(service);
        let mut end = std::pin::pin!(end);
        loop {
            let (stream, peer, permit) = tokio::select! {
                biased;
                () = &mut end => break,
                accepted = self.accept() => accepted,
            };
            let activity = Activity::new(self.keep_alive);
            let counted = match self.proxies.trusts(peer.ip()) {
                true => None,
                false => match self.peers.count(peer.ip(), &activity) {
                    Some(counted) => Some(counted),
                    None => {
                        refused.connection(peer.ip());
                        continue;
                    }
                },
            };
            let connection = Connection {
                router: router.clone(),
                tls: self.tls.as_ref().map(Tls::acceptor),
                peer,
                proxies: Arc::clone(&self.proxies),
                activity,
                ending: ending.clone(),
                _permit: permit,
                _counted: counted,
            };
            connections.spawn(connection.serve(stream));
        }
        drop(self.tcp);
        ending.cancel();
        connections.close();
        let _ = tokio::time::timeout(SHUTDOWN, connections.wait()).await;
    }

    async fn accept(&self) -> (TcpStream, SocketAddr, Option<OwnedSemaphorePermit>) {
        // The semaphore is never closed.
        let permit = Arc::clone(&self.permits).acquire_owned().await.ok();
        loop {
            match self.tcp.accept().await {
                Ok((stream, peer)) => {
                    // Avoids the delay of small responses.
                    let _ = stream.set_nodelay(true);
                    return (stream, peer, permit);
                }
                Err(error) => match error.kind() {
                    // The client has closed the connection.
                    ErrorKind::ConnectionRefused
                    | ErrorKind::ConnectionAborted
                    | ErrorKind::ConnectionReset => {}
                    _ => {
                        tracing::warn!(%error, "no connection can be accepted");
                        tokio::time::sleep(ACCEPT_PAUSE).await;
                    }
                },
            }
        }
    }
}
