//! The claims of a token. Clients must treat access tokens as opaque, so a token that is not a
//! JWT is not refused.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::ExposeSecret;
use serde::Deserialize;

use crate::connections::tokens::AccessToken;

/// The claims that are checked. The signature is not: the token comes from the sign-in host, and
/// Graph checks it. Source: Microsoft Learn, "Access token claims
/// reference".
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Claims {
    /// The tenant's id.
    pub tid: Option<String>,
    /// The audience.
    pub aud: Option<String>,
    /// The signed-in user's name.
    pub upn: Option<String>,
    /// The application's permissions.
    pub roles: Vec<String>,
    /// The delegated permissions, separated by spaces.
    pub scp: Option<String>,
}

impl Claims {
    /// Reads the claims of a token, if it is a JWT with a valid payload.
    pub fn of(token: &AccessToken) -> Option<Self> {
        let (_, payload) = parts(token)?;
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
    }
}

/// Returns whether a token is a JWT, whose claims should be readable.
pub fn is_jwt(token: &AccessToken) -> bool {
    let header = parts(token).and_then(|(header, _)| URL_SAFE_NO_PAD.decode(header).ok());
    header.is_some_and(|header| {
        serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(&header).is_ok()
    })
}

/// Returns the header and the payload of a token in three parts.
fn parts(token: &AccessToken) -> Option<(&str, &str)> {
    let mut parts = token.secret().expose_secret().split('.');
    let (header, payload, _signature) = (parts.next()?, parts.next()?, parts.next()?);
    parts.next().is_none().then_some((header, payload))
}
