//! The grants without a user interface.

use oauth2::basic::{BasicErrorResponse, BasicTokenResponse, BasicTokenType};
use oauth2::{
    AuthorizationCode, ErrorResponse, PkceCodeVerifier, RedirectUrl, RefreshToken,
    RequestTokenError, ResourceOwnerPassword, ResourceOwnerUsername, TokenResponse,
};
use secrecy::{ExposeSecret, SecretString};
use std::borrow::Cow;

use super::exchange::{Exchange, Unreached, unreadable};
use super::{SignIn, endpoints, read};
use crate::connections::config::Grant;
use crate::connections::secret::SecretSource;
use crate::connections::secret_text::Alphabet;
use crate::connections::tokens::AccessToken;
use crate::report::Report;

/// The secret fields of requests to the sign-in host, which no message may repeat.
/// Sources: RFC 6749, 7636 and 8628.
pub(super) const SECRET_FIELDS: [&str; 6] =
    ["client_secret", "password", "code", "code_verifier", "device_code", "refresh_token"];

/// The tokens of a sign-in.
pub struct Granted {
    /// The access token for Graph.
    pub access: AccessToken,
    /// The refresh token, with a signed-in user.
    pub refresh: Option<SecretString>,
}

impl SignIn {
    /// Signs in without a token of an earlier sign-in.
    pub async fn anew(&self) -> Result<Granted, Report> {
        match &self.configured.grant {
            Grant::ClientCredentials { .. } => self.client_credentials().await,
            Grant::Password { username, password, .. } => self.password(username, password).await,
            Grant::AuthorizationCode { code, .. } => Err(self.code_is_used(code)),
            Grant::Login { .. } => Err(self.nobody_signed_in()),
        }
    }

    /// Signs in the application itself.
    async fn client_credentials(&self) -> Result<Granted, Report> {
        let (client, exchange) = self.begin()?;
        let scope = endpoints::application(&self.configured);
        let request = client.exchange_client_credentials().add_scope(scope);
        let outcome: TokenOutcome<BasicErrorResponse> = request.request_async(&exchange).await;
        granted(&exchange, outcome)
    }

    /// Signs in a user by name and password.
    async fn password(&self, username: &str, password: &SecretSource) -> Result<Granted, Report> {
        let password = read(password, Alphabet::Text)?;
        let (client, exchange) = self.begin()?;
        let exchange = exchange.with_password();
        let username = ResourceOwnerUsername::new(username.to_owned());
        let password = ResourceOwnerPassword::new(password.expose_secret().to_owned());
        let request = client
            .exchange_password(&username, &password)
            .add_scopes(endpoints::delegated(&self.configured));
        let outcome: TokenOutcome<BasicErrorResponse> = request.request_async(&exchange).await;
        granted(&exchange, outcome)
    }

    /// Redeems the code of a sign-in that was redirected to `redirect_url`.
    pub async fn code(
        &self,
        code: &SecretString,
        redirect_url: &str,
        verifier: Option<PkceCodeVerifier>,
    ) -> Result<Granted, Report> {
        let (client, exchange) = self.begin()?;
        let redirect_url = RedirectUrl::new(redirect_url.to_owned()).map_err(|_| unreadable())?;
        let code = AuthorizationCode::new(code.expose_secret().to_owned());
        let mut request = client.exchange_code(code).set_redirect_uri(Cow::Owned(redirect_url));
        if let Some(verifier) = verifier {
            request = request.set_pkce_verifier(verifier);
        }
        let outcome: TokenOutcome<BasicErrorResponse> = request.request_async(&exchange).await;
        granted(&exchange, outcome)
    }

    /// Redeems a refresh token, for the scopes of its sign-in.
    pub async fn refresh(&self, token: &SecretString) -> Result<Granted, Report> {
        let (client, exchange) = self.begin()?;
        let token = RefreshToken::new(token.expose_secret().to_owned());
        let request = client.exchange_refresh_token(&token);
        let outcome: TokenOutcome<BasicErrorResponse> = request.request_async(&exchange).await;
        granted(&exchange, outcome)
    }

    fn code_is_used(&self, code: &SecretSource) -> Report {
        let id = &self.configured.id;
        Report::unauthorized(
            format!(
                "the authentication code of connection {id} was used before, and there is no refresh token that works"
            ),
            format!(
                "Put a new code into the {code}, or sign in with `o365 connection login {id}`."
            ),
        )
    }

    /// Returns the error for a connection that no user has signed in to.
    pub fn nobody_signed_in(&self) -> Report {
        let id = &self.configured.id;
        Report::unauthorized(
            format!("nobody has signed in to connection {id}"),
            format!("Run `o365 connection login {id}`."),
        )
    }
}

/// The outcome of an exchange for a token.
pub(super) type TokenOutcome<E> = Result<BasicTokenResponse, RequestTokenError<Unreached, E>>;

/// Returns the tokens of a response.
pub(super) fn granted<E: ErrorResponse + 'static>(
    exchange: &Exchange<'_>,
    outcome: TokenOutcome<E>,
) -> Result<Granted, Report> {
    let response = outcome.map_err(|error| exchange.failure(error))?;
    let bearer = *response.token_type() == BasicTokenType::Bearer;
    let access = AccessToken::new(response.access_token().secret(), response.expires_in());
    let access = access.filter(|_| bearer).ok_or_else(unreadable)?;
    let refresh =
        response.refresh_token().map(|token| SecretString::from(token.secret().to_owned()));
    Ok(Granted { access, refresh })
}
