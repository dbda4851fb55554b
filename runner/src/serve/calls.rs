//! The calls of actions: counted, and with an idempotency key run once.

use secrecy::ExposeSecret;
use serde_json::{Value, json};
use uuid::Uuid;

use super::authentication::PresentedKey;
use super::idempotency::{Attempt, Begun, IdempotencyKey, Reservation, StoredResponse};
use super::problem::Problem;
use super::response::{cannot_store, no_room_for_keys, stored, stored_problem, unknown_outcome};
use super::service::Service;
use crate::platform::{Call, CallResult, Failure, Refusal, RunHandle};
use crate::report::Kind;

/// What is wrong with a call whose key another call had, and the fix.
const OTHER_CALL: (&str, &str) = (
    "the idempotency key was used for another call: its action or its body differs",
    "Repeat the first call for its response, or send this one with a new key.",
);

/// The same if the key is derived from all of the call but its secrets.
const OTHER_SECRETS: (&str, &str) = (
    "a call that differs in its secrets alone was made before",
    "Give this call an idempotencyKey if it is meant to be made as well.",
);

impl Service {
    /// Runs a call, and counts it.
    pub(super) async fn result(&self, call: Call) -> CallResult {
        self.result_watched(call, RunHandle::default()).await
    }

    /// Runs a call that `handle` shows and cancels, and counts it.
    pub(super) async fn result_watched(&self, call: Call, handle: RunHandle) -> CallResult {
        let (tenant, action) = (call.tenant.clone(), call.action.clone());
        let result = self.0.platform.run_watched(call, handle).await;
        self.counted(&tenant, &action, result)
    }

    /// Counts a run.
    pub(super) fn counted(&self, tenant: &str, action: &str, result: CallResult) -> CallResult {
        // Unknown names would create any number of metrics.
        if self.0.policy.action(action).is_some() {
            self.0.metrics.count(tenant, action, &result);
        }
        if let Err(Failure::Refused(Refusal::Busy(_) | Refusal::TooOften(_))) = result.outcome {
            self.0.refused.too_many(tenant);
        }
        result
    }

    /// Returns whether a call uses an idempotency key. One that only reads needs none: it runs again
    /// each time, unless nobody waits for it.
    pub(super) fn uses_key(&self, call: &Call) -> bool {
        call.unattended || self.changes_something(call)
    }

    /// Returns whether a call can change its tenant.
    fn changes_something(&self, call: &Call) -> bool {
        let policy = self.0.policy.action(&call.action);
        !call.plan && policy.is_some_and(|policy| policy.changes_something())
    }

    /// Returns the input of a call for comparison. The only connection is named in it, whether or
    /// not the caller did, and no input is null, which stands for one that is absent.
    fn canonical_input(&self, call: &Call) -> Value {
        let mut input = call.input.clone();
        let tenant = self.0.platform.tenant(&call.tenant);
        if let (Some(tenant), Some(fields)) = (tenant, input.as_object_mut()) {
            fields.retain(|_, value| !value.is_null());
            tenant.name_only_connection(fields);
        }
        input.sort_all_objects();
        input
    }

    /// Returns what a call asks for without its secrets, and these, for comparison.
    pub(super) fn canonical(&self, call: &Call) -> (String, String) {
        let policy = self.0.policy.action(&call.action);
        let mut input = self.canonical_input(call);
        let secrets = policy.zip(input.as_object_mut());
        let secrets = secrets.map(|(policy, input)| policy.take_secrets(input));
        // `false` stood for no plan, which a call with a key never is; the keys of before match.
        (format!("{}\nfalse\n{input}", call.action), json!(secrets).to_string())
    }

    /// Runs a call that `handle` shows and cancels, unless one with the same idempotency key ran
    /// before.
    pub(super) async fn once(
        &self,
        (call, handle): (Call, RunHandle),
        run: Uuid,
        key: &IdempotencyKey,
        api_key: &PresentedKey,
    ) -> StoredResponse {
        let policy = self.0.policy.action(&call.action);
        let (request, secrets) = self.canonical(&call);
        let derived = key.is_derived();
        let attempt = Attempt {
            tenant: &call.tenant,
            key,
            request: request.as_bytes(),
            secrets: secrets.as_bytes(),
            caller: api_key.0.expose_secret().as_bytes(),
            run,
            harmless: policy.is_some_and(|known| known.idempotent),
        };
        match self.0.responses.begin(attempt).await {
            Ok(Begun::First(reservation)) if call.unattended => {
                self.accept(call, Some(reservation)).await
            }
            Ok(Begun::First(reservation)) => {
                let result = self.result_watched(call, handle).await;
                self.respond_once(result, reservation, derived).await
            }
            Ok(Begun::Again(response)) => {
                self.0.metrics.http.replayed(&call.tenant);
                response
            }
            Ok(Begun::OtherBody) => {
                let (message, fix) = if derived { OTHER_SECRETS } else { OTHER_CALL };
                stored_problem(&Problem::refusal(Kind::KeyReused, message, fix), None)
            }
            Ok(Begun::NotKept { status, run }) => {
                let message = format!(
                    "the call was completed before with status {status}, and its response is no longer stored"
                );
                stored_problem(&unknown_outcome(&message, run), Some(run))
            }
            Ok(Begun::Full) => stored_problem(&no_room_for_keys(), None),
            Ok(Begun::Interrupted { run, reservation }) => {
                let message = "the call was started before, and the server was interrupted";
                let response = stored_problem(&unknown_outcome(message, run), Some(run));
                // If it cannot be stored, a repeat gets the same response.
                reservation.finish(response.clone()).await.unwrap_or(response)
            }
            Err(error) => stored_problem(&cannot_store(&error, run), Some(run)),
        }
    }

    /// Stores the response of a call with a key, unless a repeat is to run, and returns it. With a
    /// `derived` key a repeat also runs after any error that makes it safe: its caller cannot say with
    /// another key that the cause is gone.
    pub(super) async fn respond_once(
        &self,
        result: CallResult,
        reservation: Reservation,
        derived: bool,
    ) -> StoredResponse {
        let rejected = matches!(result.outcome, Err(Failure::Refused(_)));
        let free = result.outcome.as_ref().is_err_and(|failure| {
            let report = failure.report();
            report.leaves_key_free() || derived && report.retry_safe
        });
        if rejected || free {
            // If this fails, a repeat learns that the call was interrupted.
            let _ = reservation.forget().await;
            return stored(result);
        }
        self.finish(result, reservation).await
    }

    /// Stores the response of a run with a key, and returns it.
    pub(super) async fn finish(
        &self,
        result: CallResult,
        reservation: Reservation,
    ) -> StoredResponse {
        let (run, unended) = (result.run, result.unended.clone());
        let response = stored(result);
        if unended.goes_on() {
            // Dropping the reservation leaves the key to the run when it goes on.
            return match self.0.platform.is_stopping() {
                true => response,
                false => reservation.elsewhere().await.unwrap_or(response),
            };
        }
        reservation.finish(response.clone()).await.unwrap_or_else(|error| {
            // The run was made, so the caller gets its response nevertheless.
            tracing::error!(%run, %error, "a response could not be stored");
            unended.keep();
            response
        })
    }
}
