//! The journals of runs that change something: what a run needs to go on after a crash.
//!
//! The component is deterministic: with the same input, responses and clock it sends the same
//! requests. So a run is repeated from its journal, without Graph, up to where it was, and goes on
//! from there.
//!
//! A journal begins with the first write of its run: the input, the responses before it, and the
//! write itself are on the disk before the write is sent. Each response follows before the guest
//! sees it. A write without a response in the journal has lost its response.
//!
//! All journals of a process are in numbered files of one directory, which one process uses at a
//! time. A file is removed when all runs in it have ended, and the last one is emptied. The files
//! contain personal data and the secrets of inputs, so only the current user can read them.
//! Processes that share a store have them there instead.
//!
//! - `record`: the records
//! - `lines`: the lines of a file, each with a sum over all before it of the same run
//! - `segment`: the files
//! - `writer`: the thread that writes
//! - `reading`: reads what an earlier process has left
//! - `run`: the journal of one run, in any store
//! - `files`: the directory
//! - [`shared`]: the journals of processes that share a store
//! - `memory`: a journal in memory
//! - `error`: why a journal cannot be used

mod error;
mod files;
mod lines;
mod memory;
mod reading;
mod record;
mod run;
mod segment;
pub mod shared;
mod writer;

pub use error::JournalError;
pub use files::{Journals, Recovered};
pub use memory::MemoryJournal;
pub use reading::{PastExchange, Unfinished, unfinished_in};
pub use record::{
    Begun, Failed, Headers, Nanoseconds, Record, RequestMessage, RequestRecord, ResponseMessage,
    ResponseRecord,
};
pub use run::{Appended, JournalStore, Pending, PlatformJournals, Records, RunJournal};
