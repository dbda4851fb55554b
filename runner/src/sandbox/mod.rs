//! Runs actions: one engine for the process, one fresh instance for every run.
//!
//! - `engine`: the engine, its instance pool, its clock tick, and compiled code on disk
//! - `cache`: the directory for compiled code, which nobody else can write
//! - `granted`: the connection of a run, as its guest sees it
//! - `guest`: a loaded component and the actions that it exports
//! - `run`: one run from input to outcome, and what ends it early
//! - `ending`: what came of it: JSON, or the reason why there is none
//! - `state`: what one instance can reach, and nothing beyond
//! - `computing`: the processor's time, and whose turn it is
//! - `limits`: how much memory one instance may take
//! - `errors`: what a guest is told of an error of a stream
//! - `clock`: the monotonic clock as a guest sees it

mod cache;
mod clock;
mod computing;
mod ending;
mod engine;
mod errors;
mod granted;
mod guest;
mod limits;
mod run;
mod state;

pub use cache::CacheError;
pub use computing::{ComputeQueue, permits as computing_permits};
pub use engine::Sandbox;
pub use granted::Granted;
pub use guest::{Action, Guest, GuestError};
pub use run::{Finished, Outcome, Run};

pub use crate::limits::Limits;

/// The component that was built with this runner.
pub const COMPONENT: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/o365.wasm"));
