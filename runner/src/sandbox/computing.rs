//! The processor's time: how much a run takes, and whose turn it is.
//!
//! A guest that waits for Graph takes some hundred microseconds of it. One that computes
//! without an end would, with some of its kind, keep every thread busy while others only
//! want to read an answer. So there are permits for those who compute much, one fewer than
//! there are processors, and the tenants take turns in them. A run goes on in a place when it
//! has computed for a whole [`SLICE`] at a time; and every run of a tenant does whose runs
//! have taken more than their [`SHARE`] lately, however little each takes at a time.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::thread;
use std::time::{Duration, Instant};

use tokio::runtime::{Handle, RuntimeFlavor};

use crate::context::Stop;
use crate::context::Usage;
use crate::fair_queue::{FairQueue, Permit, Permits};

/// From when on a run computes for long: half of the time after which a guest is interrupted,
/// which no action of the connector ever needed at a time.
const SLICE: Duration = Duration::from_millis(5);

/// Which part of one processor the runs of a tenant may have without taking turns: an eighth.
/// That is some hundred runs a second.
const SHARE: u32 = 8;

/// How much the runs of a tenant may have at once before that counts.
const ALLOWANCE: Duration = Duration::from_millis(20);

/// How long a tenant whose run has computed for a whole [`SLICE`] is taken to do it again.
const LATELY: Duration = Duration::from_secs(10);

/// How often a guest is polled apart from other tasks, at most, for each tenant. Where a guest
/// that was let go on for every byte was polled so each time, there were 236 threads.
const APART: Duration = Duration::from_millis(1);

/// The permits for runs that compute much: one fewer than this process has processors.
pub fn permits() -> Permits {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    Permits::new(processors.saturating_sub(1))
}

/// One tenant's turns. Clones are of the same tenant.
#[derive(Clone, Debug)]
pub struct Turns {
    line: FairQueue,
    lately: Arc<Mutex<Lately>>,
}

/// What the runs of a tenant have computed.
#[derive(Debug)]
struct Lately {
    /// Beyond their share, at the time `at`.
    owed: Duration,
    at: Instant,
    /// When one of them last computed for long at a time.
    long: Option<Instant>,
    /// When one of them was last polled apart.
    apart: Option<Instant>,
}

impl Turns {
    /// The turns of a tenant that has `line` for the permits.
    pub fn new(line: FairQueue) -> Self {
        let lately = Lately { owed: Duration::ZERO, at: Instant::now(), long: None, apart: None };
        Self { line, lately: Arc::new(Mutex::new(lately)) }
    }

    /// Waits for a place, if the tenant has computed more than its share.
    async fn place_if_owed(&self) -> Option<Permit> {
        let owed = self.lately().owed(Instant::now());
        if owed > ALLOWANCE { Some(self.line.permit().await) } else { None }
    }

    /// Whether a run of the tenant is to be polled apart now, since it may well compute for
    /// long.
    fn apart(&self) -> bool {
        let now = Instant::now();
        let within = |time: Option<Instant>, limit: Duration| {
            time.is_some_and(|time| now.saturating_duration_since(time) < limit)
        };
        let mut lately = self.lately();
        let apart = within(lately.long, LATELY) && !within(lately.apart, APART);
        if apart {
            lately.apart = Some(now);
        }
        apart
    }

    fn computed(&self, took: Duration) {
        let now = Instant::now();
        let mut lately = self.lately();
        lately.owed = lately.owed(now).saturating_add(took);
        lately.at = now;
        if took >= SLICE {
            lately.long = Some(now);
        }
    }

    fn lately(&self) -> MutexGuard<'_, Lately> {
        self.lately.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lately {
    /// What is left of it at `now`.
    fn owed(&self, now: Instant) -> Duration {
        self.owed.saturating_sub(now.saturating_duration_since(self.at) / SHARE)
    }
}

/// Runs a guest's `computing`, whose time is added to `usage` and is `limit` at most, and
/// takes its `turns` where it or its tenant computes much.
pub async fn metered<F: Future>(
    computing: F,
    limit: Duration,
    turns: &Turns,
    usage: &Usage,
) -> Result<F::Output, Stop> {
    let mut computing = pin!(computing);
    loop {
        let mut place = turns.place_if_owed().await;
        // As long as it computes for long each time it is let go on.
        loop {
            let apart = place.is_some() && turns.apart();
            let (polled, took) =
                poll_fn(|context| Poll::Ready(timed(|| poll(computing.as_mut(), context, apart))))
                    .await;
            turns.computed(took);
            let computed = usage.computed(took);
            match polled {
                Poll::Ready(output) => return Ok(output),
                Poll::Pending if computed > limit => return Err(Stop::Computing(limit)),
                Poll::Pending if took < SLICE => break,
                Poll::Pending => {
                    // Given back first, so that others have their turn.
                    drop(place.take());
                    place = Some(turns.line.permit().await);
                }
            }
        }
        drop(place);
        woken().await;
    }
}

/// Polls a guest; where that may take long, `apart` from the thread's other tasks, which then
/// go on in another thread: a runtime may have fewer threads than there are permits.
fn poll<F: Future>(
    computing: Pin<&mut F>,
    context: &mut Context<'_>,
    apart: bool,
) -> Poll<F::Output> {
    let has_threads = || {
        Handle::try_current()
            .is_ok_and(|handle| handle.runtime_flavor() == RuntimeFlavor::MultiThread)
    };
    if apart && has_threads() {
        tokio::task::block_in_place(|| computing.poll(context))
    } else {
        computing.poll(context)
    }
}

/// What `work` gives, and how long this thread computed for it.
fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = processor_time();
    let result = work();
    (result, processor_time().saturating_sub(start))
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
