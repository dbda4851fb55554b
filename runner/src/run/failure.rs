//! Why a run has no result.

use crate::context::Stop;
use crate::network::Explanation;
use crate::report::Report;

/// Why a run has no result.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// The action failed, with its own error.
    Action(Report),
    /// The host ended the run.
    Stopped {
        /// The reason.
        stop: Stop,
        /// The writes that were sent, in words.
        writes: Vec<String>,
    },
    /// The caller ended the run.
    Interrupted {
        /// The writes that were sent, in words.
        writes: Vec<String>,
    },
}

impl Failure {
    /// Adds what the HTTP client knows of a lost response.
    #[must_use]
    pub fn explained(mut self, fault: Option<Explanation>) -> Self {
        if let (Self::Action(report), Some(fault)) = (&mut self, fault) {
            report.explain(&fault.message, fault.fix);
        }
        self
    }
}
