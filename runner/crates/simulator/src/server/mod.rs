//! The simulated tenant on two ports of 127.0.0.1, for any client of Graph: HTTP, and HTTPS with a
//! certificate of its own.
//!
//! - `handler`: the handler of all requests
//! - `hosts`: the names under which it responds
//! - `stored`: the tenant and its file
//! - `sign_in`: the sign-in host
//! - `metadata`: Graph's metadata
//! - `certificate`: the certificate and its authority; `tls`: the TLS listener

mod certificate;
mod handler;
mod hosts;
mod metadata;
mod sign_in;
mod stored;
mod tls;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
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
use certificate::{Certificate, CertificateError};
use contract::Policy;
use handler::Handler;
use sign_in::SignIn;
use stored::StoredTenant;
use tls::TlsListener;

pub use super::caller::APP_ID;
pub use handler::{ServedRequest, Watcher};
pub use hosts::Cloud;

/// The time for open requests to finish when the server stops.
const GRACE: Duration = Duration::from_secs(2);

/// The ports to bind; 0 for any free port.
#[derive(Clone, Copy, Debug)]
pub struct Ports {
    /// The port of HTTP.
    pub http: u16,
    /// The port of HTTPS.
    pub https: u16,
}

/// What a server has besides its tenant and its ports.
#[derive(Clone, Debug, Default)]
pub struct ServerOptions {
    /// The cloud whose host names the server has over HTTPS, too.
    pub cloud: Option<Cloud>,
    /// Whether `/beta` is served, as `/v1.0` is.
    pub beta: bool,
    /// The file with the key of the certificate's authority, which is created if it does not
    /// exist; without one, each server has an authority of its own.
    pub authority_key: Option<PathBuf>,
}

/// A bound server.
pub struct Server {
    handler: Arc<Handler>,
    http: TcpListener,
    https: TcpListener,
    certificate: Certificate,
}

/// Why the tenant cannot be served.
#[derive(Debug, Error)]
pub enum ServerError {
    /// The port is in use or privileged.
    #[error("port {port} of 127.0.0.1 cannot be listened on: {reason}; {}", fix(reason))]
    Port {
        /// The port.
        port: u16,
        /// The reason.
        reason: io::Error,
    },
    /// The sockets cannot be used.
    #[error("the ports cannot be opened: {0}")]
    Io(#[from] io::Error),
    /// There is no certificate.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The tenant cannot be stored.
    #[error(transparent)]
    State(#[from] StateError),
}

impl Server {
    /// Binds the ports, and writes the tenant to `file`. `watcher` is called for every request.
    pub async fn bind(
        simulator: Simulator,
        file: Option<StateFile>,
        policy: Policy,
        ports: Ports,
        options: ServerOptions,
        watcher: Watcher,
    ) -> Result<Self, ServerError> {
        let ServerOptions { cloud, beta, authority_key } = options;
        let https = listen(ports.https).await?;
        let http = listen(ports.http).await?;
        let certificate = Certificate::generate(cloud, authority_key.as_deref())?;
        let tenant = StoredTenant::new(simulator, file)?;
        let bound = Ports { http: http.local_addr()?.port(), https: https.local_addr()?.port() };
        let sign_in = SignIn::new(policy.clone(), bound);
        let handler = Arc::new(Handler { cloud, beta, tenant, sign_in, policy, watcher });
        Ok(Self { handler, http, https, certificate })
    }

    /// Returns the bound addresses.
    pub fn addresses(&self) -> Result<Addresses, ServerError> {
        Ok(Addresses { http: self.http.local_addr()?, https: self.https.local_addr()? })
    }

    /// Returns the certificate in PEM that clients must trust for HTTPS.
    pub fn certificate(&self) -> &str {
        &self.certificate.authority
    }

    /// Serves requests until `end`, lets open requests finish, and writes the tenant.
    pub async fn run(self, end: impl Future<Output = ()>) -> Result<(), ServerError> {
        let Self { handler, http, https, certificate } = self;
        let https = TlsListener::new(https, &certificate)?;
        // Avoids the delay of small responses.
        let http = http.tap_io(|stream| drop(stream.set_nodelay(true)));
        let (stop, stopped) = watch::channel(());
        let mut servers = JoinSet::new();
        servers.spawn(serve(http, Arc::clone(&handler), "http", stopped.clone()));
        servers.spawn(serve(https, Arc::clone(&handler), "https", stopped));
        end.await;
        drop(stop);
        // Limited, because clients may keep connections open.
        let _ = tokio::time::timeout(GRACE, servers.join_all()).await;
        Ok(handler.tenant.save()?)
    }
}

/// What helps against a port that cannot be listened on.
fn fix(reason: &io::Error) -> &'static str {
    match reason.kind() {
        io::ErrorKind::PermissionDenied => {
            "a port below 1024 needs root, or a network namespace (docs/simulator.md); name another with --port or --https-port"
        }
        _ => "name another with --port or --https-port",
    }
}

/// The addresses of a server.
#[derive(Clone, Copy, Debug)]
pub struct Addresses {
    /// The address of HTTP.
    pub http: SocketAddr,
    /// The address of HTTPS.
    pub https: SocketAddr,
}

async fn listen(port: u16) -> Result<TcpListener, ServerError> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
    listener.map_err(|reason| ServerError::Port { port, reason })
}

async fn serve<L>(
    listener: L,
    handler: Arc<Handler>,
    scheme: &'static str,
    mut stopped: watch::Receiver<()>,
) -> io::Result<()>
where
    L: Listener,
    L::Addr: std::fmt::Debug,
{
    let router = Router::new().fallback(move |request: http::Request<Body>| {
        let handler = Arc::clone(&handler);
        async move { handler.serve(scheme, request).await.map(Body::from) }
    });
    // The sender is dropped when the server stops.
    let ended = async move { while stopped.changed().await.is_ok() {} };
    axum::serve(listener, router).with_graceful_shutdown(ended).await
}
