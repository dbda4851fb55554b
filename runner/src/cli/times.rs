//! Times and durations on the command line.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp};

/// Parses a time (RFC 3339), or a date with or without a time of day, in UTC.
pub fn time(text: &str) -> Result<Timestamp, String> {
    let in_utc = || TimeZone::UTC.to_timestamp(text.parse::<DateTime>()?);
    text.parse().or_else(|_| in_utc()).map_err(|error: jiff::Error| {
        format!("expected a time such as 2026-01-15 or 2026-01-15T09:30:00Z: {error}")
    })
}

/// Parses a duration of at least a second, such as `24h` or `90d`. A day has 24 hours.
pub fn duration(text: &str) -> Result<SignedDuration, String> {
    let expected = || "expected a duration such as 24h or 90d".to_owned();
    let span: Span = text.parse().map_err(|_| expected())?;
    let duration = span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|_| expected())?;
    if duration < SignedDuration::from_secs(1) {
        return Err("expected at least a second".to_owned());
    }
    Ok(duration)
}

/// Parses a time in the future, or a duration from now on.
pub fn expiry(text: &str) -> Result<Timestamp, String> {
    let now = Timestamp::now();
    let expected = || "expected a date such as 2027-01-31, or a duration such as 90d".to_owned();
    let end = match duration(text) {
        Ok(duration) => after(now, duration).ok_or_else(expected)?,
        Err(_) => time(text).map_err(|_| expected())?,
    };
    if end <= now { Err(format!("{end} is in the past")) } else { Ok(end) }
}

/// Returns the first whole second at or after a duration from `now`.
pub fn after(now: Timestamp, duration: SignedDuration) -> Option<Timestamp> {
    let end = now.checked_add(duration).ok()?;
    let part = i64::from(end.subsec_nanosecond() > 0);
    Timestamp::from_second(end.as_second().checked_add(part)?).ok()
}
