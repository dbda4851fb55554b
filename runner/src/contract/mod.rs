//! What an action promises and what it may do.
//!
//! - `call`: a Graph call as `actions.toml` names it, and whether a request is one
//! - `policy`: `wit/actions.toml`, embedded: calls, permissions, secrets
//! - `permissions`: the permissions that a set of actions needs
//! - `documents`: the component's WIT package with its doc comments
//! - `listing`: what a caller is told of the actions
//!
//! The policy is the host's own: a component cannot widen what it may do.

pub mod call;
pub mod documents;
pub mod listing;
pub mod permissions;
pub mod policy;

pub use call::Call;
pub use documents::{Documented, Documents};
pub use policy::{ActionPolicy, Policy};
