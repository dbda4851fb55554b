//! The token of one (cloud, tenant, client, user), and one sign-in at a time for it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::sync::watch;
use tracing::Instrument;

use super::AccessToken;
use crate::report::{Kind, Report};

/// How long a token that could not be replaced early is used before the next attempt.
const NEXT_ATTEMPT: Duration = Duration::from_secs(60);

/// How often one waits for a sign-in that ends without a word, with the runtime that it
/// ran on.
const TRIES: usize = 3;

type Outcome = Result<AccessToken, Report>;

/// The place of one token. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Slot(Arc<Mutex<Cached>>);

#[derive(Debug, Default)]
struct Cached {
    token: Option<AccessToken>,
    /// What Graph refused last, so that it is not taken from the store again.
    refused: Option<AccessToken>,
    /// The sign-in that is under way; closed when it has ended.
    flight: Option<watch::Receiver<Option<Outcome>>>,
}

impl Slot {
    /// The token, if it is fresh; else the outcome of `acquire`, which runs once however
    /// many ask, and to its end even if who asked first gives up. It is told which token
    /// Graph has refused. A failure goes to all who wait for it and is not kept.
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

    /// Forgets a token that Graph refused, if it is still the one in use.
    pub fn refuse(&self, token: &AccessToken) {
        let mut state = self.state();
        if state.token.as_ref() == Some(token) {
            state.refused = state.token.take();
        }
    }

    /// Takes a token that was obtained elsewhere.
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
        let (told, flight) = watch::channel(None);
        state.flight = Some(flight.clone());
        let acquiring = acquire(state.refused.clone());
        let slot = self.clone();
        let signing_in = async move {
            let outcome = slot.land(acquiring.await);
            told.send_replace(Some(outcome));
        };
        // Whoever waits for it: its log is of the run that began it.
        tokio::spawn(signing_in.in_current_span());
        flight
    }

    /// Notes how a sign-in ended. A token that could not be replaced early is still good.
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
                // What the sign-in host says may name a user.
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
