//! Recordings replayed, faults put in, runs planned: the real binary and the real component.
//!
//! - `command`: `o365 replay`, what it finds and how it says so
//! - `determinism`: the same run twenty times
//! - `faults`: each fault as Graph shows it, and what the actions make of it
//! - `foreign_answers`: the faults whose answers look like Graph's and are not, or the other
//!   way round; `faulty_graph` is what both see them on
//! - `matrix`: every action under every fault at every call, by the `matrix_table`
//! - `plan`: what would be changed is listed, and nothing is
//! - `terminal`: what a person sees

mod command;
mod determinism;
mod faults;
mod faulty_graph;
mod foreign_answers;
mod matrix;
mod matrix_table;
mod plan;
#[cfg(target_os = "linux")]
mod terminal;
