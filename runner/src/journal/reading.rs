//! Reading the journals that an earlier process has left.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use uuid::Uuid;

use super::error::JournalError;
use super::lines::{Chain, FORMAT, Heading, RecordLine};
use super::record::{Begun, Nanoseconds, Record, RequestRecord, ResponseRecord};
use super::segment;
use crate::audit::Written;

/// A run that has not ended, as its journal has it.
#[derive(Clone, Debug)]
pub struct Unfinished {
    /// The run.
    pub begun: Begun,
    /// Its exchanges with Graph so far, in the order of the requests.
    pub past: Vec<PastExchange>,
    /// Why it must not go on: its journal was altered, or a part is missing.
    pub damage: Option<String>,
    /// Whether the audit log has the outcome of the run.
    pub is_logged: bool,
    /// The writes of the run that the audit log has.
    pub logged: Vec<Written>,
    pub(super) chain: Chain,
    /// The number of the file with its first record.
    pub(super) first: u64,
}

/// A request, and its response if that is in the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastExchange {
    /// The request.
    pub request: RequestRecord,
    /// The response.
    pub response: Option<ResponseRecord>,
    /// Up to when the run is known to have waited after that, by its clock.
    pub waited: Nanoseconds,
}

/// What was read from a directory.
pub(super) struct Read {
    /// The numbers of the files.
    pub files: Vec<u64>,
    /// The unfinished runs, in the order of their first records.
    pub unfinished: Vec<Unfinished>,
    /// Whether every line could be assigned to a run with a beginning.
    pub whole: bool,
}

/// A run while its records are read.
struct Reading {
    chain: Chain,
    first: u64,
    begun: Option<Begun>,
    past: Vec<PastExchange>,
    damage: Option<String>,
}

/// The runs while their lines are read.
#[derive(Default)]
struct Runs {
    open: HashMap<Uuid, Reading>,
    ended: HashSet<Uuid>,
    order: Vec<Uuid>,
    /// Whether a line is no record.
    has_foreign: bool,
}

impl Unfinished {
    /// Reads the records of one run, a line each; `None` if it has ended, or has no beginning.
    pub fn read(lines: &[u8]) -> Option<Self> {
        let mut runs = Runs::default();
        lines.split_inclusive(|byte| *byte == b'\n').for_each(|line| runs.take(line, 0));
        runs.unfinished().0.into_iter().next()
    }
}

/// Reads the runs in a directory that have not ended, also while a process writes there.
///
/// # Errors
/// Fails when a file cannot be read, or has another format.
pub fn unfinished_in(directory: &Path) -> Result<Vec<Unfinished>, JournalError> {
    match directory.try_exists() {
        Ok(false) => Ok(Vec::new()),
        _ => Ok(read(directory)?.unfinished),
    }
}

/// Reads all files of a directory.
pub(super) fn read(directory: &Path) -> Result<Read, JournalError> {
    let open = |path: &Path, reason| JournalError::Open(path.into(), Arc::new(reason));
    let files = segment::numbers(directory).map_err(|reason| open(directory, reason))?;
    let mut runs = Runs::default();
    for number in &files {
        let path = segment::path(directory, *number);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            // The process that writes there has removed it, as its runs have ended.
            Err(reason) if is_missing(&reason) => continue,
            Err(reason) => return Err(open(&path, reason)),
        };
        let mut lines = bytes.split_inclusive(|byte| *byte == b'\n');
        if heading(&path, lines.next())? {
            lines.for_each(|line| runs.take(line, *number));
        }
    }
    let (unfinished, whole) = runs.unfinished();
    Ok(Read { files, unfinished, whole })
}

impl Runs {
    /// Takes a line of the file with a number.
    fn take(&mut self, line: &[u8], file: u64) {
        // The last line of a killed process may have no end. Nobody relied on it.
        let Some(line) = line.strip_suffix(b"\n") else { return };
        let Ok(line) = serde_json::from_slice::<RecordLine>(line) else {
            tracing::error!(file, "a journal has a line that is no record");
            self.has_foreign = true;
            return;
        };
        let run = line.run;
        if self.ended.contains(&run) {
            return;
        }
        let order = &mut self.order;
        let reading = self.open.entry(run).or_insert_with(|| {
            order.push(run);
            Reading::new(run, file)
        });
        if reading.take(&line) {
            self.open.remove(&run);
            self.ended.insert(run);
        }
    }

    /// Returns the unfinished runs, in the order of their first records, and whether every line
    /// was a record of a run with a beginning.
    fn unfinished(mut self) -> (Vec<Unfinished>, bool) {
        let left: Vec<(Uuid, Reading)> =
            self.order.iter().filter_map(|run| Some((*run, self.open.remove(run)?))).collect();
        let whole = !self.has_foreign && left.iter().all(|(_, reading)| reading.begun.is_some());
        let left = left.into_iter().filter_map(|(run, reading)| reading.unfinished(run));
        (left.collect(), whole)
    }
}

/// Checks the first line; returns false for a file that was killed before it had one.
fn heading(path: &Path, line: Option<&[u8]>) -> Result<bool, JournalError> {
    let Some(line) = line.filter(|line| line.ends_with(b"\n")) else { return Ok(false) };
    let foreign = || JournalError::Format(path.into(), "unknown".to_owned());
    let Heading { format } = serde_json::from_slice(line).map_err(|_| foreign())?;
    if format == FORMAT { Ok(true) } else { Err(JournalError::Format(path.into(), format)) }
}

impl Reading {
    fn new(run: Uuid, first: u64) -> Self {
        Self { chain: Chain::new(run), first, begun: None, past: Vec::new(), damage: None }
    }

    /// Takes the next record; returns whether the run has ended.
    fn take(&mut self, line: &RecordLine) -> bool {
        // The end counts whatever is before it.
        if let Ok(Record::Ended) = serde_json::from_str(line.record.get()) {
            return true;
        }
        let taken = self.chain.read(line).and_then(|record| match record {
            Record::Begun(begun) => {
                self.begun = Some(*begun);
                Ok(())
            }
            Record::Request(request) if request.index == self.past.len() => {
                let waited = Nanoseconds::default();
                self.past.push(PastExchange { request, response: None, waited });
                Ok(())
            }
            Record::Request(request) => Err(format!("request {} is out of order", request.index)),
            Record::Response(response) => {
                let exchange = self.past.get_mut(response.index);
                let exchange = exchange.filter(|exchange| exchange.response.is_none());
                let index = response.index;
                let exchange = exchange.ok_or(format!("response {index} has no request"))?;
                exchange.response = Some(response);
                Ok(())
            }
            Record::Waited { at } => {
                if let Some(last) = self.past.last_mut() {
                    last.waited = at;
                }
                Ok(())
            }
            Record::Ended => Ok(()),
        });
        if let Err(damage) = taken {
            self.damage.get_or_insert(damage);
        }
        false
    }

    /// Returns the run; `None` if not even its beginning is known.
    fn unfinished(self, run: Uuid) -> Option<Unfinished> {
        let Self { chain, first, begun, past, damage } = self;
        let Some(begun) = begun else {
            tracing::error!(%run, ?damage, "the journal of a run has no beginning");
            return None;
        };
        Some(Unfinished { begun, past, damage, is_logged: false, logged: Vec::new(), chain, first })
    }
}

/// Returns whether an error means that there is no such file.
pub(super) fn is_missing(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound
}
