//! Signing in to Entra: OAuth's grants, each one exchange with the sign-in host.
//!
//! - `endpoints`: where one signs in, and for which scopes
//! - `exchange`: one exchange with the sign-in host
//! - `answer`: what it says when it does not refuse
//! - `refusal`: what it says when it does, in a sentence with a fix
//! - `intermediary`: what somebody else answers in its place
//! - `sent`: the secrets of a request, so that no answer brings one back
//! - `grant`: the grants that need nobody at the screen
//! - `device_code`: a user signs in on another device
//! - `browser`: a user signs in with a browser on this machine
//! - `claims`: what a token says of itself
//! - `tenant`: whose token it is

mod answer;
pub mod browser;
pub mod claims;
pub mod device_code;
pub mod endpoints;
mod exchange;
mod grant;
mod intermediary;
mod refusal;
mod sent;
mod tenant;

use secrecy::SecretString;
use tokio::time::Instant;

pub use grant::Granted;

use super::config::Configured;
use super::secret::SecretSource;
use super::secret_text::Alphabet;
use crate::network::Client as HttpClient;
use crate::report::{Kind, Report};
use endpoints::{Client, Endpoints};
use exchange::Exchange;
use tenant::Tenant;

/// How one connection signs in.
pub struct SignIn {
    pub(super) configured: Configured,
    endpoints: Endpoints,
    http: HttpClient,
    tenant: Tenant,
    deadline: Option<Instant>,
}

impl SignIn {
    /// Signs in as `configured` says, over `http`; after `deadline` nobody waits for it.
    ///
    /// # Errors
    /// When there is no such sign-in host.
    pub fn new(
        configured: Configured,
        http: HttpClient,
        deadline: Option<Instant>,
    ) -> Result<Self, Report> {
        let endpoints = Endpoints::new(&configured.login_url, &configured.tenant)?;
        Ok(Self { configured, endpoints, http, tenant: Tenant::default(), deadline })
    }

    /// Refuses a token that is of another tenant than the connection's, or for somebody
    /// else than Graph.
    ///
    /// # Errors
    /// When it is, or the connection's tenant cannot be looked up.
    pub async fn check(&self, granted: &Granted) -> Result<(), Report> {
        let exchange = Exchange::new(&self.http, &self.configured.id, self.deadline);
        self.tenant.check(&self.configured, &self.endpoints, &exchange, &granted.access).await
    }

    /// The OAuth client, with the application's secret if it has one, and an exchange.
    fn begin(&self) -> Result<(Client, Exchange<'_>), Report> {
        let read = |source| read(source, Alphabet::Ascii);
        let secret = self.configured.grant.client_secret().map(read).transpose()?;
        let client = self.endpoints.client(&self.configured.client_id, secret.as_ref());
        Ok((client, Exchange::new(&self.http, &self.configured.id, self.deadline)))
    }
}

/// Reads a configured secret.
pub(super) fn read(source: &SecretSource, alphabet: Alphabet) -> Result<SecretString, Report> {
    source
        .read_of(alphabet)
        .map_err(|error| Report::new(Kind::Configuration, error.to_string(), error.fix()))
}
