//! Gives every request the id of its run, which Microsoft's support finds it by.
//!
//! Below the recording, so that a recording is the same whoever made it.

use http::{HeaderName, HeaderValue};
use tower::{Layer, ServiceExt};
use uuid::Uuid;

use super::{EgressStack, wrap};

/// The header for it. Source: "Best practices for working with Microsoft Graph", which asks
/// for a GUID that is logged on the client's side.
const CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("client-request-id");

/// The layer for the run with this id.
#[derive(Clone, Copy, Debug)]
pub struct Correlation(pub Uuid);

impl Layer<EgressStack> for Correlation {
    type Service = EgressStack;

    fn layer(&self, inner: EgressStack) -> EgressStack {
        // Hexadecimal digits and hyphens.
        let id = HeaderValue::from_str(&self.0.to_string()).ok();
        wrap(inner, move |mut request, inner| {
            if let Some(id) = &id {
                request.headers_mut().insert(CLIENT_REQUEST_ID, id.clone());
            }
            inner.oneshot(request)
        })
    }
}
