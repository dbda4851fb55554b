//! What a process of many tenants takes: `cargo bench --bench tenants`.
//!
//! A hundred thousand runs, eight at a time, of two tenants that take turns; the memory of the
//! process must be flat after the first ten thousand. And what a run costs of the processor.

#![allow(clippy::restriction, reason = "a benchmark prints, and may fail loudly")]

use std::time::{Duration, Instant};

use runner::audit::AuditLog;
use runner::platform::{Platform, TenantLimits};
use tokio::task::JoinSet;

use support::platform::{Slow, done, resident, seats};

const RUNS: usize = 100_000;
const STEP: usize = 10_000;
const AT_A_TIME: usize = 8;

/// How much more memory there may be at the end than after the first step, in bytes: what the
/// allocator keeps, and no more than 40 bytes a run.
const FLAT: u64 = 4 << 20;

fn main() {
    tokio::runtime::Runtime::new().unwrap().block_on(runs_in_a_row());
}

async fn runs_in_a_row() {
    let scratch = tempfile::tempdir().unwrap();
    let log = AuditLog::open(&scratch.path().join("audit.jsonl")).unwrap();
    let platform = Platform::builder().max_runs(64).audit(log).build().unwrap();
    for tenant in ["contoso", "fabrikam"] {
        let slow = Slow::new(Duration::ZERO);
        platform.register(slow.tenant(tenant, TenantLimits::default()));
    }
    let mut after_first = 0;
    for step in 1..=RUNS / STEP {
        let began = Instant::now();
        let computed = some_runs(&platform).await;
        let took = began.elapsed();
        let memory = resident();
        println!(
            "{:>7} runs: {:>5.1} MiB resident, {:>4.0} us a run, of which the component {:>3.0} us",
            step * STEP,
            memory as f64 / f64::from(1 << 20),
            took.as_secs_f64() * 1e6 / STEP as f64,
            computed.as_secs_f64() * 1e6 / STEP as f64,
        );
        if step == 1 {
            after_first = memory;
        }
    }
    let grown = resident().saturating_sub(after_first);
    println!("grown after the first {STEP}: {} KiB", grown >> 10);
    assert!(grown < FLAT, "{grown} bytes");
}

/// A step's runs; how long the component computed in all of them.
async fn some_runs(platform: &Platform) -> Duration {
    let mut computed = 0;
    let mut runs = JoinSet::new();
    for number in 0..STEP {
        if runs.len() >= AT_A_TIME {
            computed += runs.join_next().await.unwrap().unwrap();
        }
        let platform = platform.clone();
        runs.spawn(async move {
            let tenant = ["contoso", "fabrikam"][number % 2];
            let answer = platform.run(seats(tenant)).await;
            assert_eq!(done(&answer), true);
            answer.receipt.cpu_us
        });
    }
    while let Some(run) = runs.join_next().await {
        computed += run.unwrap();
    }
    Duration::from_micros(computed)
}
