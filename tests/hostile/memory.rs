//! What each takes of the host.

use std::time::{Duration, Instant};

use crate::mallory::{self, misbehave, limits};
use crate::support::Slow;

/// The memory of this process, in bytes.
pub fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn measure() {
    let _alone = crate::alone().await;
    let slow = Slow::new(Duration::ZERO);
    let limits = runner::platform::TenantLimits { cpu: Duration::from_secs(20), ..limits() };
    let platform = mallory::platform(&slow, &slow, limits);
    for how in [
        "ask", "names:60000", "names:15000", "authority:50000000", "method:50000000", "many-bodies:300", "unsent-bodies:300", "crumbs",
        "pending:900", "unread-answers:300", "poll:1000000", "memory", "handles", "many-headers",
        "huge-header:1000000", "records:1000000", "users:400000", "megabytes:500", "long-cursor:15000000", "long-error:15000000", "many-steps:1000000", "trap-in-write", "double-free", "foreign-handle", "other-kind",
        "wrong-order", "answer-order", "two-lengths", "abandoned:900",
    ] {
        let before = resident();
        let began = Instant::now();
        let run = tokio::spawn({
            let platform = platform.clone();
            async move { misbehave(&platform, how).await }
        });
        let mut most = 0;
        while !run.is_finished() {
            most = most.max(resident());
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        let took = began.elapsed();
        let answer = run.await.unwrap();
        let outcome = match &answer.outcome {
            Ok(value) => format!("{:.60}", value.to_string()),
            Err(failure) => format!("{:.160}", failure.to_string()),
        };
        println!(
            "{how:>22} {:>5} MiB more, guest {:>3} MiB, {:>6} ms, cpu {:>5} ms, {} requests: {outcome}",
            most.saturating_sub(before) >> 20,
            answer.receipt.peak_memory_bytes >> 20,
            took.as_millis(),
            answer.receipt.cpu_us / 1000,
            answer.receipt.graph_requests,
        );
    }
}
