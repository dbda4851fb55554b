//! Paging of listings, and the tokens of next pages.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Query;
use crate::guid::Guid;
use crate::refusal::Refusal;

/// The default page size. Source: "List users".
pub const DEFAULT: usize = 100;

/// The largest page size. Source: as above.
const LARGEST: usize = 999;

/// The length of the digest at the start of a token.
const DIGEST: usize = 8;

/// The last item of a page, after which the listing continues.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The id of the item.
    pub id: Guid,
    /// The sort key of the item, if the listing is sorted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// Returns the requested page size.
pub fn size(query: &Query) -> Result<usize, Refusal> {
    let Some(top) = query.get("$top") else { return Ok(DEFAULT) };
    let invalid = || {
        Refusal::unsupported(format!(
            "Invalid page size specified: '{top}'. Must be between 1 and {LARGEST} inclusive."
        ))
    };
    let size = top.trim().parse().map_err(|_| invalid())?;
    (1..=LARGEST).contains(&size).then_some(size).ok_or_else(invalid)
}

impl Position {
    /// Returns the token of the next page.
    pub fn token(&self) -> String {
        seal(self)
    }

    /// Reads the token of a request, if there is one.
    pub fn of(query: &Query) -> Result<Option<Self>, Refusal> {
        query.get("$skiptoken").map(open).transpose()
    }
}

/// Returns a token with this content.
pub fn seal(content: &impl Serialize) -> String {
    let content = serde_json::to_vec(content).unwrap_or_default();
    let mut bytes = digest(&content).to_vec();
    bytes.extend(content);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Returns the content of a token.
pub fn open<T: DeserializeOwned>(token: &str) -> Result<T, Refusal> {
    let read = || {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (sum, content) = bytes.split_first_chunk::<DIGEST>()?;
        (*sum == digest(content)).then(|| serde_json::from_slice(content).ok()).flatten()
    };
    read().ok_or_else(|| {
        Refusal::new(
            http::StatusCode::BAD_REQUEST,
            "Directory_ExpiredPageToken",
            "The specified page token value has expired and can no longer be included in your request.",
        )
    })
}

fn digest(bytes: &[u8]) -> [u8; DIGEST] {
    Sha256::digest(bytes).first_chunk().copied().unwrap_or_default()
}
