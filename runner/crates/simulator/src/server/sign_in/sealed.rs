//! Tokens and codes: texts of three parts, as a JWT has, that only this tenant's simulation
//! takes for its own.
//!
//! The third part is a digest in place of a signature. It tells tokens of other hosts and
//! of other simulated tenants apart, and is no protection: there is nothing to protect. So
//! tokens outlive a restart of the server, as Entra's do.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::guid::Guid;

/// What a text is for.
#[derive(Clone, Copy, Debug)]
pub enum SealedKind {
    /// A token for Graph.
    Access,
    /// A token for the client about its user.
    Id,
    /// A token for the next token.
    Refresh,
    /// A code that came back to a redirect address.
    Code,
    /// The code of a device that waits for its user.
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

/// The text that holds `payload`.
pub fn seal(kind: SealedKind, tenant: Guid, payload: &impl Serialize) -> String {
    // `none`: who checks signatures sees that there is none.
    let header = json!({ "typ": "JWT", "alg": "none", "kid": "simulated" });
    let parts = [serde_json::to_vec(&header), serde_json::to_vec(payload)]
        .map(|part| URL_SAFE_NO_PAD.encode(part.unwrap_or_default()));
    let signed = parts.join(".");
    format!("{signed}.{}", digest(kind, tenant, &signed))
}

/// What a text holds; none if it is not of this kind and this tenant.
pub fn open<T: DeserializeOwned>(kind: SealedKind, tenant: Guid, text: &str) -> Option<T> {
    let (signed, sum) = text.rsplit_once('.')?;
    if sum != digest(kind, tenant, signed) {
        return None;
    }
    let (_, payload) = signed.split_once('.')?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
}

/// JSON as a part of such a text has it.
pub fn encoded(value: &impl Serialize) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(value).unwrap_or_default())
}

fn digest(kind: SealedKind, tenant: Guid, signed: &str) -> String {
    let text = format!("o365 simulate {} {tenant} {signed}", kind.name());
    URL_SAFE_NO_PAD.encode(Sha256::digest(text))
}
