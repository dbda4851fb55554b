//! The grants that need nobody at the screen.

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
use crate::connections::entra_error::SignInError;
use crate::connections::secret::SecretSource;
use crate::connections::secret_text::Alphabet;
use crate::connections::tokens::AccessToken;

/// The fields of requests to the sign-in host that are secrets, which no answer may bring back.
/// Sources: RFC 6749, 7636 and 8628.
pub(super) const SECRET_FIELDS: [&str; 6] =
    ["client_secret", "password", "code", "code_verifier", "device_code", "refresh_token"];

/// What a sign-in brought.
pub struct Granted {
    /// For Graph.
    pub access: AccessToken,
    /// For the next access token, with a signed-in user.
    pub refresh: Option<SecretString>,
}

impl SignIn {
    /// Signs in without anything that an earlier sign-in brought.
    pub async fn anew(&self) -> Result<Granted, SignInError> {
        match &self.configured.grant {
            Grant::ClientCredentials { .. } => self.client_credentials().await,
            Grant::Password { username, password, .. } => self.password(username, password).await,
            Grant::AuthorizationCode { code, .. } => Err(self.code_is_used(code)),
            Grant::Login { .. } => Err(self.nobody_signed_in()),
        }
    }

    /// The application signs in itself.
    async fn client_credentials(&self) -> Result<Granted, SignInError> {
        let (client, exchange) = self.begin()?;
        let scope = endpoints::application(&self.configured);
        let request = client.exchange_client_credentials().add_scope(scope);
        let answer: Answer<BasicErrorResponse> = request.request_async(&exchange).await;
        granted(&exchange, answer)
    }

    /// A user signs in by name and password.
    async fn password(
        &self,
        username: &str,
        password: &SecretSource,
    ) -> Result<Granted, SignInError> {
        let password = read(password, Alphabet::Text)?;
        let (client, exchange) = self.begin()?;
        let exchange = exchange.with_password();
        let username = ResourceOwnerUsername::new(username.to_owned());
        let password = ResourceOwnerPassword::new(password.expose_secret().to_owned());
        let request = client
            .exchange_password(&username, &password)
            .add_scopes(endpoints::delegated(&self.configured));
        let answer: Answer<BasicErrorResponse> = request.request_async(&exchange).await;
        granted(&exchange, answer)
    }

    /// A user has signed in elsewhere, and this code came back to `redirect_url`.
    pub async fn code(
        &self,
        code: &SecretString,
        redirect_url: &str,
        verifier: Option<PkceCodeVerifier>,
    ) -> Result<Granted, SignInError> {
        let (client, exchange) = self.begin()?;
        let redirect_url = RedirectUrl::new(redirect_url.to_owned()).map_err(|_| unreadable())?;
        let code = AuthorizationCode::new(code.expose_secret().to_owned());
        let mut request = client.exchange_code(code).set_redirect_uri(Cow::Owned(redirect_url));
        if let Some(verifier) = verifier {
            request = request.set_pkce_verifier(verifier);
        }
        let answer: Answer<BasicErrorResponse> = request.request_async(&exchange).await;
        granted(&exchange, answer)
    }

    /// A user has signed in before; for the scopes of then.
    pub async fn refresh(&self, token: &SecretString) -> Result<Granted, SignInError> {
        let (client, exchange) = self.begin()?;
        let token = RefreshToken::new(token.expose_secret().to_owned());
        let request = client.exchange_refresh_token(&token);
        let answer: Answer<BasicErrorResponse> = request.request_async(&exchange).await;
        granted(&exchange, answer)
    }

    fn code_is_used(&self, code: &SecretSource) -> SignInError {
        let id = &self.configured.id;
        SignInError::own(
            format!(
                "the authentication code of connection {id} was used before, and there is no refresh token that works"
            ),
            format!(
                "Put a new code into the {code}, or sign in with `o365 connection login {id}`."
            ),
        )
    }

    /// There is nothing to sign in with.
    pub fn nobody_signed_in(&self) -> SignInError {
        let id = &self.configured.id;
        SignInError::own(
            format!("nobody has signed in to connection {id}"),
            format!("Run `o365 connection login {id}`."),
        )
    }
}

/// How an exchange for a token ends.
pub(super) type Answer<E> = Result<BasicTokenResponse, RequestTokenError<Unreached, E>>;

/// The tokens of an answer.
pub(super) fn granted<E: ErrorResponse + 'static>(
    exchange: &Exchange<'_>,
    answer: Answer<E>,
) -> Result<Granted, SignInError> {
    let answer = answer.map_err(|error| exchange.failure(error))?;
    let bearer = *answer.token_type() == BasicTokenType::Bearer;
    let access = AccessToken::new(answer.access_token().secret(), answer.expires_in());
    let access = access.filter(|_| bearer).ok_or_else(unreadable)?;
    let refresh = answer.refresh_token().map(|token| SecretString::from(token.secret().to_owned()));
    Ok(Granted { access, refresh })
}
