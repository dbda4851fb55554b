//! Stored responses.

use std::fmt;

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};

/// A response, as it is sent to the first call and to its repeats.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredResponse {
    /// The status.
    pub status: StatusCode,
    /// The headers of the content, such as its type and the id of the run.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl IntoResponse for StoredResponse {
    fn into_response(self) -> Response {
        (self.status, self.headers, self.body).into_response()
    }
}

impl StoredResponse {
    /// Returns the size, in bytes.
    pub(in crate::serve) fn size(&self) -> u64 {
        let headers = self.headers.iter();
        size(headers.map(|(name, value)| (name.as_str(), value.as_bytes())), &self.body)
    }
}

/// Returns the size of headers and a body, in bytes.
pub(super) fn size<'a>(headers: impl Iterator<Item = (&'a str, &'a [u8])>, body: &[u8]) -> u64 {
    let headers: usize = headers.map(|(name, value)| name.len() + value.len()).sum();
    u64::try_from(headers + body.len()).unwrap_or(u64::MAX)
}

/// Omits headers and body, which may contain personal data.
impl fmt::Debug for StoredResponse {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut response = formatter.debug_struct("StoredResponse");
        response.field("status", &self.status).field("bytes", &self.body.len());
        response.finish_non_exhaustive()
    }
}
