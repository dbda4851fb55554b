//! Runs one action, for the command line, the platform, replays, checks of connections and tests.
//!
//! - `host`: a component in its sandbox, with the policy of its actions
//! - `checked`: an action with a valid input
//! - [`secret_inputs`]: secret inputs that are not in the input
//! - `backend`: what responds to the run's requests
//! - `stack`: the egress stack of the run
//! - `execute`: runs the action
//! - `crashes`: runs it in one process after the other, as faults crash it
//! - `failure`: why a run has no result

mod backend;
mod checked;
mod crashes;
mod execute;
mod failure;
pub mod host;
pub mod secret_inputs;
mod stack;

pub use backend::{
    Backend, LiveConnection, OpenConnection, OpenError, Shared, Simulated, simulated_connection,
};
pub use checked::Checked;
pub use crashes::through_crashes;
pub use execute::{Executed, Run, execute};
pub use failure::Failure;
pub use host::{Host, HostError};
