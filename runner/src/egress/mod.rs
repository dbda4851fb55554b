//! The only way out of the sandbox.
//!
//! Every request of a guest passes the same layers, each a tower service:
//! - `authority`: method, path and origin against the action's policy and the connection
//! - `journal`: notes every write in the audit log
//! - `plan`: of a dry run: reads pass, writes are answered by what they would do
//! - `record`: notes every exchange
//! - `throttle`: what others have learned of Graph's throttling
//! - `correlation`: the run's id, for Microsoft's support
//! - `observer`: the log, and what a person is shown meanwhile
//! - `credential`: the token, for exactly the connection's Graph; `masking` takes it out of
//!   answers
//! - `faults`: in front of a tenant that is none, calls that fail by a script
//! - `replay`: answers from a recording, in its order
//! - `live`: real servers, over connections that are kept
//!
//! and `hooks` is where the sandbox hands a request over; `sending` reads it and gives it to
//! the first of them, with a note of every write in the `ledger` and of all it takes in
//! `usage`. `retry_after` is how long a server asks to wait. `error_code` has the names of
//! what can go wrong on the way.

pub mod authority;
pub mod correlation;
pub mod credential;
pub mod error_code;
pub mod faults;
pub mod hooks;
pub mod journal;
pub mod ledger;
pub mod live;
mod masking;
pub mod observer;
pub mod plan;
pub mod record;
pub mod replay;
pub mod retry_after;
mod sending;
pub mod throttle;
pub mod usage;

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use thiserror::Error;
use tower::service_fn;
use tower::util::BoxCloneSyncService;

use crate::sandbox::Stop;

pub use wasmtime_wasi_http::Error as HttpError;

/// A guest's request, its body already read.
pub type Request = http::Request<Bytes>;

/// An answer on its way to the guest.
pub type Response = http::Response<Body>;

/// The body of an answer.
pub type Body = UnsyncBoxBody<Bytes, HttpError>;

/// A way out: the layers down from some point.
pub type WayOut = BoxCloneSyncService<Request, Response, EgressError>;

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

/// The way out of an action that makes no call: there is none.
pub fn nowhere() -> WayOut {
    BoxCloneSyncService::new(service_fn(|_: Request| async {
        Err::<Response, _>(EgressError::Http(HttpError::HttpRequestDenied))
    }))
}

/// A body that is there as a whole.
pub fn whole(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).map_err(|never| match never {}).boxed_unsync()
}
