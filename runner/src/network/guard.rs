//! The address guard: the addresses that a name may resolve to.
//!
//! A name is resolved once, and the connection is made to the permitted addresses: there is no
//! second look-up that could have another result.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use http::Uri;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant, timeout, timeout_at};
use url::Host;

use super::addresses::refusal;
use super::fault::Fault;
use crate::recording::HttpError;

/// The most addresses of a name that are tried.
const MOST_TRIED: usize = 8;

/// The shortest time limit for one of several addresses.
const LEAST_TIME: Duration = Duration::from_secs(2);

/// The server to connect to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The host. Every notation of an IP address is recognised.
    pub host: Host,
    /// The port.
    pub port: u16,
    /// Whether to connect without TLS.
    pub plain: bool,
}

impl Target {
    /// Returns the server of `uri`, if the URI names one, and only by host and port.
    pub fn of(uri: &Uri) -> Option<Self> {
        let plain = match uri.scheme_str()? {
            "https" => false,
            "http" => true,
            _ => return None,
        };
        let (host, port) = (uri.host()?, super::port(uri)?);
        Some(Self { host: Host::parse(host).ok()?, port, plain })
    }

    /// Returns the address, if the host is one.
    fn literal(&self) -> Option<IpAddr> {
        match self.host {
            Host::Domain(_) => None,
            Host::Ipv4(address) => Some(address.into()),
            Host::Ipv6(address) => Some(address.into()),
        }
    }
}

/// Permits or refuses addresses.
#[derive(Debug)]
pub struct Guard {
    /// The servers that may have a private address.
    own: Vec<Target>,
    /// The time limit for resolving a name, and again for connecting.
    connect: Duration,
}

impl Guard {
    /// Creates a guard that permits private addresses only for `own`.
    pub fn new(own: Vec<Target>, connect: Duration) -> Self {
        Self { own, connect }
    }

    /// Connects to one of the permitted addresses of `target`.
    pub(super) async fn connect(&self, target: &Target) -> Result<TcpStream, Fault> {
        self.check_name(target)?;
        let addresses = self.allowed(target, self.resolve(target).await?)?;
        self.connect_to(target, &addresses).await
    }

    /// Connects to a proxy at any address, as the operator chose it.
    pub(super) async fn connect_to_proxy(&self, proxy: &Target) -> Result<TcpStream, Fault> {
        let addresses = self.resolve(proxy).await?;
        self.connect_to(proxy, &addresses).await
    }

    /// Checks a target whose name a proxy resolves.
    ///
    /// # Errors
    /// Fails for a refused address, and for a name of this machine.
    pub fn check_unresolved(&self, target: &Target) -> Result<(), Fault> {
        if let Some(address) = target.literal() {
            let address = SocketAddr::new(address, target.port);
            return self.allowed(target, vec![address]).map(drop);
        }
        self.check_name(target)
    }

    /// Refuses the names of the local machine (RFC 6761), which not every resolver resolves to
    /// loopback.
    fn check_name(&self, target: &Target) -> Result<(), Fault> {
        let Host::Domain(name) = &target.host else {
            return Ok(());
        };
        let name = name.trim_end_matches('.');
        let is_local = name == "localhost" || name.ends_with(".localhost");
        if is_local && !self.is_own(target) {
            return Err(prohibited(format!(
                "{} is a machine's name for itself, where no request may go",
                target.host
            )));
        }
        Ok(())
    }

    async fn resolve(&self, target: &Target) -> Result<Vec<SocketAddr>, Fault> {
        let Host::Domain(name) = &target.host else {
            let address = target.literal();
            return Ok(address.map(|ip| SocketAddr::new(ip, target.port)).into_iter().collect());
        };
        match timeout(self.connect, lookup_host((name.as_str(), target.port))).await {
            Ok(Ok(addresses)) => Ok(addresses.collect()),
            Ok(Err(error)) => Err(Fault::new(
                HttpError::DnsError { rcode: None, info_code: None },
                format!("the name {name} cannot be resolved: {error}"),
            )
            .fix("Check the name, and this machine's DNS and network.")),
            Err(_) => Err(Fault::new(
                HttpError::DnsTimeout,
                format!("the name {name} was not resolved within {:?}", self.connect),
            )
            .fix("Check this machine's DNS and network.")),
        }
    }

