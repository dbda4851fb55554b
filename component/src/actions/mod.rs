//! What a platform calls: one file per action, in a folder per interface of `wit/`.
//!
//! Each file has the same four parts in the same order: the doc comment says what a caller
//! sees, `check` refuses wrong input before anything is sent, `run` does the work, and
//! below are the helpers that only this action needs.

pub mod accounts;
pub mod catalog;
pub mod data_sets;
pub mod diagnostics;
pub mod notifications;
pub mod reports;
