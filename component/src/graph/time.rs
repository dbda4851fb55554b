//! The two time formats in Graph's responses, as seconds since 1970-01-01T00:00:00Z.

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Reads an HTTP date such as `Tue, 04 Mar 2025 08:00:05 GMT` (RFC 9110, IMF-fixdate,
/// the only form that a server may send); `None` when `text` is something else.
pub fn http_date(text: &str) -> Option<i64> {
    let (_, rest) = text.trim().split_once(',')?;
    let mut words = rest.strip_prefix(' ')?.split(' ');
    let day = words.next()?.parse().ok()?;
    let name = words.next()?;
    let month = (1..).zip(MONTHS).find(|(_, month)| *month == name)?.0;
    let year = words.next()?.parse().ok()?;
    let seconds = time_of_day(words.next()?)?;
    (words.next()? == "GMT").then_some(())?;
    Some(days(year, month, day)? * 86_400 + seconds)
}

/// Reads a UTC time such as `2025-03-04T08:00:05Z`, with or without a fraction, which is
/// dropped; `None` when `text` is something else.
pub fn rfc3339_utc(text: &str) -> Option<i64> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let mut parts = date.splitn(3, '-').map(str::parse::<i64>);
    let (year, month, day) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
    let whole = time.split_once('.').map_or(time, |(whole, _)| whole);
    Some(days(year, month, day)? * 86_400 + time_of_day(whole)?)
}

fn time_of_day(text: &str) -> Option<i64> {
    let mut parts = text.splitn(3, ':').map(str::parse::<i64>);
    let (hours, minutes, seconds) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
    // A leap second is 60.
    let valid =
        (0..24).contains(&hours) && (0..60).contains(&minutes) && (0..=60).contains(&seconds);
    valid.then_some(hours * 3600 + minutes * 60 + seconds)
}

/// Days since 1970-01-01 in the Gregorian calendar. The year is taken to begin in March,
/// so that a leap day is its last day.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    let valid = (1..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    valid.then_some(())?;
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let of_year = (153 * month + 2) / 5 + day - 1;
    Some(365 * year + year / 4 - year / 100 + year / 400 + of_year - 719_468)
}
