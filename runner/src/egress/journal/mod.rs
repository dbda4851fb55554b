//! Writes ahead: a write is in the journal of its run and in the audit log before it is sent, so
//! that a killed process loses none that Graph accepted. Each response follows. A write that
//! cannot be written ahead is not sent.
//!
//! A run with a journal of its own goes on from there after a crash: `durable` repeats what the
//! journal has, and writes what comes after. The journal is on the disk first, and the audit log
//! can be completed from it. A run without one has its writes on the disk in the audit log.
//!
//! - `lines`: the lines of the audit log
//! - `durable`: the journal of a run

mod durable;
mod lines;

use tower::{Layer, ServiceExt};

use super::register::status_of;
use super::{EgressError, EgressStack, Request, Response, wrap};
use crate::audit::Durability;
use crate::context::{Cancellation, Stop, WriteNumber};

use durable::Next;

pub use durable::Durable;
pub use lines::{AuditLines, written};

/// The layer that writes ahead.
#[derive(Clone)]
pub struct Journal {
    /// The audit log.
    pub audit: Option<AuditLines>,
    /// The journal of the run.
    pub durable: Option<Durable>,
    /// Cancels the run before a write.
    pub cancellation: Cancellation,
}

impl Layer<EgressStack> for Journal {
    type Service = EgressStack;

    fn layer(&self, inner: EgressStack) -> EgressStack {
        wrap(self, inner, Self::send)
    }
}

impl Journal {
    async fn send(self, request: Request, inner: EgressStack) -> Result<Response, EgressError> {
        let number: Option<WriteNumber> = request.extensions().get().copied();
        if number.is_none() && !request.method().is_safe() {
            return Err(Stop::Audit("the write is not registered".to_owned()).into());
        }
        match self.durable.clone() {
            Some(durable) => self.send_durably(&durable, number, request, inner).await,
            None => {
                let _write = number.map(|_| self.cancellation.write()).transpose()?;
                self.send_logged(number, request, inner, Durability::Synced).await
            }
        }
    }

    /// Repeats a request that the journal has, and writes the others ahead.
    async fn send_durably(
        self,
        durable: &Durable,
        number: Option<WriteNumber>,
        request: Request,
        inner: EgressStack,
    ) -> Result<Response, EgressError> {
        let _write;
        let index = match durable.next(&request).await? {
            Next::Repeated(response) => return response,
            Next::Again(index) => index,
            Next::New => {
                _write = number.map(|_| self.cancellation.write()).transpose()?;
                durable.intend(number, &request).await?
            }
        };
        durable.may_send().await?;
        // The journal is on the disk, from which the audit log can be completed.
        let response = self.send_logged(number, request, inner, Durability::Written).await;
        durable.keep(index, response).await
    }

    async fn send_logged(
        self,
        number: Option<WriteNumber>,
        request: Request,
        inner: EgressStack,
        durability: Durability,
    ) -> Result<Response, EgressError> {
        let Some((number, audit)) = number.zip(self.audit) else {
            return inner.oneshot(request).await;
        };
        audit.request(number, &request, durability).await?;
        let response = inner.oneshot(request).await;
        // No borrow of the response may live across an await: its body is not `Sync`.
        let status = status_of(&response);
        audit.response(number, status).await;
        response
    }
}
