//! The end of a process, as by a kill: nothing that comes after it happens.

use crate::context::{Stop, StopSignal};
use crate::egress::Response;

/// Marks a response at which the process ends, once it is in the journal of the run.
#[derive(Clone, Copy, Debug)]
pub struct Noted;

impl Noted {
    pub(super) fn mark(mut response: Response) -> Response {
        response.extensions_mut().insert(Self);
        response
    }

    /// Returns the response to the guest, unless it has the mark.
    pub(in crate::egress) async fn pass<B>(
        response: http::Response<B>,
        stop: &StopSignal,
    ) -> http::Response<B> {
        match response.extensions().get::<Self>() {
            None => response,
            Some(Self) => now(stop).await,
        }
    }
}

/// Ends the run where it is. What waits for it is dropped, and no layer does anything about it.
pub(super) async fn now<T>(stop: &StopSignal) -> T {
    stop.end(Stop::Crashed);
    std::future::pending().await
}
