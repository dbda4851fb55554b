//! A user signs in on another device, where the code that is shown here is typed.

use std::time::Duration;

use oauth2::basic::BasicErrorResponse;
use oauth2::{
    DeviceAuthorizationResponse, DeviceCodeErrorResponse, DeviceCodeErrorResponseType,
    ExtraDeviceAuthorizationFields, RequestTokenError,
};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use url::Url;

use super::grant::{Answer, Granted, granted};
use super::{SignIn, endpoints};
use crate::report::{Kind, Report};

/// The shortest pause between two questions whether the user is done.
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);

/// The longest pause between two of them.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// How long one waits at most, however long the code is good. Entra's own are for 15 minutes.
const LONGEST_LIFE: Duration = Duration::from_secs(60 * 60);

/// What is told when the code has expired.
const TOO_LATE: &str = "nobody typed the code in time";

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
    ) -> Result<Granted, Report> {
        let (client, exchange) = self.begin()?;
        let asked = client
            .exchange_device_code()
            .add_scopes(endpoints::delegated(&self.configured))
            .request_async(&exchange)
            .await;
        let code: DeviceAuthorizationResponse<NoMore> = asked
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
        // Not beyond the end of the code, however seldom the host wants to be asked.
        let pause = |pause: Duration| {
            let pause = pause.clamp(SHORTEST_PAUSE, LONGEST_PAUSE);
            tokio::time::sleep_until(end.min(Instant::now() + pause))
        };
        let asking = client.exchange_device_access_token(&code);
        let asking = asking.request_async(&exchange, pause, Some(lifetime));
        let Ok(answer) = tokio::time::timeout_at(end + SHORTEST_PAUSE, asking).await else {
            return Err(self.not_done(TOO_LATE));
        };
        let answer: Answer<DeviceCodeErrorResponse> = answer;
        match &answer {
            Err(RequestTokenError::ServerResponse(refusal)) => match own_words(refusal.error()) {
                Some(message) => Err(self.not_done(message)),
                None => granted(&exchange, answer),
            },
            _ => granted(&exchange, answer),
        }
    }

    fn not_done(&self, message: &str) -> Report {
        Report::unauthorized(
            format!("the sign-in failed: {message}"),
            format!("Run `o365 connection login {}` again.", self.configured.id),
        )
    }
}

/// Whether a user may be sent to a page: over https, or on this machine.
fn is_safe(page: &str) -> bool {
    Url::parse(page).is_ok_and(|url| match url.scheme() {
        "https" => true,
        "http" => matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]")),
        _ => false,
    })
}

/// What OAuth's own errors of this grant mean. `authorization_declined` and
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
