//! The types and functions that `wit/` describes, generated from it.
#![allow(
    missing_docs,
    unexpected_cfgs,
    clippy::all,
    clippy::pedantic,
    clippy::restriction,
    reason = "generated code"
)]

wit_bindgen::generate!({
    path: "../wit",
    world: "office365",
    generate_all,
    pub_export_macro: true,
    std_feature,
});
