//! The egress stack: the only egress stack of the sandbox.
//!
//! `hooks` is where the sandbox hands over a request of its guest; `sending` reads its body,
//! counts what it takes, and gives it to the stack. The layers of the stack, in the order in
//! which `run::stack` puts them together:
//! - `authority`: method, path and origin against the action's policy and the connection
//! - `register`: every write in the register of the run
//! - `plan`: of a dry run: reads pass, writes are answered by what they would do
//! - `record`: notes every exchange
//! - `journal`: notes every write in the audit log
//! - `throttle`: what other runs have learned of Graph's throttling
//! - `faults`: calls that fail by a script, on a tenant that is simulated or recorded
//! - `observer`: the log, and the progress that a person sees
//! - `correlation`: the run's id, for Microsoft's support
//! - `credential`: the token, for exactly the connection's Graph; `masking` removes it from
//!   responses
//!
//! and what is below them, one of
//! - `network`: real servers
//! - `replay`: responses from a recording, in its order
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

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use thiserror::Error;
use tower::service_fn;
use tower::util::BoxCloneSyncService;

use crate::context::Stop;

pub use crate::network::{Body, Response};
pub use crate::recording::{HttpError, Request, error_code};

/// A egress stack: the layers down from some point.
pub type EgressStack = BoxCloneSyncService<Request, Response, EgressError>;

/// Why a request has no answer.
#[derive(Debug, Error)]
pub enum EgressError {
    /// The run ends here; the guest is not asked what it thinks of it.
    #[error(transparent)]
    Stop(#[from] Stop),
    /// What the guest is told, as of any request that fails on its way.
    #[error("{0}")]
    Http(HttpError),
}

/// A service in front of `inner`: what `layer` makes of each request and what is below it.
fn wrap<F, R>(inner: EgressStack, layer: F) -> EgressStack
where
    F: Fn(Request, EgressStack) -> R + Clone + Send + Sync + 'static,
    R: Future<Output = Result<Response, EgressError>> + Send + 'static,
{
    BoxCloneSyncService::new(service_fn(move |request| layer(request, inner.clone())))
}

/// The egress stack of an action that makes no call: there is none.
pub fn nowhere() -> EgressStack {
    BoxCloneSyncService::new(service_fn(|_: Request| async {
        Err::<Response, _>(EgressError::Http(HttpError::HttpRequestDenied))
    }))
}

/// A body that is there as a whole.
pub fn whole(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).map_err(|never| match never {}).boxed_unsync()
}
