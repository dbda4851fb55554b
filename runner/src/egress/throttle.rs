//! Shares what runs learn of Graph's throttling among those of one application in one directory.
//! After Graph asked to wait, their next requests wait, since requests during that time prolong
//! the throttling. A request whose run has not enough time gets a response from this layer.
//!
//! Afterwards, the requests that waited go one by one, each after the response to the one before
//! it: Graph would throttle a hundred at once again.
//!
//! - `shared`: what the processes that share a store learn of each other

mod shared;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, StatusCode};
use http_body_util::{BodyExt, Limited};
use serde_json::{Value, json};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::DropGuard;
use tower::{Layer, ServiceExt};

use super::{EgressError, EgressStack, Request, Response, whole, wrap};
use crate::context::{Clock, RunContext};
use crate::network::retry_after::retry_after;
use shared::Sharing;

/// The longest wait that Graph can impose.
const LONGEST: Duration = Duration::from_secs(10 * 60);

/// The shortest wait, whatever Graph asks for.
const SHORTEST: Duration = Duration::from_millis(100);

/// The largest refusal that is kept, in bytes. Those of Graph have some hundred.
const MAX_BODY: usize = 64 << 10;

/// Identifies the runs that Graph throttles together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ThrottleKey {
    /// Graph's version root, which identifies the cloud.
    pub graph: String,
    /// The directory.
    pub tenant: String,
    /// The application.
    pub client_id: String,
}

/// The gates of all applications in all directories.
#[derive(Debug, Default)]
pub struct Gates {
    parts: Arc<Parts>,
    /// Ends what follows the other processes.
    _following: Option<DropGuard>,
}

/// The parts of gates, by the digests of what they are for.
#[derive(Debug, Default)]
struct Parts {
    by_name: Mutex<HashMap<String, Arc<Part>>>,
    /// `None` in a process that shares nothing.
    sharing: Option<Sharing>,
}

/// The gates of one application in one directory. Clones share them.
///
/// Outlook and the directory throttle separately. Source: "Microsoft Graph service-specific
/// throttling limits".
#[derive(Clone, Debug, Default)]
pub struct Gate {
    directory: Arc<Part>,
    mail: Arc<Part>,
}

#[derive(Debug)]
struct Part {
    closed: Mutex<Option<Closed>>,
    /// Held by the first request that waited, until its response.
    first: Arc<Semaphore>,
    /// Tells the other processes.
    announcer: Option<shared::Announcer>,
}

/// A gate that is closed.
#[derive(Clone, Debug)]
struct Closed {
    /// When requests may be sent again.
    until: Duration,
    /// From the response that closed it. The rest of that response is about its request, which may
    /// be another tenant's.
    status: StatusCode,
    code: String,
}

/// Marks the response of this layer to a request that was not sent.
#[derive(Clone, Copy, Debug)]
pub struct NotSent;

impl NotSent {
    /// Returns whether this response has the mark.
    pub fn marks(response: &Response) -> bool {
        response.extensions().get::<Self>().is_some()
    }
}

/// Whether a gate lets a request pass.
enum Admission {
    Open,
    /// The request is the first of those that waited; the others follow it.
    First(OwnedSemaphorePermit),
    /// The gate stays closed for longer than the run's time.
    Closed(Box<Closed>),
}

/// The layer of one run, which waits at a gate.
#[derive(Clone)]
pub struct Throttle {
    gate: Gate,
    context: RunContext,
    /// Whether Graph asked the run to wait when it last sent something.
    was_throttled: Arc<AtomicBool>,
}

impl Gates {
    /// Returns the gate with this key.
    pub fn gate(&self, key: &ThrottleKey) -> Gate {
        let part = |name| self.parts.part(&key.digest(name));
        Gate { directory: part("directory"), mail: part("mail") }
    }
}

impl Parts {
    /// Returns the part with this name.
    fn part(&self, name: &str) -> Arc<Part> {
        let mut parts = self.by_name.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || {
            let announcer = self.sharing.as_ref().map(|sharing| sharing.announcer(name));
            Arc::new(Part { announcer, ..Part::default() })
        };
        Arc::clone(parts.entry(name.to_owned()).or_insert_with(new))
    }
}

impl Default for Part {
    fn default() -> Self {
        Self { closed: Mutex::default(), first: Arc::new(Semaphore::new(1)), announcer: None }
    }
}

impl Layer<EgressStack> for Throttle {
    type Service = EgressStack;

    fn layer(&self, inner: EgressStack) -> EgressStack {
        wrap(self, inner, Self::send)
    }
}

impl Throttle {
    /// Creates the layer of a run, whose time limits the wait, and whose usage counts it.
    pub fn new(gate: Gate, context: RunContext) -> Self {
        Self { gate, context, was_throttled: Arc::default() }
    }

