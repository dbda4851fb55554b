//! An egress stack that can only read.

use bytes::Bytes;
use http::{HeaderMap, Uri};
use tower::ServiceExt;

use crate::egress::{EgressError, EgressStack, Response};

/// An egress stack whose one method sends a GET without a body. Code with this and no other
/// egress stack cannot write.
#[derive(Clone)]
pub struct ReadOnly(EgressStack);

impl ReadOnly {
    /// Restricts `egress` to reads.
    pub fn new(egress: EgressStack) -> Self {
        Self(egress)
    }

    /// Reads the resource at `uri`.
    pub async fn get(&self, uri: Uri, headers: HeaderMap) -> Result<Response, EgressError> {
        let (mut head, body) = http::Request::new(Bytes::new()).into_parts();
        head.uri = uri;
        head.headers = headers;
        self.0.clone().oneshot(http::Request::from_parts(head, body)).await
    }
}
