//! Secret inputs that are not in the input: named by their source, or made up by the host.

use std::collections::BTreeMap;

use rand::seq::{IndexedRandom, SliceRandom};
use serde_json::{Map, Value};

use crate::connections::allowed::AllowedSecrets;
use crate::connections::secret::SecretSource;
use crate::contract::ActionPolicy;
use crate::values::Problem;

/// What an input says whose secret is elsewhere.
pub const SECRET: &str = "$secret";

/// What an input says whose secret the host makes up.
pub const GENERATE: &str = "$generate";

/// The classes of characters of a password: those of Entra's rule, which wants three of the four,
/// without characters that look alike or that end a cell, an attribute or a word. Source:
/// "Microsoft Entra password policies".
const CLASSES: [&[u8]; 4] =
    [b"abcdefghijkmnpqrstuvwxyz", b"ABCDEFGHJKLMNPQRSTUVWXYZ", b"23456789", b"!#%*+-=?@_"];

/// The characters of each class in a password, of which the actions want two.
const OF_EACH: usize = 6;

/// The secrets that the host made up, by the names of their inputs.
pub type Made = BTreeMap<String, String>;

/// Puts the secrets into an input that only says where they are. Returns those that were made up.
///
/// # Errors
/// Returns the problems of the input, beside those that its check will find.
pub fn resolve(
    fields: &mut Map<String, Value>,
    policy: &ActionPolicy,
    allowed: &AllowedSecrets,
) -> Result<Made, Vec<Problem>> {
    let (mut made, mut problems) = (Made::new(), Vec::new());
    for name in &policy.secrets {
        let Some(value) = fields.get_mut(name) else { continue };
        let Value::Object(form) = value else { continue };
        let can_generate = policy.passwords.contains(name);
        match secret(form, can_generate, allowed) {
            Ok(Found::Named(secret)) => *value = secret.into(),
            Ok(Found::Made(password)) => {
                made.insert(name.clone(), password.clone());
                *value = password.into();
            }
            Err(message) => problems.push(Problem { pointer: format!("/{name}"), message }),
        }
    }
    if problems.is_empty() { Ok(made) } else { Err(problems) }
}

enum Found {
    Named(String),
    Made(String),
}

fn secret(
    form: &Map<String, Value>,
    can_generate: bool,
    allowed: &AllowedSecrets,
) -> Result<Found, String> {
    let form = without_nulls(form);
    let mut members = form.into_iter();
    match (members.next(), members.next()) {
        (Some((name, Value::Bool(true))), None) if name == GENERATE => match can_generate {
            true => Ok(Found::Made(password())),
            false => Err("cannot be made up, since it is no password of a new account".to_owned()),
        },
        (Some((name, Value::Object(source))), None) if name == SECRET => {
            let source = Value::Object(without_nulls(&source));
            let source: SecretSource =
                serde_json::from_value(source).map_err(|_| expected(can_generate))?;
            allowed.read(&source).map(Found::Named)
        }
        _ => Err(expected(can_generate)),
    }
}

/// Returns the members that are there. Some models write null for those that are not.
fn without_nulls(form: &Map<String, Value>) -> Map<String, Value> {
    let present = form.iter().filter(|(_, value)| !value.is_null());
    present.map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn expected(can_generate: bool) -> String {
    let generate = if can_generate { ", or {\"$generate\": true}" } else { "" };
    format!(
        "expected a string, {{\"$secret\": {{\"env\": NAME}}}} or {{\"$secret\": {{\"file\": PATH}}}}{generate}"
    )
}

/// Makes up a password.
fn password() -> String {
    let mut random = rand::rng();
    let mut characters: Vec<u8> = CLASSES
        .iter()
        .flat_map(|class| std::iter::repeat_n(class, OF_EACH))
        .filter_map(|class| class.choose(&mut random).copied())
        .collect();
    characters.shuffle(&mut random);
    characters.into_iter().map(char::from).collect()
}
