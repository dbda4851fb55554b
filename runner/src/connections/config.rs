//! What `o365.toml` configures: here a connection.
//!
//! - `grant`: how a connection signs in
//! - `serve`: the server
//! - `tenant`: a tenant of the platform

mod grant;
mod serve;
mod tenant;

use http::Uri;
use serde::Deserialize;

use super::cloud::Cloud;
use crate::contract::{Connection, DEFAULT_TIME_LIMIT_MS};
use crate::network::Trust;

pub use grant::{Account, Grant};
pub use serve::{ServeConfig, TlsFiles};
pub use tenant::TenantConfig;

/// One `[connections.ID]` of the configuration, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Configured {
    /// Its id.
    pub id: String,
    /// The domain of the tenant and of its user names, or the tenant's id.
    pub tenant: String,
    /// The application's id.
    pub client_id: String,
    /// How to sign in.
    pub grant: Grant,
    /// Which of Microsoft's clouds.
    pub cloud: Cloud,
    /// Graph's version root: the cloud's, or the configured one.
    pub graph_url: Uri,
    /// The authority without the tenant: the cloud's, or the configured one.
    pub login_url: Uri,
    /// Addresses that the configuration itself names, so that the address guard lets them
    /// be private: an overridden `graph-url` or `login-url`.
    pub own_addresses: Vec<Uri>,
    /// The mailbox that sends notifications.
    pub sender: Option<String>,
    /// Which certificates are trusted beside those of the platform.
    pub trust: Trust,
    /// Where its tokens are kept between runs.
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
    /// What a guest may know of it.
    pub fn public(&self) -> Connection {
        Connection {
            // An address without a path is shown with a slash, which Graph's root has not.
            graph_url: self.graph_url.to_string().trim_end_matches('/').to_owned(),
            tenant: self.tenant.clone(),
            sender: self.sender.clone(),
            access: self.grant.access(),
            time_limit_ms: DEFAULT_TIME_LIMIT_MS,
        }
    }
}
