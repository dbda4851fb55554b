//! The pauses between looks at an entry of another.

use std::time::Duration;

/// The first pause, and the longest, each without its random part. Half a second is short beside a
/// run that changes something.
const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_millis(400);

/// The random part of a pause, so that many that wait do not look at once.
const RANDOM_MILLIS: u32 = 100;

/// Pauses that grow.
pub struct Pauses(Duration);

impl Pauses {
    pub fn new() -> Self {
        Self(FIRST)
    }

    /// Waits for the next pause.
    pub async fn next(&mut self) {
        // Without random numbers, all wait the same time.
        let random = getrandom::u32().map_or(0, |random| random % RANDOM_MILLIS);
        tokio::time::sleep(self.0.saturating_add(Duration::from_millis(random.into()))).await;
        self.0 = self.0.saturating_mul(2).min(LONGEST);
    }
}
