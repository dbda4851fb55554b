//! JSON and component values, and the inputs of the fuzz targets.
//!
//! - `shapes`, `values`: random types and random values of them
//! - `properties`: what holds for every type and value
//! - `mutations`: JSON that is wrong in one place
//! - `forms`, `refusals`: one table per rule
//! - `schemas`, `names`, `text`, `pairs`: the parts beside the conversions
//! - `corpus`: what the fuzz targets check, on the inputs that are kept for them

#![allow(clippy::restriction, reason = "a panic in a test is a failed test")]

mod corpus;
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
