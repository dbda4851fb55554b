//! The innermost layer over real servers.

use http_body_util::BodyExt;
use tower::service_fn;
use tower::util::BoxCloneSyncService;

use super::{EgressError, EgressStack, Request};
use crate::network::body::explain;
use crate::network::{Client, Faults};

/// Returns the stack over `client`, which notes in `faults` why the last request failed.
pub fn egress(client: Client, faults: Faults) -> EgressStack {
    BoxCloneSyncService::new(service_fn(move |request: Request| {
        let (client, faults) = (client.clone(), faults.clone());
        async move {
            let response = client.send(request).await.map_err(|fault| {
                faults.note(Some(fault.explanation()));
                EgressError::Http(fault.http)
            })?;
            faults.note(None);
            Ok(response.map(|body| {
                let note = move |error| {
                    faults.note(Some(explain(&error)));
                    error
                };
                body.map_err(note).boxed_unsync()
            }))
        }
    }))
}
