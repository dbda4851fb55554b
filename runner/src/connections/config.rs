//! The configuration of connections, tenants and the server.
//!
//! - `callback`: the callback of a tenant
//! - `grant`: how a connection signs in
//! - `serve`: the server
//! - `tenant`: a tenant of the platform

mod callback;
mod grant;
mod serve;
mod tenant;

use http::Uri;
use serde::Deserialize;

use super::cloud::Cloud;
use crate::contract::{Connection, DEFAULT_TIME_LIMIT_MS};
use crate::network::Trust;

pub use callback::{CallbackConfig, CallbackSecretError};
pub use grant::{Account, Grant};
pub use serve::{ForwardedHeader, ProxyConfig, ServeConfig, StoreConfig, TlsFiles};
pub use tenant::TenantConfig;

/// One `[connections.ID]`, validated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Configured {
    /// The id.
    pub id: String,
    /// A domain of the tenant, or the tenant's id.
    pub tenant: String,
    /// The application's client id.
    pub client_id: String,
    /// The grant.
    pub grant: Grant,
    /// The cloud.
    pub cloud: Cloud,
    /// Graph's version root: the cloud's, or the configured one.
    pub graph_url: Uri,
    /// The authority without the tenant: the cloud's, or the configured one.
    pub login_url: Uri,
    /// The configured `graph-url` and `login-url`, which may have private addresses.
    pub own_addresses: Vec<Uri>,
    /// The mailbox that sends notifications.
    pub sender: Option<String>,
    /// The certificates to trust beside those of the platform.
    pub trust: Trust,
    /// Where the tokens are kept between runs.
    pub token_store: TokenStore,
}

/// Where tokens are kept between runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TokenStore {
    /// In files of the state directory, mode 0600.
    #[default]
    File,
    /// In the system's keyring.
    Keyring,
}

impl Configured {
    /// Returns the public part, for guests and recordings.
    pub fn public(&self) -> Connection {
        Connection {
            // `Uri` adds a slash to an address without a path.
            graph_url: self.graph_url.to_string().trim_end_matches('/').to_owned(),
            tenant: self.tenant.clone(),
            sender: self.sender.clone(),
            access: self.grant.access(),
            time_limit_ms: DEFAULT_TIME_LIMIT_MS,
        }
    }
}
