//! One run of one action.

use std::time::Duration;

use serde_json::Value;
use tokio::sync::watch;
use wasmtime::Store;
use wasmtime::component::Val;

use super::computing::{Turns, metered};
use super::ending::{outcome, reason, setup};
use super::engine::MAX_MEMORY;
use super::limits::MemoryLimits;
use super::state::{self, State};
use super::{Action, Clock, Guest, Sandbox, Stop};
use crate::connections::Lent;
use crate::egress::WayOut;
use crate::egress::hooks::Hooks;
use crate::egress::ledger::Ledger;
use crate::egress::usage::Usage;
use crate::limits::Limits;
use crate::recording::Secrets;
use crate::recording::redaction::Redaction;

/// How much longer than its time a run may take to end by itself.
const GRACE: Duration = Duration::from_secs(2);

/// Everything that one run needs.
pub struct Run<'a> {
    /// The action.
    pub action: &'a Action,
    /// Its input, converted already.
    pub input: Val,
    /// The connection that is lent to it.
    pub lent: Lent,
    /// Where its requests go.
    pub way_out: WayOut,
    /// Its clock.
    pub clock: Clock,
    /// Its secret inputs, which its error must not repeat.
    pub secrets: Secrets,
    /// Where its writes are noted.
    pub ledger: Ledger,
    /// What it may use up.
    pub limits: Limits,
    /// Where it is counted what it takes.
    pub usage: Usage,
    /// Whose turns it takes when it computes for long.
    pub line: Turns,
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
        let action = run.action;
        let limit = run.limits.time;
        let memory = run.limits.memory.min(MAX_MEMORY);
        let result = run.limits.result;
        let redaction = Redaction::new(&run.secrets).beside(self.own_words().clone());
        let (stop, stopped) = watch::channel(None);
        let usage = run.usage;
        let hooks = Hooks {
            way_out: run.way_out,
            clock: run.clock.clone(),
            ledger: run.ledger,
            limits: run.limits,
            usage: usage.clone(),
            stop,
            in_flight: Hooks::in_flight(),
        };
        let clock = run.clock.clone();
        let memory = MemoryLimits::new(memory, usage.clone());
        let state = State::new(hooks, run.clock, run.lent, memory);
        let mut store = state::store(sandbox.engine(), state, result);
        // Dropped before the store, which tells its requests that they are not to be sent.
        let mut stopped = stopped;
        let call = self.call(&mut store, action, run.input, result, &redaction);
        let call = metered(call, run.limits.cpu, &run.line, &usage);
        let outcome = tokio::select! {
            biased;
            reason = refused(&mut stopped) => Err(reason),
            ended = tokio::time::timeout(limit.saturating_add(GRACE), call) => match ended {
                Err(_) => Err(Stop::Time { limit }),
                Ok(Err(stop)) => Err(stop),
                Ok(Ok(Err(error))) => Err(reason(error, result)),
                Ok(Ok(Ok(outcome))) => Ok(outcome),
            }
        };
        // The guest may have gone on without waiting for the answer that never comes.
        let refusal = stopped.borrow().clone();
        let outcome = refusal.map_or(outcome, Err);
        // What a virtual clock skipped counts as well.
        let outcome = if clock.now() > limit.saturating_add(GRACE) {
            Err(Stop::Time { limit })
        } else {
            outcome
        };
        Ended { outcome, memory: store.data().limits.bytes() }
    }

    async fn call(
        &self,
        store: &mut Store<State>,
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

/// The first refusal of a layer, if one ever comes.
async fn refused(stopped: &mut watch::Receiver<Option<Stop>>) -> Stop {
    // Copied out of the channel first: a run that held its lock could not be spawned.
    let reason = stopped.wait_for(Option::is_some).await.ok().and_then(|reason| reason.clone());
    match reason {
        Some(reason) => reason,
        None => std::future::pending().await,
    }
}
