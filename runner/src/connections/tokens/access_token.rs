//! An access token and its lifetime.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use http::HeaderValue;
use secrecy::{ExposeSecret, SecretString};

use crate::recording::redaction::Redaction;

/// How long before its expiry a token is replaced.
const EARLY: Duration = Duration::from_secs(5 * 60);

/// The lifetime of a token when the sign-in host states none.
const UNSAID: Duration = Duration::from_secs(5 * 60);

/// The longest lifetime. Entra's tokens live up to 28 hours.
const LONGEST: Duration = Duration::from_secs(48 * 60 * 60);

/// An access token. The `Debug` output does not show it.
#[derive(Clone, Debug)]
pub struct AccessToken {
    secret: SecretString,
    /// When to replace it.
    pub(super) refresh_at: SystemTime,
    /// When it expires.
    pub(super) expires_at: SystemTime,
    /// The redaction of the token, created once.
    masking: Arc<OnceLock<Redaction>>,
}

impl PartialEq for AccessToken {
    /// Compares the tokens, and not their times.
    fn eq(&self, other: &Self) -> bool {
        self.secret.expose_secret() == other.secret.expose_secret()
    }
}

impl AccessToken {
    /// Creates a token that was just issued; `None` when it is not valid in a header.
    pub fn new(secret: &str, expires_in: Option<Duration>) -> Option<Self> {
        let lifetime = expires_in.unwrap_or(UNSAID).min(LONGEST);
        let now = SystemTime::now();
        let refresh_in = lifetime.saturating_sub(EARLY.min(lifetime / 2));
        Self::kept(secret, now.checked_add(refresh_in)?, now.checked_add(lifetime)?)
    }

    /// Creates a token with these times.
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

    /// Returns the token itself.
    pub fn secret(&self) -> &SecretString {
        &self.secret
    }

    /// Returns the redaction that removes the token from responses.
    pub fn masking(&self) -> &Redaction {
        self.masking.get_or_init(|| Redaction::of_tokens([self.secret.expose_secret()]))
    }

    /// Returns the `Authorization` header, marked as sensitive.
    pub fn header(&self) -> Option<HeaderValue> {
        bearer(self.secret.expose_secret())
    }

    /// Returns whether it need not be replaced yet.
    pub fn is_fresh(&self) -> bool {
        SystemTime::now() < self.refresh_at
    }

    /// Returns whether it has not expired.
    pub fn is_valid(&self) -> bool {
        SystemTime::now() < self.expires_at
    }
}

fn bearer(secret: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(&format!("Bearer {secret}")).ok()?;
    value.set_sensitive(true);
    Some(value)
}
