//! Lists of key hashes.

use std::collections::HashMap;

use super::keys::Keys;
use crate::api_key::{KeyHash, PREFIX};

/// The table of each key. A key identifies the caller, so no two tables can have the same.
#[derive(Default)]
pub struct Owners(HashMap<[u8; 32], String>);

/// Reads the hashes of the table `owner`; `command` creates a key.
pub fn read(
    keys: &mut Keys<'_, '_>,
    key: &'static str,
    owner: &str,
    command: &str,
    owners: &mut Owners,
) -> Option<Vec<KeyHash>> {
    keys.list(key, |text| {
        let hash: KeyHash = text.parse().map_err(|_| not_a_hash(text, command))?;
        match owners.0.get(hash.as_bytes()) {
            Some(other) if other != owner => Err((
                format!("has a key that {other} has too"),
                format!("Remove it from one of them, and make another with {command}."),
            )),
            _ => {
                owners.0.insert(*hash.as_bytes(), owner.to_owned());
                Ok(hash)
            }
        }
    })
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
