//! The innermost layer over a recording: it accepts the recorded requests in their order.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tower::service_fn;
use tower::util::BoxCloneSyncService;

use super::faults::body::breaking_off;
use super::{EgressError, EgressStack, HttpError, Request, Response, error_code, whole};
use crate::context::{Clock, Stop};
use crate::recording::{Secrets, har, matching};

/// The replay of one recording.
#[derive(Clone)]
pub struct Replay {
    state: Arc<Mutex<Remaining>>,
    secrets: Arc<Secrets>,
    clock: Clock,
}

struct Remaining {
    entries: VecDeque<har::Entry>,
    responded: usize,
    mismatch: Option<Mismatch>,
}

/// A request that differs from the recorded one, which ended the run.
#[derive(Clone, Debug)]
pub struct Mismatch {
    /// The difference in one sentence.
    pub reason: String,
    /// The recorded request, unless the recording had ended.
    pub expected: Option<har::Request>,
    /// The request that was made.
    pub made: Request,
}

impl Replay {
    /// Replays `entries` on `clock`. The run's `secrets` take the place of the references in the
    /// recording.
    pub fn new(entries: Vec<har::Entry>, secrets: Secrets, clock: Clock) -> Self {
        let state = Remaining { entries: entries.into(), responded: 0, mismatch: None };
        Self { state: Arc::new(Mutex::new(state)), secrets: Arc::new(secrets), clock }
    }

    /// Returns the innermost layer.
    pub fn egress(&self) -> EgressStack {
        let replay = self.clone();
        BoxCloneSyncService::new(service_fn(move |request| {
            let replay = replay.clone();
            async move { replay.respond(&request).await }
        }))
    }

    /// Returns the recorded requests that the run did not make.
    pub fn unused(&self) -> Vec<har::Request> {
        self.state().entries.iter().map(|entry| entry.request.clone()).collect()
    }

    /// Returns the request that differed from the recording, if one did.
    pub fn mismatch(&self) -> Option<Mismatch> {
        self.state().mismatch.clone()
    }

    async fn respond(&self, request: &Request) -> Result<Response, EgressError> {
        let entry = self.take(request)?;
        // Recorded time passes: otherwise a replay meets deadlines that the run missed.
        let took = Duration::try_from_secs_f64(entry.time.max(0.0) / 1000.0).unwrap_or_default();
        self.clock.sleep_while_busy(took).await;
        match failure(&entry.response) {
            Some(error) if entry.response.status == 0 => Err(EgressError::Http(error)),
            _ => response(&entry.response).map_err(|what| {
                Stop::Recording(format!(
                    "the recorded response to {} is unusable: {what}",
                    describe(request)
                ))
                .into()
            }),
        }
    }

    fn take(&self, request: &Request) -> Result<har::Entry, Stop> {
        let mut state = self.state();
        match state.take(request, &self.secrets) {
            Ok(entry) => Ok(entry),
            Err(reason) => {
                let expected = state.entries.front().map(|entry| entry.request.clone());
                let mismatch = Mismatch { reason: reason.clone(), expected, made: request.clone() };
                // The first mismatch ends the run.
                state.mismatch.get_or_insert(mismatch);
                Err(Stop::Recording(reason))
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, Remaining> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Remaining {
    /// Takes the next exchange. Fails when `request` is not its request.
    fn take(&mut self, request: &Request, secrets: &Secrets) -> Result<har::Entry, String> {
        let position = self.responded + 1;
        let Some(expected) = self.entries.pop_front() else {
            return Err(format!(
                "the run made request {position}, {}, and the recording ends before it",
                describe(request)
            ));
        };
        if let Err(difference) = matching::compare(&expected.request, request, secrets) {
            self.entries.push_front(expected);
            return Err(format!(
                "request {position}, {}, is not the recorded one: {difference}",
                describe(request)
            ));
        }
        self.responded = position;
        Ok(expected)
    }
}

fn describe(request: &Request) -> String {
    format!("{} {}", request.method(), request.uri())
}

fn response(recorded: &har::Response) -> Result<Response, String> {
    let bytes = recorded.content.bytes().map_err(|error| error.to_string())?;
    let body = match failure(recorded) {
        None => whole(bytes),
        Some(error) => breaking_off(bytes.into(), error),
    };
    let mut response = http::Response::builder()
        .status(recorded.status)
        .body(body)
        .map_err(|error| error.to_string())?;
    *response.headers_mut() = recorded.header_map()?;
    Ok(response)
}

/// Returns why there was no response, or why it broke off.
fn failure(recorded: &har::Response) -> Option<HttpError> {
    let name = recorded.error.as_deref()?;
    let code = error_code::with_words(name, recorded.error_words.as_deref());
    // Browsers write texts of their own here; all mean that the connection broke.
    Some(code.unwrap_or(HttpError::ConnectionTerminated))
}
