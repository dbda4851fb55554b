//! Replaces the secrets of a recording with placeholders, so that a replay needs no secret.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use thiserror::Error;

use super::secrets::{self, PlaceholderForm, Reference, Secrets};

/// Why a recorded input cannot be replayed.
#[derive(Debug, PartialEq, Eq, Error)]
pub enum PlaceholderError {
    /// The input is not an object.
    #[error("its input is not a JSON object")]
    NoObject,
}

/// Returns a recorded input with a placeholder for each secret. A placeholder passes the checks
/// of the action, or fails them, as the secret did.
pub fn input(recorded: &Value) -> Result<Map<String, Value>, PlaceholderError> {
    let mut input = recorded.as_object().cloned().ok_or(PlaceholderError::NoObject)?;
    for value in input.values_mut() {
        if let Some(reference) = secrets::reference(value) {
            *value = placeholder(&reference).into();
        }
    }
    Ok(input)
}

fn placeholder(reference: &Reference) -> String {
    // Letters and digits are the same in HTML, in JSON and in a URL, whether the secret was or
    // not.
    let name: String = reference.name.chars().filter(char::is_ascii_alphanumeric).collect();
    let plain = format!("StandIn1for{name}");
    match &reference.like {
        None => plain,
        Some(PlaceholderForm::Refused(kinds)) => kinds.clone(),
        Some(PlaceholderForm::Pem) => {
            let content = STANDARD.encode(format!("not a real key: {plain}"));
            format!("-----BEGIN PRIVATE KEY-----\n{content}\n-----END PRIVATE KEY-----\n")
        }
    }
}

/// Returns the reference that replaces the secret `value` in an input. Secrets with the same
/// value share the first one's, since a request cannot tell them apart. `refused` is the reason
/// why the action refused its input.
pub fn reference(value: &str, secrets: &Secrets, refused: Option<&str>) -> Option<Value> {
    let (name, _) = secrets.iter().find(|(_, secret)| *secret == value)?;
    let like = match refused {
        Some(reason) if reason.contains(name.as_str()) => {
            Some(PlaceholderForm::Refused(kinds(value)))
        }
        _ => is_pem(value).then_some(PlaceholderForm::Pem),
    };
    Some(match like {
        None => json!({ "$secret": name }),
        Some(like) => json!({ "$secret": name, "like": like }),
    })
}

fn is_pem(value: &str) -> bool {
    value.starts_with("-----BEGIN ") && value.contains("-----END ")
}

/// Replaces each character with its class, which is all that the checks of an action read.
fn kinds(value: &str) -> String {
    value
        .chars()
        .map(|c| match c {
            'a'..='z' => 'x',
            'A'..='Z' => 'X',
            '0'..='9' => '0',
            c if c.is_whitespace() || c.is_control() => c,
            c if c.is_ascii() => '-',
            _ => 'é',
        })
        .collect()
}
