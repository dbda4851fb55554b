//! The runs that the lines of a log tell of.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use super::line::{AnswerLine, Line, RunLine, WriteLine, Written};

/// A run, as far as the log tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Run {
    /// It has ended.
    Finished(Box<RunLine>),
    /// It has not.
    Unfinished(Unfinished),
}

/// A run of which there are writes and no end: the process was killed, or the log was read
/// while it went on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Unfinished {
    /// The run.
    pub run: Uuid,
    /// The tenant that it was for.
    pub tenant: String,
    /// The action.
    pub action: String,
    /// The connection that its first write went out by.
    pub connection: String,
    /// When its first write was sent.
    pub first_write_at: Timestamp,
    /// Its writes, in order. One without a status may have been accepted by Graph.
    pub writes: Vec<Written>,
}

/// Makes runs of lines. It holds those that have not ended, and no others.
#[derive(Debug, Default)]
pub struct Runs {
    open: HashMap<Uuid, Open>,
    opened: u64,
}

#[derive(Debug)]
struct Open {
    /// The place among all that were opened.
    place: u64,
    run: Unfinished,
}

impl Run {
    /// Its id.
    pub fn id(&self) -> Uuid {
        match self {
            Self::Finished(run) => run.run,
            Self::Unfinished(run) => run.run,
        }
    }

    /// The tenant that it was for.
    pub fn tenant(&self) -> &str {
        match self {
            Self::Finished(run) => &run.tenant,
            Self::Unfinished(run) => &run.tenant,
        }
    }

    /// The action.
    pub fn action(&self) -> &str {
        match self {
            Self::Finished(run) => &run.action,
            Self::Unfinished(run) => &run.action,
        }
    }

    /// When it began, or, where that is not known, sent its first write.
    pub fn began_at(&self) -> Timestamp {
        match self {
            Self::Finished(run) => run.started_at,
            Self::Unfinished(run) => run.first_write_at,
        }
    }

    /// Whether it has ended.
    pub fn is_finished(&self) -> bool {
        matches!(self, Self::Finished(_))
    }
}

impl Runs {
    /// Takes the next line of a log; gives the run that has ended with it.
    pub fn take(&mut self, line: Line) -> Option<Run> {
        match line {
            Line::Log(_) => None,
            Line::Write(write) => {
                self.begin(write);
                None
            }
            Line::Answer(answer) => {
                self.answer(answer);
                None
            }
            Line::Run(run) => Some(Run::Finished(self.end(run))),
        }
    }

    /// The runs that have not ended, in the order of their first writes.
    pub fn unfinished(self) -> impl Iterator<Item = Run> {
        let mut open: Vec<Open> = self.open.into_values().collect();
        open.sort_by_key(|open| open.place);
        open.into_iter().map(|open| Run::Unfinished(open.run))
    }

    fn begin(&mut self, write: WriteLine) {
        let WriteLine { run, tenant, action, connection, number, method, url, at } = write;
        let opened = &mut self.opened;
        let open = self.open.entry(run).or_insert_with(|| {
            *opened = opened.saturating_add(1);
            let writes = Vec::new();
            let run = Unfinished { run, tenant, action, connection, first_write_at: at, writes };
            Open { place: *opened, run }
        });
        let written = Written { number, method, url, status: None, sent: true, request_id: None };
        open.run.writes.push(written);
    }

    /// An answer to a write of a run that has ended, or is in an older log, has no place.
    fn answer(&mut self, answer: AnswerLine) {
        let Some(open) = self.open.get_mut(&answer.run) else { return };
        let mut writes = open.run.writes.iter_mut().rev();
        if let Some(write) = writes.find(|write| write.number == answer.number) {
            write.status = answer.status;
            write.sent = answer.sent;
            write.request_id = answer.request_id;
        }
    }

    /// The line of a run has the last word, save where it leaves writes out.
    fn end(&mut self, mut run: Box<RunLine>) -> Box<RunLine> {
        let Some(open) = self.open.remove(&run.run) else { return run };
        if run.writes_omitted > 0 {
            let last = run.writes.iter().map(|write| write.number).max();
            let more = open.run.writes.into_iter();
            let more = more.filter(|write| write.sent && Some(write.number) > last);
            let known = run.writes.len();
            run.writes.extend(more);
            let added = run.writes.len().saturating_sub(known);
            run.writes_omitted = run.writes_omitted.saturating_sub(added);
        }
        run
    }
}
