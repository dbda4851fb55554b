//! The preferences of a call (RFC 7240): `respond-async`, with or without `wait`.

use std::collections::HashMap;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::serve::forwarded::{split, unquoted};

/// The header with the preferences.
const PREFER: HeaderName = HeaderName::from_static("prefer");

/// The header with those that were honoured.
pub(in crate::serve) const APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// The longest wait: less than the 120 s after which Power Platform gives up.
const LONGEST_WAIT: Duration = Duration::from_secs(100);

/// A caller that prefers not to wait for the result of its call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::serve) struct RespondAsync {
    /// How long it waits nevertheless, within the longest wait.
    pub wait: Option<Duration>,
}

impl RespondAsync {
    /// Reads the preferences of a request; `None` if its caller waits.
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let mut preferences = HashMap::new();
        for value in headers.get_all(PREFER) {
            for preference in split(value.to_str().unwrap_or_default(), ',') {
                let bare = split(preference, ';').into_iter().next().unwrap_or_default();
                let (name, value) = bare.split_once('=').unwrap_or((bare, ""));
                // The first one of a name counts.
                let name = name.trim().to_ascii_lowercase();
                preferences.entry(name).or_insert_with(|| unquoted(value.trim()));
            }
        }
        let wait = preferences.get("wait").and_then(|value| value.as_deref()?.parse().ok());
        let wait = wait.map(|seconds| Duration::from_secs(seconds).min(LONGEST_WAIT));
        preferences.contains_key("respond-async").then_some(Self { wait })
    }

    /// Returns the preferences that are honoured.
    pub fn applied(self) -> HeaderValue {
        let applied = match self.wait {
            None => "respond-async".to_owned(),
            Some(wait) => format!("respond-async, wait={}", wait.as_secs()),
        };
        // Letters and digits are a valid value.
        HeaderValue::try_from(applied).unwrap_or(HeaderValue::from_static("respond-async"))
    }
}
