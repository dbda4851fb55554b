//! Signing a user in on another device, where the user enters a code.

use std::time::Duration;

use oauth2::basic::BasicErrorResponse;
use oauth2::{
    DeviceAuthorizationResponse, DeviceCodeErrorResponse, DeviceCodeErrorResponseType,
    ExtraDeviceAuthorizationFields, RequestTokenError,
};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use url::Url;

use super::grant::{Granted, TokenOutcome, granted};
use super::{SignIn, endpoints};
use crate::report::{Kind, Report};

/// The shortest polling interval.
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);

/// The longest polling interval.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// The longest wait. Entra's codes are valid for 15 minutes.
const LONGEST_LIFE: Duration = Duration::from_secs(60 * 60);

/// The message for an expired code.
const TOO_LATE: &str = "nobody typed the code in time";

/// The code to show to the user.
#[derive(Clone, Debug)]
pub struct DeviceCode {
    /// The page to open.
    pub verification_uri: String,
    /// The code to enter there.
    pub user_code: String,
    /// How long the code is valid.
    pub expires_in: Duration,
}

/// Ignores Entra's `message`, which is in the language of the tenant.
#[derive(Debug, Serialize, Deserialize)]
struct NoExtraFields {}

impl ExtraDeviceAuthorizationFields for NoExtraFields {}

impl SignIn {
    /// Requests a code, passes it to `show`, and waits until the user has signed in.
    pub async fn device_code(
        &self,
        show: impl FnOnce(&DeviceCode) + Send,
    ) -> Result<Granted, Report> {
        let (client, exchange) = self.begin()?;
        let asked = client
            .exchange_device_code()
            .add_scopes(endpoints::delegated(&self.configured))
            .request_async(&exchange)
            .await;
        let code: DeviceAuthorizationResponse<NoExtraFields> = asked
            .map_err(|error: RequestTokenError<_, BasicErrorResponse>| exchange.failure(error))?;
        let page = code.verification_uri().to_string();
        if !is_safe(&page) {
            return Err(Report::new(
                Kind::Transport,
                "the sign-in host names a page to sign in at that is not https",
                "Check `login-url` of the connection, and the proxy if there is one.",
            ));
        }
        let lifetime = code.expires_in().min(LONGEST_LIFE);
        show(&DeviceCode {
            verification_uri: page,
            user_code: code.user_code().secret().clone(),
            expires_in: lifetime,
        });
        let end = Instant::now() + lifetime;
        // The last poll is at the end of the code, even if the host asks for longer intervals.
        let pause = |pause: Duration| {
            let pause = pause.clamp(SHORTEST_PAUSE, LONGEST_PAUSE);
            tokio::time::sleep_until(end.min(Instant::now() + pause))
        };
        let asking = client.exchange_device_access_token(&code);
        let asking = asking.request_async(&exchange, pause, Some(lifetime));
        let Ok(outcome) = tokio::time::timeout_at(end + SHORTEST_PAUSE, asking).await else {
            return Err(self.not_done(TOO_LATE));
        };
        let outcome: TokenOutcome<DeviceCodeErrorResponse> = outcome;
        match &outcome {
            Err(RequestTokenError::ServerResponse(refusal)) => match own_words(refusal.error()) {
                Some(message) => Err(self.not_done(message)),
                None => granted(&exchange, outcome),
            },
            _ => granted(&exchange, outcome),
        }
    }

    fn not_done(&self, message: &str) -> Report {
        Report::unauthorized(
            format!("the sign-in failed: {message}"),
            format!("Run `o365 connection login {}` again.", self.configured.id),
        )
    }
}

/// Returns whether a page is safe to open: over https, or on this machine.
fn is_safe(page: &str) -> bool {
    Url::parse(page).is_ok_and(|url| match url.scheme() {
        "https" => true,
        "http" => matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]")),
        _ => false,
    })
}

/// Returns the message for an error of this grant. `authorization_declined` and
/// `bad_verification_code` are Entra's names. Source: Microsoft Learn, "OAuth 2.0 device
/// authorization grant flow".
fn own_words(error: &DeviceCodeErrorResponseType) -> Option<&'static str> {
    match error.to_string().as_str() {
        "expired_token" => Some(TOO_LATE),
        "access_denied" | "authorization_declined" => Some("the user declined it"),
        "bad_verification_code" => Some("the sign-in host does not know the code"),
        _ => None,
    }
}
