//! The configured ways into Entra directories, and what a guest learns of them.
//!
//! A guest may ask what a connection is and gets no secret: `describe` answers with
//! the public part, and `authorization` answers that the host adds the header itself.
//!
//! - `config`: what `o365.toml` configures: connections, tenants, the server
//! - `file`: the configuration file, found, read and added to
//! - `verification`: what only the host can see of a connection
//! - `cloud`: Microsoft's clouds
//! - `secret`: where a secret comes from, and reading it; `secret_text` is what it cannot hold
//! - `sign_in`: OAuth's grants at Entra's sign-in host
//! - `entra_codes`: what Entra says when it refuses a sign-in, and what to do
//! - `tokens`: the tokens of all connections, kept and replaced

pub mod cloud;
pub mod config;
pub mod entra_codes;
pub mod file;
pub mod secret;
pub mod secret_text;
pub mod sign_in;
pub mod tokens;
pub mod verification;
