//! The runs in a log.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use super::line::{Line, ResponseLine, RunLine, WriteLine, Written};

/// A run, as far as the log contains it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Run {
    /// The run has ended.
    Finished(Box<RunLine>),
    /// The run has not ended.
    Unfinished(Unfinished),
}

/// A run with writes but without an end: the process was killed, or the log was read during
/// the run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Unfinished {
    /// The run.
    pub run: Uuid,
    /// The tenant.
    pub tenant: String,
    /// The action.
    pub action: String,
    /// The connection of the first write.
    pub connection: String,
    /// When the first write was sent.
    pub first_write_at: Timestamp,
    /// The writes, in order. Graph may have accepted one without a status.
    pub writes: Vec<Written>,
}

/// Collects lines into runs. It holds only the runs that have not ended.
#[derive(Debug, Default)]
pub struct Runs {
    open: HashMap<Uuid, Open>,
    opened: u64,
}

#[derive(Debug)]
struct Open {
    /// The position among all runs, in the order of their first writes.
    place: u64,
    run: Unfinished,
}

impl Run {
    /// Returns the run's id.
    pub fn id(&self) -> Uuid {
        match self {
            Self::Finished(run) => run.run,
            Self::Unfinished(run) => run.run,
        }
    }

    /// Returns the tenant.
    pub fn tenant(&self) -> &str {
        match self {
            Self::Finished(run) => &run.tenant,
            Self::Unfinished(run) => &run.tenant,
        }
    }

    /// Returns the action.
    pub fn action(&self) -> &str {
        match self {
            Self::Finished(run) => &run.action,
            Self::Unfinished(run) => &run.action,
        }
    }

    /// Returns when the run started, or, if that is not known, sent its first write.
    pub fn began_at(&self) -> Timestamp {
        match self {
            Self::Finished(run) => run.started_at,
            Self::Unfinished(run) => run.first_write_at,
        }
    }

    /// Returns whether the run has ended.
    pub fn is_finished(&self) -> bool {
        matches!(self, Self::Finished(_))
    }
}

impl Runs {
    /// Adds the next line of a log; returns the run that it ends.
    pub fn take(&mut self, line: Line) -> Option<Run> {
        match line {
            Line::Log(_) => {}
            Line::Write(write) => self.write(write),
            Line::Response(response) => self.response(response),
            Line::Run(run) => return Some(Run::Finished(self.end(run))),
        }
        None
    }

    /// Returns the runs that have not ended, in the order of their first writes.
    pub fn unfinished(self) -> impl Iterator<Item = Run> {
        let mut open: Vec<Open> = self.open.into_values().collect();
        open.sort_by_key(|open| open.place);
        open.into_iter().map(|open| Run::Unfinished(open.run))
    }

    fn write(&mut self, write: WriteLine) {
        let WriteLine { run, tenant, action, connection, number, method, url, at } = write;
        let opened = &mut self.opened;
        let open = self.open.entry(run).or_insert_with(|| {
            *opened = opened.saturating_add(1);
            let writes = Vec::new();
            let run = Unfinished { run, tenant, action, connection, first_write_at: at, writes };
            Open { place: *opened, run }
        });
        // After a crash, a line may be in the log twice.
        if open.run.writes.iter().all(|write| write.number != number) {
            let written =
                Written { number, method, url, status: None, sent: true, request_id: None };
            open.run.writes.push(written);
        }
    }

    /// Ignores the response to a write of a run that has ended, or is in an older log.
    fn response(&mut self, response: ResponseLine) {
        let Some(open) = self.open.get_mut(&response.run) else { return };
        let mut writes = open.run.writes.iter_mut().rev();
        if let Some(write) = writes.find(|write| write.number == response.number) {
            write.status = response.status;
            write.sent = response.sent;
            write.request_id = response.request_id;
        }
    }

    /// Adds the writes that the line of the run omits, as far as they were logged.
    fn end(&mut self, mut run: Box<RunLine>) -> Box<RunLine> {
        let Some(open) = self.open.remove(&run.run) else { return run };
        if run.writes_omitted > 0 {
            let last = run.writes.iter().map(|write| write.number).max();
            let mut more = open.run.writes;
            more.retain(|write| write.sent && Some(write.number) > last);
            run.writes_omitted = run.writes_omitted.saturating_sub(more.len());
            run.writes.append(&mut more);
        }
        run
    }
}
