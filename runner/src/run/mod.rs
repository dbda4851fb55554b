//! One run of one action, assembled in one place, whoever asks for it: the command line, the
//! platform, a replay, a check of a connection or a test.
//!
//! - `host`: a component in its sandbox, with the policy of its actions
//! - `checked`: an action's input, checked before anything is sent
//! - `backend`: where Graph's responses come from
//! - `stack`: the layers that each request passes, in order
//! - `execute`: from the check to the outcome
//! - `failure`: how a run ends without a result

mod backend;
mod checked;
mod execute;
mod failure;
pub mod host;
mod stack;

pub use backend::{Backend, Live, Open, OpenError, Shared, Simulated, simulated_connection};
pub use checked::Checked;
pub use execute::{Executed, Run, execute};
pub use failure::Failure;
pub use host::{Host, HostError};
