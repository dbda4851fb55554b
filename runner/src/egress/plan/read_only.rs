//! A egress stack that can read and nothing else.

use bytes::Bytes;
use http::{HeaderMap, Uri};
use tower::ServiceExt;

use crate::egress::{EgressError, EgressStack, Response};

/// A egress stack without the means to change anything: its one method sends a GET, without a
/// body. What holds this and no other egress stack cannot write, whatever its code does.
#[derive(Clone)]
pub struct ReadOnly(EgressStack);

impl ReadOnly {
    /// Gives up every other use of `egress`.
    pub fn new(egress: EgressStack) -> Self {
        Self(egress)
    }

    /// Reads what is at `uri`.
    pub async fn get(&self, uri: Uri, headers: HeaderMap) -> Result<Response, EgressError> {
        let (mut head, body) = http::Request::new(Bytes::new()).into_parts();
        head.uri = uri;
        head.headers = headers;
        self.0.clone().oneshot(http::Request::from_parts(head, body)).await
    }
}
