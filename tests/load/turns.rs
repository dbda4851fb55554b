//! Who waits for whom.

use std::time::{Duration, Instant};

use runner::platform::{Failure, Platform, Refusal, TenantLimits};
use tokio::sync::watch;
use tokio::task::JoinSet;

use support::platform::{Slow, done, eventually, percentile, platform, seats};

/// How long each request of these tests takes: long enough that computing is little beside it.
const LATENCY: Duration = Duration::from_millis(100);

/// By how much the p99 of a tenant may grow while another floods the platform.
const MOST: f64 = 1.2;

/// How long some runs in a row take, each.
async fn in_a_row(platform: &Platform, tenant: &str, count: usize) -> Vec<Duration> {
    let mut times = Vec::new();
    for _ in 0..count {
        let began = Instant::now();
        done(&platform.run(seats(tenant)).await);
        times.push(began.elapsed());
    }
    times
}

/// A tenant that has ten times as many runs there as it may, always.
async fn flood(platform: Platform, tenant: &'static str, width: usize) -> (usize, usize) {
    let (mut done, mut refused) = (0, 0);
    let mut runs = JoinSet::new();
    let until = Instant::now() + Duration::from_secs(120);
    while Instant::now() < until {
        while runs.len() < width {
            let platform = platform.clone();
            runs.spawn(async move { platform.run(seats(tenant)).await });
        }
        match runs.join_next().await.unwrap().unwrap().outcome {
            Ok(_) => done += 1,
            Err(Failure::Refused(Refusal::Busy(_))) => {
                refused += 1;
                // As a client that calls again, though much too soon.
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            Err(other) => panic!("{other:?}"),
        }
        if platform.is_stopping() {
            break;
        }
    }
    runs.abort_all();
    (done, refused)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_that_floods_does_not_slow_another() {
    let _alone = support::platform::alone().await;
    let platform = platform(16);
    let slow = Slow::new(LATENCY);
    let limits = TenantLimits { concurrent_runs: 8, queue_length: 8, ..TenantLimits::default() };
    platform.register(slow.tenant("quiet", TenantLimits::default()));
    platform.register(slow.tenant("flooding", limits));
    // Whatever is slow the first time.
    in_a_row(&platform, "quiet", 3).await;
    let mut alone = in_a_row(&platform, "quiet", 40).await;
    let flooding = tokio::spawn(flood(platform.clone(), "flooding", 160));
    eventually("the flood is there", || platform.load("flooding").waiting == 8).await;
    let alone = percentile(&mut alone, 99);
    let mut ratios = Vec::new();
    // The machine slows it sometimes; a flood does always.
    while ratios.len() < 3 && ratios.iter().all(|ratio| *ratio >= MOST) {
        let beside = percentile(&mut in_a_row(&platform, "quiet", 40).await, 99);
        let ratio = beside.as_secs_f64() / alone.as_secs_f64();
        println!("p99 alone {alone:?}, beside a flood {beside:?}: {ratio:.2}");
        ratios.push(ratio);
    }
    let load = platform.load("flooding");
    assert!(load.running + load.waiting > 8, "the flood went on: {load:?}");
    platform.stop(Duration::from_secs(10)).await;
    let (done, refused) = flooding.await.unwrap();
    assert!(done > 100 && refused > 100, "{done} done, {refused} refused");
    assert!(ratios.iter().any(|ratio| *ratio < MOST), "{ratios:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn tenants_that_wait_for_a_slow_graph_delay_nobody() {
    let _alone = support::platform::alone().await;
    let platform = Platform::builder().build().unwrap();
    let (answer, answers) = watch::channel(false);
    let (slow, quick) = (Slow::new(LATENCY).held(answers), Slow::new(LATENCY));
    platform.register(quick.tenant("quick", TenantLimits::default()));
    let mut held = JoinSet::new();
    for number in 0..8 {
        let tenant = format!("slow-{number}");
        platform.register(slow.tenant(&tenant, TenantLimits::default()));
        // As many as each may have at a time, and some that wait in its queue.
        for _ in 0..20 {
            let (platform, tenant) = (platform.clone(), tenant.clone());
            held.spawn(async move { done(&platform.run(seats(&tenant)).await) });
        }
    }
    eventually("all of them wait for Graph", || slow.asked() == 8 * 16).await;
    for time in in_a_row(&platform, "quick", 5).await {
        assert!(time < LATENCY * 4, "{time:?}");
    }
    assert_eq!(slow.asked(), 8 * 16, "they still wait");
    answer.send(true).unwrap();
    held.join_all().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_places_are_short_the_tenants_take_turns() {
    let _alone = support::platform::alone().await;
    // Two places, which one tenant alone could fill for two seconds.
    let platform = platform(2);
    let slow = Slow::new(LATENCY);
    let limits = TenantLimits { concurrent_runs: 64, ..TenantLimits::default() };
    for tenant in ["many", "few"] {
        platform.register(slow.tenant(tenant, limits.clone()));
    }
    let many: Vec<_> = (0..40)
        .map(|_| {
            let platform = platform.clone();
            tokio::spawn(async move { platform.run(seats("many")).await })
        })
        .collect();
    eventually("all are there", || {
        let load = platform.load("many");
        load.running + load.waiting == 40
    })
    .await;
    let times = in_a_row(&platform, "few", 3).await;
    for time in times {
        // At most one run of the other tenant goes before it, and the two places free up
        // at different times.
        assert!(time < LATENCY * 4, "{time:?}");
    }
    let left = platform.load("many");
    assert!(left.running + left.waiting > 10, "{left:?}");
    for run in many {
        done(&run.await.unwrap());
    }
}
