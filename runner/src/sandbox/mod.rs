//! Executes actions: one engine for the process, a new instance for every run.
//!
//! - `engine`: the engine, its instance pool, and its epoch thread
//! - `cache`: the cache of compiled components
//! - `guest`: a compiled component with its actions
//! - `run`: one run from input to outcome
//! - `ending`: the outcome: JSON, or the reason for the stop
//! - `state`: the store and the imports of an instance
//! - `granted`, `clock`, `errors`: the imports that the runner implements
//! - `computing`: processor time: its limit, and the queue for it
//! - `limits`: memory and tables

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
