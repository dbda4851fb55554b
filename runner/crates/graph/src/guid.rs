//! Object ids: GUIDs that are derived and not random, so that runs are repeatable.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// A GUID, written with hyphens and in lower case, as Graph does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Guid(Uuid);

impl Guid {
    /// Returns the GUID of `parts`.
    pub fn of(parts: &[&[u8]]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update(part.len().to_le_bytes());
            hash.update(part);
        }
        let digest = hash.finalize();
        let bytes = digest.first_chunk::<16>().copied().unwrap_or_default();
        // Clients check the version and variant of a random GUID.
        Self(uuid::Builder::from_random_bytes(bytes).into_uuid())
    }

    /// Returns the security identifier of an object with this id, such as `S-1-12-1-…`. Source: the
    /// "securityIdentifier" of published responses, four little-endian words of the id.
    pub fn security_identifier(self) -> String {
        let words = self.0.to_bytes_le();
        let (words, _) = words.as_chunks::<4>();
        let words = words.iter().map(|word| format!("-{}", u32::from_le_bytes(*word)));
        std::iter::once("S-1-12-1".to_owned()).chain(words).collect()
    }

    /// Returns the text without hyphens.
    pub fn simple(self) -> String {
        self.0.simple().to_string()
    }
}

impl fmt::Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

/// A text that is not a GUID.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not a GUID; one looks like 06ebc4ee-1bb5-47dd-8120-11324bc54e06")]
pub struct InvalidGuid(String);

impl FromStr for Guid {
    type Err = InvalidGuid;

    fn from_str(text: &str) -> Result<Self, InvalidGuid> {
        let invalid = || InvalidGuid(text.chars().take(100).collect());
        // Graph does not write the other forms that the parser accepts.
        let hyphenated = text.len() == uuid::fmt::Hyphenated::LENGTH;
        hyphenated.then(|| Uuid::parse_str(text).ok()).flatten().map(Self).ok_or_else(invalid)
    }
}

impl TryFrom<String> for Guid {
    type Error = InvalidGuid;

    fn try_from(text: String) -> Result<Self, InvalidGuid> {
        text.parse()
    }
}
