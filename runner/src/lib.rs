//! Hosts the Office 365 connector: a WebAssembly component in a closed sandbox.
//!
//! # Layout
//!
//! - [`contract`]: what the actions are and may do, from the WIT package and `actions.toml`
//! - [`values`]: JSON to component values and back, and JSON Schema
//! - [`sandbox`]: the engine, one instance for every run, limits
//! - [`egress`]: the only way out of the sandbox, layer by layer
//! - [`connections`]: the ways into Entra directories
//! - [`recording`]: runs as HAR files
//! - [`host`]: a component, its sandbox and its policy together
//! - [`platform`]: many tenants in one process, with their limits
//! - [`audit`]: the log of what was done in which tenant
//! - [`serve`]: the actions over HTTP
//! - [`error`]: errors in the form that actions' errors have
//! - [`fair`]: turns among many
//! - [`limits`]: what a run and a tenant may use, in one table
//! - [`replay`]: a component held against recordings
//! - [`telemetry`]: what the log and a collector are told of requests and runs
//! - [`simulator`]: an Entra tenant in memory that answers as Graph does
//! - `graph`: what Graph accepts and how it refuses, for the simulator and for plans
//! - [`cli`]: the command line `o365`

pub mod api_key;
pub mod audit;
pub mod cli;
pub mod connections;
pub mod context;
pub mod contract;
pub mod egress;
pub mod fair;
pub mod limits;
pub mod network;
pub mod platform;
pub mod replay;
pub mod report;
pub mod run;
pub mod sandbox;
pub mod serve;
pub mod telemetry;

pub use {graph, recording, simulator, values};
