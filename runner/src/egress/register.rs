//! Registers every write of a run, with what became of it.

use http::HeaderMap;
use tower::{Layer, ServiceExt};

use super::throttle::NotSent;
use super::{EgressError, EgressStack, Response, wrap};
use crate::context::{Fate, Writes};

/// The layer that registers writes. The layers below find the number of a write in the
/// extensions of its request.
#[derive(Clone)]
pub struct Register(pub Writes);

impl Layer<EgressStack> for Register {
    type Service = EgressStack;

    fn layer(&self, inner: EgressStack) -> EgressStack {
        let writes = self.0.clone();
        wrap(inner, move |mut request, inner| {
            let writes = writes.clone();
            async move {
                let Some(number) = writes.begin(request.method(), request.uri()) else {
                    return inner.oneshot(request).await;
                };
                request.extensions_mut().insert(number);
                let response = inner.oneshot(request).await;
                writes.end(number, fate(&response));
                response
            }
        })
    }
}

/// What became of a write with this response.
pub(super) fn fate(response: &Result<Response, EgressError>) -> Fate {
    match response {
        Ok(response) if NotSent::marks(response) => Fate::NotSent,
        Ok(response) => Fate::Answered {
            status: response.status().as_u16(),
            request_id: request_id(response.headers()),
        },
        // A layer refused it.
        Err(EgressError::Stop(_)) => Fate::NotSent,
        Err(EgressError::Http(_)) => Fate::Lost,
    }
}

fn request_id(headers: &HeaderMap) -> Option<String> {
    Some(headers.get("request-id")?.to_str().ok()?.to_owned())
}
