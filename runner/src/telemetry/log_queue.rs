//! The queue of a server's log lines.
//!
//! A pipe that nobody reads, or a disk that stalls, blocks who writes to it. So a thread of its own
//! writes the lines, and those that it cannot take are dropped and counted.

use std::io::Write;
use std::sync::OnceLock;

use tracing_appender::non_blocking::{ErrorCounter, NonBlocking, NonBlockingBuilder, WorkerGuard};

/// The number of lines that wait to be written: some megabytes.
const LINES: usize = 10_000;

/// The dropped lines of this process, which has one log.
static DROPPED: OnceLock<ErrorCounter> = OnceLock::new();

/// Starts a queue before `writer`. Dropping the guard waits for the lines in the queue, for about a
/// second at most.
pub fn start(writer: impl Write + Send + 'static) -> (NonBlocking, WorkerGuard) {
    let (queue, guard) = NonBlockingBuilder::default()
        .lossy(true)
        .buffered_lines_limit(LINES)
        .thread_name("log")
        .finish(writer);
    let _ = DROPPED.set(queue.error_counter());
    (queue, guard)
}

/// Returns the number of lines that were dropped so far.
pub fn dropped_lines() -> u64 {
    let dropped = DROPPED.get().map_or(0, ErrorCounter::dropped_lines);
    u64::try_from(dropped).unwrap_or(u64::MAX)
}
