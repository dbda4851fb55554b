//! The simulated tenant: it answers as the contract says and as the fixtures do.
//!
//! - `graph`: puts requests to a simulator, and checks every answer against the schemas
//! - `schemas`: Graph's schemas, and that a wrong body is caught
//! - `fixtures`: every recorded exchange, in the state that it assumes; `assumed` builds it
//! - `users`, `licenses`, `groups`, `group_licenses`, `listing`, `queries`, `mail`, `batch`: what each
//!   resource answers
//! - `changes`: what happens to users
//! - `metadata`: how much OData control information an answer has
//! - `writes`: no property is acknowledged and dropped
//! - `conditions`: permissions, throttling, replication lag
//! - `paths`: the forms of a path
//! - `commands`: `--simulate` and `o365 simulate`
//! - `large`: a tenant of 100,000 users
//! - `clients`: `o365 simulate --port`, and the clients that know nothing of it

#![allow(clippy::restriction, reason = "a panic in a test is a failed test")]

mod assumed;
mod batch;
mod changes;
mod clients;
mod commands;
mod conditions;
mod fixtures;
mod graph;
mod group_licenses;
mod groups;
mod large;
mod licenses;
mod listing;
mod mail;
mod metadata;
mod paths;
mod queries;
mod schemas;
mod users;
mod writes;
