//! The runs behind the calls of tools.

use std::collections::HashMap;
use std::sync::{MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rmcp::model::{CallToolRequestParams, CallToolResponse, RequestId};
use rmcp::service::{RequestContext, RoleServer};
use serde_json::Value;
use tracing::Instrument;
use uuid::Uuid;

use super::Face;
use super::arguments::Arguments;
use super::confirmation::{self, Answer};
use super::outcome::{self, Asked};
use super::party::Party;
use super::progress::Progress;
use crate::contract::ActionPolicy;
use crate::platform::{Call, Failure, RunHandle};
use crate::report::Report;
use crate::run::host;
use crate::serve::idempotency::{IdempotencyKey, StoredResponse};
use crate::serve::problem::Problem;
use crate::serve::response::{stored, stored_problem};

/// How long a repeat of a confirmed change needs no confirmation: half as long as responses are
/// kept, so that it returns the first one and does nothing.
const REPEATABLE: Duration = Duration::from_secs(12 * 60 * 60);

/// A call that is ready to run.
struct Ready {
    call: Call,
    handle: RunHandle,
    run: Uuid,
    key: Option<IdempotencyKey>,
}

impl Asked {
    fn of(ready: &Ready) -> Self {
        let is_derived = ready.key.as_ref().is_some_and(IdempotencyKey::is_derived);
        Self { run: ready.run, plan: ready.call.plan, is_derived }
    }
}

/// A run that the client can cancel until this is dropped.
struct Cancellable<'a> {
    face: &'a Face,
    id: &'a RequestId,
}

impl Drop for Cancellable<'_> {
    fn drop(&mut self) {
        self.face.running().remove(self.id);
    }
}

impl Face {
    /// Calls a tool that exists.
    pub(super) async fn call(
        &self,
        party: &Party,
        mut request: CallToolRequestParams,
        context: &RequestContext<RoleServer>,
    ) -> CallToolResponse {
        let name = request.name.clone();
        let policy = self.service.0.policy.action(&name).cloned().unwrap_or_default();
        if let Some(facts) = &party.facts {
            let _ = facts.action.set(name.to_string());
        }
        let arguments = match Arguments::of(request.arguments.take(), &policy) {
            Ok(arguments) => arguments,
            Err(report) => return outcome::of_report(&report).into(),
        };
        let mut ready = self.ready(party, &name, arguments, &policy);
        let (watcher, progress) = Progress::of(context).unzip();
        ready.handle = RunHandle::watched_by(watcher);
        // From here on, so that a question can be cancelled, too.
        let cancellable = self.cancellable(&context.id, &ready.handle);
        let confirms = self.must_confirm(&ready);
        if confirms
            && let Err(response) = self.confirmed(party, &ready, &policy, &request, context).await
        {
            return response;
        }
        let asked = Asked::of(&ready);
        let key = ready.key.clone();
        let response = self.answer(party, ready).await;
        drop(cancellable);
        if let Some(key) = key.filter(|_| confirms && response.status.is_success()) {
            self.made().insert(key, Instant::now());
        }
        if let Some(progress) = progress {
            progress.end().await;
        }
        outcome::of(&response, &asked, &policy).into()
    }

    /// Returns whether a person must confirm a change. A repeat of one that was made only returns its
    /// result.
    fn must_confirm(&self, ready: &Ready) -> bool {
        let is_recent = |at: &Instant| at.elapsed() < REPEATABLE;
        let is_made =
            || ready.key.as_ref().is_some_and(|key| self.made().get(key).is_some_and(is_recent));
        self.confirms && self.service.uses_key(&ready.call) && !is_made()
    }

    fn made(&self) -> MutexGuard<'_, HashMap<IdempotencyKey, Instant>> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn cancellable<'a>(&'a self, id: &'a RequestId, handle: &RunHandle) -> Cancellable<'a> {
        self.running().insert(id.clone(), handle.clone());
        Cancellable { face: self, id }
    }

    fn ready(
        &self,
        party: &Party,
        action: &str,
        arguments: Arguments,
        policy: &ActionPolicy,
    ) -> Ready {
        let run = Uuid::now_v7();
        if let Some(facts) = &party.facts {
            let _ = facts.run.set(run);
        }
        let Arguments { input, plan, key } = arguments;
        let call = Call::new(&party.tenant, action, Value::Object(input));
        let mut call = Call { plan, run: Some(run), ..call };
        // What is harmless to repeat is done again, as the tenant may have changed since.
        let derived = || {
            let request = self.service.canonical(&call).0;
            (!policy.idempotent).then(|| IdempotencyKey::derived(&request))
        };
        let key = key.or_else(derived).filter(|_| self.service.uses_key(&call));
        call.idempotency_key = key.as_ref().map(|key| host::digest(key.as_str()));
        Ready { call, handle: RunHandle::default(), run, key }
    }

    /// Asks a person about a change.
    ///
    /// # Errors
    /// Fails with the response where the change must not be made, or not yet.
    async fn confirmed(
        &self,
        party: &Party,
        ready: &Ready,
        policy: &ActionPolicy,
        request: &CallToolRequestParams,
        context: &RequestContext<RoleServer>,
    ) -> Result<(), CallToolResponse> {
        let (asks_for, secrets) = self.service.canonical(&ready.call);
        let key = ready.key.as_ref().map(IdempotencyKey::as_str);
        let about = host::digest(format!("{asks_for}\n{secrets}\n{}", key.unwrap_or_default()));
        let answered = self.questions.answer(request, &about);
        if answered == Some(true) {
            return Ok(());
        }
        let (run, plan) = (Uuid::now_v7(), true);
        let call = Call { plan, run: Some(run), idempotency_key: None, ..ready.call.clone() };
        let planned = Ready { call, handle: RunHandle::default(), run, key: None };
        let asked = Asked::of(&planned);
        let response = self.answer(party, planned).await;
        let plan = match serde_json::from_slice::<Value>(&response.body) {
            Ok(shown) if response.status.is_success() => shown,
            _ => return Err(outcome::of(&response, &asked, policy).into()),
        };
        // It would fail, and nothing is asked about.
        if let Some(error) = plan.get("error") {
            return Err(outcome::unconfirmed(error, &plan).into());
        }
        let refused = |report: Report| outcome::unconfirmed(&report.to_json(), &plan).into();
        if answered == Some(false) {
            return Err(refused(confirmation::declined()));
        }
        match self.questions.ask(&policy.title, &plan, about, context).await {
            Answer::Confirmed => Ok(()),
            Answer::Asked(question) => Err((*question).into()),
            Answer::Refused(report) => Err(refused(report)),
        }
    }

    /// Runs a call. A client that disconnects stops neither the run nor the storing.
    async fn answer(&self, party: &Party, ready: Ready) -> StoredResponse {
        let (service, api_key) = (self.service.clone(), party.key.clone());
        let Ready { call, handle, run, key } = ready;
        let answering = async move {
            match key {
                Some(key) => service.once((call, handle), run, &key, &api_key).await,
                None => stored(service.result_watched(call, handle).await),
            }
        };
        let answered = self.service.0.calls.spawn(answering.in_current_span()).await;
        answered.unwrap_or_else(|_| {
            stored_problem(&Problem::new(&Failure::Internal.report()), Some(run))
        })
    }
}
