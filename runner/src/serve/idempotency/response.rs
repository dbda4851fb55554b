//! What is kept of an answer.

use axum::response::{IntoResponse, Response};
use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

/// An answer, as it is given the first time and again.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredResponse {
    /// The status.
    pub status: StatusCode,
    /// The headers that belong to the answer, such as its type and the id of the run; not
    /// those of the connection or the moment.
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
    /// What it counts for, in bytes.
    pub(super) fn size(&self) -> u64 {
        let headers = self.headers.iter();
        size(headers.map(|(name, value)| (name.as_str(), value.as_bytes())), &self.body)
    }
}

/// What headers and a body count for, in bytes.
pub(super) fn size<'a>(headers: impl Iterator<Item = (&'a str, &'a [u8])>, body: &[u8]) -> u64 {
    let headers: usize = headers.map(|(name, value)| name.len() + value.len()).sum();
    u64::try_from(headers + body.len()).unwrap_or(u64::MAX)
}

/// Neither headers nor body: they may hold personal data.
impl fmt::Debug for StoredResponse {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut answer = formatter.debug_struct("StoredResponse");
        answer.field("status", &self.status).field("bytes", &self.body.len());
        answer.finish_non_exhaustive()
    }
}
