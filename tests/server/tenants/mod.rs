//! Tenants and the server in `o365.toml`, and their keys.
//!
//! - `config`: what is taken from the file
//! - `problems`: what is refused of tenants in it, and in which words; `server_problems` of the
//!   server
//! - `add`: what `tenant add` makes, prints and refuses
//! - `api_key`: keys and their hashes
//! - `expiry`: keys with an end, and tenants without a key
//! - `rotate`, `remove`: what these commands make of a file
//! - `bytes`: what it leaves as it is in the file
//! - `replaced`: the file in place of the old one: links, modes, kills, others at the same time
//! - `terminal`: what a person sees
//! - `place`: a directory with an `o365.toml`

mod add;
mod api_key;
mod bytes;
mod config;
mod expiry;
mod place;
mod problems;
mod remove;
#[cfg(unix)]
mod replaced;
mod rotate;
mod server_problems;
#[cfg(target_os = "linux")]
mod terminal;
