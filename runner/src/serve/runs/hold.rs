//! A run from its acceptance to its end.

use std::pin::pin;
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior};

use super::Held;
use super::entry::RunEntry;
use crate::platform::{CallResult, Failure, RunHandle};
use crate::report::Report;
use crate::serve::response::stored;
use crate::serve::service::Service;

/// The interval at which the store learns what a run does.
const SHOWN: Duration = Duration::from_secs(2);

/// The interval at which the entry of a run that does nothing is written again, so that it stays.
const RENEWED: Duration = Duration::from_secs(60 * 60);

/// How long a server waits before it tries again to store a result, at first and at most.
const AGAIN: Duration = Duration::from_millis(500);
const LONGEST_AGAIN: Duration = Duration::from_secs(30);

impl Service {
    /// Runs an accepted call to its end, in a task of its own, and keeps its result. If `is_kept`
    /// is false, its journal stays, from which the next process gets the same result.
    pub(super) fn hold(
        &self,
        entry: RunEntry,
        handle: RunHandle,
        result: impl Future<Output = CallResult> + Send + 'static,
        is_kept: bool,
    ) {
        // From now on, a wish to cancel it is carried out.
        let held = self.0.runs.hold(entry.run, handle.clone());
        let service = self.clone();
        self.0.calls.spawn(async move {
            service.run_to_end(held, entry, handle, result, is_kept).await;
        });
    }

    async fn run_to_end(
        &self,
        held: Held,
        mut entry: RunEntry,
        handle: RunHandle,
        result: impl Future<Output = CallResult>,
        is_kept: bool,
    ) {
        if let Ok(true) = self.0.runs.is_to_be_cancelled(entry.run).await {
            handle.cancel();
        }
        let result = self.shown(&mut entry, &handle, result).await;
        let result = self.counted(&entry.tenant, &entry.action, result);
        let unended = result.unended.clone();
        if unended.goes_on() {
            return;
        }
        entry.update(&handle);
        let report = result.outcome.as_ref().err().map(Failure::report);
        let kind = report.as_ref().map(Report::kind_name);
        let response = stored(result);
        let mut again = AGAIN;
        loop {
            let error = match self.0.runs.end(&mut entry, kind, &response).await {
                Ok(true) => break,
                Ok(false) => {
                    // Its result is that of the process that has taken it over.
                    tracing::warn!(run = %entry.run, "another process has taken a run over");
                    unended.keep();
                    return;
                }
                Err(error) => error,
            };
            tracing::error!(run = %entry.run, %error, "the result of a run could not be stored");
            if self.0.platform.is_stopping() {
                unended.keep();
                return;
            }
            tokio::time::sleep(again).await;
            again = again.saturating_mul(2).min(LONGEST_AGAIN);
        }
        if !is_kept {
            unended.keep();
        }
        held.end(response);
    }

    /// Waits for the result of a run, and writes meanwhile what it does.
    async fn shown(
        &self,
        entry: &mut RunEntry,
        handle: &RunHandle,
        result: impl Future<Output = CallResult>,
    ) -> CallResult {
        let mut result = pin!(result);
        let mut ticks = tokio::time::interval_at(Instant::now() + SHOWN, SHOWN);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut written = Instant::now();
        loop {
            tokio::select! {
                biased;
                result = &mut result => return result,
                _ = ticks.tick() => {}
            }
            if entry.update(handle) || written.elapsed() >= RENEWED {
                written = Instant::now();
                // If another process holds the run now, its entry is that process's.
                if let Err(error) = self.0.runs.note(entry).await {
                    tracing::warn!(run = %entry.run, %error, "what a run does could not be stored");
                }
            }
        }
    }
}
