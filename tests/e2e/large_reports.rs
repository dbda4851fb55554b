//! Reports on a tenant of 100,000 users, through the real component.

use serde_json::{Value, json};

use support::large_tenant::{UNLICENSED, tenant};
use support::library::Host;
use support::library::Outcome;

/// What a page may take, whatever the tenant's size, in bytes.
const PAGE_MEMORY: usize = 8 << 20;

/// What a whole report on 100,000 users may take, in bytes.
const REPORT_MEMORY: usize = 16 << 20;

/// Reads all pages; returns how many users they hold, and the most memory that one took.
fn read_pages(host: &Host, action: &str, users: usize) -> (usize, usize) {
    let (mut count, mut most, mut cursor) = (0, 0, Value::Null);
    loop {
        let input = json!({"connectionId": "contoso", "cursor": cursor});
        let ended = host.run(action, &input, tenant(users), PAGE_MEMORY);
        let Ok(Outcome::Done(mut page)) = ended.outcome else { panic!("{:?}", ended.outcome) };
        most = most.max(ended.memory);
        count += page["users"].as_array().unwrap().len();
        cursor = page["nextCursor"].take();
        if cursor.is_null() {
            return (count, most);
        }
    }
}

#[test]
fn a_report_by_page_needs_no_more_memory_for_a_larger_tenant() {
    let host = Host::compiled();
    let (users, small) = (5_000, read_pages(&host, "users-with-licenses-page", 5_000));
    assert_eq!(small.0, users - users / UNLICENSED);
    let (users, large) = (100_000, read_pages(&host, "users-with-licenses-page", 100_000));
    assert_eq!(large.0, users - users / UNLICENSED);
    assert_eq!(large.1, small.1, "bytes of memory, for 100,000 users and for 5,000");
    let unlicensed = read_pages(&host, "users-without-licenses-page", 100_000);
    assert_eq!(unlicensed.0, users / UNLICENSED);
    assert!(unlicensed.1 <= large.1, "{unlicensed:?}");
}

#[test]
fn a_whole_report_on_a_large_tenant_takes_little_memory() {
    let host = Host::compiled();
    let input = json!({"connectionId": "contoso"});
    let ended = host.run("users-with-licenses-report", &input, tenant(100_000), REPORT_MEMORY);
    let Ok(Outcome::Done(report)) = ended.outcome else { panic!("{:?}", ended.outcome) };
    assert_eq!(report["users"].as_array().unwrap().len(), 100_000 - 100_000 / UNLICENSED);
}

#[test]
fn a_whole_report_too_large_for_its_memory_is_stopped_and_not_cut() {
    let host = Host::compiled();
    let input = json!({"connectionId": "contoso"});
    let ended = host.run("users-with-licenses-report", &input, tenant(100_000), 8 << 20);
    let stop = ended.outcome.unwrap_err();
    assert!(stop.to_string().contains("memory limit of 8 MiB"), "{stop}");
}
