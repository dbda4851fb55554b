//! Throttling of the directory, per application.
//!
//! Source: "Microsoft Graph service-specific throttling limits", identity and access: for each
//! application and tenant a token bucket of resource units, whose size depends on the tenant's, and
//! one of writes. Mail does not count.

use std::collections::HashMap;
use std::time::Duration;

use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};

use super::guid::Guid;
use super::odata::Query;
use super::refusal::Refusal;
use super::relations::Relation;
use super::route::{Operation, Target, UserPart};
use super::time::Time;

/// The seconds in which a bucket of resource units fills.
const UNITS_PERIOD: u32 = 10;

/// The seconds in which a bucket of writes fills.
const WRITES_PERIOD: u32 = 150;

/// The usage from which responses state the percentage.
const PERCENTAGE_FROM: f64 = 0.8;

/// The limits of an application.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Limits {
    /// Resource units in ten seconds.
    pub units: u32,
    /// Writes in two and a half minutes.
    pub writes: u32,
}

impl Limits {
    /// Returns Microsoft's limits for a tenant with this number of users.
    pub fn of_tenant(users: usize) -> Self {
        let units = match users {
            0..50 => 3_500,
            50..=500 => 5_000,
            _ => 8_000,
        };
        Self { units, writes: 3_000 }
    }
}

/// The usage of all applications.
#[derive(Debug, Default)]
pub struct Throttle {
    apps: HashMap<String, Usage>,
}

/// The usage of one application.
#[derive(Debug, Default)]
struct Usage {
    units: Bucket,
    writes: Bucket,
}

#[derive(Debug, Default)]
struct Bucket {
    used: f64,
    /// The time of `used`.
    at: Option<Time>,
}

/// The cost of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Resource units.
    pub units: u32,
    pub writes: u32,
}

impl Cost {
    /// Returns the cost of `operation`; `None` if the directory does not execute it.
    pub fn of(method: &Method, operation: &Operation, query: &Query) -> Option<Self> {
        let base: u32 = match operation.target {
            Target::User(_, UserPart::SendMail) | Target::Batch => return None,
            Target::All(_) | Target::Count(_) | Target::UserDelta if method == Method::GET => 2,
            Target::Skus | Target::Sku(_) => 3,
            Target::User(_, UserPart::LicenseDetails | UserPart::LicenseDetail(_)) => 2,
            // Source: as above, for groups and their members.
            Target::Related(_, Relation::TransitiveMemberOf | Relation::TransitiveMembers, _) => 5,
            Target::Related(_, Relation::Members, _) if method == Method::GET => 3,
            Target::Related(_, Relation::MemberOf, _) => 2,
            _ => 1,
        };
        let mut units = base;
        if query.get("$select").is_some() {
            units = units.saturating_sub(1);
        }
        if query.get("$expand").is_some() {
            units = units.saturating_add(1);
        }
        if query.get("$top").and_then(|top| top.parse::<u32>().ok()).is_some_and(|top| top < 20) {
            units = units.saturating_sub(1);
        }
        Some(Self { units: units.max(1), writes: u32::from(!method.is_safe()) })
    }
}

impl Bucket {
    /// Returns the usage at `at`, of `limit` in `period` seconds.
    fn level(&self, limit: u32, period: u32, at: Time) -> f64 {
        let passed = self.at.map_or(Duration::ZERO, |before| at.since(before)).as_secs_f64();
        (self.used - passed * f64::from(limit) / f64::from(period)).max(0.0)
    }

    /// Adds `cost` and returns the usage, or returns the seconds to wait.
    fn take(&mut self, cost: u32, limit: u32, period: u32, at: Time) -> Result<f64, f64> {
        let level = self.level(limit, period, at);
        let wanted = level + f64::from(cost);
        let over = wanted - f64::from(limit);
        if over > 0.0 {
            return Err((over * f64::from(period) / f64::from(limit.max(1))).ceil().max(1.0));
        }
        self.used = wanted;
        self.at = Some(at);
        Ok(wanted / f64::from(limit.max(1)))
    }
}

impl Throttle {
    /// Counts a call. Returns the headers of its response.
    pub fn count(
        &mut self,
        cost: Cost,
        limits: Limits,
        (app, tenant): (&str, Guid),
        at: Time,
    ) -> Result<Vec<(&'static str, String)>, Refusal> {
        let usage = self.apps.entry(app.to_owned()).or_default();
        let refused = |limit: &str, information: &str, wait: f64| {
            Refusal::new(
                StatusCode::TOO_MANY_REQUESTS,
                "TooManyRequests",
                "Too many requests. Please try again later.",
            )
            .with("retry-after", format!("{wait:.0}"))
            .with("x-ms-throttle-scope", format!("Tenant_Application/{limit}/{app}/{tenant}"))
            .with("x-ms-throttle-information", information.to_owned())
            .with("x-ms-resource-unit", cost.units.to_string())
        };
        let used = usage
            .units
            .take(cost.units, limits.units, UNITS_PERIOD, at)
            .map_err(|wait| refused("ReadWrite", "ResourceUnitLimitExceeded", wait))?;
        if cost.writes > 0 {
            usage
                .writes
                .take(cost.writes, limits.writes, WRITES_PERIOD, at)
                .map_err(|wait| refused("Write", "WriteLimitExceeded", wait))?;
        }
        let mut headers = vec![("x-ms-resource-unit", cost.units.to_string())];
        if used >= PERCENTAGE_FROM {
            headers.push(("x-ms-throttle-limit-percentage", format!("{used:.2}")));
        }
        Ok(headers)
    }
}
