//! The actions as tools of the Model Context Protocol, as its clients have them.
//!
//! - `clients`: the clients that people use
//! - `session`: `o365 mcp` and a client that writes and reads the lines itself
//! - `tools`: what is listed, and that results are what the schemas say
//! - `changes`: plans, confirmation, and repeats
//! - `crowd`: many sessions at once
//! - `errors`: what a model reads of a failure
//! - `runs`: progress, cancelling, and clients that disconnect
//! - `secrets`: secrets that do not pass through the model
//! - `http`: `/mcp` of a server

mod changes;
mod clients;
mod crowd;
mod errors;
mod http;
mod runs;
mod secrets;
mod session;
mod tools;
