//! The simulated tenant on two ports of this machine, for any client of Graph: HTTP, and HTTPS
//! with a certificate of its own.
//!
//! It listens on 127.0.0.1 alone. A change is in the tenant's file before it is acknowledged.
//!
//! - `front`: what every request passes
//! - `kept`: the tenant and its file
//! - `sign_in`: the sign-in host
//! - `tls`: the certificate

mod handler;
mod sign_in;
mod stored;
mod tls;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::serve::{Listener, ListenerExt};
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::Simulator;
use super::state::{StateError, StateFile};
use contract::Policy;
use handler::Handler;
use sign_in::SignIn;
use stored::StoredTenant;
use tls::{Certificate, TlsListener};

pub use super::caller::APP_ID;
pub use handler::{ServedRequest, Watcher};

/// How long requests that are under way may go on when the server ends.
const GRACE: Duration = Duration::from_secs(2);

/// The ports to listen on; 0 is any that is free.
#[derive(Clone, Copy, Debug)]
pub struct Ports {
    /// Of HTTP.
    pub http: u16,
    /// Of HTTPS.
    pub https: u16,
}

/// A server that listens and does not answer yet.
pub struct Server {
    front: Arc<Handler>,
    http: TcpListener,
    https: TcpListener,
    certificate: Certificate,
}

/// Why the tenant cannot be served.
#[derive(Debug, Error)]
pub enum ServerError {
    /// Another program has the port, or it takes an administrator.
    #[error("port {port} of 127.0.0.1 cannot be listened on: {reason}; name another with {option}")]
    Port {
        /// The port.
        port: u16,
        /// The option that says which.
        option: &'static str,
        /// Why.
        reason: io::Error,
    },
    /// The machine does not say which ports there are.
    #[error("the ports cannot be opened: {0}")]
    Io(#[from] io::Error),
    /// There is no certificate.
    #[error("a certificate cannot be made: {0}")]
    Certificate(Box<dyn std::error::Error + Send + Sync>),
    /// The tenant cannot be kept.
    #[error(transparent)]
    State(#[from] StateError),
}

impl Server {
    /// Listens. The tenant is kept in `file`, which is written at once; `watcher` is told of
    /// every request.
    pub async fn bind(
        simulator: Simulator,
        file: Option<StateFile>,
        policy: Policy,
        ports: Ports,
        watcher: Watcher,
    ) -> Result<Self, ServerError> {
        let http = listen(ports.http, "--port").await?;
        let https = listen(ports.https, "--https-port").await?;
        let certificate = Certificate::generate().map_err(ServerError::Certificate)?;
        let kept = StoredTenant::new(simulator, file)?;
        let sign_in = SignIn::new(policy.clone());
        let front = Arc::new(Handler { kept, sign_in, policy, watcher });
        Ok(Self { front, http, https, certificate })
    }

    /// Where it listens.
    pub fn addresses(&self) -> Result<Addresses, ServerError> {
        Ok(Addresses { http: self.http.local_addr()?, https: self.https.local_addr()? })
    }

    /// The certificate, as PEM, that a client has to trust for HTTPS.
    pub fn certificate(&self) -> &str {
        &self.certificate.authority
    }

    /// Answers until `end`, and then what is under way; the tenant is written at last.
    pub async fn run(self, end: impl Future<Output = ()>) -> Result<(), ServerError> {
        let Self { front, http, https, certificate } = self;
        let https = TlsListener::new(https, &certificate)?;
        // Small answers would wait for more.
        let http = http.tap_io(|stream| drop(stream.set_nodelay(true)));
        let (stop, stopped) = watch::channel(());
        let mut servers = JoinSet::new();
        servers.spawn(serve(http, Arc::clone(&front), "http", stopped.clone()));
        servers.spawn(serve(https, Arc::clone(&front), "https", stopped));
        end.await;
        drop(stop);
        // Who holds a connection open does not hold up the end.
        let _ = tokio::time::timeout(GRACE, servers.join_all()).await;
        Ok(front.kept.save()?)
    }
}

/// Where a server listens.
#[derive(Clone, Copy, Debug)]
pub struct Addresses {
    /// For HTTP.
    pub http: SocketAddr,
    /// For HTTPS.
    pub https: SocketAddr,
}

async fn listen(port: u16, option: &'static str) -> Result<TcpListener, ServerError> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
    listener.map_err(|reason| ServerError::Port { port, option, reason })
}

async fn serve<L>(
    listener: L,
    front: Arc<Handler>,
    scheme: &'static str,
    mut stopped: watch::Receiver<()>,
) -> io::Result<()>
where
    L: Listener,
    L::Addr: std::fmt::Debug,
{
    let router = Router::new().fallback(move |request: http::Request<Body>| {
        let front = Arc::clone(&front);
        async move { front.serve(scheme, request).await.map(Body::from) }
    });
    // The other end is dropped when the server ends.
    let ended = async move { while stopped.changed().await.is_ok() {} };
    axum::serve(listener, router).with_graceful_shutdown(ended).await
}
