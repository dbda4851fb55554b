//! Clients that people run, unmodified and with their defaults, where `o365 simulate
//! --as-microsoft` is Microsoft.
//!
//! - `clients`: which they are, and a test for each
//! - `driver`: a client that makes one call after the other
//! - `prepared`: the tenant that each of them finds
//! - `calls`: what a person does with them, and how the tenant shows it; `users`, `licenses`,
//!   `groups` and `mail` have the calls
//! - `observer`: reads the tenant before and after a call
//! - `table`: the table of `docs/simulator.md`

mod calls;
mod clients;
mod driver;
mod groups;
mod licenses;
mod mail;
mod observer;
mod prepared;
mod table;
mod users;
