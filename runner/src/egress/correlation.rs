//! Gives every request the id of its run, by which Microsoft's support can find it.

use http::{HeaderName, HeaderValue};
use tower::{Layer, ServiceExt};
use uuid::Uuid;

use super::{EgressError, EgressStack, Request, Response, wrap};

/// Source: "Best practices for working with Microsoft Graph", which asks for a GUID that the
/// client logs.
const CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("client-request-id");

/// The layer of the run with this id.
#[derive(Clone, Copy, Debug)]
pub struct Correlation(pub Uuid);

impl Layer<EgressStack> for Correlation {
    type Service = EgressStack;

    fn layer(&self, inner: EgressStack) -> EgressStack {
        wrap(self, inner, Self::send)
    }
}

impl Correlation {
    async fn send(self, mut request: Request, inner: EgressStack) -> Result<Response, EgressError> {
        if let Ok(id) = HeaderValue::from_str(&self.0.to_string()) {
            request.headers_mut().insert(CLIENT_REQUEST_ID, id);
        }
        inner.oneshot(request).await
    }
}
