//! The state of one run that all layers share.
//!
//! - `cancellation`: cancelling a run before its next write
//! - `clock`: the monotonic clock of a run, real or virtual
//! - `readings`: what a guest reads from its clock
//! - `receipt`: the resources that a run used
//! - `resumed`: the clock of a run that goes on after a crash
//! - `stop`: why the host ended a run
//! - `stop_signal`: ending a run from any layer
//! - `usage`: the counters of a run, which enforce its limits
//! - `writes`: the register of its writes

mod cancellation;
mod clock;
mod readings;
mod receipt;
mod resumed;
mod stop;
mod stop_signal;
mod usage;
mod writes;

use std::sync::Arc;

use uuid::Uuid;

use crate::limits::Limits;
use crate::recording::redaction::Redaction;

pub use cancellation::{Cancellation, UnderWay};
pub use clock::{Busy, Clock};
pub use receipt::Receipt;
pub use stop::Stop;
pub use stop_signal::{StopSignal, Stopped};
pub use usage::Usage;
pub use writes::{Write, WriteNumber, WriteStatus, Writes};

/// The state of one run. Clones share it.
#[derive(Clone)]
pub struct RunContext {
    /// The id: in the log, in the audit log, and Graph's `client-request-id`.
    pub id: Uuid,
    /// The action, in kebab-case.
    pub action: Arc<str>,
    /// The limits.
    pub limits: Limits,
    /// The usage.
    pub usage: Usage,
    /// The register of writes.
    pub writes: Writes,
    /// The clock.
    pub clock: Clock,
    /// Removes the secret inputs from what the run writes.
    pub redaction: Redaction,
    /// Ends the run.
    pub stop: StopSignal,
    /// Cancels the run before its next write.
    pub cancellation: Cancellation,
}

impl RunContext {
    /// Creates the state of a run that has not begun.
    pub fn new(id: Uuid, action: &str, limits: Limits, clock: Clock, redaction: Redaction) -> Self {
        let cancellation = Cancellation::default();
        Self {
            id,
            action: action.into(),
            limits,
            usage: Usage::default(),
            writes: Writes::default(),
            clock,
            redaction,
            stop: cancellation.stop().clone(),
            cancellation,
        }
    }

    /// Sets what counts the run's usage, and what cancels it.
    #[must_use]
    pub fn watched(self, usage: Usage, cancellation: Cancellation) -> Self {
        Self { usage, stop: cancellation.stop().clone(), cancellation, ..self }
    }

    /// Returns the state of the run in a process that begins, on `clock`.
    #[must_use]
    pub fn anew(&self, clock: Clock) -> Self {
        Self::new(self.id, &self.action, self.limits, clock, self.redaction.clone())
    }
}
