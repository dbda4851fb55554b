//! One run of one action.

use std::time::Duration;

use serde_json::Value;
use wasmtime::Store;
use wasmtime::component::Val;

use super::computing::{Turns, metered};
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

/// How much longer than its time a run may take to end by itself.
const GRACE: Duration = Duration::from_secs(2);

/// Everything that the sandbox needs for one run.
pub struct Run<'a> {
    /// The run.
    pub context: RunContext,
    /// The action.
    pub action: &'a Action,
    /// Its input, converted already.
    pub input: Val,
    /// The connection that is granted to it.
    pub granted: Granted,
    /// Where its requests go.
    pub egress: EgressStack,
    /// Whose turns it takes when it computes for long.
    pub turns: Turns,
}

/// How an action ended by itself.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It did what it was asked; `null` where it returns nothing.
    Done(Value),
    /// It failed, with its own error, in which no secret input is repeated.
    Failed(Value),
}

/// A run that is over.
#[derive(Clone, Debug, PartialEq)]
pub struct Ended {
    /// How the action ended, or what ended it.
    pub outcome: Result<Outcome, Stop>,
    /// The linear memory that the instance had at the end, in bytes. It never shrinks.
    pub memory: usize,
}

impl Guest {
    /// Runs an action in an instance of its own, which is dropped afterwards.
    pub async fn run(&self, sandbox: &Sandbox, run: Run<'_>) -> Ended {
        let Run { context, action, input, granted, egress, turns } = run;
        let (limit, result) = (context.limits.time, context.limits.result);
        let cpu = context.limits.cpu;
        let redaction = context.redaction.clone().beside(self.own_words().clone());
        let (usage, clock) = (context.usage.clone(), context.clock.clone());
        let memory = MemoryLimits::new(context.limits.memory.min(MAX_MEMORY), usage.clone());
        let stopped = context.stop.listen();
        let hooks = Hooks::new(context, egress);
        let state = RunState::new(hooks, clock.clone(), granted, memory);
        let mut store = state::store(sandbox.engine(), state, result);
        // Dropped before the store, which tells its requests that they are not to be sent.
        let mut stopped = stopped;
        let call = self.call(&mut store, action, input, result, &redaction);
        let call = metered(call, cpu, &turns, &usage);
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
        // The guest may have gone on without waiting for the answer that never comes.
        let refusal = stopped.now();
        let outcome = refusal.map_or(outcome, Err);
        // What a virtual clock skipped counts as well.
        let outcome = if clock.now() > limit.saturating_add(GRACE) {
            Err(Stop::Time(limit))
        } else {
            outcome
        };
        Ended { outcome, memory: store.data().limits.bytes() }
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
        // What was copied out of the guest took a while, and making JSON of it takes longer:
        // it may be another tenant's turn.
        tokio::task::yield_now().await;
        Ok(outcome(action, result, limit, redaction)?)
    }
}
