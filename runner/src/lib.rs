//! Hosts the Office 365 connector: a WebAssembly component in a closed sandbox.
//!
//! # Floors
//!
//! Each module uses only those that stand before it in this list. A test reads the list and
//! the imports, and fails on an import upwards.
//!
//! 1. [`api_key`]: the keys of the HTTP server
//! 2. [`fair_queue`]: turns among many
//! 3. [`limits`]: the limits of a run and of a tenant, in one table
//! 4. [`report`]: the type of every error that a person or a program sees, and its kinds
//! 5. [`context`]: what one run carries with it
//! 6. [`network`]: HTTP to real servers
//! 7. [`audit`]: the log of what was done in which tenant
//! 8. [`contract`]: the actions, from the WIT package and `actions.toml`
//! 9. [`connections`]: the access to Entra directories: configuration, sign-in, tokens
//! 10. [`telemetry`]: the log, and spans for a collector
//! 11. [`egress`]: the only egress stack of the sandbox, layer by layer
//! 12. [`sandbox`]: the engine, one instance for every run
//! 13. [`run`]: one run, assembled from all of these
//! 14. [`replay`]: a component compared with recordings
//! 15. [`platform`]: many tenants in one process
//! 16. [`serve`]: the actions over HTTP
//! 17. [`cli`]: the command line `o365`
//!
//! # Crates
//!
//! Below all floors are the crates that are good by themselves: `disk` (files that are whole,
//! locked and private), `contract` (calls, permissions and connections), [`graph`] (what Graph
//! accepts of a write, for the simulator and for plans), [`values`] (JSON to component values,
//! and JSON Schema), [`recording`] (runs as HAR files, with redaction) and [`simulator`] (an
//! Entra tenant in memory).

pub mod api_key;
pub mod audit;
pub mod cli;
pub mod connections;
pub mod context;
pub mod contract;
pub mod egress;
pub mod fair_queue;
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
