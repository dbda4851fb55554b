//! The lines of a journal file: one JSON object each, chained to the lines before of the same run.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::record::Record;
use crate::recording::forms::hex;

/// The format, with its version.
pub(super) const FORMAT: &str = "o365-journal/1";

/// The first line of a file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Heading {
    pub format: String,
}

/// A line with a record.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct RecordLine {
    pub run: Uuid,
    /// The number of the record in its run, from 0.
    pub number: u64,
    /// The SHA-256 of the sum before it in the run, and of the record, in hex.
    pub sum: String,
    pub record: Box<serde_json::value::RawValue>,
}

/// The end of a run's chain of records.
#[derive(Clone, Debug)]
pub(super) struct Chain {
    run: Uuid,
    next: u64,
    sum: String,
}

impl Chain {
    /// Returns the chain of a run without records.
    pub fn new(run: Uuid) -> Self {
        Self { run, next: 0, sum: String::new() }
    }

    /// Returns the line of the next record, with its newline.
    pub fn line(&mut self, record: &Record) -> serde_json::Result<Vec<u8>> {
        let record = serde_json::value::to_raw_value(record)?;
        self.sum = self.next_sum(record.get());
        let line = RecordLine { run: self.run, number: self.next, sum: self.sum.clone(), record };
        self.next = self.next.saturating_add(1);
        let mut bytes = serde_json::to_vec(&line)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// Reads the next record of the run. Fails when it is not the one that was written.
    pub fn read(&mut self, line: &RecordLine) -> Result<Record, String> {
        if line.number != self.next {
            return Err(format!("record {} is missing", self.next));
        }
        let sum = self.next_sum(line.record.get());
        if line.sum != sum {
            return Err(format!("record {} was altered", self.next));
        }
        self.sum = sum;
        self.next = self.next.saturating_add(1);
        serde_json::from_str(line.record.get())
            .map_err(|error| format!("record {} is not valid: {error}", line.number))
    }

    fn next_sum(&self, record: &str) -> String {
        let mut hash = Sha256::new();
        hash.update(self.sum.as_bytes());
        hash.update(self.run.as_bytes());
        hash.update(self.next.to_be_bytes());
        hash.update(record.as_bytes());
        hex(&hash.finalize())
    }
}
