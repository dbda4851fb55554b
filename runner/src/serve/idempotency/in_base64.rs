//! Bytes in JSON, as Base64.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serializer};

/// Writes bytes.
pub fn serialize<B: AsRef<[u8]>, S: Serializer>(bytes: &B, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&STANDARD.encode(bytes))
}

/// Reads bytes.
pub fn deserialize<'de, B: TryFrom<Vec<u8>>, D: Deserializer<'de>>(from: D) -> Result<B, D::Error> {
    let bytes = STANDARD.decode(String::deserialize(from)?).map_err(D::Error::custom)?;
    B::try_from(bytes).map_err(|_| D::Error::custom("the bytes have another length"))
}
