//! The tokens of users, which one process at a time renews.
//!
//! - `machine`: servers with a state directory of their own, and processes that sleep
//! - `renewals`: one renewal for all who wait
//! - `sleepers`: processes that die or sleep while they renew
//! - `outages`: the store is not there
//! - `logins`: users who sign in on one of the machines

mod logins;
mod machine;
mod outages;
mod renewals;
mod sleepers;
