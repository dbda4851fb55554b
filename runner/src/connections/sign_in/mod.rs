//! Signing in to Entra: OAuth's grants, each one exchange with the sign-in host.
//!
//! - [`endpoints`]: the addresses and the scopes
//! - `exchange`: one exchange with the sign-in host
//! - `answer`: validating a successful response
//! - `refusal`: explaining an error response
//! - `intermediary`: explaining the response of another server, such as a proxy
//! - `sent`: the secrets of a request, which no message may repeat
//! - `grant`: the grants without a user interface
//! - [`device_code`]: signing a user in on another device
//! - [`browser`]: signing a user in with a browser on this machine
//! - [`claims`]: the claims of a token
//! - `tenant`: checking the tenant of a token

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

/// Signs in one connection.
pub struct SignIn {
    pub(super) configured: Configured,
    endpoints: Endpoints,
    http: HttpClient,
    tenant: Tenant,
    deadline: Option<Instant>,
}

impl SignIn {
    /// Creates the sign-in of a connection over `http`; its retries end before `deadline`.
    ///
    /// # Errors
    /// Fails when the sign-in host has no valid address.
    pub fn new(
        configured: Configured,
        http: HttpClient,
        deadline: Option<Instant>,
    ) -> Result<Self, Report> {
        let endpoints = Endpoints::new(&configured.login_url, &configured.tenant)?;
        Ok(Self { configured, endpoints, http, tenant: Tenant::default(), deadline })
    }

    /// Checks that a token is of the connection's tenant, and for Graph.
    ///
    /// # Errors
    /// Fails when it is not, or the tenant cannot be looked up.
    pub async fn check(&self, granted: &Granted) -> Result<(), Report> {
        let exchange = Exchange::new(&self.http, &self.configured.id, self.deadline);
        self.tenant.check(&self.configured, &self.endpoints, &exchange, &granted.access).await
    }

    /// Creates the OAuth client, with the application's secret if it has one, and an exchange.
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
