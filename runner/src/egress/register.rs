//! Registers every write of a run, and how it ended.

use tower::{Layer, ServiceExt};

use super::throttle::NotSent;
use super::{EgressError, EgressStack, Request, Response, wrap};
use crate::context::{WriteStatus, Writes};

/// The layer that registers writes. It puts the number of a write into the extensions of its
/// request, for the layers below.
#[derive(Clone)]
pub struct Register(pub Writes);

impl Layer<EgressStack> for Register {
    type Service = EgressStack;

    fn layer(&self, inner: EgressStack) -> EgressStack {
        wrap(self, inner, Self::send)
    }
}

impl Register {
    async fn send(self, mut request: Request, inner: EgressStack) -> Result<Response, EgressError> {
        let Some(number) = self.0.begin(request.method(), request.uri()) else {
            return inner.oneshot(request).await;
        };
        request.extensions_mut().insert(number);
        let response = inner.oneshot(request).await;
        self.0.end(number, status_of(&response));
        response
    }
}

/// Returns the status of a write with this response.
pub(super) fn status_of(response: &Result<Response, EgressError>) -> WriteStatus {
    let header =
        |response: &Response| Some(response.headers().get("request-id")?.to_str().ok()?.to_owned());
    match response {
        Ok(response) if NotSent::marks(response) => WriteStatus::NotSent,
        Ok(response) => WriteStatus::Responded {
            status: response.status().as_u16(),
            request_id: header(response),
        },
        // A layer refused it.
        Err(EgressError::Stop(_)) => WriteStatus::NotSent,
        Err(EgressError::Http(_)) => WriteStatus::Lost,
    }
}
