//! The actions as tools of the Model Context Protocol, as its clients have them.
//!
//! - `session`: `o365 mcp` and a client that writes and reads the lines itself
//! - `tools`: what is listed, and that results are what the schemas say
//! - `changes`: plans, confirmation, and repeats
//! - `errors`: what a model reads of a failure
//! - `runs`: progress, cancelling, and clients that disconnect
//! - `http`: `/mcp` of a server

mod changes;
mod errors;
mod http;
mod runs;
mod session;
mod tools;
