//! `o365 serve`: the actions over HTTP.
//!
//! - `docs`: the bundled API explorer
//! - `openapi`: the OpenAPI document, from the contract
//! - `problem`: failed calls as problem details

pub mod docs;
pub mod openapi;
pub mod problem;
