//! A user signs in on another device, where the code that is shown here is typed.

use std::time::Duration;

use oauth2::basic::BasicErrorResponse;
use oauth2::{
    DeviceAuthorizationResponse, DeviceCodeErrorResponse, DeviceCodeErrorResponseType,
    ExtraDeviceAuthorizationFields, RequestTokenError,
};
use serde::{Deserialize, Serialize};

use super::grant::{Answer, Granted, granted};
use super::{SignIn, endpoints};
use crate::connections::entra_error::SignInError;

/// The shortest pause between two questions whether the user is done.
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);

/// What to show the user.
#[derive(Clone, Debug)]
pub struct DeviceCode {
    /// The page to open.
    pub verification_uri: String,
    /// The code to type there.
    pub user_code: String,
    /// How long the code is good.
    pub expires_in: Duration,
}

/// Entra's `message` is left out: it is in the language of the tenant, and we say it ourselves.
#[derive(Debug, Serialize, Deserialize)]
struct NoMore {}

impl ExtraDeviceAuthorizationFields for NoMore {}

impl SignIn {
    /// Asks for a code, hands it to `show`, and waits until the user has signed in.
    pub async fn device_code(
        &self,
        show: impl FnOnce(&DeviceCode) + Send,
    ) -> Result<Granted, SignInError> {
        let (client, exchange) = self.begin()?;
        let asked = client
            .exchange_device_code()
            .add_scopes(endpoints::delegated(&self.configured))
            .request_async(&exchange)
            .await;
        let code: DeviceAuthorizationResponse<NoMore> = asked
            .map_err(|error: RequestTokenError<_, BasicErrorResponse>| exchange.failure(error))?;
        show(&DeviceCode {
            verification_uri: code.verification_uri().to_string(),
            user_code: code.user_code().secret().clone(),
            expires_in: code.expires_in(),
        });
        let pause = |pause: Duration| tokio::time::sleep(pause.max(SHORTEST_PAUSE));
        let answer: Answer<DeviceCodeErrorResponse> =
            client.exchange_device_access_token(&code).request_async(&exchange, pause, None).await;
        match &answer {
            Err(RequestTokenError::ServerResponse(refusal)) => match own_words(refusal.error()) {
                Some(message) => Err(SignInError::own(
                    format!("the sign-in failed: {message}"),
                    format!("Run `o365 connection login {}` again.", self.configured.id),
                )),
                None => granted(&exchange, answer),
            },
            _ => granted(&exchange, answer),
        }
    }
}

/// What OAuth's own errors of this grant mean. `authorization_declined` and
/// `bad_verification_code` are Entra's names. Source: Microsoft Learn, "OAuth 2.0 device
/// authorization grant flow".
fn own_words(error: &DeviceCodeErrorResponseType) -> Option<&'static str> {
    match error.to_string().as_str() {
        "expired_token" => Some("nobody typed the code in time"),
        "access_denied" | "authorization_declined" => Some("the user declined it"),
        "bad_verification_code" => Some("the sign-in host does not know the code"),
        _ => None,
    }
}
