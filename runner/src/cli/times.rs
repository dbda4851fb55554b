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

/// Why a text is not a duration that can be used.
enum Unusable {
    /// It has another form.
    Form,
    /// It is less than a second.
    TooShort,
    /// It is longer than times can be.
    TooLong,
}

/// Parses the time for which old keys are still valid: at least a second, such as `24h` or `90d`.
pub fn grace(text: &str) -> Result<SignedDuration, String> {
    duration(text).map_err(|reason| match reason {
        Unusable::Form => "expected a duration such as 24h or 90d; \
                           for none, give --now in place of --grace"
            .to_owned(),
        Unusable::TooShort => "expected at least a second; \
                               for less, give --now in place of --grace"
            .to_owned(),
        Unusable::TooLong => "it is too long".to_owned(),
    })
}

/// Parses a duration of at least a second. A day has 24 hours.
fn duration(text: &str) -> Result<SignedDuration, Unusable> {
    let span: Span = text.parse().map_err(|_| match with_ones(text).parse::<Span>() {
        Ok(_) => Unusable::TooLong,
        Err(_) => Unusable::Form,
    })?;
    let duration = span.to_duration(SpanRelativeTo::days_are_24_hours());
    match duration.map_err(|_| Unusable::Form)? {
        short if short < SignedDuration::from_secs(1) => Err(Unusable::TooShort),
        duration => Ok(duration),
    }
}

/// Returns a text with each number replaced by 1. The parser does not tell a number that is too
/// large from what is no duration.
fn with_ones(text: &str) -> String {
    let mut ones = String::new();
    for sign in text.chars() {
        match sign.is_ascii_digit() {
            true if ones.ends_with('1') => {}
            true => ones.push('1'),
            false => ones.push(sign),
        }
    }
    ones
}

/// Parses a time in the future, or a duration from now on.
pub fn expiry(text: &str) -> Result<Timestamp, String> {
    let now = Timestamp::now();
    let too_long = || "it is too long".to_owned();
    let end = match duration(text) {
        Ok(duration) => after(now, duration).ok_or_else(too_long)?,
        Err(Unusable::TooLong) => return Err(too_long()),
        Err(Unusable::TooShort) => {
            return Err("it must be in the future, by at least a second".to_owned());
        }
        Err(Unusable::Form) => time(text).map_err(|_| {
            "expected a date such as 2027-01-31, or a duration such as 90d".to_owned()
        })?,
    };
    if end <= now { Err(format!("{end} is in the past")) } else { Ok(end) }
}

/// Returns the first whole second at or after a duration from `now`.
pub fn after(now: Timestamp, duration: SignedDuration) -> Option<Timestamp> {
    let end = now.checked_add(duration).ok()?;
    let part = i64::from(end.subsec_nanosecond() > 0);
    Timestamp::from_second(end.as_second().checked_add(part)?).ok()
}
