//! What one run learns of Graph's throttling, the others of the same application in the same
//! directory know: when Graph says wait, the next requests wait for it, or are answered so
//! here when they have not the time. Asking meanwhile would only make it longer.
//!
//! When the time is over, those that waited go one after the other, each when the one before
//! it is answered: a hundred that meet Graph in one moment would be asked to wait again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, StatusCode};
use http_body_util::{BodyExt, Limited};
use serde_json::{Value, json};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower::{Layer, ServiceExt};

use super::{EgressError, EgressStack, Request, Response, whole, wrap};
use crate::context::{Clock, RunContext};
use crate::network::retry_after::retry_after;

/// The longest that Graph is taken at its word, before it is asked again.
const LONGEST: Duration = Duration::from_secs(10 * 60);

/// The shortest: whoever says less is not asked more often.
const SHORTEST: Duration = Duration::from_millis(100);

/// The largest refusal that is kept, in bytes. Graph's own have some hundred.
const MAX_BODY: usize = 64 << 10;

/// Who is throttled together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Throttled {
    /// Graph's version root, which tells the clouds apart.
    pub graph: String,
    /// The directory.
    pub tenant: String,
    /// The application.
    pub client_id: String,
}

/// The gates of all applications in all directories.
#[derive(Debug, Default)]
pub struct Gates(Mutex<HashMap<Throttled, Gate>>);

/// One application's gates in one directory. Clones are of the same gates.
#[derive(Clone, Debug, Default)]
pub struct Gate(Arc<Parts>);

/// Outlook counts apart from the directory. Source: "Microsoft Graph service-specific
/// throttling limits".
#[derive(Debug, Default)]
struct Parts {
    directory: Part,
    mail: Part,
}

#[derive(Debug)]
struct Part {
    closed: Mutex<Option<Closed>>,
    /// Held by the first of those who waited, until it is answered.
    first: Arc<Semaphore>,
}

/// A gate that is closed.
#[derive(Clone, Debug)]
struct Closed {
    /// The moment at which Graph may be asked again.
    until: Duration,
    /// Of Graph's answer that closed it. The rest of it is about the request that it was given
    /// to, which may be another tenant's.
    status: StatusCode,
    code: String,
}

/// Marks an answer that is not Graph's, to a request that was not sent.
#[derive(Clone, Copy, Debug)]
pub struct NotSent;

impl NotSent {
    /// Whether it marks this answer.
    pub fn marks(response: &Response) -> bool {
        response.extensions().get::<Self>().is_some()
    }
}

/// What a request finds at a gate.
enum Found {
    Open,
    /// It is open again for the first of those who waited; the others follow it.
    First(OwnedSemaphorePermit),
    /// It is not open in the time that the run has.
    Closed(Box<Closed>),
}

/// The layer of one run, which passes a gate.
#[derive(Clone)]
pub struct Passage {
    /// The gate.
    pub gate: Gate,
    /// The run: it waits no longer than its time, and what it waits is counted.
    pub context: RunContext,
}

impl Gates {
    /// The gate of those who are throttled together.
    pub fn gate(&self, throttled: Throttled) -> Gate {
        let mut gates = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        gates.entry(throttled).or_default().clone()
    }
}

impl Default for Part {
    fn default() -> Self {
        Self { closed: Mutex::default(), first: Arc::new(Semaphore::new(1)) }
    }
}

impl Layer<EgressStack> for Passage {
    type Service = EgressStack;

    fn layer(&self, inner: EgressStack) -> EgressStack {
        let passage = self.clone();
        wrap(inner, move |request, inner| {
            let passage = passage.clone();
            async move { passage.send(request, inner).await }
        })
    }
}

impl Passage {
    async fn send(&self, request: Request, inner: EgressStack) -> Result<Response, EgressError> {
        let part = self.gate.part(&request);
        let first = match self.pass(part).await {
            Found::Open => None,
            Found::First(permit) => Some(permit),
            Found::Closed(closed) => return Ok(closed.answer(self.clock())),
        };
        loop {
            let response = inner.clone().oneshot(request.clone()).await?;
            let wait = asked_to_wait(&response);
            let response = part.learn(response, wait, first.is_some(), self.clock()).await;
            // Who has waited for its turn keeps it when it is asked to wait once more: nothing
            // was done, and those behind it would only meet the same.
            if wait.is_none() || first.is_none() || !self.waits_again(part).await {
                return Ok(response);
            }
        }
    }

