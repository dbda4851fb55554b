//! The processor time of runs.
//!
//! A run that waits for Graph computes for some hundred microseconds. A few runs that compute
//! without end would keep every thread busy. Therefore there are compute permits, one fewer than
//! processors, for which the tenants queue. A run needs a permit once it has computed for a whole
//! [`SLICE`] at a time, and every run of a tenant needs one while the tenant exceeds its [`SHARE`].

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::thread;
use std::time::{Duration, Instant};

use tokio::runtime::{Handle, RuntimeFlavor};

use crate::context::{Stop, Usage};
use crate::fair_queue::{FairQueue, Permit, Permits};

/// The computing time from which a run needs a permit: half of the interval at which guests are
/// interrupted. No action of the connector computes that long at a time.
const SLICE: Duration = Duration::from_millis(5);

/// The divisor of one processor that a tenant may use without permits. An eighth is enough for
/// some hundred runs a second.
const SHARE: u32 = 8;

/// The computing time that a tenant may use beyond its share before its runs need permits.
const ALLOWANCE: Duration = Duration::from_millis(20);

/// The time after a whole [`SLICE`] in which the tenant is expected to compute for long again.
const RECENTLY: Duration = Duration::from_secs(10);

/// The shortest interval between two polls of a tenant's guests in a blocking section. Without
/// it, a guest that was resumed for every byte led to 236 threads.
const BLOCKING_INTERVAL: Duration = Duration::from_millis(1);

/// Creates the compute permits: one fewer than this process has processors.
pub fn permits() -> Permits {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    Permits::new(processors.saturating_sub(1))
}

/// The queue of one tenant for compute permits. Clones refer to the same tenant.
#[derive(Clone, Debug)]
pub struct ComputeQueue {
    queue: FairQueue,
    recent: Arc<Mutex<RecentUse>>,
}

/// The recent computing time of a tenant's runs.
#[derive(Debug)]
struct RecentUse {
    /// The time beyond the share, as of `at`.
    excess: Duration,
    at: Instant,
    /// The last time that a run used a whole slice.
    long: Option<Instant>,
    /// The last poll in a blocking section.
    blocking: Option<Instant>,
}

impl ComputeQueue {
    /// Creates the compute queue of a tenant from its fair queue.
    pub fn new(queue: FairQueue) -> Self {
        let at = Instant::now();
        let recent = RecentUse { excess: Duration::ZERO, at, long: None, blocking: None };
        Self { queue, recent: Arc::new(Mutex::new(recent)) }
    }

    /// Waits for a permit, if the tenant exceeds its share.
    async fn permit_if_exceeded(&self) -> Option<Permit> {
        let excess = self.recent().excess(Instant::now());
        if excess > ALLOWANCE { Some(self.queue.permit().await) } else { None }
    }

    /// Returns whether to poll a run in a blocking section, because it may compute for long.
    fn poll_blocking(&self) -> bool {
        let now = Instant::now();
        let within = |time: Option<Instant>, limit: Duration| {
            time.is_some_and(|time| now.saturating_duration_since(time) < limit)
        };
        let mut recent = self.recent();
        let blocking = within(recent.long, RECENTLY) && !within(recent.blocking, BLOCKING_INTERVAL);
        if blocking {
            recent.blocking = Some(now);
        }
        blocking
    }

    fn add(&self, took: Duration) {
        let now = Instant::now();
        let mut recent = self.recent();
        recent.excess = recent.excess(now).saturating_add(took);
        recent.at = now;
        if took >= SLICE {
            recent.long = Some(now);
        }
    }

    fn recent(&self) -> MutexGuard<'_, RecentUse> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl RecentUse {
    /// Returns the excess that remains at `now`.
    fn excess(&self, now: Instant) -> Duration {
        self.excess.saturating_sub(now.saturating_duration_since(self.at) / SHARE)
    }
}

/// Runs the future of a guest. Adds its computing time to `usage`, stops it at `limit`, and waits
/// in `queue` when the run or its tenant computes much.
pub async fn metered<F: Future>(
    computing: F,
    limit: Duration,
    queue: &ComputeQueue,
    usage: &Usage,
) -> Result<F::Output, Stop> {
    let mut computing = pin!(computing);
    loop {
        let mut permit = queue.permit_if_exceeded().await;
        // Repeats while the guest uses a whole slice at each poll.
        loop {
            let blocking = permit.is_some() && queue.poll_blocking();
            let (polled, took) = poll_fn(|context| {
                let start = processor_time();
                let polled = poll(computing.as_mut(), context, blocking);
                Poll::Ready((polled, processor_time().saturating_sub(start)))
            })
            .await;
            queue.add(took);
            let computed = usage.computed(took);
            match polled {
                Poll::Ready(output) => return Ok(output),
                Poll::Pending if computed > limit => return Err(Stop::Computing(limit)),
                Poll::Pending if took < SLICE => break,
                Poll::Pending => {
                    // Returned first, so that other tenants go first.
                    drop(permit.take());
                    permit = Some(queue.queue.permit().await);
                }
            }
        }
        drop(permit);
        woken().await;
    }
}

/// Polls a guest. A `blocking` section lets the other tasks of this thread continue on another
/// one: a runtime may have fewer threads than there are permits.
fn poll<F: Future>(
    computing: Pin<&mut F>,
    context: &mut Context<'_>,
    blocking: bool,
) -> Poll<F::Output> {
    let is_multi_thread = |handle: Handle| handle.runtime_flavor() == RuntimeFlavor::MultiThread;
    if blocking && Handle::try_current().is_ok_and(is_multi_thread) {
        tokio::task::block_in_place(|| computing.poll(context))
    } else {
        computing.poll(context)
    }
}

/// Waits for the wake-up that the last poll registered with this task's waker.
async fn woken() {
    let mut polled = false;
    poll_fn(|_| if std::mem::replace(&mut polled, true) { Poll::Ready(()) } else { Poll::Pending })
        .await;
}

/// Returns the processor time of this thread.
#[cfg(unix)]
fn processor_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::try_from(time).unwrap_or_default()
}

/// Returns the wall-clock time, where the system has no processor time of a thread.
#[cfg(not(unix))]
fn processor_time() -> Duration {
    static START: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(Instant::now);
    START.elapsed()
}
