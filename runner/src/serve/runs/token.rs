//! The tokens in the addresses of runs. A client that polls such an address may not send its key
//! there: Power Automate is one.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use jiff::Timestamp;
use ring::hmac;
use uuid::Uuid;

use crate::store::{Expected, Group, Key, Store, StoreError};

/// The length of the key of all tokens, in bytes.
const LENGTH: usize = 32;

/// The key of all tokens, which is in the store.
pub(super) struct TokenKey(hmac::Key);

impl TokenKey {
    /// Reads the key from a store, which gets one if it has none.
    pub async fn of(store: &dyn Store) -> Result<Self, StoreError> {
        let name = Key::new(Group::About, &["run-tokens"]);
        let mut bytes = [0; LENGTH];
        getrandom::fill(&mut bytes).map_err(|error| StoreError::Unavailable {
            place: "for the key of tokens".into(),
            reason: format!("the machine lacks random numbers: {error}"),
        })?;
        let first = Bytes::copy_from_slice(&bytes);
        // If another process was first, its key is the one.
        store.put(&name, first.clone(), Expected::Absent, None).await?;
        let kept = store.get(&name).await?.map_or(first, |entry| entry.value);
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, &kept)))
    }

    /// Returns the token of a tenant for one run, up to a time.
    pub fn token(&self, tenant: &str, run: Uuid, end: Timestamp) -> String {
        let end = end.as_second();
        let tag = hmac::sign(&self.0, message(tenant, run, end).as_bytes());
        let [tag, tenant] = [tag.as_ref(), tenant.as_bytes()].map(|it| URL_SAFE_NO_PAD.encode(it));
        format!("{end}.{tag}.{tenant}")
    }

    /// Returns the tenant of a token that is valid for a run at a time.
    pub fn tenant(&self, token: &str, run: Uuid, now: Timestamp) -> Option<String> {
        let mut parts = token.split('.');
        let end: i64 = parts.next()?.parse().ok()?;
        let tag = URL_SAFE_NO_PAD.decode(parts.next()?).ok()?;
        let tenant = String::from_utf8(URL_SAFE_NO_PAD.decode(parts.next()?).ok()?).ok()?;
        let message = message(&tenant, run, end);
        // In constant time.
        let is_ours = hmac::verify(&self.0, message.as_bytes(), &tag).is_ok();
        (is_ours && parts.next().is_none() && now.as_second() < end).then_some(tenant)
    }
}

fn message(tenant: &str, run: Uuid, end: i64) -> String {
    format!("run\n{run}\n{end}\n{tenant}")
}
