//! Logs the requests of a run, and reports its progress.
//!
//! Logs and events contain the call as `actions.toml` writes it, never the request itself: its
//! path names users, and its headers and body can contain secrets.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http::Uri;
use tower::{Layer, ServiceExt};
use tracing::{Span, info, warn};

use super::authority::below;
use super::{EgressError, EgressStack, Request, Response, error_code, wrap};
use crate::contract::Call;
use crate::network::retry_after::retry_after;
use crate::telemetry::spans;

/// The longest request id in the log, in characters. Graph's has 36.
const MAX_REQUEST_ID: usize = 64;

/// A step of a call.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A request was sent.
    Began {
        /// The call, such as `GET /users/{id}`.
        call: String,
    },
    /// It received a response.
    Answered {
        /// The call.
        call: String,
        /// The HTTP status.
        status: u16,
        /// How long Graph asks to wait before the next attempt.
        wait: Option<Duration>,
    },
    /// It received no response.
    Failed {
        /// The call.
        call: String,
    },
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Began { call } => write!(f, "{call} is sent"),
            Self::Answered { call, status, wait: None } => write!(f, "{call} returned {status}"),
            Self::Answered { call, status, wait: Some(wait) } => {
                let seconds = wait.as_secs_f64().ceil();
                write!(f, "{call} returned {status}; Graph asks to wait {seconds} s")
            }
            Self::Failed { call } => write!(f, "{call} had no response"),
        }
    }
}

/// Receives the events of a run.
pub type Watcher = Arc<dyn Fn(Event) + Send + Sync>;

/// The layer that observes the calls of one run.
#[derive(Clone)]
pub struct Observer {
    /// The calls of the action's policy.
    pub calls: Arc<[Call]>,
    /// Graph's version root.
    pub graph_url: Uri,
    /// Receives the events.
    pub watcher: Option<Watcher>,
}

impl Layer<EgressStack> for Observer {
    type Service = EgressStack;

    fn layer(&self, inner: EgressStack) -> EgressStack {
        wrap(self, inner, Self::send)
    }
}

impl Observer {
    async fn send(self, request: Request, inner: EgressStack) -> Result<Response, EgressError> {
        let (call, span) = self.call(&request);
        self.report(Event::Began { call: call.clone() });
        let began = Instant::now();
        let response = inner.oneshot(request).await;
        self.report(ended(call, &span, &response, began.elapsed()));
        response
    }

    /// Returns the call of a request, and its span.
    fn call(&self, request: &Request) -> (String, Span) {
        let method = request.method();
        let declared = below(&self.graph_url, request.uri())
            .and_then(|path| self.calls.iter().find(|call| call.matches(method, path)));
        let span = spans::call(method, declared.map(Call::path));
        let call = match declared {
            Some(call) => call.to_string(),
            None => format!("{} (not declared)", spans::known(method)),
        };
        (call, span)
    }

    fn report(&self, event: Event) {
        if let Some(watcher) = &self.watcher {
            watcher(event);
        }
    }
}

/// Logs how a request ended, and returns the event.
fn ended(
    call: String,
    span: &Span,
    response: &Result<Response, EgressError>,
    took: Duration,
) -> Event {
    let ms = spans::ms(took);
    match response {
        Ok(response) => {
            let request_id = request_id(response).unwrap_or_default();
            spans::answered(span, response.status(), &request_id);
            let status = response.status().as_u16();
            let wait = retry_after(response.headers());
            let wait_ms = wait.map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX));
            info!(call, status, request_id, wait_ms, ms, "answered");
            Event::Answered { call, status, wait }
        }
        Err(error) => {
            let reason = reason(error);
            spans::unanswered(span, &reason);
            warn!(call, reason, ms, "not answered");
            Event::Failed { call }
        }
    }
}

/// Returns in one word why there is no response. The text of a sign-in host can name a user.
fn reason(error: &EgressError) -> String {
    match error {
        EgressError::Http(error) => error_code::name(error).to_owned(),
        EgressError::Stop(stop) => stop.kind().name().to_owned(),
    }
}

fn request_id(response: &Response) -> Option<String> {
    let value = response.headers().get("request-id")?.to_str().ok()?;
    Some(value.chars().take(MAX_REQUEST_ID).collect())
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Observer").field("graph_url", &self.graph_url).finish_non_exhaustive()
    }
}

/// The last call of a run and how often it was sent in a row, for a line of progress.
#[derive(Debug, Default)]
pub struct Attempts {
    call: String,
    count: u32,
}

impl Attempts {
    /// Returns the line after an event.
    pub fn line(&mut self, event: Event) -> String {
        match event {
            Event::Began { call } => {
                self.count = if self.call == call { self.count.saturating_add(1) } else { 1 };
                self.call = call;
                match self.count {
                    1 => self.call.clone(),
                    count => format!("{}, attempt {count}", self.call),
                }
            }
            ended => ended.to_string(),
        }
    }
}
