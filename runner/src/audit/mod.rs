//! The audit log: what was done in which tenant, in a file of JSON lines.
//!
//! - `line`: the kinds of line, as they are written and read
//! - `log`: the log to write to, shared by all runs
//! - `writer`: the one thread that writes, many lines at a time
//! - `file`: the file: its lock, its heading, its end
//! - `error`: why a line is not in the log, and the fix
//! - `lines`: a log read line by line, whatever is in it
//! - `runs`: the runs that the lines tell of, and those that did not end
//! - `filter`: which runs are asked for
//!
//! A line says `write` before a write is sent to Graph, `answer` when its answer has come or
//! was lost, and `run` before the caller gets its answer. So a kill at any moment leaves on
//! record which writes Graph may have accepted: those of a run that has no line `run`.
//!
//! Secrets have no place in it: of the input there is a digest.

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
pub use line::{AnswerLine, DONE, FORMAT, GraphAnswer, Line, LogLine, RunLine, WriteLine, Written};
pub use lines::{Lines, Numbered, Unreadable};
pub use log::{AuditLog, Durability};
pub use runs::{Run, Runs, Unfinished};
