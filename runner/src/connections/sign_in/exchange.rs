//! One exchange with the sign-in host: through our own client, with patience for failures
//! that pass.

use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::header::RETRY_AFTER;
use http_body_util::{BodyExt, Limited};
use oauth2::{AsyncHttpClient, ErrorResponse, HttpRequest, HttpResponse, RequestTokenError};
use thiserror::Error;

use super::sent::Sent;
use crate::connections::entra_error::{Refusal, SignInError};
use crate::egress::live::Client;

/// How often a request is sent at most.
const TRIES: u32 = 3;

/// The first wait before another try; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_secs(1);

/// The longest wait for which one goes on waiting, whatever the host asks for.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// The largest answer that is read, in bytes.
const MAX_ANSWER: usize = 1 << 20;

/// No answer came.
#[derive(Clone, Debug, Error)]
#[error("{message}")]
pub struct Unreached {
    message: String,
    fix: String,
}

/// One exchange, which remembers how it was refused.
pub struct Exchange<'a> {
    http: &'a Client,
    /// The connection's id, for messages.
    id: &'a str,
    refusal: Mutex<Option<Refusal>>,
}

impl<'a> Exchange<'a> {
    /// An exchange for the connection `id`.
    pub fn new(http: &'a Client, id: &'a str) -> Self {
        Self { http, id, refusal: Mutex::default() }
    }

    /// Sends until there is an answer that will not pass.
    pub async fn send(&self, request: HttpRequest) -> Result<HttpResponse, Unreached> {
        let sent = Sent::in_form(request.body());
        let request = request.map(Bytes::from);
        let mut wait = FIRST_WAIT;
        let mut left = TRIES;
        loop {
            left = left.saturating_sub(1);
            let response = self.send_once(request.clone()).await?;
            let refusal = refusal(&response, &sent);
            let again = left > 0 && refusal.as_ref().is_some_and(Refusal::is_transient);
            let asked = refusal.as_ref().and_then(|refusal| refusal.retry_after);
            *self.remembered() = refusal;
            let pause = asked.unwrap_or(wait);
            if !again || pause > LONGEST_WAIT {
                return Ok(response);
            }
            tokio::time::sleep(pause).await;
            wait = wait.saturating_mul(2);
        }
    }

    async fn send_once(&self, request: http::Request<Bytes>) -> Result<HttpResponse, Unreached> {
        let host = request.uri().host().unwrap_or_default().to_owned();
        let unreached = |reason: String, fix: Option<String>| Unreached {
            message: format!("the sign-in host {host} gave no answer: {reason}"),
            fix: fix.unwrap_or_else(|| {
                "Check the network, the proxy and `login-url` of the connection.".to_owned()
            }),
        };
        let answer = self.http.send(request).await;
        let response = answer.map_err(|fault| unreached(fault.message, fault.fix))?;
        tracing::debug!(host, status = response.status().as_u16(), "the sign-in host answered");
        let (head, body) = response.into_parts();
        let body = Limited::new(body, MAX_ANSWER)
            .collect()
            .await
            .map_err(|error| unreached(format!("it broke off: {error}"), None))?;
        Ok(http::Response::from_parts(head, body.to_bytes().to_vec()))
    }

    fn remembered(&self) -> std::sync::MutexGuard<'_, Option<Refusal>> {
        self.refusal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Why the exchange failed. What the host sent is not repeated where it could not be
    /// read: it may be a token.
    pub fn failure<E: ErrorResponse + 'static>(
        &self,
        error: RequestTokenError<Unreached, E>,
    ) -> SignInError {
        if let RequestTokenError::Request(Unreached { message, fix }) = error {
            return SignInError::own(message, fix);
        }
        match self.remembered().take() {
            Some(refusal) => refusal.explain(self.id),
            None => unreadable(),
        }
    }
}

/// The answer as a refusal, if it is one.
fn refusal(response: &HttpResponse, sent: &Sent) -> Option<Refusal> {
    let status = response.status();
    if status.is_success() {
        return None;
    }
    let retry_after = response
        .headers()
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.trim().parse().ok())
        .map(Duration::from_secs);
    Some(Refusal::read(status.as_u16(), retry_after, response.body(), |text| sent.shows_in(text)))
}

/// An answer that should have been a token.
pub fn unreadable() -> SignInError {
    SignInError::own(
        "the sign-in host's answer is not a token",
        "Check `login-url` of the connection, and the proxy if there is one.",
    )
}

impl<'c> AsyncHttpClient<'c> for Exchange<'_> {
    type Error = Unreached;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Unreached>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}
