//! The digests of requests.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{Attempt, in_base64};

/// The key of the digests in a store.
pub type DigestKey = [u8; 32];

/// The digests that identify a request.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub struct Digest {
    /// The request without its secrets.
    #[serde(with = "in_base64")]
    pub request: [u8; 32],
    /// The API key of the caller.
    #[serde(with = "in_base64")]
    pub caller: [u8; 32],
    /// The secrets, together with the API key.
    #[serde(with = "in_base64")]
    pub secrets: [u8; 32],
}

impl Digest {
    /// Computes the digests of an attempt. A prefixed key is a sufficient MAC: digests never leave
    /// the store, so nobody can extend one.
    pub fn of(secret: &DigestKey, attempt: &Attempt<'_>) -> Self {
        let digest = |parts: &[&[u8]]| {
            let mut sha = Sha256::new_with_prefix(secret);
            for part in parts {
                // With the length, so that different lists of parts differ.
                sha.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
                sha.update(part);
            }
            sha.finalize().into()
        };
        Self {
            request: digest(&[attempt.request]),
            caller: digest(&[attempt.caller]),
            secrets: digest(&[attempt.caller, attempt.secrets]),
        }
    }

    /// Returns whether both are of the same request. The secrets are comparable only for the same
    /// API key.
    pub fn is_same(&self, other: &Self) -> bool {
        self.request == other.request
            && (self.caller != other.caller || self.secrets == other.secrets)
    }
}
