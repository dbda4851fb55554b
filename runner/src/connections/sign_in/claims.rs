//! What a token says of itself. Microsoft asks clients to take an access token as opaque; so
//! one that is no JWT at all is not refused for what cannot be read.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::ExposeSecret;
use serde::Deserialize;

use crate::connections::tokens::AccessToken;

/// The claims that matter here. The signature is not checked: the token came from the
/// sign-in host itself, and Graph checks it. Source: Microsoft Learn, "Access token claims
/// reference".
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Claims {
    /// The id of the tenant that the token is of.
    pub tid: Option<String>,
    /// Whom the token is for.
    pub aud: Option<String>,
    /// The signed-in user's name.
    pub upn: Option<String>,
    /// The application's permissions.
    pub roles: Vec<String>,
    /// The delegated permissions, with blanks between them.
    pub scp: Option<String>,
}

impl Claims {
    /// The claims of a token that is a JWT; none when they cannot be read.
    pub fn of(token: &AccessToken) -> Option<Self> {
        let (_, payload) = parts(token)?;
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
    }
}

/// Whether a token is a JWT, so that its claims should be readable.
pub fn is_jwt(token: &AccessToken) -> bool {
    let header = parts(token).and_then(|(header, _)| URL_SAFE_NO_PAD.decode(header).ok());
    header.is_some_and(|header| {
        serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(&header).is_ok()
    })
}

/// The header and the payload of a token in three parts.
fn parts(token: &AccessToken) -> Option<(&str, &str)> {
    let mut parts = token.secret().expose_secret().split('.');
    let (header, payload, _signature) = (parts.next()?, parts.next()?, parts.next()?);
    parts.next().is_none().then_some((header, payload))
}
