//! A tenant of 100,000 users.

use std::time::{Duration, Instant};

use runner::context::Clock;
use runner::egress::simulated;
use runner::sandbox::Outcome;
use runner::simulator::{Caller, Simulator, Tenant};
use serde_json::json;

use support::library::Host;

const USERS: u32 = 100_000;

/// The most that such a tenant may take, in bytes. Other tests run in the same process.
const MEMORY: usize = 256 << 20;

#[test]
fn a_hundred_thousand_users_are_made_fast_and_listed_through_the_component() {
    let before = resident();
    let begun = Instant::now();
    let tenant = Tenant::generated(USERS).unwrap();
    let built = begun.elapsed();
    let memory = resident().saturating_sub(before);
    support::say(&format!(
        "{USERS} users: built in {} ms, {} MiB",
        built.as_millis(),
        memory >> 20
    ));
    assert!(built < Duration::from_secs(3), "{built:?}");
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

/// How much memory this process takes, in bytes; 0 where the system does not tell.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<usize>().ok());
    kib.unwrap_or(0) << 10
}
