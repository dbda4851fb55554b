//! A tenant of 100,000 users.

use std::time::{Duration, Instant};

use runner::context::Clock;
use runner::egress::simulated;
use runner::simulator::{Caller, Simulator, Tenant};
use serde_json::json;

use support::library::Host;
use support::library::Outcome;

const USERS: u32 = 100_000;

/// The groups among which the users are divided.
const GROUPS: usize = 500;

/// The longest time in which such a tenant may be built: the best of three, as the machine may be
/// busy.
const TIME: Duration = Duration::from_millis(1_500);

/// The most that such a tenant may take, in bytes.
const MEMORY: usize = 120 << 20;

#[test]
fn a_hundred_thousand_users_are_made_fast_and_listed_through_the_component() {
    let before = resident();
    let (tenant, first) = built();
    let memory = resident().saturating_sub(before);
    assert_eq!(tenant.groups.len(), GROUPS);
    let built = (0..2).map(|_| built().1).fold(first, Duration::min);
    support::say(&format!(
        "{USERS} users in {GROUPS} groups: built in {} ms, {} MiB",
        built.as_millis(),
        memory >> 20
    ));
    assert!(built < TIME, "{built:?}");
    assert!(memory < MEMORY, "{memory} bytes");
    let simulator = Simulator::new(tenant);
    let host = Host::compiled();
    let mut users = 0;
    for action in ["users-with-licenses-report", "users-without-licenses-report"] {
        let graph = simulated::egress(&simulator, Caller::application(), Clock::simulated());
        let ended = host.run(action, &json!({"connectionId": "contoso"}), graph, 1 << 30);
        let Ok(Outcome::Done(report)) = ended.outcome else { panic!("{:?}", ended.outcome) };
        users += report["users"].as_array().unwrap().len();
    }
    assert_eq!(users, 100_001, "and the sender's mailbox");
}

fn built() -> (Tenant, Duration) {
    let begun = Instant::now();
    let tenant = Tenant::generated(USERS).unwrap();
    (tenant, begun.elapsed())
}

/// How much memory this process takes, in bytes; 0 where the system does not tell.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<usize>().ok());
    kib.unwrap_or(0) << 10
}
