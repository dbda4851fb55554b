//! The permits of one tenant, as the processes that share a store divide them.
//!
//! Permits go to the process that holds the fewest of those that want some; among equals, to the one
//! that has waited longest. A process gives up permits while that makes the division more even, or
//! gives another its first one.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// What each process has of a tenant's permits, by the name of its share.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Shares(BTreeMap<String, Share>);

/// What one process has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// The permits that it holds.
    pub held: usize,
    /// The further permits that it wants.
    pub wanting: usize,
    /// The place in the order of those that want permits, the lowest first.
    pub turn: u64,
}

/// A process that wants permits, in the order in which they get some.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Wanting {
    held: usize,
    turn: u64,
    more: usize,
}

/// Returns the name of a share of a process. It may have several of one tenant.
pub fn name(process: &str, number: usize) -> String {
    format!("{process}.{number}")
}

/// Returns the id of the process that has the share with this name.
pub fn process(name: &str) -> &str {
    name.split_once('.').map_or(name, |(process, _)| process)
}

impl Wanting {
    /// Gives one permit to the first of those that want some; returns whether there is one.
    fn serve_first(waiting: &mut Vec<Self>) -> bool {
        let Some(first) = waiting.iter_mut().min() else { return false };
        first.held = first.held.saturating_add(1);
        first.more = first.more.saturating_sub(1);
        waiting.retain(|wanting| wanting.more > 0);
        true
    }
}

impl Shares {
    /// Reads an entry; `None` if it is not understood.
    pub fn read(value: &[u8]) -> Option<Self> {
        serde_json::from_slice(value).ok()
    }

    /// Returns the value of the entry.
    pub fn write(&self) -> Bytes {
        json!(self).to_string().into()
    }

    /// Takes out the share with this name.
    pub fn take(&mut self, name: &str) -> Share {
        self.0.remove(name).unwrap_or_default()
    }

    /// Puts in a share, unless it is empty.
    pub fn put(&mut self, name: &str, share: Share) {
        if share.held > 0 || share.wanting > 0 {
            self.0.insert(name.to_owned(), share);
        }
    }

    /// Returns the names of the shares.
    pub fn names(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }

    /// Returns whether any process wants permits.
    pub fn is_wanted(&self) -> bool {
        self.0.values().any(|share| share.wanting > 0)
    }

    /// Returns a turn after all others.
    pub fn last_turn(&self) -> u64 {
        self.0.values().map(|share| share.turn).max().unwrap_or(0).saturating_add(1)
    }

    /// Returns how many of the free permits go to a process with this share. The other processes
    /// have these shares.
    pub fn available(&self, limit: usize, own: Share) -> usize {
        let free = limit.saturating_sub(self.held()).saturating_sub(own.held);
        let mut waiting = self.wanting();
        let mut held = own.held;
        let taken = |held: usize| held.saturating_sub(own.held);
        for _ in 0..free {
            if taken(held) == own.wanting {
                break;
            }
            let is_before = |other: &Wanting| (other.held, other.turn) < (held, own.turn);
            if waiting.iter().min().is_some_and(is_before) {
                Wanting::serve_first(&mut waiting);
            } else {
                held = held.saturating_add(1);
            }
        }
        taken(held)
    }

    /// Returns how many permits a process that holds `held` gives up. The other processes have these
    /// shares.
    pub fn surplus(&self, limit: usize, held: usize) -> usize {
        let all = self.held().saturating_add(held);
        let mut left = held.saturating_sub(all.saturating_sub(limit));
        let mut waiting = self.wanting();
        for _ in 0..limit.saturating_sub(all) {
            if !Wanting::serve_first(&mut waiting) {
                break;
            }
        }
        while let Some(first) = waiting.iter().min() {
            let is_even = first.held.saturating_add(1) >= left && first.held > 0;
            if left == 0 || is_even {
                break;
            }
            Wanting::serve_first(&mut waiting);
            left = left.saturating_sub(1);
        }
        held.saturating_sub(left)
    }

    fn held(&self) -> usize {
        self.0.values().fold(0, |held, share| held.saturating_add(share.held))
    }

    fn wanting(&self) -> Vec<Wanting> {
        let wanting = self.0.values().filter(|share| share.wanting > 0);
        let wanting = wanting.map(|share| Wanting {
            held: share.held,
            turn: share.turn,
            more: share.wanting,
        });
        wanting.collect()
    }
}