    /// Returns the permitted ones of `addresses`, to which `target` resolves, in the order in
    /// which they are tried.
    ///
    /// # Errors
    /// Fails when there are none.
    pub fn allowed(
        &self,
        target: &Target,
        addresses: Vec<SocketAddr>,
    ) -> Result<Vec<SocketAddr>, Fault> {
        let (own, host) = (self.is_own(target), &target.host);
        let Some(first) = addresses.first().map(SocketAddr::ip) else {
            let message = format!("the name {host} has no address");
            return Err(Fault::new(HttpError::DestinationNotFound, message));
        };
        let mut allowed = addresses;
        allowed.retain(|address| own || refusal(address.ip()).is_none());
        if allowed.is_empty() {
            let kind = refusal(first).map(|reason| format!(", {reason}")).unwrap_or_default();
            return Err(prohibited(format!(
                "{host} leads to the address {first}{kind}, where no request may go"
            )));
        }
        if !target.plain {
            return Ok(alternating(allowed));
        }
        allowed.retain(|address| address.ip().is_loopback());
        if allowed.is_empty() {
            return Err(prohibited(format!(
                "{host} leads to {first}, which is another machine, and http without TLS is for this one alone"
            )));
        }
        Ok(allowed)
    }

    fn is_own(&self, target: &Target) -> bool {
        self.own.iter().any(|own| own.host == target.host && own.port == target.port)
    }

    /// Tries the addresses in turn, each for its share of the remaining time.
    async fn connect_to(
        &self,
        target: &Target,
        addresses: &[SocketAddr],
    ) -> Result<TcpStream, Fault> {
        let end = Instant::now() + self.connect;
        let mut failure = io::Error::from(io::ErrorKind::AddrNotAvailable);
        let mut remaining = addresses.len().min(MOST_TRIED);
        for address in addresses.iter().take(MOST_TRIED) {
            let left = end.saturating_duration_since(Instant::now());
            let share = left.checked_div(u32::try_from(remaining).unwrap_or(1)).unwrap_or(left);
            let share_end = Instant::now() + share.max(LEAST_TIME.min(left));
            match timeout_at(share_end, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => {
                    // A failure only costs speed.
                    let _ = stream.set_nodelay(true);
                    return Ok(stream);
                }
                Ok(Err(error)) => failure = error,
                Err(_) => failure = io::ErrorKind::TimedOut.into(),
            }
            remaining = remaining.saturating_sub(1).max(1);
        }
        Err(unreachable(target, &failure))
    }
}

/// Alternates IPv4 and IPv6, since one of them may not work in the network.
fn alternating(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let first_is_v6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (first, second): (Vec<_>, Vec<_>) =
        addresses.into_iter().partition(|address| address.is_ipv6() == first_is_v6);
    let (mut first, mut second) = (first.into_iter(), second.into_iter());
    let mut alternating = Vec::new();
    loop {
        let pair = [first.next(), second.next()];
        if pair == [None, None] {
            return alternating;
        }
        alternating.extend(pair.into_iter().flatten());
    }
}

fn prohibited(message: String) -> Fault {
    Fault::new(HttpError::DestinationIpProhibited, message).fix(
        "If the request is meant to go there, set graph-url or login-url of the connection to \
         that very address.",
    )
}

fn unreachable(target: &Target, failure: &io::Error) -> Fault {
    let place = format!("{} on port {}", target.host, target.port);
    let fault = match failure.kind() {
        io::ErrorKind::ConnectionRefused => {
            Fault::new(HttpError::ConnectionRefused, format!("{place} refuses connections"))
        }
        io::ErrorKind::TimedOut => {
            Fault::unsent(format!("{place} did not answer an attempt to connect in time"))
        }
        _ => Fault::unsent(format!("{place} cannot be reached: {failure}")),
    };
    fault.fix(
        "Check the address and this machine's network; where a proxy has to be used, name it in \
         HTTPS_PROXY.",
    )
}
