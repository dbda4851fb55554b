//! A way out that can read and nothing else.

use bytes::Bytes;
use http::{HeaderMap, Uri};
use tower::ServiceExt;

use crate::egress::{EgressError, Response, WayOut};

/// A way out without the means to change anything: its one method sends a GET, without a
/// body. What holds this and no other way out cannot write, whatever its code does.
#[derive(Clone)]
pub struct ReadOnly(WayOut);

impl ReadOnly {
    /// Gives up every other use of `way_out`.
    pub fn new(way_out: WayOut) -> Self {
        Self(way_out)
    }

    /// Reads what is at `uri`.
    pub async fn get(&self, uri: Uri, headers: HeaderMap) -> Result<Response, EgressError> {
        let (mut head, body) = http::Request::new(Bytes::new()).into_parts();
        head.uri = uri;
        head.headers = headers;
        self.0.clone().oneshot(http::Request::from_parts(head, body)).await
    }
}
