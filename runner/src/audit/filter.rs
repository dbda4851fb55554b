//! Which runs are asked for.

use jiff::Timestamp;
use uuid::Uuid;

use super::runs::Run;

/// Which runs are asked for: those that meet all that is said. The default says nothing.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of this tenant.
    pub tenant: Option<String>,
    /// Of this action.
    pub action: Option<String>,
    /// This one.
    pub run: Option<Uuid>,
    /// Begun at this time or later.
    pub since: Option<Timestamp>,
    /// Begun before this time.
    pub until: Option<Timestamp>,
    /// Those that failed, and with `unfinished` those that did not end too.
    pub failed: bool,
    /// Those that did not end, and with `failed` those that failed too.
    pub unfinished: bool,
}

impl Filter {
    /// Whether a run is asked for.
    pub fn takes(&self, run: &Run) -> bool {
        let began = run.began_at();
        self.tenant.as_deref().is_none_or(|tenant| tenant == run.tenant())
            && self.action.as_deref().is_none_or(|action| action == run.action())
            && self.run.is_none_or(|id| id == run.id())
            && self.since.is_none_or(|since| since <= began)
            && self.until.is_none_or(|until| began < until)
            && self.takes_end_of(run)
    }

    fn takes_end_of(&self, run: &Run) -> bool {
        if !self.failed && !self.unfinished {
            return true;
        }
        match run {
            Run::Finished(run) => self.failed && !run.is_done(),
            Run::Unfinished(_) => self.unfinished,
        }
    }
}
