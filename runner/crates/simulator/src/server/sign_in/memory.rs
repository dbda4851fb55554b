//! The state of the sign-in host between requests, until it expires.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::{Guid, Time};

/// The redeemed codes and the pending devices.
#[derive(Debug, Default)]
pub struct Memory(Mutex<Remembered>);

#[derive(Debug, Default)]
struct Remembered {
    /// The redeemed codes with their expiry.
    redeemed: BTreeMap<Guid, i64>,
    /// The devices by user code, with their expiry.
    devices: BTreeMap<String, (DeviceStatus, i64)>,
}

/// The status of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceStatus {
    /// Nobody has entered the code.
    Pending,
    /// This user has entered the code.
    SignedIn(Guid),
    /// The device has its token.
    Used,
}

impl Memory {
    /// Marks a code as redeemed. Returns whether it was not before.
    pub fn redeem(&self, code: Guid, expires: i64) -> bool {
        self.remembered().redeemed.insert(code, expires).is_none()
    }

    /// Adds a pending device.
    pub fn wait(&self, user_code: &str, expires: i64) {
        self.remembered().devices.insert(user_code.to_owned(), (DeviceStatus::Pending, expires));
    }

    /// Signs a user in to a pending device.
    pub fn sign_in(&self, user_code: &str, user: Guid) {
        if let Some((status @ DeviceStatus::Pending, _)) =
            self.remembered().devices.get_mut(user_code)
        {
            *status = DeviceStatus::SignedIn(user);
        }
    }

    /// Returns whether a device is pending.
    pub fn waits(&self, user_code: &str) -> bool {
        matches!(self.remembered().devices.get(user_code), Some((DeviceStatus::Pending, _)))
    }

    /// Returns the status of a device. `SignedIn` is returned once.
    pub fn outcome(&self, user_code: &str) -> DeviceStatus {
        match self.remembered().devices.get_mut(user_code) {
            Some((outcome @ DeviceStatus::SignedIn(_), _)) => {
                std::mem::replace(outcome, DeviceStatus::Used)
            }
            Some((outcome, _)) => *outcome,
            // Unknown after a restart, and nobody can enter its code.
            None => DeviceStatus::Used,
        }
    }

    /// Locks the state, without expired entries.
    fn remembered(&self) -> MutexGuard<'_, Remembered> {
        let now = Time::now().unix_seconds();
        let mut remembered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        remembered.redeemed.retain(|_, expires| *expires > now);
        remembered.devices.retain(|_, (_, expires)| *expires > now);
        remembered
    }
}
