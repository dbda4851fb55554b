//! How many keys this process has begun lately.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::super::Options;

/// The parts of a lifetime that are counted together.
const PARTS: u32 = 24;

/// The keys of each tenant that this process has begun within their lifetime.
pub struct Counts {
    kept: Duration,
    most: u64,
    tenants: Mutex<HashMap<Arc<str>, VecDeque<Part>>>,
}

/// The keys that were begun in a part of a lifetime.
struct Part {
    since: Instant,
    keys: u64,
}

impl Counts {
    pub fn new(options: &Options) -> Self {
        Self { kept: options.kept, most: options.tenant_keys, tenants: Mutex::default() }
    }

    /// Returns whether a tenant has room for another key.
    pub fn has_room(&self, tenant: &str) -> bool {
        let mut tenants = self.tenants();
        let Some(parts) = tenants.get_mut(tenant) else { return self.most > 0 };
        let lives = |part: &Part| part.since.elapsed() < self.kept.saturating_add(self.part());
        while parts.front().is_some_and(|part| !lives(part)) {
            parts.pop_front();
        }
        parts.iter().map(|part| part.keys).sum::<u64>() < self.most
    }

    /// Counts a key.
    pub fn add(&self, tenant: &Arc<str>) {
        let mut tenants = self.tenants();
        let parts = tenants.entry(Arc::clone(tenant)).or_default();
        match parts.back_mut().filter(|part| part.since.elapsed() < self.part()) {
            Some(part) => part.keys = part.keys.saturating_add(1),
            None => parts.push_back(Part { since: Instant::now(), keys: 1 }),
        }
    }

    /// Counts a key no longer, which was one of the latest.
    pub fn remove(&self, tenant: &str) {
        let mut tenants = self.tenants();
        let latest = tenants.get_mut(tenant).and_then(VecDeque::back_mut);
        if let Some(part) = latest {
            part.keys = part.keys.saturating_sub(1);
        }
    }

    fn part(&self) -> Duration {
        self.kept / PARTS
    }

    fn tenants(&self) -> MutexGuard<'_, HashMap<Arc<str>, VecDeque<Part>>> {
        self.tenants.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
