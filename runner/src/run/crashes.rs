//! A run in several processes: faults crash it, and it goes on from its journal.

use std::sync::Arc;

use super::Executed;
use crate::context::Clock;
use crate::egress::journal::Durable;
use crate::journal::{Begun, JournalError, MemoryJournal};

/// Executes a run in one process after the other, until one ends without a crash. What a process
/// knew is gone with it: the next one has the journal of the run, on a new clock of `clock`.
/// Without `begun`, the run has one process and no journal.
///
/// # Errors
/// Fails when the journal cannot be used, or `process` fails.
pub async fn through_crashes<E: From<JournalError>>(
    begun: Option<Begun>,
    clock: impl Fn() -> Clock,
    mut process: impl AsyncFnMut(Clock, Option<Durable>) -> Result<Executed, E>,
) -> Result<Executed, E> {
    let Some(begun) = begun else { return process(clock(), None).await };
    let journal = Arc::new(MemoryJournal::default());
    loop {
        let clock = clock().noted();
        let (own, past) = journal.next(&begun)?;
        let durable = Durable::new(own, past, clock.clone());
        let executed = process(clock, Some(durable)).await?;
        if !executed.is_crashed() {
            return Ok(executed);
        }
        tracing::info!(run = %begun.run, "a crashed run goes on");
    }
}
