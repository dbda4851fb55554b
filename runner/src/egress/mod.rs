//! The egress stack: the only way out of the sandbox.
//!
//! `hooks` takes a request from the sandbox; `sending` reads its body, counts it, and passes it
//! to the stack; `unseen` stops a virtual clock until the guest has seen the response. The layers of the stack, in the order of `run::stack`:
//! - `authority`: checks method, path and origin against the action's policy and the connection
//! - `register`: registers every write of the run
//! - `plan`: lets reads pass, and responds to writes itself
//! - `record`: records every exchange
//! - `journal`: logs every write in the audit log
//! - `throttle`: shares what runs learn of Graph's throttling
//! - `faults`: injects faults into calls, on a tenant that is simulated or recorded
//! - `observer`: logs requests, and reports the progress that a terminal shows
//! - `correlation`: adds the run's id, for Microsoft's support
//! - `credential`: adds the token, for exactly the connection's Graph; `masking` removes it from
//!   responses
//!
//! The innermost layer is one of:
//! - `network`: real servers
//! - `replay`: the responses of a recording, in its order
//! - `simulated`: a simulated tenant

pub mod authority;
pub mod correlation;
pub mod credential;
pub mod faults;
pub mod hooks;
pub mod journal;
mod masking;
pub mod network;
pub mod observer;
pub mod plan;
pub mod record;
pub mod register;
pub mod replay;
mod sending;
pub mod simulated;
pub mod throttle;
mod unseen;

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use thiserror::Error;
use tower::service_fn;
use tower::util::BoxCloneSyncService;

use crate::context::Stop;

pub use crate::network::{Body, Response};
pub use crate::recording::{HttpError, Request, error_code};

/// An egress stack, or the part of it below some layer.
pub type EgressStack = BoxCloneSyncService<Request, Response, EgressError>;

/// Why a request has no response.
#[derive(Debug, Error)]
pub enum EgressError {
    /// The run ends, without a response for the guest.
    #[error(transparent)]
    Stop(#[from] Stop),
    /// The request failed; the guest receives this error.
    #[error("{0}")]
    Http(HttpError),
}

/// Returns `inner` below `layer`, whose `send` handles each request.
fn wrap<L, R>(layer: &L, inner: EgressStack, send: fn(L, Request, EgressStack) -> R) -> EgressStack
where
    L: Clone + Send + Sync + 'static,
    R: Future<Output = Result<Response, EgressError>> + Send + 'static,
{
    // Shared, so that a clone of the stack does not clone every layer below.
    let shared = Arc::new((layer.clone(), inner));
    BoxCloneSyncService::new(service_fn(move |request| {
        let (layer, inner) = &*shared;
        send(layer.clone(), request, inner.clone())
    }))
}

/// Returns the stack of an action that makes no call: it refuses every request.
pub fn nowhere() -> EgressStack {
    BoxCloneSyncService::new(service_fn(|_: Request| async {
        Err::<Response, _>(EgressError::Http(HttpError::HttpRequestDenied))
    }))
}

/// Returns a body that is complete.
pub fn whole(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).map_err(|never| match never {}).boxed_unsync()
}
