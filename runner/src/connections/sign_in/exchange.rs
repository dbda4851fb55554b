//! One exchange with the sign-in host, with retries after temporary failures.

use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use http_body_util::{BodyExt, Limited};
use oauth2::{AsyncHttpClient, ErrorResponse, HttpRequest, HttpResponse, RequestTokenError};
use serde_json::json;
use thiserror::Error;
use tokio::time::Instant;

use super::answer;
use super::refusal::{Refusal, is_refusal};
use super::sent::Sent;
use crate::connections::entra_codes::Credential;
use crate::network::Client;
use crate::network::retry_after::retry_after;
use crate::report::{Kind, Report};

/// The most attempts.
const TRIES: u32 = 3;

/// The first wait between attempts; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_secs(1);

/// The time limit of one attempt, to the end of the response.
const REQUEST: Duration = Duration::from_secs(30);

/// The time limit of all attempts and waits; less than other processes wait for the lock on the
/// tokens.
const EXCHANGE: Duration = Duration::from_secs(60);

/// The largest response that is read, in bytes.
const MAX_RESPONSE: usize = 1 << 20;

/// The failed operation, for messages.
pub const FAILED: &str = "the sign-in failed";

/// The sign-in host did not respond.
#[derive(Clone, Debug, Error)]
#[error("{message}")]
pub struct Unreached {
    message: String,
    fix: String,
}

/// One exchange.
pub struct Exchange<'a> {
    http: &'a Client,
    /// The connection's id, for messages.
    id: &'a str,
    credential: Credential,
    /// When the caller stops waiting.
    deadline: Option<Instant>,
    /// The last refusal, if the last attempt was refused.
    refusal: Mutex<Option<Refusal>>,
    /// Why a successful response is invalid.
    invalid: Mutex<Option<String>>,
}

impl<'a> Exchange<'a> {
    /// Creates an exchange for the connection `id`. It starts no attempt after `deadline`.
    pub fn new(http: &'a Client, id: &'a str, deadline: Option<Instant>) -> Self {
        let (refusal, invalid) = (Mutex::default(), Mutex::default());
        Self { http, id, credential: Credential::Other, deadline, refusal, invalid }
    }

    /// Sets that the connection signs in with a user name and a password.
    pub fn with_password(self) -> Self {
        Self { credential: Credential::Password, ..self }
    }

    /// Sends a request, with retries after temporary refusals.
    pub async fn send(&self, request: HttpRequest) -> Result<HttpResponse, Unreached> {
        let sent = Sent::in_form(request.body());
        let request = request.map(Bytes::from);
        let end = Instant::now() + EXCHANGE;
        let last_try = self.deadline.map_or(end, |deadline| deadline.min(end));
        let mut wait = FIRST_WAIT;
        let mut left = TRIES;
        loop {
            left = left.saturating_sub(1);
            let response = self.send_within(end, request.clone()).await?;
            let refusal = refusal(&response, &sent);
            let again = left > 0 && refusal.as_ref().is_some_and(Refusal::is_transient);
            let asked = refusal.as_ref().and_then(|refusal| refusal.retry_after);
            *self.remembered() = refusal;
            let pause = asked.unwrap_or(wait);
            let remaining = last_try.saturating_duration_since(Instant::now());
            if !again || pause >= remaining {
                return Ok(response);
            }
            tokio::time::sleep(pause).await;
            wait = wait.saturating_mul(2);
        }
    }

    /// Sends once, with a response before `end`.
    async fn send_within(
        &self,
        end: Instant,
        request: http::Request<Bytes>,
    ) -> Result<HttpResponse, Unreached> {
        let host = request.uri().host().unwrap_or_default().to_owned();
        let end = end.min(Instant::now() + REQUEST);
        tokio::time::timeout_at(end, self.send_once(request)).await.unwrap_or_else(|_| {
            Err(Unreached {
                message: format!("the sign-in host {host} did not answer to the end in time"),
                fix: "Try again; if it fails again, check the network, the proxy and `login-url` of the connection.".to_owned(),
            })
        })
    }

