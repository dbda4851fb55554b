//! Guests that misbehave, in a platform of two tenants: each ends in its own way, and neither
//! the host's memory nor the other tenant feels it.
//!
//! - `outcomes`: each misbehaviour, and how it ends
//! - `neighbours`: what the other tenant and the host feel of all of them
//! - `crossing`: what a tenant finds of another, and what goes out to its Graph
//! - `mallory`: the platform, its tenants and their calls

mod crossing;
mod mallory;
mod neighbours;
mod outcomes;
