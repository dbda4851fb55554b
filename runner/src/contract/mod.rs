//! The contract of the actions: the WIT package here, and what an action may do in the crate
//! `contract`.
//!
//! - [`documents`]: the component's WIT package with its doc comments
//! - [`listing`]: the list of actions, and the description of one

pub mod documents;
pub mod listing;

pub use ::contract::{
    Access, ActionPolicy, Call, Choice, ChoiceList, Connection, DEFAULT_TIME_LIMIT_MS,
    InvalidGraphUrl, Policy, call, permissions, policy, secure_url,
};
pub use documents::{Documented, Documents};
