//! The audit log, through the library that writes it and the command that reads it.
//!
//! - `writing`: many writers, what they are told, and what is in the file then
//! - `opening`: what is opened, closed first, refused, and opened again
//! - `killed`: processes that are killed while they write
//! - `full`: a file that takes no more, and then does again
//! - `reading`: logs with anything in them, and logs that are being written
//! - `command`: `o365 audit`
//! - `terminal`: what it shows a person
//! - `sample`: lines to write, and a place for logs

mod command;
#[cfg(unix)]
mod full;
#[cfg(unix)]
mod killed;
mod opening;
mod reading;
mod sample;
#[cfg(target_os = "linux")]
mod terminal;
mod writing;
