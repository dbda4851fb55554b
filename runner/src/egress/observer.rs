//! Watches the requests of a run: for its log, and for whoever shows its progress.
//!
//! What is told is the call as `actions.toml` writes it, never the request itself: a path
//! names users, a header or a body may hold what nobody may see.

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

/// The longest request id that is logged, in characters. Graph's has 36.
const MAX_REQUEST_ID: usize = 64;

/// What happens on the egress stack.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A request is on its way.
    Began {
        /// The call, such as `GET /users/{id}`.
        call: String,
    },
    /// It was answered.
    Answered {
        /// The call.
        call: String,
        /// The HTTP status.
        status: u16,
        /// How long Graph asks to wait before the next try.
        wait: Option<Duration>,
    },
    /// It has no answer.
    Failed {
        /// The call.
        call: String,
    },
}

/// Whoever is told.
pub type Watcher = Arc<dyn Fn(Event) + Send + Sync>;

/// Watches the calls of one run.
#[derive(Clone)]
pub struct Observer {
    /// The calls of the action's policy.
    pub calls: Vec<Call>,
    /// Graph's version root.
    pub graph_url: Uri,
    /// Whoever is told, beside the log.
    pub watcher: Option<Watcher>,
}

impl Layer<EgressStack> for Observer {
    type Service = EgressStack;

    fn layer(&self, inner: EgressStack) -> EgressStack {
        let observer = Arc::new(self.clone());
        wrap(inner, move |request, inner| {
            let observer = Arc::clone(&observer);
            async move {
                let (call, span) = observer.call(&request);
                observer.tell(Event::Began { call: call.clone() });
                let began = Instant::now();
                let response = inner.oneshot(request).await;
                observer.tell(ended(call, &span, &response, began.elapsed()));
                response
            }
        })
    }
}

impl Observer {
    /// The call that a request is, and its span.
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

    fn tell(&self, event: Event) {
        if let Some(watcher) = &self.watcher {
            watcher(event);
        }
    }
}

/// Logs how a request ended, and says it.
fn ended(
    call: String,
    span: &Span,
    answer: &Result<Response, EgressError>,
    took: Duration,
) -> Event {
    let ms = spans::ms(took);
    match answer {
        Ok(response) => {
            let request_id = text(response, "request-id").unwrap_or_default();
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

/// Why there is no answer, in one word: what a sign-in host says may name a user.
fn reason(error: &EgressError) -> String {
    match error {
        EgressError::Http(error) => error_code::name(error).to_owned(),
        EgressError::Stop(stop) => stop.kind().name().to_owned(),
    }
}

fn text(response: &Response, name: &str) -> Option<String> {
    let value = response.headers().get(name)?.to_str().ok()?;
    Some(value.chars().take(MAX_REQUEST_ID).collect())
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Observer").field("graph_url", &self.graph_url).finish_non_exhaustive()
    }
}
