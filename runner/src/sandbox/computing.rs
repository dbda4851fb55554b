//! The processor's time: how much a run takes, and whose turn it is.
//!
//! A guest that waits for Graph takes some hundred microseconds of it. One that computes
//! without an end would, with some of its kind, keep every thread busy while others only
//! want to read an answer. So a run that has computed for a whole [`SLICE`] goes on in a place
//! of its own, of which there is one fewer than there are processors, and the tenants take
//! turns in them.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::thread;
use std::time::Duration;

use super::Stop;
use crate::egress::usage::Usage;
use crate::fair::{Line, Place, Places};

/// From when on a run computes for long: half of the time after which a guest is interrupted,
/// which no action of the connector ever needed at a time.
const SLICE: Duration = Duration::from_millis(5);

/// The places for runs that compute for long: one fewer than this process has processors.
pub fn places() -> Places {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    Places::new(processors.saturating_sub(1))
}

/// Runs a guest's `computing`, whose time is added to `usage` and is `limit` at most; where
/// it computes for long, it takes its turns in `line`.
pub async fn metered<F: Future>(
    computing: F,
    limit: Duration,
    line: &Line,
    usage: &Usage,
) -> Result<F::Output, Stop> {
    let mut computing = pin!(computing);
    loop {
        let mut place: Option<Place> = None;
        // As long as it computes for long each time it is let go on.
        loop {
            let (polled, took) = poll_fn(|context| {
                let start = processor_time();
                let polled = computing.as_mut().poll(context);
                Poll::Ready((polled, processor_time().saturating_sub(start)))
            })
            .await;
            let computed = usage.computed(took);
            match polled {
                Poll::Ready(output) => return Ok(output),
                Poll::Pending if computed > limit => return Err(Stop::Computing { limit }),
                Poll::Pending if took < SLICE => break,
                Poll::Pending => {
                    // Given back first, so that others have their turn.
                    drop(place.take());
                    place = Some(line.place().await);
                }
            }
        }
        drop(place);
        woken().await;
    }
}

/// Waits until whatever the last poll waited for is there: it has this task's waker.
async fn woken() {
    let mut waited = false;
    poll_fn(|_| {
        if waited {
            return Poll::Ready(());
        }
        waited = true;
        Poll::Pending
    })
    .await;
}

/// How long this thread has computed.
#[cfg(unix)]
fn processor_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::try_from(time).unwrap_or_default()
}

/// How long this thread may have computed: where there is no better clock, the wall's.
#[cfg(not(unix))]
fn processor_time() -> Duration {
    use std::sync::LazyLock;
    use std::time::Instant;

    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    START.elapsed()
}