    /// Waits for a gate that was closed once more; whether it is open within the run's time.
    async fn waits_again(&self, part: &Part) -> bool {
        let began = self.clock().moment();
        let is_open =
            part.open_again(self.clock(), began.saturating_add(self.left())).await.is_ok();
        self.context.usage.waited(self.clock().moment().saturating_sub(began));
        is_open
    }

    /// Waits until a gate is open, if that is within the run's time.
    async fn pass(&self, part: &Part) -> Found {
        if part.closed().is_none() {
            return Found::Open;
        }
        let (began, left) = (self.clock().moment(), self.left());
        let end = began.saturating_add(left);
        let found = tokio::time::timeout(left, part.wait(self.clock(), end)).await;
        self.context.usage.waited(self.clock().moment().saturating_sub(began));
        match found {
            Ok(found) => found,
            // Whoever goes first is not answered in time.
            Err(_) => {
                part.closed().clone().map_or(Found::Open, |closed| Found::Closed(Box::new(closed)))
            }
        }
    }

    /// How much of its time the run has left.
    fn left(&self) -> Duration {
        self.context.limits.time.saturating_sub(self.clock().now())
    }

    fn clock(&self) -> &Clock {
        &self.context.clock
    }
}

impl Gate {
    fn part(&self, request: &Request) -> &Part {
        if request.uri().path().ends_with("/sendMail") { &self.0.mail } else { &self.0.directory }
    }
}

impl Part {
    fn closed(&self) -> MutexGuard<'_, Option<Closed>> {
        self.closed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until `end` at most.
    async fn wait(&self, clock: &Clock, end: Duration) -> Found {
        let Some(closed) = self.closed().clone() else { return Found::Open };
        if closed.until >= end {
            return Found::Closed(Box::new(closed));
        }
        // Never closed.
        let Ok(permit) = Arc::clone(&self.first).acquire_owned().await else { return Found::Open };
        match self.open_again(clock, end).await {
            Ok(()) => Found::First(permit),
            Err(closed) => Found::Closed(closed),
        }
    }

    /// Waits until Graph may be asked again, if that is before `end`.
    async fn open_again(&self, clock: &Clock, end: Duration) -> Result<(), Box<Closed>> {
        loop {
            let now = clock.moment();
            let closed = match self.closed().clone() {
                Some(closed) if closed.until > now => closed,
                _ => return Ok(()),
            };
            if closed.until >= end {
                return Err(Box::new(closed));
            }
            clock.sleep_while_busy(closed.until.saturating_sub(now)).await;
        }
    }

    /// Closes the gate when an answer says so, and opens it when the first to go through was
    /// let pass.
    async fn learn(
        &self,
        response: Response,
        wait: Option<Duration>,
        was_first: bool,
        clock: &Clock,
    ) -> Response {
        let Some(wait) = wait else {
            if was_first {
                *self.closed() = None;
            }
            return response;
        };
        let status = response.status();
        let (head, body) = response.into_parts();
        let body = match Limited::new(body, MAX_BODY).collect().await {
            Ok(body) => body.to_bytes(),
            // The status says enough.
            Err(_) => Bytes::new(),
        };
        let until = clock.moment().saturating_add(wait.clamp(SHORTEST, LONGEST));
        let mut closed = self.closed();
        if closed.as_ref().is_none_or(|before| before.until < until) {
            *closed = Some(Closed { until, status, code: code(&body) });
        }
        drop(closed);
        Response::from_parts(head, whole(body))
    }
}

/// How long an answer asks to wait before the next request.
fn asked_to_wait(response: &Response) -> Option<Duration> {
    let throttles = [StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE];
    let wait = retry_after(response.headers()).filter(|wait| !wait.is_zero());
    wait.filter(|_| throttles.contains(&response.status()))
}

/// The code of Graph's error.
fn code(body: &Bytes) -> String {
    let error: Value = serde_json::from_slice(body).unwrap_or_default();
    let code = error.pointer("/error/code").and_then(Value::as_str);
    code.unwrap_or("TooManyRequests").to_owned()
}

impl Closed {
    /// What Graph would answer, with the time that is left of its wait.
    fn answer(self, clock: &Clock) -> Response {
        let left = self.until.saturating_sub(clock.moment());
        let seconds = left.as_secs().saturating_add(u64::from(left.subsec_nanos() > 0));
        let message = "Microsoft Graph has asked this application to wait in this directory, so this request was not sent.";
        let body = json!({ "error": { "code": self.code, "message": message } });
        let mut response = Response::new(whole(Bytes::from(body.to_string())));
        *response.status_mut() = self.status;
        let json = HeaderValue::from_static("application/json");
        response.headers_mut().insert(CONTENT_TYPE, json);
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        response.extensions_mut().insert(NotSent);
        response
    }
}
