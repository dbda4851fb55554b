//! The token of one (cloud, tenant, client, user), and one sign-in at a time for it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::sync::watch;
use tracing::Instrument;

use super::AccessToken;
use crate::report::{Kind, Report};

/// The wait after a failed early replacement.
const NEXT_ATTEMPT: Duration = Duration::from_secs(60);

/// The attempts after sign-ins that ended without an outcome, together with their runtime.
const TRIES: usize = 3;

type Outcome = Result<AccessToken, Report>;

/// The cache of one token. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Slot(Arc<Mutex<Cached>>);

#[derive(Debug, Default)]
struct Cached {
    token: Option<AccessToken>,
    /// The last token that Graph refused, which must not be read from the store again.
    refused: Option<AccessToken>,
    /// The outcome of the current sign-in; closed when it has ended.
    flight: Option<watch::Receiver<Option<Outcome>>>,
}

impl Slot {
    /// Returns the token if it is fresh, else the outcome of `acquire`, which receives the token
    /// that Graph refused. It runs once for all callers, and to its end even if the first caller
    /// is dropped. A failure goes to all callers, and is not cached.
    pub async fn get<A>(&self, acquire: impl Fn(Option<AccessToken>) -> A) -> Outcome
    where
        A: Future<Output = Outcome> + Send + 'static,
    {
        for _ in 0..TRIES {
            let mut flight = {
                let mut state = self.state();
                if let Some(token) = state.token.as_ref().filter(|token| token.is_fresh()) {
                    return Ok(token.clone());
                }
                match state.flight.as_ref().filter(|flight| flight.has_changed().is_ok()) {
                    Some(flight) => flight.clone(),
                    None => self.start(&mut state, &acquire),
                }
            };
            let outcome = flight.wait_for(Option::is_some).await.ok().and_then(|it| it.clone());
            if let Some(outcome) = outcome {
                return outcome;
            }
        }
        Err(Report::new(Kind::Environment, "the sign-in was interrupted", "Run again."))
    }

    /// Forgets a token that Graph refused, if it is still in use.
    pub fn refuse(&self, token: &AccessToken) {
        let mut state = self.state();
        if state.token.as_ref() == Some(token) {
            state.refused = state.token.take();
        }
    }

    /// Sets a token from another source.
    pub fn put(&self, token: AccessToken) {
        self.state().token = Some(token);
    }

    fn start<A>(
        &self,
        state: &mut Cached,
        acquire: &impl Fn(Option<AccessToken>) -> A,
    ) -> watch::Receiver<Option<Outcome>>
    where
        A: Future<Output = Outcome> + Send + 'static,
    {
        let (sender, flight) = watch::channel(None);
        state.flight = Some(flight.clone());
        let acquiring = acquire(state.refused.clone());
        let slot = self.clone();
        let signing_in = async move {
            let outcome = slot.land(acquiring.await);
            sender.send_replace(Some(outcome));
        };
        // Its log belongs to the run that started it.
        tokio::spawn(signing_in.in_current_span());
        flight
    }

    /// Records the outcome of a sign-in. A token that could not be replaced early stays in use.
    fn land(&self, outcome: Outcome) -> Outcome {
        let mut state = self.state();
        state.flight = None;
        match outcome {
            Ok(token) => {
                state.refused = None;
                state.token = Some(token.clone());
                Ok(token)
            }
            Err(error) => {
                let Some(old) = state.token.as_mut().filter(|token| token.is_valid()) else {
                    return Err(error);
                };
                // The host's message may name a user, and is not logged.
                let kind = error.kind.name();
                let codes =
                    error.details.entra.as_ref().map(|entra| tracing::field::debug(&entra.codes));
                tracing::warn!(kind, codes, "the token could not be replaced before its end");
                old.refresh_at = (SystemTime::now() + NEXT_ATTEMPT).min(old.expires_at);
                Ok(old.clone())
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, Cached> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
