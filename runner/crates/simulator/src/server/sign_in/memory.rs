//! What the sign-in host remembers between requests, until it is of no use any more.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::{Guid, Time};

/// The codes that were used, and the devices whose users have signed in.
#[derive(Debug, Default)]
pub struct Memory(Mutex<Remembered>);

#[derive(Debug, Default)]
struct Remembered {
    /// Codes, and when they end.
    redeemed: BTreeMap<Guid, i64>,
    /// Devices that wait or have got their token, by what their users type, and when they end.
    devices: BTreeMap<String, (DeviceStatus, i64)>,
}

/// What came of a device's question so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceStatus {
    /// Nobody has typed its code.
    Pending,
    /// This user has.
    SignedIn(Guid),
    /// The device has got its token.
    Used,
}

impl Memory {
    /// Notes that a code was used; whether it was the first time.
    pub fn redeem(&self, code: Guid, expires: i64) -> bool {
        self.remembered().redeemed.insert(code, expires).is_none()
    }

    /// Notes a device that waits.
    pub fn wait(&self, user_code: &str, expires: i64) {
        self.remembered().devices.insert(user_code.to_owned(), (DeviceStatus::Pending, expires));
    }

    /// Notes that `user` has typed a device's code; whether the device waits for one.
    pub fn sign_in(&self, user_code: &str, user: Guid) -> bool {
        match self.remembered().devices.get_mut(user_code) {
            Some((outcome @ DeviceStatus::Pending, _)) => {
                *outcome = DeviceStatus::SignedIn(user);
                true
            }
            _ => false,
        }
    }

    /// Whether a device waits for its user.
    pub fn waits(&self, user_code: &str) -> bool {
        matches!(self.remembered().devices.get(user_code), Some((DeviceStatus::Pending, _)))
    }

    /// What came of a device's question. That a user has signed in is told once.
    pub fn outcome(&self, user_code: &str) -> DeviceStatus {
        match self.remembered().devices.get_mut(user_code) {
            Some((outcome @ DeviceStatus::SignedIn(_), _)) => {
                std::mem::replace(outcome, DeviceStatus::Used)
            }
            Some((outcome, _)) => *outcome,
            // A restart has forgotten it, and so nobody can type it.
            None => DeviceStatus::Used,
        }
    }

    /// What is of use yet.
    fn remembered(&self) -> MutexGuard<'_, Remembered> {
        let now = Time::now().unix_seconds();
        let mut remembered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        remembered.redeemed.retain(|_, expires| *expires > now);
        remembered.devices.retain(|_, (_, expires)| *expires > now);
        remembered
    }
}
