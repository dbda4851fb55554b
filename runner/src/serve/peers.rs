//! The connections of each client address: one that has too many loses those that it does not use.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::activity::Activity;

/// The bits of an IPv6 address that name a site: its owner has all addresses below.
const SITE: u128 = !0xffff_ffff_ffff_ffff;

/// The open connections by client address. Clones share them.
#[derive(Clone)]
pub(super) struct Peers(Arc<Inner>);

struct Inner {
    /// The most connections of one address.
    limit: usize,
    next: AtomicU64,
    open: Mutex<BTreeMap<IpAddr, BTreeMap<u64, Activity>>>,
}

/// A connection that is counted until this is dropped.
pub(super) struct Counted {
    peers: Peers,
    address: IpAddr,
    id: u64,
}

impl Peers {
    /// Creates the connections of a server, which has at most `limit` for each address.
    pub fn new(limit: usize) -> Self {
        Self(Arc::new(Inner { limit, next: AtomicU64::new(0), open: Mutex::default() }))
    }

    /// Counts a connection. If its address has too many, the one without a request for the longest
    /// time is closed. Returns `None` if all of them have requests.
    pub fn count(&self, address: IpAddr, activity: &Activity) -> Option<Counted> {
        let address = site(address);
        let mut open = self.open();
        let connections = open.entry(address).or_default();
        if connections.len() >= self.0.limit {
            let unused = connections.values().filter_map(|one| Some((one.unused_since()?, one)));
            let (_, longest) = unused.min_by_key(|(since, _)| *since)?;
            longest.give_way();
        }
        let id = self.0.next.fetch_add(1, Ordering::Relaxed);
        connections.insert(id, activity.clone());
        Some(Counted { peers: self.clone(), address, id })
    }

    fn open(&self) -> MutexGuard<'_, BTreeMap<IpAddr, BTreeMap<u64, Activity>>> {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let mut open = self.peers.open();
        if let Some(connections) = open.get_mut(&self.address) {
            connections.remove(&self.id);
            if connections.is_empty() {
                open.remove(&self.address);
            }
        }
    }
}

/// Returns the address, or the first one of its site.
fn site(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & SITE).into(),
        address => address,
    }
}
