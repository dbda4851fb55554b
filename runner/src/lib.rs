//! Hosts the Office 365 connector: a WebAssembly component in a closed sandbox.
//!
//! # Floors
//!
//! Each module imports only modules before it in this list. A test enforces that.
//!
//! 1. [`api_key`]: the keys of the HTTP server
//! 2. [`base_url`]: the URL by which callers reach the HTTP server
//! 3. [`fair_queue`]: queues of parties that share permits
//! 4. [`limits`]: the limits of runs and tenants
//! 5. [`report`]: errors and their kinds
//! 6. [`context`]: the state of one run
//! 7. [`network`]: HTTP to real servers
//! 8. [`audit`]: the audit log
//! 9. [`contract`]: the actions, from the WIT package and `actions.toml`
//! 10. [`store`]: small entries that outlive a run, in a file or shared by many processes
//! 11. [`journal`]: the journals of runs, from which they go on after a crash
//! 12. [`connections`]: the access to Entra directories: configuration, sign-in, tokens
//! 13. [`telemetry`]: the log, and spans for a collector
//! 14. [`egress`]: the egress stack, the only way out of the sandbox
//! 15. [`sandbox`]: the engine, with an instance for each run
//! 16. [`run`]: the execution of one run
//! 17. [`replay`]: the comparison of a component with recordings
//! 18. [`platform`]: many tenants in one process
//! 19. [`serve`]: the actions over HTTP
//! 20. [`compose`]: the component with adapters for other hosts
//! 21. [`cli`]: the command line `o365`
//!
//! # Crates
//!
//! Below all floors are crates without a dependency on this one: `disk` (atomic writes, locks and
//! private directories), `contract` (calls, permissions and connections), [`graph`] (what Graph
//! accepts of a write, for the simulator and for plans), [`values`] (JSON to component values,
//! and JSON Schema), [`recording`] (runs as HAR files, with redaction) and [`simulator`] (an
//! Entra tenant in memory).

pub mod api_key;
pub mod audit;
pub mod base_url;
pub mod cli;
pub mod compose;
pub mod connections;
pub mod context;
pub mod contract;
pub mod egress;
pub mod fair_queue;
pub mod journal;
pub mod limits;
pub mod network;
pub mod platform;
pub mod replay;
pub mod report;
pub mod run;
pub mod sandbox;
pub mod serve;
pub mod store;
pub mod telemetry;

pub use {graph, recording, simulator, values};