    async fn send_once(&self, request: http::Request<Bytes>) -> Result<HttpResponse, Unreached> {
        let host = request.uri().host().unwrap_or_default().to_owned();
        let unreached = |reason: String, fix: Option<String>| Unreached {
            message: format!("the sign-in host {host} gave no answer: {reason}"),
            fix: fix.unwrap_or_else(|| {
                "Check the network, the proxy and `login-url` of the connection.".to_owned()
            }),
        };
        let response = self.http.send(request).await;
        let response = response.map_err(|fault| unreached(fault.message, fault.fix))?;
        tracing::debug!(host, status = response.status().as_u16(), "the sign-in host answered");
        let (head, body) = response.into_parts();
        let body = Limited::new(body, MAX_RESPONSE)
            .collect()
            .await
            .map_err(|error| unreached(format!("it broke off: {error}"), None))?;
        Ok(http::Response::from_parts(head, body.to_bytes().to_vec()))
    }

    fn invalid(&self) -> MutexGuard<'_, Option<String>> {
        self.invalid.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn remembered(&self) -> MutexGuard<'_, Option<Refusal>> {
        self.refusal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Explains why the exchange failed. An unreadable response is not repeated: it may be a
    /// token.
    pub fn failure<E: ErrorResponse + 'static>(
        &self,
        error: RequestTokenError<Unreached, E>,
    ) -> Report {
        if let RequestTokenError::Request(Unreached { message, fix }) = error {
            return Report::new(Kind::Transport, message, fix);
        }
        match self.refusal() {
            Some(refused) => refused.within(FAILED),
            None => match self.invalid().take() {
                Some(reason) => unusable(&reason),
                None => unreadable(),
            },
        }
    }

    /// Explains the refusal of the last attempt, if it was refused.
    pub fn refusal(&self) -> Option<Report> {
        let refusal = self.remembered().take()?;
        Some(refusal.explain(self.id, self.credential))
    }
}

/// Reads a response as a refusal, if it is one, whatever its status.
fn refusal(response: &HttpResponse, sent: &Sent) -> Option<Refusal> {
    let status = response.status();
    if status.is_success() && !is_refusal(response.body()) {
        return None;
    }
    let asked = retry_after(response.headers());
    Some(Refusal::read(status.as_u16(), asked, response.body(), |text| sent.shows_in(text)))
}

/// Normalizes a refusal, so that every OAuth client can read it. A client polls again for the
/// token of a device depending on the error, and ends the exchange without one.
fn refused(response: HttpResponse, refusal: &Refusal) -> HttpResponse {
    let error = refusal.error().map(|error| json!({ "error": error }).to_string());
    let mut response = response.map(|_| error.unwrap_or_default().into_bytes());
    if response.status().is_success() {
        *response.status_mut() = StatusCode::BAD_REQUEST;
    }
    response
}

/// Returns the error for a response that should have been a token.
pub fn unreadable() -> Report {
    unusable("is not a token")
}

fn unusable(reason: &str) -> Report {
    Report::new(
        Kind::Transport,
        format!("the sign-in host's answer {reason}"),
        "Check `login-url` of the connection, and the proxy if there is one.",
    )
}

impl<'c> AsyncHttpClient<'c> for Exchange<'_> {
    type Error = Unreached;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Unreached>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let response = self.send(request).await?;
            if let Some(refusal) = self.remembered().as_ref() {
                return Ok(refused(response, refusal));
            }
            // An empty body ends the exchange; after an error the client would poll again for
            // the token of a device.
            let body = answer::readable(response.body()).unwrap_or_else(|reason| {
                *self.invalid() = Some(reason);
                Vec::new()
            });
            let mut response = response.map(|_| body);
            // The body is JSON, whatever its type was.
            response.headers_mut().remove(CONTENT_TYPE);
            Ok(response)
        })
    }
}
