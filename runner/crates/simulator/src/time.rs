//! The times of a tenant, in Graph's formats.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A time of the tenant's clock. Its text form is RFC 3339 in UTC, in whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(Timestamp);

impl Time {
    /// Returns the current time of the machine.
    pub fn now() -> Self {
        Self(Timestamp::now())
    }

    /// Returns the time `duration` later; saturates.
    pub fn after(self, duration: Duration) -> Self {
        Self(self.0.checked_add(duration).unwrap_or(Timestamp::MAX))
    }

    /// Returns the time since `earlier`; zero if that is later.
    pub fn since(self, earlier: Self) -> Duration {
        self.0.duration_since(earlier.0).try_into().unwrap_or_default()
    }

    /// Returns the Unix time in seconds.
    pub fn unix_seconds(self) -> i64 {
        self.0.as_second()
    }

    /// Returns the Unix time in milliseconds.
    pub fn unix_milliseconds(self) -> i64 {
        self.0.as_millisecond()
    }

    /// Returns the format of the header `Date`.
    pub fn http_date(self) -> String {
        DateTimePrinter::new().timestamp_to_rfc9110_string(&self.0).unwrap_or_default()
    }

    /// Returns the format of Graph's errors, without a zone.
    pub fn without_zone(self) -> String {
        self.0.strftime("%Y-%m-%dT%H:%M:%S").to_string()
    }
}

impl FromStr for Time {
    type Err = jiff::Error;

    fn from_str(text: &str) -> Result<Self, jiff::Error> {
        text.parse().map(Self)
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.strftime("%Y-%m-%dT%H:%M:%SZ").fmt(f)
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|error| {
            serde::de::Error::custom(format!(
                "{text:?} is not a time such as 2026-01-15T09:30:00Z: {error}"
            ))
        })
    }
}
