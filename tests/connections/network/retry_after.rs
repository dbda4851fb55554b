//! The header `Retry-After`.

use std::time::Duration;

use http::header::RETRY_AFTER;
use runner::network::retry_after::retry_after;

fn asked(text: &str) -> Option<Duration> {
    retry_after(&[(RETRY_AFTER, text.parse().unwrap())].into_iter().collect())
}

#[test]
fn seconds_and_dates_are_read() {
    assert_eq!(asked("7"), Some(Duration::from_secs(7)));
    assert_eq!(asked(" 1.5 "), Some(Duration::from_millis(1500)));
    assert_eq!(asked("Wed, 21 Oct 2015 07:28:00 GMT"), Some(Duration::ZERO));
    assert!(asked("Fri, 01 Jan 2100 00:00:00 GMT") > Some(Duration::from_secs(1_000_000)));
    for none in ["", "soon", "-1", "NaN", "inf", "1e300"] {
        assert_eq!(asked(none), None, "{none}");
    }
}