    async fn send(self, request: Request, inner: EgressStack) -> Result<Response, EgressError> {
        let part = self.gate.part(&request);
        let first = match self.pass(part).await {
            Admission::Open => None,
            Admission::First(permit) => Some(permit),
            Admission::Closed(closed) => return Ok(closed.response(self.clock())),
        };
        loop {
            let response = inner.clone().oneshot(request.clone()).await?;
            let wait = asked_to_wait(&response);
            self.was_throttled.store(wait.is_some(), Ordering::Relaxed);
            let response = part.learn(response, wait, first.is_some(), self.clock()).await;
            // The first request keeps its turn when Graph throttles it again: it had no effect,
            // and the next one would be throttled, too.
            if wait.is_none() || first.is_none() || !self.waits_again(part).await {
                return Ok(response);
            }
        }
    }

    /// Waits for a gate that closed again, and returns whether it opened within the run's time.
    async fn waits_again(&self, part: &Part) -> bool {
        let began = self.clock().moment();
        let end = began.saturating_add(self.left());
        let is_open = part.wait_until_open(self.clock(), end).await.is_ok();
        self.context.usage.waited(self.clock().moment().saturating_sub(began));
        is_open
    }

    /// Waits until a gate is open, within the run's time.
    ///
    /// A run that Graph has just asked to wait takes its turn at an open gate, too. The requests of
    /// other runs would use up what Graph allows again and again, until the run has no retry left.
    async fn pass(&self, part: &Part) -> Admission {
        if part.closed().is_none() && !self.was_throttled.load(Ordering::Relaxed) {
            return Admission::Open;
        }
        let (began, left) = (self.clock().moment(), self.left());
        let end = began.saturating_add(left);
        let found = tokio::time::timeout(left, part.wait(self.clock(), end)).await;
        self.context.usage.waited(self.clock().moment().saturating_sub(began));
        match found {
            Ok(found) => found,
            // The first request has no response in time.
            Err(_) => part
                .closed()
                .clone()
                .map_or(Admission::Open, |closed| Admission::Closed(Box::new(closed))),
        }
    }

    /// Returns how much of its time the run has left.
    fn left(&self) -> Duration {
        self.context.limits.time.saturating_sub(self.clock().now())
    }

    fn clock(&self) -> &Clock {
        &self.context.clock
    }
}

impl Gate {
    fn part(&self, request: &Request) -> &Part {
        if request.uri().path().ends_with("/sendMail") { &self.mail } else { &self.directory }
    }
}

impl Part {
    fn closed(&self) -> MutexGuard<'_, Option<Closed>> {
        self.closed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the gate, at most until `end`.
    async fn wait(&self, clock: &Clock, end: Duration) -> Admission {
        let closed = self.closed().clone();
        if let Some(closed) = closed.filter(|closed| closed.until >= end) {
            return Admission::Closed(Box::new(closed));
        }
        // The semaphore is never closed.
        let Ok(permit) = Arc::clone(&self.first).acquire_owned().await else {
            return Admission::Open;
        };
        match self.wait_until_open(clock, end).await {
            Ok(()) => Admission::First(permit),
            Err(closed) => Admission::Closed(closed),
        }
    }

    /// Waits until requests may be sent again. Fails when that is not before `end`.
    async fn wait_until_open(&self, clock: &Clock, end: Duration) -> Result<(), Box<Closed>> {
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

    /// Closes the gate when Graph asks to wait, and opens it after another response to the first
    /// request.
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
            // The status is enough.
            Err(_) => Bytes::new(),
        };
        let wait = wait.clamp(SHORTEST, LONGEST);
        let until = clock.moment().saturating_add(wait);
        let closed = Closed { until, status, code: code(&body) };
        if let Some(announcer) = &self.announcer {
            announcer.announce(wait, &closed);
        }
        self.close(closed);
        Response::from_parts(head, whole(body))
    }

    /// Closes the gate, unless it is closed for longer.
    fn close(&self, closed: Closed) {
        let mut current = self.closed();
        if current.as_ref().is_none_or(|before| before.until < closed.until) {
            *current = Some(closed);
        }
    }
}

/// Returns how long a response asks to wait before the next request.
fn asked_to_wait(response: &Response) -> Option<Duration> {
    let throttles = [StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE];
    let wait = retry_after(response.headers()).filter(|wait| !wait.is_zero());
    wait.filter(|_| throttles.contains(&response.status()))
}

/// Returns the code of Graph's error.
fn code(body: &Bytes) -> String {
    let error: Value = serde_json::from_slice(body).unwrap_or_default();
    let code = error.pointer("/error/code").and_then(Value::as_str);
    code.unwrap_or("TooManyRequests").to_owned()
}

impl Closed {
    /// Returns the response that Graph would give, with the rest of its wait.
    fn response(self, clock: &Clock) -> Response {
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
