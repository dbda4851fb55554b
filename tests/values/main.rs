//! JSON and component values, tested through the library's public face.
//!
//! - `contract`: a WIT text as a built component's types, and as its documents
//! - `shapes`, `values`: random types and random values of them
//! - `properties`: what holds for every type and value
//! - `mutations`: JSON that is wrong in one place
//! - `forms`, `refusals`: one table per rule
//! - `schemas`, `names`, `text`, `pairs`: the parts beside the conversions

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::as_conversions,
    reason = "a panic in a test is a failed test"
)]

mod contract;
mod forms;
mod mutations;
mod names;
mod pairs;
mod properties;
mod refusals;
mod schemas;
mod shapes;
mod text;
mod values;
