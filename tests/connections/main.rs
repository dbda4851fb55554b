//! Connections, as the real binary takes them, and the live egress stack below them.
//!
//! - `config`: the configuration file, what is refused and in which words
//! - `command_line`: what a user of a live tenant types and sees
//! - `verification`: what `connection verify` finds, and in which words
//! - `places`: files that are none, or are not kept as they must be
//! - `canary`: no secret is anywhere but where it belongs
//! - `sign_in`: every grant, and every way in which one is refused
//! - `entra_codes`: the table of error codes of Entra
//! - `findings`: what `connection verify` finds in clocks and tokens
//! - `login`: a user signs in, on another device or with a browser
//! - `signals`: what ends a run from outside
//! - `proxies`: the proxies that the environment names
//! - `tokens`: one sign-in for all who wait, kept whole whatever happens
//! - `refresh`: what becomes of a refresh token that is refused
//! - `secrets`: secrets that cannot be right
//! - `strangers`: who answers in the place of the sign-in host, and Entra's own odd answers
//! - `answers`: a sign-in host that is busy, out of reach, slow, or answers nonsense
//! - `echoes`: secrets that a host sends back
//! - `credential`: the token on its way to Graph, and after a 401
//! - `outcomes`: what an action says of what Graph, or something before it, really answered
//! - `tenant`: a sign-in host and a Graph on 127.0.0.1
//! - `network`: the live egress stack, against real servers on 127.0.0.1

#![allow(clippy::restriction, reason = "a panic in a test is a failed test")]

mod answers;
mod canary;
mod command_line;
mod config;
mod credential;
mod echoes;
mod entra_codes;
mod findings;
mod login;
mod network;
mod outcomes;
mod places;
mod proxies;
mod refresh;
mod secrets;
mod sign_in;
mod signals;
mod strangers;
mod tenant;
mod tokens;
mod verification;
