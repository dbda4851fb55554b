//! Selecting runs.

use jiff::Timestamp;
use uuid::Uuid;

use super::runs::Run;

/// Selects the runs that meet all criteria. The default has none.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// The tenant.
    pub tenant: Option<String>,
    /// The action.
    pub action: Option<String>,
    /// The run.
    pub run: Option<Uuid>,
    /// The earliest start.
    pub since: Option<Timestamp>,
    /// The time before which the run started.
    pub until: Option<Timestamp>,
    /// Selects failed runs; with `unfinished`, also those that did not end.
    pub failed: bool,
    /// Selects runs that did not end; with `failed`, also failed ones.
    pub unfinished: bool,
}

impl Filter {
    /// Returns whether a run is selected.
    pub fn takes(&self, run: &Run) -> bool {
        let began = run.began_at();
        self.tenant.as_deref().is_none_or(|tenant| tenant == run.tenant())
            && self.action.as_deref().is_none_or(|action| action == run.action())
            && self.run.is_none_or(|id| id == run.id())
            && self.since.is_none_or(|since| since <= began)
            && self.until.is_none_or(|until| began < until)
            && match run {
                _ if !self.failed && !self.unfinished => true,
                Run::Finished(run) => self.failed && !run.is_done(),
                Run::Unfinished(_) => self.unfinished,
            }
    }
}
