//! What a token says of itself. Microsoft calls access tokens opaque to clients, so this
//! serves explanations alone, and a token that says nothing is no fault.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

/// The claims that explain a token. Source: Microsoft Learn, "Access token claims
/// reference". Whether they are genuine is for Graph to check.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Claims {
    /// The id of the tenant that issued it.
    #[serde(default)]
    pub tid: Option<String>,
    /// The permissions of an application.
    #[serde(default)]
    pub roles: Vec<String>,
    /// The permissions for a signed-in user, parted by blanks.
    #[serde(default)]
    pub scp: Option<String>,
}

impl Claims {
    /// The claims of a token, if it is a JWT.
    pub fn of(token: &str) -> Option<Self> {
        let mut parts = token.split('.');
        let (_, payload) = (parts.next()?, parts.next()?);
        let json = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
        serde_json::from_slice(&json).ok()
    }
}
