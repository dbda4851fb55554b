//! Ids of objects: GUIDs, made without randomness so that runs are repeatable.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// A GUID; its text has hyphens and small letters, as Graph writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Guid(Uuid);

impl Guid {
    /// The GUID that stands for `parts`: always the same for the same parts.
    pub fn of(parts: &[&[u8]]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update(part.len().to_le_bytes());
            hash.update(part);
        }
        let digest = hash.finalize();
        let bytes = digest.first_chunk::<16>().copied().unwrap_or_default();
        // Version and variant of a random GUID, since clients check them.
        Self(uuid::Builder::from_random_bytes(bytes).into_uuid())
    }

    /// The text without hyphens.
    pub fn simple(self) -> String {
        self.0.simple().to_string()
    }
}

impl fmt::Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

/// A text that is no GUID.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is no GUID; one looks like 06ebc4ee-1bb5-47dd-8120-11324bc54e06")]
pub struct InvalidGuid(String);

impl FromStr for Guid {
    type Err = InvalidGuid;

    fn from_str(text: &str) -> Result<Self, InvalidGuid> {
        let invalid = || InvalidGuid(text.chars().take(100).collect());
        // The other forms that a parser knows are none of Graph's.
        let hyphenated = text.len() == uuid::fmt::Hyphenated::LENGTH;
        hyphenated.then(|| Uuid::parse_str(text).ok()).flatten().map(Self).ok_or_else(invalid)
    }
}

impl Serialize for Guid {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Guid {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
