//! A client as the innermost layer of a run.

use http_body_util::BodyExt;
use tower::service_fn;
use tower::util::BoxCloneSyncService;

use super::{EgressError, EgressStack, Request};
use crate::network::body::explain;
use crate::network::{Client, Faults};

/// The egress stack over `client`, which notes in `faults` why the last request failed.
pub fn egress(client: Client, faults: Faults) -> EgressStack {
    BoxCloneSyncService::new(service_fn(move |request: Request| {
        let (client, faults) = (client.clone(), faults.clone());
        async move {
            match client.send(request).await {
                Ok(response) => {
                    faults.note(None);
                    Ok(response.map(|body| {
                        let noted = move |error| {
                            faults.note(Some(explain(&error)));
                            error
                        };
                        body.map_err(noted).boxed_unsync()
                    }))
                }
                Err(fault) => {
                    faults.note(Some(fault.explanation()));
                    Err(EgressError::Http(fault.http))
                }
            }
        }
    }))
}
