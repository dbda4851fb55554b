//! Signing a user in with a browser on this machine, which is redirected to a listener on
//! loopback. Source: RFC 8252, "OAuth 2.0 for Native Apps", and RFC 7636 for PKCE.

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::time::Duration;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::{Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use oauth2::{CsrfToken, PkceCodeChallenge, RedirectUrl};
use secrecy::SecretString;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use url::Url;

use super::exchange::{FAILED, unreadable};
use super::refusal::Refusal;
use super::{Granted, SignIn, endpoints};
use crate::connections::config::Account;
use crate::connections::entra_codes::Credential;
use crate::report::{Kind, Report};

/// The time limit for sending the last page to the browser.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// The redirect of the browser, and the receiver of the last page.
struct Return {
    query: HashMap<String, String>,
    page: oneshot::Sender<String>,
}

/// The expected redirect.
#[derive(Clone)]
struct Expected {
    path: String,
    state: String,
    returns: mpsc::Sender<Return>,
}

impl SignIn {
    /// Passes the address of the sign-in page to `show`, and waits `patience` for the redirect.
    ///
    /// # Errors
    /// Fails when there is no redirect, the sign-in fails, or the port is in use.
    pub async fn browser(
        &self,
        show: impl FnOnce(&Url) + Send,
        patience: Duration,
    ) -> Result<Granted, Report> {
        let (listener, redirect_url) = self.listen().await?;
        let (client, _) = self.begin()?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let client = client
            .set_redirect_uri(RedirectUrl::new(redirect_url.clone()).map_err(|_| unreadable())?);
        let mut request = client
            .authorize_url(CsrfToken::new_random)
            .add_scopes(endpoints::delegated(&self.configured))
            .add_extra_param("response_mode", "query")
            .set_pkce_challenge(challenge);
        if let Account::User(username) = self.configured.grant.account() {
            request = request.add_extra_param("login_hint", username.to_owned());
        }
        let (page, state) = request.url();
        let (returns, mut returned) = mpsc::channel(1);
        let path = Url::parse(&redirect_url).map_err(|_| unreadable())?.path().to_owned();
        let expected = Expected { path, state: state.secret().clone(), returns };
        let router = Router::new().fallback(come_back).with_state(expected);
        let (done, close) = oneshot::channel::<()>();
        let server = axum::serve(listener, router).with_graceful_shutdown(async {
            // Also ends when the sender is dropped.
            let _ = close.await;
        });
        let mut server = tokio::spawn(server.into_future());
        show(&page);
        let came_back = tokio::time::timeout(patience, returned.recv()).await;
        returned.close();
        let granted = match came_back {
            Ok(Some(Return { query, page })) => {
                let granted = self.redeem(&query, &redirect_url, verifier).await;
                // Fails if the browser has disconnected.
                let _ = page.send(last_page(&granted));
                granted
            }
            _ => Err(Report::unauthorized(
                format!("nobody came back from the browser in {} s", patience.as_secs()),
                format!(
                    "Run `o365 connection login {}` again, with --device-code if no browser on this machine can sign in.",
                    self.configured.id
                ),
            )),
        };
        drop(done);
        if tokio::time::timeout(LAST_WORDS, &mut server).await.is_err() {
            server.abort();
        }
        granted
    }

    /// Listens at the configured redirect URL, or at a free port. Entra accepts every port of
    /// `http://localhost`.
    async fn listen(&self) -> Result<(TcpListener, String), Report> {
        let configured = self.configured.grant.redirect_url();
        let port = match configured {
            None => 0,
            Some(url) if is_loopback(url) => url.port_or_known_default().unwrap_or(80),
            Some(url) => {
                return Err(Report::new(
                    Kind::Configuration,
                    format!("the browser would come back to {url}, which is not on this machine"),
                    "Set `redirect-url` to http://localhost:PORT/, or sign in with --device-code.",
                ));
            }
        };
        let taken = |reason: std::io::Error| {
            Report::new(
                Kind::Environment,
                format!("port {port} of this machine cannot be listened at: {reason}"),
                "Set `redirect-url` to another port of localhost, or sign in with --device-code.",
            )
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(taken)?;
        let own = listener.local_addr().map_err(taken)?.port();
        let url = configured.map_or_else(|| format!("http://localhost:{own}"), Url::to_string);
        Ok((listener, url))
    }

    /// Redeems the code of the redirect.
    async fn redeem(
        &self,
        query: &HashMap<String, String>,
        redirect_url: &str,
        verifier: oauth2::PkceCodeVerifier,
    ) -> Result<Granted, Report> {
        match query.get("code") {
            Some(code) => {
                self.code(&SecretString::from(code.clone()), redirect_url, Some(verifier)).await
            }
            None if query.contains_key("error") => {
                let body = serde_json::to_vec(query).unwrap_or_default();
                let refusal = Refusal::read(400, None, &body, |_| false);
                Err(refusal.explain(&self.configured.id, Credential::Other).within(FAILED))
            }
            None => Err(Report::unauthorized(
                "the browser came back without a code and without an error",
                format!("Run `o365 connection login {}` again.", self.configured.id),
            )),
        }
    }
}

/// Returns whether a redirect URL is on this machine.
fn is_loopback(url: &Url) -> bool {
    url.scheme() == "http" && matches!(url.host_str(), Some("localhost" | "127.0.0.1"))
}

/// Responds to the browser. Any page can send a request here, so only one with the expected state
/// ends the wait.
async fn come_back(
    State(expected): State<Expected>,
    method: Method,
    uri: Uri,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    if method != Method::GET || uri.path() != expected.path {
        return plain_page(StatusCode::NOT_FOUND, "Not found.".to_owned());
    }
    if query.get("state") != Some(&expected.state) {
        let words = "This does not belong to the sign-in that o365 waits for: its state differs. Sign in from the address that o365 printed.";
        return plain_page(StatusCode::BAD_REQUEST, words.to_owned());
    }
    let (page, words) = oneshot::channel();
    let words = match expected.returns.send(Return { query, page }).await {
        Ok(()) => words.await.unwrap_or_else(|_| "The sign-in was given up.".to_owned()),
        Err(_) => "The sign-in is over.".to_owned(),
    };
    plain_page(StatusCode::OK, words)
}

fn last_page(granted: &Result<Granted, Report>) -> String {
    match granted {
        Ok(_) => "You are signed in. You can close this window.".to_owned(),
        Err(error) => format!("Not signed in: {error}.\n{}", error.fix),
    }
}

/// Returns a page of plain text.
fn plain_page(status: StatusCode, text: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::CONNECTION, "close"),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (status, headers, text).into_response()
}

/// Opens the user's browser at `url`.
///
/// # Errors
/// Fails when no browser is found.
pub fn open(url: &Url) -> std::io::Result<()> {
    ::open::that_detached(url.as_str())
}
