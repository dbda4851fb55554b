//! API keys: who may call, as a text that a caller holds and a hash that the server keeps.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use thiserror::Error;

/// What each key begins with, so that scanners for secrets know one when they see it.
pub const PREFIX: &str = "o365_";

/// What the text form of a hash begins with.
const ALGORITHM: &str = "sha256:";

/// How much chance is in a key, in bytes.
const BYTES: usize = 32;

/// A key that was just made: `o365_` and 256 bits of chance in base64url. Nothing keeps it
/// but whom it is given to, and nothing shows it but [`ApiKey::expose`].
#[derive(Debug)]
pub struct ApiKey(SecretString);

/// The system has no chance to give.
#[derive(Debug, Error)]
#[error("the system gives no random numbers, which a key is made of: {0}")]
pub struct NoRandomness(getrandom::Error);

/// The SHA-256 of a key's whole text: what a configuration holds in its place.
///
/// A key has 256 bits of chance, so nobody finds it by trying, whatever a try costs: a slow
/// hash, as passwords need one, would only make every request slow.
#[derive(Clone, Copy)]
pub struct KeyHash([u8; BYTES]);

/// A text that is no hash of a key. It does not repeat the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("it is not of the form sha256: and 64 hexadecimal digits")]
pub struct InvalidKeyHash;

impl ApiKey {
    /// A new key.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn generate() -> Result<Self, NoRandomness> {
        let mut chance = Zeroizing::new([0; BYTES]);
        getrandom::fill(chance.as_mut_slice()).map_err(NoRandomness)?;
        let mut text = PREFIX.to_owned();
        URL_SAFE_NO_PAD.encode_string(chance.as_slice(), &mut text);
        Ok(Self(SecretString::from(text)))
    }

    /// The key's text, for the one who is to have it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// What a configuration holds in its place.
    pub fn hash(&self) -> KeyHash {
        KeyHash::of(self.expose())
    }
}

impl KeyHash {
    /// The hash of a key's text.
    pub fn of(key: &str) -> Self {
        Self(Sha256::digest(key.as_bytes()).into())
    }

    /// Whether a text is the key. How long that takes does not depend on how much of it is
    /// right.
    pub fn matches(&self, key: &str) -> bool {
        *self == Self::of(key)
    }

    /// The hash itself.
    pub fn as_bytes(&self) -> &[u8; BYTES] {
        &self.0
    }
}

/// In constant time, so that no comparison anywhere tells how much of a key is right.
impl PartialEq for KeyHash {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for KeyHash {}

impl fmt::Display for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(ALGORITHM)?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Without the hash, which has no place in a log.
impl fmt::Debug for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyHash")
    }
}

impl FromStr for KeyHash {
    type Err = InvalidKeyHash;

    fn from_str(text: &str) -> Result<Self, InvalidKeyHash> {
        let digits = text.strip_prefix(ALGORITHM).ok_or(InvalidKeyHash)?;
        let mut hash = [0; BYTES];
        let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
        if pairs.len() != BYTES || !rest.is_empty() {
            return Err(InvalidKeyHash);
        }
        for (byte, [high, low]) in hash.iter_mut().zip(pairs) {
            *byte = digit(*high)? << 4 | digit(*low)?;
        }
        Ok(Self(hash))
    }
}

fn digit(byte: u8) -> Result<u8, InvalidKeyHash> {
    let digit = char::from(byte).to_digit(16).ok_or(InvalidKeyHash)?;
    u8::try_from(digit).map_err(|_| InvalidKeyHash)
}

#[cfg(test)]
#[expect(clippy::string_slice, reason = "keys and hashes are ASCII")]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_known_by_its_form_and_never_made_twice() {
        let [one, other] = [ApiKey::generate().unwrap(), ApiKey::generate().unwrap()];
        assert_ne!(one.expose(), other.expose());
        let chance = one.expose().strip_prefix("o365_").unwrap();
        assert_eq!(URL_SAFE_NO_PAD.decode(chance).unwrap().len(), 32);
        assert!(chance.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
    }

    #[test]
    fn a_hash_matches_its_own_key_and_nothing_else() {
        let key = ApiKey::generate().unwrap();
        let hash = key.hash();
        assert!(hash.matches(key.expose()));
        for other in [
            "",
            "o365_",
            &key.expose()["o365_".len()..],
            &format!("{} ", key.expose()),
            &key.expose()[..key.expose().len() - 1],
            &hash.to_string(),
            ApiKey::generate().unwrap().expose(),
        ] {
            assert!(!hash.matches(other));
        }
    }

    #[test]
    fn hashes_are_the_same_only_in_every_digit() {
        let hash = KeyHash::of("one");
        let text = hash.to_string();
        for place in "sha256:".len()..text.len() {
            let other = if &text[place..=place] == "0" { "1" } else { "0" };
            let changed = format!("{}{other}{}", &text[..place], &text[place + 1..]);
            assert_ne!(changed.parse::<KeyHash>().unwrap(), hash, "{place}");
        }
    }

    #[test]
    fn the_text_form_is_that_of_sha256sum() {
        let text = "sha256:2e7d2c03a9507ae265ecf5b5356885a53393a2029d241394997265a1a25aefc6";
        assert_eq!(KeyHash::of("c").to_string(), text);
        assert_eq!(text.parse::<KeyHash>().unwrap(), KeyHash::of("c"));
        let upper = format!("sha256:{}", text["sha256:".len()..].to_uppercase());
        assert_eq!(upper.parse::<KeyHash>().unwrap(), KeyHash::of("c"));
    }

    #[test]
    fn what_is_no_hash_is_refused() {
        let digits = "a".repeat(64);
        for text in [
            String::new(),
            digits.clone(),
            format!("sha512:{digits}"),
            format!("SHA256:{digits}"),
            format!("sha256:{}", "a".repeat(63)),
            format!("sha256:{}", "a".repeat(65)),
            format!("sha256: {}", "a".repeat(63)),
            format!("sha256:+{}", "a".repeat(63)),
            format!("sha256:{}g", "a".repeat(63)),
            // 64 bytes, some of them of one letter.
            format!("sha256:{}ä", "a".repeat(62)),
        ] {
            assert_eq!(text.parse::<KeyHash>(), Err(InvalidKeyHash), "{text}");
        }
    }

    #[test]
    fn neither_is_shown_by_debug() {
        let key = ApiKey::generate().unwrap();
        let shown = format!("{key:?} {:?}", key.hash());
        assert!(!shown.contains(&key.expose()[PREFIX.len()..]), "{shown}");
        assert!(!shown.contains(&key.hash().to_string()["sha256:".len()..]), "{shown}");
    }
}
