//! What `o365.toml` configures: here a connection.
//!
//! - `serve`: the server
//! - `tenant`: a tenant of the platform

mod serve;
mod tenant;

use http::Uri;
use serde::Deserialize;
use url::Url;

use super::cloud::Cloud;
use super::secret::SecretSource;
use super::secret_text::Alphabet;
use crate::contract::{Access, Connection, DEFAULT_TIME_LIMIT_MS};
use crate::network::Trust;

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

/// How a connection signs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Grant {
    /// The application itself.
    ClientCredentials {
        /// The application's secret.
        client_secret: SecretSource,
    },
    /// A user, by name and password.
    Password {
        /// The user.
        username: String,
        /// The user's password.
        password: SecretSource,
        /// The application's secret; none for a public client, which must not send one.
        client_secret: Option<SecretSource>,
    },
    /// A user who has signed in elsewhere, by the code that came back; afterwards by the
    /// refresh token that the code brought.
    AuthorizationCode {
        /// The code, good once.
        code: SecretSource,
        /// Where the code came back to; the same string as then.
        redirect_url: Url,
        /// The application's secret; none for a public client.
        client_secret: Option<SecretSource>,
    },
    /// A user who signs in with `o365 connection login`; afterwards by refresh token.
    Login {
        /// Where the browser comes back to; a free loopback port if not configured.
        redirect_url: Option<Url>,
        /// The application's secret; none for a public client.
        client_secret: Option<SecretSource>,
    },
}

impl Grant {
    /// Its name in lists and messages.
    pub fn name(&self) -> &'static str {
        match self {
            Self::ClientCredentials { .. } => "client-credentials",
            Self::Password { .. } => "password",
            Self::AuthorizationCode { .. } => "authorization-code",
            Self::Login { .. } => "login",
        }
    }

    /// Its secrets, each under its key in the configuration, and what it is made of.
    pub fn secrets(&self) -> Vec<(&'static str, &SecretSource, Alphabet)> {
        let (own, client_secret) = match self {
            Self::ClientCredentials { client_secret } => (None, Some(client_secret)),
            Self::Password { password, client_secret, .. } => {
                (Some(("password", password, Alphabet::Text)), client_secret.as_ref())
            }
            Self::AuthorizationCode { code, client_secret, .. } => {
                (Some(("authentication-code", code, Alphabet::Ascii)), client_secret.as_ref())
            }
            Self::Login { client_secret, .. } => (None, client_secret.as_ref()),
        };
        let client_secret = client_secret.map(|it| ("client-secret", it, Alphabet::Ascii));
        own.into_iter().chain(client_secret).collect()
    }
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
            access: match self.grant {
                Grant::ClientCredentials { .. } => Access::AppOnly,
                _ => Access::Delegated,
            },
            time_limit_ms: DEFAULT_TIME_LIMIT_MS,
        }
    }
}
