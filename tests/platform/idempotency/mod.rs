//! The first answers to `Idempotency-Key`s, through the library: what a repeat gets, and what
//! is left after a crash.
//!
//! - `keys`: what the header may hold
//! - `repeats`: what an attempt comes to
//! - `waiting`: the same key many times at once
//! - `restarts`: what outlives the process, and a `kill -9`
//! - `room`: for how long, and how much
//! - `files`: a file that is damaged, shared, in use or full
//! - `store`: a store in a directory of its own

mod files;
mod keys;
mod repeats;
mod restarts;
mod room;
mod store;
mod waiting;
