//! Gives every request the id of its run, which Microsoft's support finds it by.
//!
//! Below the recording, so that a recording is the same whoever made it.

use http::{HeaderName, HeaderValue};
use tower::util::BoxCloneSyncService;
use tower::{ServiceExt, service_fn};
use uuid::Uuid;

use super::{Request, WayOut};

/// The header for it. Source: "Best practices for working with Microsoft Graph", which asks
/// for a GUID that is logged on the client's side.
const CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("client-request-id");

/// This layer in front of `inner`, for the run `run`.
pub fn in_front_of(inner: WayOut, run: Uuid) -> WayOut {
    // Hexadecimal digits and hyphens.
    let id = HeaderValue::from_str(&run.to_string()).ok();
    BoxCloneSyncService::new(service_fn(move |mut request: Request| {
        if let Some(id) = &id {
            request.headers_mut().insert(CLIENT_REQUEST_ID, id.clone());
        }
        inner.clone().oneshot(request)
    }))
}
