//! What one run carries with it, whichever layer looks at it.
//!
//! - `clock`: the monotonic clock of a run, real or virtual
//! - `receipt`: what a run took
//! - `stop`: why the sandbox ended a run
//! - `stop_signal`: ending a run from any layer
//! - `usage`: what a run has taken until now, and where its limits end it
//! - `writes`: the register of its writes

mod clock;
mod receipt;
mod stop;
mod stop_signal;
mod usage;
mod writes;

use std::sync::Arc;

use uuid::Uuid;

use crate::limits::Limits;
use crate::recording::redaction::Redaction;

pub use clock::{Busy, Clock};
pub use receipt::Receipt;
pub use stop::Stop;
pub use stop_signal::{StopSignal, Stopped};
pub use usage::Usage;
pub use writes::{Fate, Write, WriteNumber, Writes};

/// One run, from its check to its end. Clones are of the same run.
#[derive(Clone)]
pub struct RunContext {
    /// Its id: in the log, in the audit log, and Graph's `client-request-id`.
    pub id: Uuid,
    /// The action, in kebab-case.
    pub action: Arc<str>,
    /// What it may use up.
    pub limits: Limits,
    /// What it has used up.
    pub usage: Usage,
    /// The writes that it has made.
    pub writes: Writes,
    /// Its clock.
    pub clock: Clock,
    /// Its secret inputs, to be taken out of whatever it says.
    pub redaction: Redaction,
    /// Where a layer ends it.
    pub stop: StopSignal,
}

impl RunContext {
    /// A run that has not begun.
    pub fn new(id: Uuid, action: &str, limits: Limits, clock: Clock, redaction: Redaction) -> Self {
        Self {
            id,
            action: action.into(),
            limits,
            usage: Usage::default(),
            writes: Writes::default(),
            clock,
            redaction,
            stop: StopSignal::default(),
        }
    }
}
