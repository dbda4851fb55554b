//! Lists of key hashes: each a text, or a table with the key's end.

use std::collections::HashMap;

use jiff::Timestamp;
use toml::de::{DeTable, DeValue};

use super::keys::{Form, Keys};
use crate::api_key::{AcceptedKey, KeyHash, PREFIX};

/// The form of a list of hashes.
const HASHES: Form = Form { items: "keys", example: "\"sha256:...\"" };

/// The member with the hash of a key that has an end.
const KEY: &str = "key";

/// The member with the end of a key.
const EXPIRES: &str = "expires";

/// The table of each key. A key identifies the caller, so no two tables can have the same.
#[derive(Default)]
pub struct Owners(HashMap<[u8; 32], String>);

/// An item of a list.
enum Item<'a> {
    Hash(&'a str),
    WithEnd(&'a DeTable<'a>),
}

/// Reads the keys of the table `owner`; `command` creates a key.
pub fn read(
    keys: &mut Keys<'_, '_>,
    key: &'static str,
    owner: &str,
    command: &str,
    owners: &mut Owners,
) -> Option<Vec<AcceptedKey>> {
    keys.items(key, &HASHES, item, |item| {
        let accepted = match item {
            Item::Hash(text) => hash(text, command)?.into(),
            Item::WithEnd(table) => with_end(table, command)?,
        };
        match owners.0.get(accepted.hash.as_bytes()) {
            Some(other) if other == owner => {
                Err(("has the same twice".to_owned(), "Remove one of them.".to_owned()))
            }
            Some(other) => Err((
                format!("has a key that {other} has too"),
                format!("Remove it from one of them, and make another with {command}."),
            )),
            None => {
                owners.0.insert(*accepted.hash.as_bytes(), owner.to_owned());
                Ok(accepted)
            }
        }
    })
}

/// Returns a key as an item of a list.
pub fn written(key: &AcceptedKey) -> String {
    match key.expires {
        None => format!("\"{}\"", key.hash),
        Some(expires) => format!("{{ {KEY} = \"{}\", {EXPIRES} = {expires} }}", key.hash),
    }
}

fn item<'a>(value: &'a DeValue<'a>) -> Option<Item<'a>> {
    match value {
        DeValue::String(text) => Some(Item::Hash(text)),
        DeValue::Table(table) => Some(Item::WithEnd(table)),
        _ => None,
    }
}

fn hash(text: &str, command: &str) -> Result<KeyHash, (String, String)> {
    text.parse().map_err(|_| not_a_hash(text, command))
}

fn with_end(table: &DeTable<'_>, command: &str) -> Result<AcceptedKey, (String, String)> {
    let (mut key, mut expires) = (None, None);
    for (name, value) in table {
        match (name.get_ref().as_ref(), value.get_ref()) {
            (KEY, DeValue::String(text)) => key = Some(hash(text, command)?),
            // Without an offset, it depends on the machine when the key ends.
            (EXPIRES, DeValue::Datetime(time)) => {
                let end: Timestamp = time.to_string().parse().map_err(|_| not_an_end())?;
                expires = Some(end);
            }
            (EXPIRES, _) => return Err(not_an_end()),
            _ => return Err(not_a_key()),
        }
    }
    Ok(AcceptedKey { hash: key.ok_or_else(not_a_key)?, expires })
}

fn not_an_end() -> (String, String) {
    (
        "has an item whose expires is not a time with an offset".to_owned(),
        "Write expires = 2031-01-31T00:00:00Z, without quotes.".to_owned(),
    )
}

fn not_a_key() -> (String, String) {
    (
        "has an item that is not of the form { key = \"sha256:...\", expires = TIME }".to_owned(),
        "Write \"sha256:...\", or { key = \"sha256:...\", expires = 2031-01-31T00:00:00Z }."
            .to_owned(),
    )
}

fn not_a_hash(text: &str, command: &str) -> (String, String) {
    if text.starts_with(PREFIX) {
        return (
            "holds a key itself, which has no place in this file".to_owned(),
            format!("Remove it, for others may have seen it, and make another with {command}."),
        );
    }
    (
        "has an item that is not the hash of a key, sha256: and 64 hexadecimal digits".to_owned(),
        format!("Remove it, and make a key with {command}."),
    )
}
