//! The form in which tokens are kept between runs.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::AccessToken;
use crate::connections::config::{Account, Configured};

/// The version of the form.
const VERSION: u32 = 1;

/// The most redeemed codes that are remembered.
const MAX_USED_CODES: usize = 16;

/// Identifies tokens by authority, tenant, application and user.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key(String);

/// The tokens of a key. The `Debug` output shows none.
#[derive(Clone, Debug, Default)]
pub struct Stored {
    /// The last access token, whose tenant was checked.
    pub access: Option<AccessToken>,
    /// The newest refresh token.
    pub refresh: Option<SecretString>,
    /// The hashes of redeemed codes.
    used_codes: Vec<String>,
}

/// The form of an entry. It borrows, to avoid copies of tokens.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Form<'a> {
    version: u32,
    #[serde(borrow)]
    key: Cow<'a, str>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    access_token: Option<Access<'a>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    refresh_token: Option<Cow<'a, str>>,
    used_codes: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Access<'a> {
    #[serde(borrow)]
    secret: Cow<'a, str>,
    /// Seconds since 1970.
    refresh_at: u64,
    expires_at: u64,
}

impl Key {
    /// Returns the key of a connection. The connection's id stands for a user without a
    /// configured name.
    pub fn of(configured: &Configured) -> Self {
        let user = match configured.grant.account() {
            Account::Application { .. } => "the application".to_owned(),
            Account::User(name) => format!("user {}", name.to_lowercase()),
            Account::SomeUser => format!("connection {}", configured.id),
        };
        // No part contains a line break, so keys are unambiguous.
        Self(format!(
            "{}\n{}\n{}\n{}\n{user}",
            configured.cloud.graph(),
            configured.login_url,
            configured.tenant.to_lowercase(),
            configured.client_id.to_lowercase(),
        ))
    }

    /// Returns a name for a file, which reveals nothing.
    pub fn name(&self) -> String {
        hash(&self.0)
    }
}

impl Stored {
    /// Returns whether a code was redeemed.
    pub fn has_used(&self, code: &SecretString) -> bool {
        self.used_codes.contains(&hash(code.expose_secret()))
    }

    /// Records that a code was redeemed or refused.
    pub fn use_up(&mut self, code: &SecretString) {
        if !self.has_used(code) {
            self.used_codes.push(hash(code.expose_secret()));
        }
        let surplus = self.used_codes.len().saturating_sub(MAX_USED_CODES);
        self.used_codes.drain(..surplus);
    }

    /// Serializes the tokens; if `small`, without an access token that the refresh token can
    /// replace.
    pub fn write(&self, key: &Key, small: bool) -> serde_json::Result<Zeroizing<Vec<u8>>> {
        let access = self.access.as_ref().filter(|_| !(small && self.refresh.is_some()));
        let form = Form {
            version: VERSION,
            key: Cow::Borrowed(&key.0),
            access_token: access.map(|token| Access {
                secret: Cow::Borrowed(token.secret().expose_secret()),
                refresh_at: seconds(token.refresh_at),
                expires_at: seconds(token.expires_at),
            }),
            refresh_token: self.refresh.as_ref().map(|token| token.expose_secret().into()),
            used_codes: self.used_codes.clone(),
        };
        serde_json::to_vec(&form).map(Zeroizing::new)
    }

    /// Deserializes tokens; `None` when they are damaged or of another key.
    pub fn read(bytes: &[u8], key: &Key) -> Option<Self> {
        let form: Form = serde_json::from_slice(bytes).ok()?;
        if form.version != VERSION || form.key != key.0 {
            return None;
        }
        let access = form.access_token.and_then(|access| {
            AccessToken::kept(&access.secret, time(access.refresh_at)?, time(access.expires_at)?)
        });
        let refresh = form.refresh_token.map(|token| SecretString::from(token.as_ref()));
        Some(Self { access, refresh, used_codes: form.used_codes })
    }
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

fn time(seconds: u64) -> Option<SystemTime> {
    UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}

fn hash(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().fold(String::new(), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
