//! A thousand runs at a time, and what they take.

use std::time::{Duration, Instant};

use runner::platform::{Platform, TenantLimits};
use tokio::sync::watch;
use tokio::task::JoinSet;

use support::platform::{Slow, creation, done, eventually, percentile, platform, resident, seats};

/// How long each request takes.
const LATENCY: Duration = Duration::from_millis(200);

/// How much longer than its requests a run may take, at the 99th percentile. Without
/// optimisation the host itself computes for some milliseconds in each run.
const SLOWDOWN: u32 = if cfg!(debug_assertions) { 8 } else { 2 };

/// Twenty tenants, each with a directory of its own.
struct Crowd {
    platform: Platform,
    directories: Vec<Slow>,
}

/// What came of a thousand runs.
struct Ended {
    /// For each run, how long it took for each of its requests.
    times: Vec<Duration>,
    /// The most memory that there was, in bytes.
    memory: u64,
}

impl Crowd {
    fn new(answers: watch::Receiver<bool>) -> Self {
        let platform = platform(1_000);
        let limits = TenantLimits { concurrent_runs: 50, ..TenantLimits::default() };
        let slow = |_| Slow::new(LATENCY).held(answers.clone());
        let directories: Vec<Slow> = (0..20).map(slow).collect();
        for (number, slow) in directories.iter().enumerate() {
            platform.register(slow.tenant(&format!("tenant-{number}"), limits.clone()));
        }
        Self { platform, directories }
    }

    fn running(&self) -> usize {
        (0..20).map(|id| self.platform.load(&format!("tenant-{id}")).running).sum()
    }

    fn asked(&self) -> usize {
        self.directories.iter().map(Slow::asked).sum()
    }

    /// A thousand runs, every fourth of which creates a user; `meanwhile` they go on.
    async fn run(&self, wave: &str, meanwhile: impl AsyncFnOnce(&Self)) -> Ended {
        let run = |number: usize| {
            let (platform, nickname) = (self.platform.clone(), format!("{wave}{number}"));
            async move {
                let tenant = format!("tenant-{}", number % 20);
                let began = Instant::now();
                let answer = match number % 4 {
                    0 => platform.run(creation(&tenant, &nickname)).await,
                    _ => platform.run(seats(&tenant)).await,
                };
                match number % 4 {
                    0 => {
                        let name = format!("{nickname}@contoso.onmicrosoft.com");
                        assert_eq!(done(&answer)["userPrincipalName"], *name);
                    }
                    _ => assert_eq!(done(&answer), true),
                }
                began.elapsed() / answer.receipt.graph_requests
            }
        };
        let runs: JoinSet<Duration> = (0..1_000).map(run).collect();
        meanwhile(self).await;
        let mut memory = resident();
        let mut times = Vec::new();
        let mut runs = runs;
        while let Some(time) = runs.join_next().await {
            times.push(time.unwrap());
            if times.len() % 20 == 0 {
                memory = memory.max(resident());
            }
        }
        Ended { times, memory }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_runs_go_on_at_once() {
    let _alone = support::platform::alone().await;
    let (answer, answers) = watch::channel(false);
    let crowd = Crowd::new(answers);
    let held = async |crowd: &Crowd| {
        eventually("all have asked", || crowd.asked() == 1_000).await;
        assert_eq!(crowd.running(), 1_000);
        answer.send(true).unwrap();
    };
    let first = crowd.run("held", held).await;
    let mut second = crowd.run("user", async |_| ()).await;
    for (number, slow) in crowd.directories.iter().enumerate() {
        let created = (0..1_000).filter(|run| run % 4 == 0 && run % 20 == number).count();
        let there = slow.simulator.look(|tenant| {
            let users = tenant.users.iter().map(|user| user.user_principal_name.to_string());
            users.filter(|name| name.starts_with("held") || name.starts_with("user")).count()
        });
        assert_eq!(there, created * 2, "each user once");
    }
    let memory = first.memory.max(second.memory);
    let mib = memory >> 20;
    let p99 = percentile(&mut second.times, 99);
    println!("1,000 runs at once: p99 {p99:?} for a request of {LATENCY:?}; {mib} MiB resident");
    assert!(memory < 1 << 30, "{mib} MiB");
    assert!(p99 < LATENCY * SLOWDOWN, "{p99:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_leave_nothing_behind() {
    let _alone = support::platform::alone().await;
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
