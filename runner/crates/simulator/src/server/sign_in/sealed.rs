//! The text form of tokens and codes: three parts, as in a JWT.
//!
//! The third part is a digest in place of a signature. It distinguishes tokens of other hosts and
//! other simulated tenants, and gives no protection. Tokens remain valid after a restart of the
//! server, as Entra's do.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::guid::Guid;

/// The kind of a token or code.
#[derive(Clone, Copy, Debug)]
pub enum SealedKind {
    /// An access token.
    Access,
    /// An id token.
    Id,
    /// A refresh token.
    Refresh,
    /// An authorization code.
    Code,
    /// A device code.
    Device,
}

impl SealedKind {
    fn name(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Id => "id",
            Self::Refresh => "refresh",
            Self::Code => "code",
            Self::Device => "device",
        }
    }
}

/// Returns the text form of `payload`.
pub fn seal(kind: SealedKind, tenant: Guid, payload: &impl Serialize) -> String {
    // The algorithm `none` states that there is no signature.
    let header = json!({ "typ": "JWT", "alg": "none", "kid": "simulated" });
    let parts = [serde_json::to_vec(&header), serde_json::to_vec(payload)]
        .map(|part| URL_SAFE_NO_PAD.encode(part.unwrap_or_default()));
    let signed = parts.join(".");
    format!("{signed}.{}", digest(kind, tenant, &signed))
}

/// Parses a text; `None` if it has another kind or tenant.
pub fn open<T: DeserializeOwned>(kind: SealedKind, tenant: Guid, text: &str) -> Option<T> {
    let (signed, sum) = text.rsplit_once('.')?;
    if sum != digest(kind, tenant, signed) {
        return None;
    }
    let (_, payload) = signed.split_once('.')?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
}

/// Encodes JSON as a part of a text.
pub fn encoded(value: &impl Serialize) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(value).unwrap_or_default())
}

fn digest(kind: SealedKind, tenant: Guid, signed: &str) -> String {
    let text = format!("o365 simulate {} {tenant} {signed}", kind.name());
    URL_SAFE_NO_PAD.encode(Sha256::digest(text))
}
