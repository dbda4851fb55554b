//! The log of requests: a line for each when it is answered, and a span for exporters.
//!
//! A path is told as the template that it is of, and nothing of a header, a query or a body.
//! A request without a good key is told only at the level debug, since anybody could fill the
//! log with those.

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use http::{Method, StatusCode};
use tracing::Instrument;
use uuid::Uuid;

use super::response::RUN_ID;
use super::service::Caller;
use crate::telemetry::spans;

/// What is found out about a request while it is answered. Clones are of the same request.
#[derive(Clone, Default)]
pub(super) struct RequestFacts(Arc<Found>);

#[derive(Default)]
struct Found {
    caller: OnceLock<Caller>,
    run: OnceLock<Uuid>,
}

impl RequestFacts {
    /// Notes who calls.
    pub fn is_of(&self, caller: &Caller) {
        // Asked once in each request.
        let _ = self.0.caller.set(caller.clone());
    }

    /// Notes the run that it asks for.
    pub fn runs(&self, run: Uuid) {
        let _ = self.0.run.set(run);
    }

    fn tenant(&self) -> Option<&str> {
        match self.0.caller.get()? {
            Caller::Tenant(id) => Some(id),
            Caller::Operator => None,
        }
    }
}

/// Logs a request when it is answered, or when its caller has gone before.
pub(super) async fn logged(mut request: Request, next: Next) -> Response {
    let template = request.extensions().get::<MatchedPath>().cloned();
    let route = template.as_ref().map(MatchedPath::as_str);
    let span = spans::request(request.method(), route, request.headers());
    let exchange = RequestFacts::default();
    request.extensions_mut().insert(exchange.clone());
    let mut line = Line {
        method: request.method().clone(),
        template,
        began: Instant::now(),
        exchange,
        answer: None,
    };
    let response = next.run(request).instrument(span.clone()).await;
    // A call that came before has the run that was done then.
    let run = response.headers().get(RUN_ID).and_then(|run| run.to_str().ok()?.parse().ok());
    line.answer = Some((response.status(), run));
    spans::responded(&span, line.exchange.tenant(), response.status());
    response
}

/// The line of a request, written when this is dropped.
struct Line {
    method: Method,
    template: Option<MatchedPath>,
    began: Instant,
    exchange: RequestFacts,
    /// The status, and the run that it is of; none if nobody has waited for it.
    answer: Option<(StatusCode, Option<Uuid>)>,
}

/// One form for all levels.
macro_rules! write_at {
    ($level:ident, $line:expr, $said:literal) => {{
        let Line { method, template, began, exchange, answer } = $line;
        let run = match answer {
            Some((_, run)) => run.as_ref(),
            None => exchange.0.run.get(),
        };
        tracing::$level!(
            method = spans::known(method),
            route = template.as_ref().map(MatchedPath::as_str),
            status = answer.as_ref().map(|(status, _)| status.as_u16()),
            ms = spans::ms(began.elapsed()),
            tenant = exchange.tenant(),
            run = run.map(display),
            $said
        );
    }};
}

impl Drop for Line {
    fn drop(&mut self) {
        let line = &*self;
        match (&line.answer, line.exchange.0.caller.get()) {
            (Some(_), None) => write_at!(debug, line, "a request without a good key"),
            (None, None) => write_at!(debug, line, "a caller without a good key went away"),
            (None, Some(_)) => write_at!(info, line, "the caller went away"),
            (Some((status, _)), Some(_)) if status.as_u16() >= 400 => {
                write_at!(warn, line, "a problem");
            }
            (Some(_), Some(_)) => write_at!(info, line, "answered"),
        }
    }
}
