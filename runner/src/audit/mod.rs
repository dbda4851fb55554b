//! The audit log: what was done in which tenant, in a file of JSON lines.
//!
//! - `line`: the types of line
//! - `log`: the log to write to, shared by all runs
//! - `writer`: the thread that writes, in batches
//! - `file`: the file: its lock, its heading, its end
//! - `error`: why a line is not in the log, and the fix
//! - `lines`: reading a log, including a damaged one
//! - `runs`: the runs in a log, including those that did not end
//! - `filter`: selecting runs
//!
//! A line `write` is logged before a write is sent to Graph, `answer` when its response has
//! arrived or was lost, and `run` before the caller receives its response. If the process is
//! killed, the writes of a run without a line `run` are those that Graph may have accepted.
//!
//! The log contains no secrets: of an input it contains the digest.

mod error;
mod file;
mod filter;
mod line;
mod lines;
mod log;
mod runs;
mod writer;

pub use error::AuditError;
pub use filter::Filter;
pub use line::{
    DONE, FORMAT, GraphError, Line, LogLine, ResponseLine, RunLine, WriteLine, Written,
};
pub use lines::{Lines, Numbered, Unreadable};
pub use log::{AuditLog, Durability};
pub use runs::{Run, Runs, Unfinished};
