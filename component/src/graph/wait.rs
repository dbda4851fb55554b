//! How long to wait before the next attempt.

use core::time::Duration;

use super::time;
use super::transport::Response;
use crate::hash::fnv1a;

/// The first wait when Graph names none, as in Microsoft's own SDKs; it doubles each time.
const FIRST_WAIT: Duration = Duration::from_secs(3);

/// The waits of a [`Window`]; the last one is repeated.
const REPLICATION_STEPS: [u64; 5] = [1, 2, 4, 8, 10];

/// What the response's `Retry-After` asks for, rounded up to a whole second and at least
/// one, since Graph counts a repeat at once against the caller. It is a number, which may
/// have a fraction, or an HTTP date, which is measured from the response's own `Date`:
/// there is no other clock to trust. `None` when the response names no time.
pub fn retry_after(response: &Response) -> Option<Duration> {
    let value = response.header("retry-after")?.trim();
    let seconds = match whole_seconds(value) {
        Some(seconds) => seconds,
        None => {
            let now = time::http_date(response.header("date")?)?;
            u64::try_from(time::http_date(value)?.saturating_sub(now)).unwrap_or(0)
        }
    };
    Some(Duration::from_secs(seconds.max(1)))
}

/// A decimal number such as `2.128`, rounded up, or the largest that there is; `None` when
/// `text` is something else.
fn whole_seconds(text: &str) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    (!whole.is_empty() && digits(whole) && digits(fraction)).then_some(())?;
    // Only a number that is too large is left to go wrong.
    let seconds: u64 = whole.parse().unwrap_or(u64::MAX);
    Some(seconds.saturating_add(u64::from(fraction.bytes().any(|digit| digit != b'0'))))
}

/// The wait before retry number `retry` (from 1) when Graph names none: 3 s, 6 s, 12 s ...
/// and up to a second of jitter, which is a hash of `seeds` since there is no random.
/// Request bodies are no seeds: they may hold a password, and waits are recorded.
pub fn back_off(retry: u32, seeds: &[&str]) -> Duration {
    // A zero byte after each seed keeps their borders.
    let texts = seeds.iter().flat_map(|seed| seed.bytes().chain([0]));
    let jitter = fnv1a(texts.chain(retry.to_le_bytes())) % 1001;
    let doubled = FIRST_WAIT.saturating_mul(2_u32.saturating_pow(retry.saturating_sub(1)));
    doubled.saturating_add(Duration::from_millis(jitter))
}

/// A time in which what was written may not be readable everywhere yet.
pub struct Window {
    closes: Duration,
    taken: usize,
}

impl Window {
    /// A window that closes when the clock shows `closes`.
    pub fn new(closes: Duration) -> Self {
        Window { closes, taken: 0 }
    }

    /// The same window, with short waits again.
    pub fn again(&self) -> Self {
        Window::new(self.closes)
    }

    /// The next wait, none when the window would be closed after it.
    pub fn step(&mut self, now: Duration) -> Option<Duration> {
        let longest = REPLICATION_STEPS.last();
        let seconds = REPLICATION_STEPS.get(self.taken).or(longest)?;
        self.taken = self.taken.saturating_add(1);
        let wait = Duration::from_secs(*seconds);
        (now.saturating_add(wait) <= self.closes).then_some(wait)
    }

    /// Whether there is no time left in it, or less than for the longest wait.
    pub fn is_over(&self, now: Duration) -> bool {
        let longest = REPLICATION_STEPS.last().copied().unwrap_or_default();
        now.saturating_add(Duration::from_secs(longest)) > self.closes
    }
}
