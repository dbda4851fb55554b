//! Values that take the place of secrets when a recording is replayed: whoever replays it
//! does not have the secrets, and must not need them.

use serde_json::{Map, Value};
use thiserror::Error;

use super::secrets;

/// Why a recorded input cannot be used again.
#[derive(Debug, PartialEq, Eq, Error)]
pub enum StandInError {
    /// It is no object.
    #[error("its input is no JSON object")]
    NoObject,
    /// It refers to a secret of which nothing is known.
    #[error("its input refers to the secret {0:?}, for which there is no stand-in")]
    Unknown(String),
}

/// A recorded input with a stand-in for every secret. The stand-ins pass the actions' own
/// checks: the length and classes of a password, the form of a key.
pub fn input(recorded: &Value) -> Result<Map<String, Value>, StandInError> {
    let mut input = recorded.as_object().cloned().ok_or(StandInError::NoObject)?;
    for value in input.values_mut() {
        if let Some(reference) = secrets::reference(value) {
            let name = reference.name();
            let stand_in = stand_in(name).ok_or_else(|| StandInError::Unknown(name.to_owned()))?;
            *value = stand_in.into();
        }
    }
    Ok(input)
}

/// The stand-in for a secret input, by its JSON name.
fn stand_in(name: &str) -> Option<&'static str> {
    match name {
        "password" => Some("Stand-in 1"),
        // With what HTML escapes, so that a recording has to.
        "key1" => Some(r#"Stand-in <key> & "1""#),
        "key2" => Some("Stand-in+key/2=="),
        // Its content reads "not a real key!".
        "privateKey" => Some(
            "-----BEGIN RSA PRIVATE KEY-----\nbm90IGEgcmVhbCBrZXkh\n-----END RSA PRIVATE KEY-----\n",
        ),
        _ => None,
    }
}
