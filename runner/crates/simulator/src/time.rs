//! Times of a tenant, in the forms in which Graph writes them.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A moment by the tenant's clock. Its text is RFC 3339 in UTC, in whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(Timestamp);

impl Time {
    /// This machine's time.
    pub fn now() -> Self {
        Self(Timestamp::now())
    }

    /// The moment `duration` later, or the last one that there is.
    pub fn after(self, duration: Duration) -> Self {
        Self(self.0.checked_add(duration).unwrap_or(Timestamp::MAX))
    }

    /// How long `earlier` was before this moment; zero if it was not.
    pub fn since(self, earlier: Self) -> Duration {
        self.0.duration_since(earlier.0).try_into().unwrap_or_default()
    }

    /// Seconds since 1970, as tokens have times.
    pub fn unix_seconds(self) -> i64 {
        self.0.as_second()
    }

    /// As the header `Date` has it.
    pub fn http_date(self) -> String {
        DateTimePrinter::new().timestamp_to_rfc9110_string(&self.0).unwrap_or_default()
    }

    /// As Graph's errors have it: without a zone.
    pub fn without_zone(self) -> String {
        self.0.strftime("%Y-%m-%dT%H:%M:%S").to_string()
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
        text.parse().map(Self).map_err(|error| {
            serde::de::Error::custom(format!(
                "{text:?} is no time such as 2026-01-15T09:30:00Z: {error}"
            ))
        })
    }
}
