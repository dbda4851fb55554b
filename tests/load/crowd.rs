//! A thousand runs at a time, and what they take.

use std::time::{Duration, Instant};

use runner::platform::TenantLimits;

use crate::support::{Slow, creation, done, percentile, platform, seats};

/// The memory of this process, in bytes.
pub fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_runs_go_on_at_once() {
    let _alone = crate::alone().await;
    const LATENCY: Duration = Duration::from_millis(200);
    let platform = platform(1_000);
    let slow: Vec<Slow> = (0..20).map(|_| Slow::new(LATENCY)).collect();
    let limits = TenantLimits { concurrent_runs: 50, ..TenantLimits::default() };
    for (number, slow) in slow.iter().enumerate() {
        platform.register(slow.tenant(&format!("tenant-{number}"), limits.clone()));
    }
    let runs: Vec<_> = (0..1_000)
        .map(|number| {
            let platform = platform.clone();
            tokio::spawn(async move {
                let tenant = format!("tenant-{}", number % 20);
                let began = Instant::now();
                let call = match number % 4 {
                    0 => creation(&tenant, &format!("user{number}")),
                    _ => seats(&tenant),
                };
                let answer = platform.run(call).await;
                (number, began.elapsed(), answer)
            })
        })
        .collect();
    let mut most = 0;
    let mut memory = 0;
    while slow.iter().map(Slow::asked).sum::<usize>() < 1_000 {
        tokio::time::sleep(Duration::from_millis(5)).await;
        let running = (0..20).map(|id| platform.load(&format!("tenant-{id}")).running).sum();
        most = most.max(running);
        memory = memory.max(resident());
    }
    let mut slowdowns = Vec::new();
    for run in runs {
        let (number, took, answer) = run.await.unwrap();
        let expected = format!("user{number}@contoso.onmicrosoft.com");
        match number % 4 {
            0 => assert_eq!(done(&answer)["userPrincipalName"], *expected),
            _ => assert_eq!(done(&answer), true),
        }
        slowdowns.push(took / answer.receipt.graph_requests);
        memory = memory.max(resident());
    }
    assert_eq!(most, 1_000, "all of them at a time");
    for (number, slow) in slow.iter().enumerate() {
        let created = (0..1_000).filter(|run| run % 4 == 0 && run % 20 == number).count();
        let there = slow.simulator.look(|tenant| {
            tenant.users.iter().filter(|user| user.user_principal_name.starts_with("user")).count()
        });
        assert_eq!(there, created, "each user once");
    }
    let slowdown = percentile(&mut slowdowns, 99);
    let mib = memory >> 20;
    println!("1,000 runs: p99 {slowdown:?} for each request of {LATENCY:?}; {mib} MiB resident");
    assert!(memory < 1 << 30, "{mib} MiB");
    assert!(slowdown < LATENCY * 2, "{slowdown:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_leave_nothing_behind() {
    let _alone = crate::alone().await;
    let platform = platform(8);
    let slow = Slow::new(Duration::ZERO);
    platform.register(slow.tenant("contoso", TenantLimits::default()));
    let rounds = async |count: usize| {
        for _ in 0..count {
            done(&platform.run(seats("contoso")).await);
        }
    };
    rounds(1_000).await;
    let before = resident();
    rounds(4_000).await;
    let after = resident();
    let grown = after.saturating_sub(before);
    println!("4,000 runs after the first 1,000: {} KiB more", grown >> 10);
    // Less than a kilobyte a run: what stays is nothing that a run left.
    assert!(grown < 4 << 20, "{grown}");
}
