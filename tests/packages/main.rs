//! The packages for other platforms, built with the binary under test and installed as their
//! users install them.
//!
//! - `node_red`: the nodes for Node-RED

#![allow(clippy::restriction, reason = "a panic in a test is a failed test")]

mod node_red;
