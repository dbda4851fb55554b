//! One run of one action.

use std::time::Duration;

use serde_json::Value;
use wasmtime::Store;
use wasmtime::component::Val;

use super::computing::{ComputeQueue, metered};
use super::ending::{outcome, reason, setup};
use super::engine::MAX_MEMORY;
use super::granted::Granted;
use super::limits::MemoryLimits;
use super::state::{self, RunState};
use super::{Action, Guest, Sandbox};
use crate::context::{RunContext, Stop};
use crate::egress::EgressStack;
use crate::egress::hooks::Hooks;
use crate::recording::redaction::Redaction;
use crate::values::JsonText;

/// The time that a run has after its limit to return by itself.
const GRACE: Duration = Duration::from_secs(2);

/// The parameters of a run.
pub struct Run<'a> {
    /// The context.
    pub context: RunContext,
    /// The action.
    pub action: &'a Action,
    /// The input as a component value.
    pub input: Val,
    /// The connection that the run may use.
    pub granted: Granted,
    /// The egress stack for the run's requests.
    pub egress: EgressStack,
    /// The queue of the tenant for processor time.
    pub queue: ComputeQueue,
}

/// What an action returned.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The result; `null` if the action has none.
    Done(JsonText),
    /// The error, without secret inputs.
    Failed(Value),
}

/// A finished run.
#[derive(Clone, Debug, PartialEq)]
pub struct Finished {
    /// What the action returned, or why the host stopped it.
    pub outcome: Result<Outcome, Stop>,
    /// The linear memory at the end, in bytes. It never shrinks.
    pub memory: usize,
}

impl Guest {
    /// Runs an action in a new instance, which is dropped afterwards.
    pub async fn run(&self, sandbox: &Sandbox, run: Run<'_>) -> Finished {
        let Run { context, action, input, granted, egress, queue } = run;
        let (limit, cpu, result) = (context.limits.time, context.limits.cpu, context.limits.result);
        let redaction = context.redaction.clone().beside(self.own_words().clone());
        let (usage, clock) = (context.usage.clone(), context.clock.clone());
        let memory = MemoryLimits::new(context.limits.memory.min(MAX_MEMORY), usage.clone());
        let stopped = context.stop.listen();
        let hooks = Hooks::new(context, egress);
        let state = RunState::new(hooks, clock.clone(), granted, memory);
        let mut store = state::store(sandbox.engine(), state, result);
        // Dropped before the store, so that pending requests learn that they must not be sent.
        let mut stopped = stopped;
        // On the heap, as each function that takes it would copy some kilobytes.
        let call = Box::pin(self.call(&mut store, action, input, result, &redaction));
        let call = metered(call, cpu, &queue, &usage);
        let outcome = tokio::select! {
            biased;
            reason = stopped.reason() => Err(reason),
            ended = tokio::time::timeout(limit.saturating_add(GRACE), call) => match ended {
                Err(_) => Err(Stop::Time(limit)),
                Ok(Err(stop)) => Err(stop),
                Ok(Ok(Err(error))) => Err(reason(error, result)),
                Ok(Ok(Ok(outcome))) => Ok(outcome),
            }
        };
        // The guest may have returned without waiting for the response that never comes.
        let stop = stopped.now();
        // The time that a virtual clock skipped counts as well.
        let outcome = match clock.now() > limit.saturating_add(GRACE) {
            true => Err(Stop::Time(limit)),
            false => stop.map_or(outcome, Err),
        };
        Finished { outcome, memory: store.data().limits.bytes() }
    }

    async fn call(
        &self,
        store: &mut Store<RunState>,
        action: &Action,
        input: Val,
        limit: usize,
        redaction: &Redaction,
    ) -> wasmtime::Result<Outcome> {
        let instance = self.instance.instantiate_async(&mut *store).await.map_err(setup)?;
        let function = instance
            .get_func(&mut *store, action.export)
            .ok_or_else(|| wasmtime::Error::msg("the export is gone"))?;
        let mut results = [Val::Bool(false)];
        function.call_async(&mut *store, &[input], &mut results).await?;
        let [result] = results;
        // Copying a large result and converting it to JSON take time: other tenants go first.
        tokio::task::yield_now().await;
        Ok(outcome(action, result, limit, redaction)?)
    }
}
