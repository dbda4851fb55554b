//! The configuration of the server.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use disk::user_dir::{UserDir, UserDirError};
use ipnet::IpNet;

use crate::api_key::AcceptedKey;
use crate::base_url::BaseUrl;
use crate::connections::secret::SecretSource;
use crate::limits::DEFAULT_MAX_RUNS;
use crate::store::jetstream::options::Options;

/// The default address.
const ADDRESS: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8365);

/// The default name of the audit log, in the user's state directory.
const AUDIT_LOG: &str = "audit.jsonl";

/// `[serve]`, validated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServeConfig {
    /// The address to listen on; on loopback, unless there is `tls` or a proxy ends TLS.
    pub address: SocketAddr,
    /// The certificate; `None` for plain HTTP.
    pub tls: Option<TlsFiles>,
    /// The most concurrent runs in the process.
    pub max_runs: u32,
    /// The time that runs have to end when the server stops.
    pub grace: Duration,
    /// The time that a connection is kept without a request.
    pub keep_alive: Duration,
    /// The most connections of one client address.
    pub connections_per_address: usize,
    /// The proxies in front of the server.
    pub proxies: ProxyConfig,
    /// The audit log; the default is in the user's state directory.
    pub audit_log: Option<PathBuf>,
    /// The keys that give access to the metrics of all tenants alone.
    pub operator_keys: Vec<AcceptedKey>,
    /// The URL by which callers reach the server; `None` where it is that of their requests.
    pub public_url: Option<BaseUrl>,
    /// The store that this process shares with others; `None` for files of its own.
    pub store: Option<StoreConfig>,
}

/// A store that processes share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreConfig {
    /// Where it is.
    pub jetstream: Options,
    /// The key that seals what is stored.
    pub key: SecretSource,
}

/// The proxies in front of the server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProxyConfig {
    /// Whether a proxy ends TLS, so that plain HTTP on an address other than loopback is meant.
    pub end_tls: bool,
    /// The addresses whose `header` is believed.
    pub trusted: Vec<IpNet>,
    /// The header in which the proxies name the client.
    pub header: ForwardedHeader,
}

impl ProxyConfig {
    /// Returns whether requests from this address come from a trusted proxy.
    pub fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.trusted.iter().any(|network| network.contains(&address))
    }
}

/// A header in which proxies name the client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ForwardedHeader {
    /// `Forwarded` (RFC 7239).
    #[default]
    Forwarded,
    /// `X-Forwarded-For`, with `X-Forwarded-Proto` and `X-Forwarded-Host`.
    XForwardedFor,
}

impl ForwardedHeader {
    /// The headers, by the name in the configuration.
    pub const NAMED: [(&str, Self); 2] =
        [("Forwarded", Self::Forwarded), ("X-Forwarded-For", Self::XForwardedFor)];
}

/// A certificate and its key, in PEM, which the server reads at its start and on SIGHUP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The server's certificate, and those that lead to its authority.
    pub certificate: PathBuf,
    /// The file of its private key, which nobody else may read.
    pub private_key: SecretSource,
}

impl Default for ServeConfig {
    fn default() -> Self {
        Self {
            address: ADDRESS,
            tls: None,
            max_runs: DEFAULT_MAX_RUNS,
            grace: Duration::from_secs(30),
            keep_alive: Duration::from_secs(75),
            connections_per_address: 1_024,
            proxies: ProxyConfig::default(),
            audit_log: None,
            operator_keys: Vec::new(),
            public_url: None,
            store: None,
        }
    }
}

impl ServeConfig {
    /// Returns the path of the audit log.
    ///
    /// # Errors
    /// Fails when none is configured and the user has no state directory.
    pub fn audit_log_path(&self) -> Result<PathBuf, UserDirError> {
        match &self.audit_log {
            Some(path) => Ok(path.clone()),
            None => Ok(UserDir::State.path()?.join(AUDIT_LOG)),
        }
    }
}
