//! The server, as `[serve]` of `o365.toml` configures it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use disk::user_dir::{UserDir, UserDirError};

use crate::api_key::KeyHash;
use crate::connections::secret::SecretSource;
use crate::limits::DEFAULT_MAX_RUNS;

/// Where `o365 serve` listens if nothing else is said.
const ADDRESS: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8365);

/// The audit log's name in the user's state directory.
const AUDIT_LOG: &str = "audit.jsonl";

/// The server, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServeConfig {
    /// Where it listens; on loopback, unless there is `tls`.
    pub address: SocketAddr,
    /// What it speaks TLS with; none for plain HTTP.
    pub tls: Option<TlsFiles>,
    /// How many runs may go on at a time in the whole process.
    pub max_runs: u32,
    /// How long runs may go on after a stop was asked for.
    pub grace: Duration,
    /// The audit log; none for the one in the user's state directory.
    pub audit_log: Option<PathBuf>,
    /// Keys that see the metrics of all tenants and nothing else.
    pub operator_keys: Vec<KeyHash>,
}

/// A certificate and its key, in PEM. They are read when the server starts, and on SIGHUP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The server's certificate, and those that lead to its authority.
    pub certificate: PathBuf,
    /// The file of its private key, which nobody else may read.
    pub private_key: SecretSource,
}

impl Default for ServeConfig {
    /// Plain HTTP for this machine alone.
    fn default() -> Self {
        Self {
            address: ADDRESS,
            tls: None,
            max_runs: DEFAULT_MAX_RUNS,
            grace: Duration::from_secs(30),
            audit_log: None,
            operator_keys: Vec::new(),
        }
    }
}

impl ServeConfig {
    /// The audit log: the one that is configured, or `audit.jsonl` in the user's state
    /// directory.
    ///
    /// # Errors
    /// When none is configured and the user has no state directory.
    pub fn audit_log_path(&self) -> Result<PathBuf, UserDirError> {
        match &self.audit_log {
            Some(path) => Ok(path.clone()),
            None => Ok(UserDir::State.path()?.join(AUDIT_LOG)),
        }
    }
}
