//! Values that take the place of secrets when a recording is replayed: whoever replays it
//! does not have the secrets, and must not need them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use thiserror::Error;

use super::secrets::{self, Like, Reference, Secrets};

/// Why a recorded input cannot be used again.
#[derive(Debug, PartialEq, Eq, Error)]
pub enum PlaceholderError {
    /// It is no object.
    #[error("its input is no JSON object")]
    NoObject,
}

/// A recorded input with a placeholder for every secret. The placeholders pass the actions' own
/// checks, or fail them as the secrets did.
pub fn input(recorded: &Value) -> Result<Map<String, Value>, PlaceholderError> {
    let mut input = recorded.as_object().cloned().ok_or(PlaceholderError::NoObject)?;
    for value in input.values_mut() {
        if let Some(reference) = secrets::reference(value) {
            *value = placeholder(&reference).into();
        }
    }
    Ok(input)
}

/// The placeholder for a secret input.
fn placeholder(reference: &Reference) -> String {
    // Letters and digits are the same in HTML, in JSON and in an address, so that it does not
    // matter whether the secret was.
    let name: String = reference.name().chars().filter(char::is_ascii_alphanumeric).collect();
    let plain = format!("StandIn1for{name}");
    match reference.like() {
        None => plain,
        Some(Like::Refused(kinds)) => kinds.clone(),
        Some(Like::Pem) => {
            let content = STANDARD.encode(format!("not a real key: {plain}"));
            format!("-----BEGIN PRIVATE KEY-----\n{content}\n-----END PRIVATE KEY-----\n")
        }
    }
}

/// The reference that an input keeps in place of the secret `value`. Of secrets that are the
/// same, the first one's, since a request cannot tell them apart. `refused` is a run whose
/// input was refused, with its reason.
pub fn reference(value: &str, secrets: &Secrets, refused: Option<&str>) -> Option<Value> {
    let (name, _) = secrets.iter().find(|(_, secret)| *secret == value)?;
    let like = match refused {
        Some(reason) if reason.contains(name.as_str()) => Some(Like::Refused(kinds(value))),
        _ => is_pem(value).then_some(Like::Pem),
    };
    Some(match like {
        None => json!({ "$secret": name }),
        Some(like) => json!({ "$secret": name, "like": like }),
    })
}

fn is_pem(value: &str) -> bool {
    value.starts_with("-----BEGIN ") && value.contains("-----END ")
}

/// The kind of each character: all that the actions' checks look at.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets() -> Secrets {
        [
            ("key1", "S3cret!"),
            ("key2", "S3cret!"),
            ("pem", "-----BEGIN K-----\nAA==\n-----END K-----"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
    }

    #[test]
    fn an_input_keeps_what_a_stand_in_must_be_like_and_no_more() {
        let secrets = secrets();
        let same = json!({ "$secret": "key1" });
        assert_eq!(reference("S3cret!", &secrets, None), Some(same.clone()));
        assert_eq!(reference("S3cret!", &secrets, Some("the tenant is unknown")), Some(same));
        let refused = json!({ "$secret": "key1", "like": { "refused": "X0xxxx-" } });
        assert_eq!(reference("S3cret!", &secrets, Some("key1 is bad")), Some(refused));
        let pem = json!({ "$secret": "pem", "like": "pem" });
        assert_eq!(reference(&secrets["pem"], &secrets, None), Some(pem));
        assert_eq!(reference("other", &secrets, None), None);
    }

    #[test]
    fn an_input_has_its_stand_ins() {
        let recorded = json!({
            "a": { "$secret": "key1" },
            "b": { "$secret": "key1", "like": { "refused": "xx" } },
            "c": { "$secret": "key2", "like": "pem" },
            "d": "text",
        });
        let input = input(&recorded).unwrap();
        assert_eq!(input["a"], "StandIn1forkey1");
        assert_eq!(input["b"], "xx");
        assert!(input["c"].as_str().unwrap().starts_with("-----BEGIN PRIVATE KEY-----\n"));
        assert_eq!(input["d"], "text");
    }
}
