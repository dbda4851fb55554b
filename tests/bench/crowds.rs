//! Many runs at a time: `cargo bench --bench crowds`.
//!
//! How many runs a platform makes in a second with 1, 8, 64 and 512 in flight, and how much memory
//! each of them takes while it waits for Graph.

#![allow(clippy::restriction, reason = "a benchmark prints, and may fail loudly")]

use std::time::{Duration, Instant};

use bench::answers::Answers;
use bench::compare::median;
use bench::sandboxed::component;
use runner::platform::{Call, Link, Platform, Tenant, TenantLimits};
use serde_json::Value;
use support::Fixture;
use support::platform::{Slow, connection, done, resident, seats};
use tokio::sync::watch;
use tokio::task::JoinSet;

const IN_FLIGHT: [usize; 4] = [1, 8, 64, 512];

/// How long the runs of one crowd are counted.
const TIME: Duration = Duration::from_secs(1);

/// How often each crowd has its turn.
const ROUNDS: usize = 7;

fn main() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(throughput());
    runtime.block_on(memory());
}

fn platform() -> Platform {
    Platform::builder().max_runs(512).component(component()).build().unwrap()
}

fn limits() -> TenantLimits {
    TenantLimits { concurrent_runs: 512, queue_length: 10_000, ..TenantLimits::default() }
}

async fn throughput() {
    let fixture = Fixture::named("is-license-available", "some-seats");
    let answers = Answers::recorded(&fixture);
    let platform = platform();
    let link = Link::given("contoso", connection(), answers.egress());
    platform.register(Tenant::new("contoso").with_link(link).with_limits(limits()));
    let call = Call::new("contoso", "is-license-available", Value::Object(fixture.input()));
    let mut counted = IN_FLIGHT.map(|_| Vec::new());
    for _ in 0..=ROUNDS {
        for (crowd, counted) in IN_FLIGHT.into_iter().zip(&mut counted) {
            counted.push(completed(&platform, &call, crowd).await);
        }
    }
    println!("\nis-license-available from memory, {ROUNDS} rounds of {TIME:?}");
    // The first round does not count.
    let medians = counted.map(|counted| median(&counted[1..]));
    for (crowd, median) in IN_FLIGHT.into_iter().zip(medians) {
        println!(
            "  {median:>6} runs a second  {:>5.2}x  {crowd} in flight",
            ratio(median, medians[1])
        );
    }
}

/// How many runs end in the time while so many are in flight.
async fn completed(platform: &Platform, call: &Call, crowd: usize) -> usize {
    let end = Instant::now() + TIME;
    let mut runs = JoinSet::new();
    for _ in 0..crowd {
        let (platform, call) = (platform.clone(), call.clone());
        runs.spawn(async move {
            let mut count = 0;
            while Instant::now() < end {
                done(&platform.run(call.clone()).await);
                count += 1;
            }
            count
        });
    }
    runs.join_all().await.into_iter().sum()
}

fn ratio(count: usize, of: usize) -> f64 {
    count as f64 / of as f64
}

/// How much more memory the process has while runs wait for a response.
async fn memory() {
    println!("\nmemory while runs wait for Graph");
    for crowd in IN_FLIGHT {
        let (answer, answers) = watch::channel(false);
        let slow = Slow::new(Duration::ZERO).held(answers);
        let platform = platform();
        platform.register(slow.tenant("contoso", limits()));
        // Whatever the first run brings with it.
        answer.send(true).unwrap();
        done(&platform.run(seats("contoso")).await);
        answer.send(false).unwrap();
        let (before, asked) = (resident(), slow.asked());
        let mut runs = JoinSet::new();
        for _ in 0..crowd {
            let platform = platform.clone();
            runs.spawn(async move { platform.run(seats("contoso")).await });
        }
        while slow.asked() < asked + crowd {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let more = resident().saturating_sub(before);
        let each = more as f64 / crowd as f64 / f64::from(1 << 10);
        println!("  {each:>6.0} KiB for each  {crowd} in flight");
        answer.send(true).unwrap();
        for run in runs.join_all().await {
            done(&run);
        }
    }
}
