//! The access to Entra directories.
//!
//! A guest receives no secret: `describe` returns the public part of a connection, and
//! `authorization` states that the host adds the header.
//!
//! - [`config`]: the configuration of connections, tenants and the server
//! - [`mod@file`]: the configuration file
//! - [`verification`]: the checks of a connection that only the host can make
//! - [`cloud`]: Microsoft's clouds
//! - [`allowed`]: the secrets that callers may name in inputs
//! - [`secret`]: the sources of secrets; [`secret_text`] has the characters of a secret
//! - [`sign_in`]: OAuth's grants at Entra's sign-in host
//! - [`entra_codes`]: the meanings of Entra's error codes
//! - [`tokens`]: acquiring and keeping tokens

pub mod allowed;
pub mod cloud;
pub mod config;
pub mod entra_codes;
pub mod file;
pub mod secret;
pub mod secret_text;
pub mod sign_in;
pub mod tokens;
pub mod verification;
