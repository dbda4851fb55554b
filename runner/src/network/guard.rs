//! The address guard: which addresses a name may lead to, and connecting to just those.
//!
//! A name is resolved once. What is refused is taken out, and the connection is made to the
//! rest: there is no second look-up that could answer otherwise.

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

/// How many addresses of a name are tried.
const MOST_TRIED: usize = 8;

/// The least time that one address is given where there are more.
const LEAST_TIME: Duration = Duration::from_secs(2);

/// Where a connection shall lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The host, with every way to write an IP address recognised as one.
    pub host: Host,
    /// The port.
    pub port: u16,
    /// Whether it is reached without TLS.
    pub plain: bool,
}

impl Target {
    /// The server of `uri`; none if it names none, or more than host and port.
    pub fn of(uri: &Uri) -> Option<Self> {
        let plain = match uri.scheme_str()? {
            "https" => false,
            "http" => true,
            _ => return None,
        };
        let (host, port) = (uri.host()?, super::port(uri)?);
        Some(Self { host: Host::parse(host).ok()?, port, plain })
    }

    /// The host as an address, where it is written as one.
    fn literal(&self) -> Option<IpAddr> {
        match self.host {
            Host::Domain(_) => None,
            Host::Ipv4(address) => Some(address.into()),
            Host::Ipv6(address) => Some(address.into()),
        }
    }
}

/// The guard of one connection.
#[derive(Debug)]
pub struct Guard {
    /// The servers that may have a private address.
    own: Vec<Target>,
    /// To resolve a name, and again to connect to one of its addresses.
    connect: Duration,
}

impl Guard {
    /// Lets only `own` have private addresses.
    pub fn new(own: Vec<Target>, connect: Duration) -> Self {
        Self { own, connect }
    }

    /// Connects to one of the addresses of `target` that it may have.
    pub(super) async fn connect(&self, target: &Target) -> Result<TcpStream, Fault> {
        self.check_name(target)?;
        let addresses = self.allowed(target, self.resolve(target).await?)?;
        self.connect_to(target, &addresses).await
    }

    /// Connects to a proxy, which the operator named, wherever it is.
    pub(super) async fn connect_to_proxy(&self, proxy: &Target) -> Result<TcpStream, Fault> {
        let addresses = self.resolve(proxy).await?;
        self.connect_to(proxy, &addresses).await
    }

    /// Checks what is known of `target` when a proxy resolves its name: whether it is an
    /// address that is refused, or a name for this machine.
    ///
    /// # Errors
    /// When it is one of these.
    pub fn check_unresolved(&self, target: &Target) -> Result<(), Fault> {
        if let Some(address) = target.literal() {
            let address = SocketAddr::new(address, target.port);
            return self.allowed(target, vec![address]).map(drop);
        }
        self.check_name(target)
    }

    /// Refuses the names that every machine has for itself (RFC 6761), which not every
    /// resolver knows.
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

    /// Those of `addresses`, which the name of `target` leads to, that it may have, in the
    /// order in which they are tried.
    ///
    /// # Errors
    /// When there are none.
    pub fn allowed(
        &self,
        target: &Target,
        addresses: Vec<SocketAddr>,
    ) -> Result<Vec<SocketAddr>, Fault> {
        let own = self.is_own(target);
        let Some(first) = addresses.first().copied() else {
            return Err(Fault::new(
                HttpError::DestinationNotFound,
                format!("the name {} has no address", target.host),
            ));
        };
        let (allowed, refused): (Vec<_>, Vec<_>) =
            addresses.into_iter().partition(|address| own || refusal(address.ip()).is_none());
        if let (true, Some(address)) = (allowed.is_empty(), refused.first()) {
            let kind = refusal(address.ip()).map(|reason| format!(", {reason}"));
            return Err(prohibited(format!(
                "{} leads to the address {}{}, where no request may go",
                target.host,
                address.ip(),
                kind.unwrap_or_default(),
            )));
        }
        if !target.plain {
            return Ok(alternating(allowed));
        }
        let (local, _): (Vec<_>, Vec<_>) =
            allowed.into_iter().partition(|address| address.ip().is_loopback());
        if local.is_empty() {
            return Err(prohibited(format!(
                "{} leads to {}, which is another machine, and http without TLS is for this one alone",
                target.host,
                first.ip(),
            )));
        }
        Ok(local)
    }

    fn is_own(&self, target: &Target) -> bool {
        self.own.iter().any(|own| own.host == target.host && own.port == target.port)
    }

    /// Tries one address after the other, each for its share of the time that is left.
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
                    // Only a matter of speed: requests are small and wait for their answer.
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

/// IPv4 and IPv6 in turn, as a network may have lost one of them.
fn alternating(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let first_is_v6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (first, second): (Vec<_>, Vec<_>) =
        addresses.into_iter().partition(|address| address.is_ipv6() == first_is_v6);
    let (mut first, mut second) = (first.into_iter(), second.into_iter());
    let mut turns = Vec::new();
    loop {
        let pair = [first.next(), second.next()];
        if pair == [None, None] {
            return turns;
        }
        turns.extend(pair.into_iter().flatten());
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
        io::ErrorKind::TimedOut => Fault::new(
            HttpError::ConnectionTimeout,
            format!("{place} did not answer an attempt to connect in time"),
        ),
        _ => Fault::new(
            HttpError::DestinationUnavailable,
            format!("{place} cannot be reached: {failure}"),
        ),
    };
    fault.fix(
        "Check the address and this machine's network; where a proxy has to be used, name it in \
         HTTPS_PROXY.",
    )
}
