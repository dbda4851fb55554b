//! The documents of `o365 serve` in the tools that integrators read OpenAPI with.
//!
//! - `served`: a server, and its documents as files
//! - `tools`: the tools, installed as they are pinned
//! - `clients`: generated clients, and programs that use them
//! - `readers`: linters, a converter, and platforms that make tools for models
//! - `table`: the table of `docs/integrations.md`

#![cfg(unix)]
#![allow(clippy::restriction, reason = "a panic in a test is a failed test")]

mod clients;
mod readers;
mod served;
mod table;
mod tools;
