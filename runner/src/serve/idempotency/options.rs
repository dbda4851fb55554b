//! For how long answers are kept, and how much of them.

use std::time::Duration;

/// For how long answers are kept, and how much of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// How long an answer is kept after it was given, and a run that was cut off after it
    /// began. By the wall clock, since it has to outlive the process.
    pub kept: Duration,
    /// How many bytes of answers a tenant may have. Over it the oldest answers go, and their
    /// keys stay: a repeat gets [`NotKept`](super::Begun::NotKept).
    pub tenant_bytes: u64,
    /// How many keys with an answer a tenant may have. Over it the oldest go, and a repeat of
    /// one that went is a first.
    pub tenant_entries: u64,
    /// How large an answer may be to be kept, in bytes.
    pub answer_bytes: u64,
}

impl Default for Options {
    /// A day, which is longer than clients retry by themselves; 10,000 keys, which is one each
    /// 9 seconds of it; and room for 16 of the largest answers.
    fn default() -> Self {
        Self {
            kept: Duration::from_secs(24 * 60 * 60),
            tenant_bytes: 64 << 20,
            tenant_entries: 10_000,
            answer_bytes: 4 << 20,
        }
    }
}
