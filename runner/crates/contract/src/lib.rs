//! What an action may do, and over which connection.
//!
//! - [`call`]: Graph calls as `actions.toml` names them, matched against requests
//! - [`choices`]: what an input is chosen from
//! - [`connection`]: the public part of a connection
//! - [`permissions`]: the permissions that a set of actions needs
//! - [`policy`]: `wit/actions.toml`, embedded: calls, permissions, secrets
//!
//! The host enforces the policy: a component cannot extend what it may do.

pub mod call;
pub mod choices;
pub mod connection;
pub mod permissions;
pub mod policy;

pub use call::Call;
pub use choices::{Choice, ChoiceList};
pub use connection::{Access, Connection, DEFAULT_TIME_LIMIT_MS, InvalidGraphUrl, secure_url};
pub use policy::{ActionPolicy, CallPermissions, Policy};
