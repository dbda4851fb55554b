//! Making the connections of the pool.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_rustls::MaybeHttpsStream;
use hyper_util::client::legacy::connect::Connection;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::proxy::matcher::Intercept;
use hyper_util::rt::TokioIo;
use thiserror::Error;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tower::{Service, service_fn};

use super::fault::Fault;
use super::guard::{Guard, Target};
use super::origin::Origins;
use super::proxies::ProxyMatcher;
use super::tls::{Offer, Tls};
use crate::recording::HttpError;

/// A connection, with TLS or without.
pub(super) type Stream = MaybeHttpsStream<TokioIo<TcpStream>>;

/// Makes connections.
pub(super) struct Dialer {
    /// The address guard.
    pub guard: Guard,
    /// The proxies.
    pub proxies: ProxyMatcher,
    /// The TLS handshakes.
    pub tls: Tls,
    /// The time limit for the connection through a proxy.
    pub tunnel: Duration,
}

/// Why there is no connection.
#[derive(Debug, Error)]
pub(super) enum DialError {
    /// The pool is for HTTP/2, and the server speaks only HTTP/1.1.
    #[error("the server speaks HTTP/1.1")]
    Http1,
    /// No request waits for the connection any more.
    #[error("the connection is no longer needed")]
    Unwanted,
    /// Connecting failed. The fault can be taken once.
    #[error("there is no connection")]
    Fault(Mutex<Option<Fault>>),
}

impl DialError {
    /// Takes the fault, if there is one.
    pub fn take(&self) -> Option<Fault> {
        match self {
            Self::Http1 | Self::Unwanted => None,
            Self::Fault(fault) => fault.lock().unwrap_or_else(PoisonError::into_inner).take(),
        }
    }
}

impl From<Fault> for DialError {
    fn from(fault: Fault) -> Self {
        Self::Fault(Mutex::new(Some(fault)))
    }
}

/// The connector of one pool.
#[derive(Clone)]
pub(super) struct Connector {
    /// Makes the connections.
    pub dialer: Arc<Dialer>,
    /// The servers.
    pub origins: Arc<Origins>,
    /// The protocols that the pool offers.
    pub offer: Offer,
}

impl Service<Uri> for Connector {
    type Response = Stream;
    type Error = DialError;
    type Future = Pin<Box<dyn Future<Output = Result<Stream, DialError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), DialError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, destination: Uri) -> Self::Future {
        let connector = self.clone();
        Box::pin(async move { connector.connect(&destination).await })
    }
}

impl Connector {
    async fn connect(&self, destination: &Uri) -> Result<Stream, DialError> {
        let origin = self.origins.of(destination);
        match self.offer {
            Offer::Http1 => {
                if let Some(stream) = origin.take_spare() {
                    return Ok(stream);
                }
                let _dialing = origin.dial().await.ok_or(DialError::Unwanted)?;
                Ok(self.dialer.dial(destination, Offer::Http1).await?)
            }
            // Another request may have found out in the meantime.
            Offer::Either if origin.speaks_http1() => Err(DialError::Http1),
            Offer::Either => {
                let stream = self.dialer.dial(destination, Offer::Either).await?;
                if stream.connected().is_negotiated_h2() {
                    return Ok(stream);
                }
                origin.learn_http1(stream);
                Err(DialError::Http1)
            }
        }
    }
}

impl Dialer {
    async fn dial(&self, destination: &Uri, offer: Offer) -> Result<Stream, Fault> {
        let target = Target::of(destination).ok_or_else(|| invalid(destination))?;
        let tcp = match self.proxies.on_the_way_to(destination) {
            None => self.guard.connect(&target).await?,
            Some(proxy) => {
                self.guard.check_unresolved(&target)?;
                self.through(&proxy, destination, &target).await?
            }
        };
        let tcp = TokioIo::new(tcp);
        if target.plain {
            return Ok(MaybeHttpsStream::Http(tcp));
        }
        let stream = self.tls.handshake(&target.host, offer, tcp).await?;
        Ok(MaybeHttpsStream::Https(TokioIo::new(stream)))
    }

    /// Connects to `target` through `proxy`, which resolves its name.
    async fn through(
        &self,
        proxy: &Intercept,
        destination: &Uri,
        target: &Target,
    ) -> Result<TcpStream, Fault> {
        let address = Target::of(proxy.uri()).ok_or_else(|| invalid(proxy.uri()))?;
        let tcp = self.guard.connect_to_proxy(&address).await.map_err(|fault| Fault {
            message: format!("the proxy: {}", fault.message),
            fix: Some("Check HTTPS_PROXY or ALL_PROXY, and whether the proxy runs.".to_owned()),
            ..fault
        })?;
        let mut tcp = Some(TokioIo::new(tcp));
        let connected = service_fn(move |_: Uri| {
            let tcp = tcp.take().ok_or(std::io::ErrorKind::NotConnected);
            async move { tcp.map_err(std::io::Error::from) }
        });
        let mut tunnel = Tunnel::new(proxy.uri().clone(), connected);
        if let Some(credentials) = proxy.basic_auth() {
            tunnel = tunnel.with_auth(credentials.clone());
        }
        let name = format!("the proxy {} on port {}", address.host, address.port);
        match timeout(self.tunnel, tunnel.call(destination.clone())).await {
            Ok(Ok(stream)) => Ok(stream.into_inner()),
            Ok(Err(error)) => Err(tunnel_fault(&name, &target.host.to_string(), &error)),
            Err(_) => Err(Fault::unsent(format!(
                "{name} did not connect to {} within {:?}",
                target.host, self.tunnel
            ))),
        }
    }
}

/// Explains a failed tunnel. The library's errors differ only in their text.
fn tunnel_fault(proxy: &str, host: &str, error: &dyn std::error::Error) -> Fault {
    if error.to_string().contains("authorization required") {
        return Fault::new(
            HttpError::ConfigurationError,
            format!("{proxy} requires a name and a password, or refused those that it was sent"),
        )
        .fix("Write them into HTTPS_PROXY, as in http://name:password@proxy.example.com:8080.");
    }
    Fault::unsent(format!("{proxy} does not connect to {host}: {error}"))
        .fix(format!("Have the proxy permit {host}, or name that host in NO_PROXY."))
}

/// Returns the fault for a URI that does not name a server.
pub(super) fn invalid(uri: &Uri) -> Fault {
    let host = uri.host().unwrap_or_default();
    Fault::new(HttpError::HttpRequestUriInvalid, format!("{host:?} is not the address of a server"))
}
