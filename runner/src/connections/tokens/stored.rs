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
use crate::store::{Expected, Revision};

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
    /// What the tokens come from.
    pub issue: Issue,
    /// What a store that processes share had when these were read or stored.
    pub seen: Seen,
    /// The hashes of redeemed codes.
    used_codes: Vec<String>,
}

/// What tokens come from. Those of a later sign-in are newer and, of the same sign-in, those that
/// were renewed more often.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Issue {
    /// The time of the sign-in, in milliseconds since 1970; 0 if it is not known.
    signed_in_at: u64,
    /// The number of renewals since then.
    renewals: u32,
}

/// What a store that processes share had.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen {
    /// The revision of the entry; `None` if there was none.
    pub revision: Option<Revision>,
    /// What its tokens came from.
    pub issue: Issue,
}

impl Seen {
    /// Returns the entry that a change expects.
    pub fn expected(self) -> Expected {
        self.revision.map_or(Expected::Absent, Expected::Is)
    }
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
    #[serde(default)]
    signed_in_at: u64,
    #[serde(default)]
    renewals: u32,
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
        self.remember(hash(code.expose_secret()));
    }

    fn remember(&mut self, code: String) {
        if !self.used_codes.contains(&code) {
            self.used_codes.push(code);
        }
        let surplus = self.used_codes.len().saturating_sub(MAX_USED_CODES);
        self.used_codes.drain(..surplus);
    }

    /// Records a new sign-in, which is later than the one before even if the clock was set back.
    pub fn sign_in(&mut self) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        let now = u64::try_from(now).unwrap_or(u64::MAX);
        let signed_in_at = now.max(self.issue.signed_in_at.saturating_add(1));
        self.issue = Issue { signed_in_at, renewals: 0 };
    }

    /// Records that a refresh token was redeemed.
    pub fn renew(&mut self) {
        self.issue.renewals = self.issue.renewals.saturating_add(1);
    }

    /// Returns whether there are tokens.
    pub fn has_any(&self) -> bool {
        self.access.is_some() || self.refresh.is_some()
    }

    /// Returns whether these are newer than those of the store, which then does not have them.
    pub fn is_new(&self) -> bool {
        self.issue > self.seen.issue
    }

    /// Stands on what the store has now, in place of what was read before: keeps the own tokens,
    /// and the codes that either has redeemed.
    pub fn stand_on(&mut self, current: Self) {
        self.seen = current.seen;
        let own = std::mem::replace(&mut self.used_codes, current.used_codes);
        own.into_iter().for_each(|code| self.remember(code));
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
            signed_in_at: self.issue.signed_in_at,
            renewals: self.issue.renewals,
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
        let issue = Issue { signed_in_at: form.signed_in_at, renewals: form.renewals };
        Some(Self { access, refresh, issue, seen: Seen::default(), used_codes: form.used_codes })
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
