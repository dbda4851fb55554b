//! A plan is true of the tenant: on random simulated tenants it foretells what the run does.
//!
//! - `tenants`: random tenants
//! - `inputs`: random inputs for every action
//! - `ran`: an action run on a tenant, or planned on it
//! - `actions`: a plan and a run of the same come to the same
//! - `requests`: a plan answers random requests, one after another, as the tenant does
//! - `looks`: what a plan reads, and what it says of what it could not read

mod actions;
mod inputs;
mod looks;
mod ran;
mod requests;
mod tenants;

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// How many random tenants there are.
const TENANTS: u32 = 2_000;

/// Holds `check` against values of `strategy`, the same ones each time.
fn hold<S: Strategy>(cases: u32, strategy: &S, check: impl Fn(S::Value)) {
    let seed = *b"a plan is true of its tenant.   ";
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let held = TestRunner::new_with_rng(config, rng).run(strategy, |value| {
        check(value);
        Ok(())
    });
    if let Err(failure) = held {
        panic!("{failure}");
    }
}
