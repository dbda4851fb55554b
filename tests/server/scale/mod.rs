//! Several servers that share a store on NATS.
//!
//! - `cluster`: servers of the same tenants on one store
//! - `takeover`: runs of servers that are killed, sleep or are stopped
//! - `crowd`: many creations while servers and the store are killed
//! - `throughput`: two servers beside one
//! - `queue`: runs that nobody waits for, of a server without room for them
//! - `outages`: the store is not there, or not what it should be

mod cluster;
mod crowd;
mod outages;
mod queue;
mod takeover;
mod throughput;
