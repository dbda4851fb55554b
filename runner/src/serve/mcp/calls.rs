//! The runs behind the calls of tools.

use std::sync::PoisonError;

use rmcp::model::{CallToolRequestParams, CallToolResponse, RequestId};
use rmcp::service::{RequestContext, RoleServer};
use serde_json::Value;
use tracing::Instrument;
use uuid::Uuid;

use super::arguments::Arguments;
use super::confirmation::{self, Answer};
use super::party::Party;
use super::progress::Progress;
use super::{Face, outcome};
use crate::contract::ActionPolicy;
use crate::platform::{Call, Failure, RunHandle};
use crate::run::host;
use crate::serve::idempotency::{IdempotencyKey, StoredResponse};
use crate::serve::problem::Problem;
use crate::serve::response::{stored, stored_problem};

/// A call that is ready to run.
struct Ready {
    call: Call,
    run: Uuid,
    key: Option<IdempotencyKey>,
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
        let mut ready = self.ready(party, &name, arguments);
        let (watcher, progress) = Progress::of(context).unzip();
        ready.call.handle = RunHandle::watched_by(watcher);
        // From here on, so that a question can be cancelled, too.
        let cancellable = self.cancellable(&context.id, &ready.call.handle);
        let confirming = ready.key.clone().filter(|key| self.must_confirm(key));
        if confirming.is_some()
            && let Err(response) =
                self.confirmed(party, &ready.call, &policy, &request, context).await
        {
            return response;
        }
        let (run, plan) = (ready.run, ready.call.plan);
        let response = self.answer(party, ready).await;
        drop(cancellable);
        if let Some(key) = confirming.filter(|_| response.status.is_success()) {
            self.made.lock().unwrap_or_else(PoisonError::into_inner).insert(key);
        }
        if let Some(progress) = progress {
            progress.end().await;
        }
        outcome::of(&response, (run, plan), &policy).into()
    }

    /// Returns whether a person must confirm the change with a key. A repeat of one that was made
    /// only returns its result.
    fn must_confirm(&self, key: &IdempotencyKey) -> bool {
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        self.confirms && !made.contains(key)
    }

    fn cancellable<'a>(&'a self, id: &'a RequestId, handle: &RunHandle) -> Cancellable<'a> {
        self.running().insert(id.clone(), handle.clone());
        Cancellable { face: self, id }
    }

    fn ready(&self, party: &Party, action: &str, arguments: Arguments) -> Ready {
        let run = Uuid::now_v7();
        if let Some(facts) = &party.facts {
            let _ = facts.run.set(run);
        }
        let Arguments { input, plan, key } = arguments;
        let call = Call::new(&party.tenant, action, Value::Object(input));
        let mut call = Call { plan, run: Some(run), ..call };
        let key = self.service.uses_key(&call).then(|| {
            key.unwrap_or_else(|| IdempotencyKey::derived(&self.service.canonical_request(&call)))
        });
        call.idempotency_key = key.as_ref().map(|key| host::digest(key.as_str()));
        Ready { call, run, key }
    }

    /// Asks a person about a change.
    ///
    /// # Errors
    /// Fails with the response where the change must not be made, or not yet.
    async fn confirmed(
        &self,
        party: &Party,
        call: &Call,
        policy: &ActionPolicy,
        request: &CallToolRequestParams,
        context: &RequestContext<RoleServer>,
    ) -> Result<(), CallToolResponse> {
        let state = host::digest(self.service.canonical_request(call));
        let answered = confirmation::answer(request, &state);
        if answered == Some(true) {
            return Ok(());
        }
        let (run, plan) = (Uuid::now_v7(), true);
        let call = Call {
            plan,
            run: Some(run),
            idempotency_key: None,
            handle: RunHandle::default(),
            ..call.clone()
        };
        let response = self.answer(party, Ready { call, run, key: None }).await;
        let plan = match serde_json::from_slice::<Value>(&response.body) {
            Ok(shown) if response.status.is_success() && shown.get("error").is_none() => shown,
            // It would fail, and nothing is asked about.
            Ok(shown) if response.status.is_success() => {
                let error = shown.get("error").cloned().unwrap_or_default();
                return Err(outcome::would_fail(&error, &shown).into());
            }
            _ => return Err(outcome::of(&response, (run, plan), policy).into()),
        };
        match confirmation::of(&policy.title, &plan, (state, answered), context).await {
            Answer::Confirmed => Ok(()),
            Answer::Asked(question) => Err((*question).into()),
            Answer::Refused(report) => Err(outcome::unconfirmed(&report, &plan).into()),
        }
    }

    /// Runs a call. A client that disconnects stops neither the run nor the storing.
    async fn answer(&self, party: &Party, ready: Ready) -> StoredResponse {
        let (service, api_key) = (self.service.clone(), party.key.clone());
        let Ready { call, run, key } = ready;
        let answering = async move {
            match key {
                Some(key) => service.once(call, run, &key, &api_key).await,
                None => stored(service.result(call).await),
            }
        };
        let answered = self.service.0.calls.spawn(answering.in_current_span()).await;
        answered.unwrap_or_else(|_| {
            stored_problem(&Problem::new(&Failure::Internal.report()), Some(run))
        })
    }
}
