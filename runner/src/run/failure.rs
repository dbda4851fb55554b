//! How a run ends without a result.

use crate::context::Stop;
use crate::network::Explanation;
use crate::report::Report;

/// How a run ends without a result.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// The action failed, with its own error.
    Action(Report),
    /// The sandbox ended the run.
    Stopped {
        /// What ended it.
        stop: Stop,
        /// The writes that had gone out, in words.
        writes: Vec<String>,
    },
    /// Whoever had asked for the run ended it.
    Cut {
        /// The writes that had gone out, in words.
        writes: Vec<String>,
    },
}

impl Failure {
    /// The same with what the HTTP client knows of a response that was lost or never came.
    #[must_use]
    pub fn explained(mut self, fault: Option<Explanation>) -> Self {
        if let (Self::Action(report), Some(fault)) = (&mut self, fault) {
            report.explain(&fault.message, fault.fix);
        }
        self
    }
}
