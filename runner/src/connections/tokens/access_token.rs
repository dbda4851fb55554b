//! An access token and how long it is good.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use http::HeaderValue;
use secrecy::{ExposeSecret, SecretString};

use crate::recording::redaction::Redaction;

/// How long before its end a token is replaced.
const EARLY: Duration = Duration::from_secs(5 * 60);

/// How long a token is taken to be good when the sign-in host does not say.
const UNSAID: Duration = Duration::from_secs(5 * 60);

/// The longest that a token is taken to be good: Entra's own go up to 28 hours.
const LONGEST: Duration = Duration::from_secs(48 * 60 * 60);

/// An access token. Its `Debug` does not show it.
#[derive(Clone, Debug)]
pub struct AccessToken {
    secret: SecretString,
    /// When to ask for the next one.
    pub(super) refresh_at: SystemTime,
    /// When it ends.
    pub(super) expires_at: SystemTime,
    /// Made once: the token in the forms in which a server may show it.
    masking: Arc<OnceLock<Redaction>>,
}

impl PartialEq for AccessToken {
    /// Whether it is the same token, whenever it ends.
    fn eq(&self, other: &Self) -> bool {
        self.secret.expose_secret() == other.secret.expose_secret()
    }
}

impl AccessToken {
    /// A token that was given just now for so long; none when it cannot stand in a header.
    pub fn new(secret: &str, expires_in: Option<Duration>) -> Option<Self> {
        let lifetime = expires_in.unwrap_or(UNSAID).min(LONGEST);
        let now = SystemTime::now();
        let refresh_in = lifetime.saturating_sub(EARLY.min(lifetime / 2));
        Self::kept(secret, now.checked_add(refresh_in)?, now.checked_add(lifetime)?)
    }

    /// A token with these times.
    pub(super) fn kept(
        secret: &str,
        refresh_at: SystemTime,
        expires_at: SystemTime,
    ) -> Option<Self> {
        let usable = !secret.is_empty() && bearer(secret).is_some();
        usable.then(|| {
            let (secret, masking) = (SecretString::from(secret), Arc::default());
            Self { secret, refresh_at, expires_at, masking }
        })
    }

    /// The token itself.
    pub fn secret(&self) -> &SecretString {
        &self.secret
    }

    /// What removes the token from a response.
    pub fn masking(&self) -> &Redaction {
        self.masking.get_or_init(|| Redaction::of_tokens([self.secret.expose_secret()]))
    }

    /// The `Authorization` header with it, marked as sensitive.
    pub fn header(&self) -> Option<HeaderValue> {
        bearer(self.secret.expose_secret())
    }

    /// Whether it is good for some time yet.
    pub fn is_fresh(&self) -> bool {
        SystemTime::now() < self.refresh_at
    }

    /// Whether it still works, by its time.
    pub fn is_valid(&self) -> bool {
        SystemTime::now() < self.expires_at
    }
}

fn bearer(secret: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(&format!("Bearer {secret}")).ok()?;
    value.set_sensitive(true);
    Some(value)
}
