//! Guests that misbehave are stopped: exit code 3 and a sentence that says why.

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use support::{Ended, hostile_guest, o365};

const RECORDING: &str = "fixtures/is-license-available/some-seats.har";

fn misbehave(how: &str, more: &[&str]) -> Ended {
    let service_id = format!("serviceId={how}");
    let component = hostile_guest().to_str().unwrap();
    let mut arguments = vec!["run", "is-license-available", "--replay", RECORDING, "--json"];
    arguments.extend(["--component", component, &service_id]);
    arguments.extend(more);
    o365(arguments).run()
}

#[track_caller]
fn stopped(how: &str, more: &[&str]) -> String {
    let ended = misbehave(how, more);
    assert_eq!(ended.code, 3, "{how}: {}{}", ended.stdout, ended.stderr);
    let error: Value = ended.error();
    assert_eq!(error["kind"], "sandbox", "{how}");
    assert_ne!(error["fix"], "", "{how}");
    error["message"].as_str().unwrap().to_owned()
}

#[test]
fn a_guest_that_loops_for_ever_is_stopped_at_its_time_limit() {
    let begun = Instant::now();
    let message = stopped("loop", &["--time-limit", "1"]);
    assert_eq!(message, "the run was stopped at its time limit of 1 s");
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
}

#[test]
fn a_guest_that_eats_memory_is_stopped_at_its_memory_limit() {
    let message = stopped("memory", &["--memory-limit", "8"]);
    assert!(message.starts_with("the run was stopped at its memory limit of 8 MiB"), "{message}");
}

#[test]
fn a_guest_that_recurses_for_ever_is_stopped_at_its_stack_limit() {
    assert_eq!(stopped("recursion", &[]), "the run was stopped at its stack limit of 512 KiB");
}

#[test]
fn a_guest_that_hoards_handles_is_stopped_at_its_limit() {
    assert_eq!(stopped("handles", &[]), "the run was stopped at its limit of 1000 handles");
}

#[test]
fn a_guest_that_sends_too_much_is_stopped_at_its_limit() {
    let message = stopped("huge-request", &[]);
    assert_eq!(message, "the run was stopped at its limit of 5 MiB for the body of one request");
}

#[test]
fn a_guest_that_panics_ends_as_a_fault_of_the_component() {
    let message = stopped("panic", &[]);
    assert!(message.starts_with("the component failed: "), "{message}");
}

#[test]
fn a_call_that_the_action_does_not_declare_is_stopped() {
    let expected = "the run was stopped: is-license-available may not call \
        DELETE /users/allen@contoso.onmicrosoft.com, which actions.toml does not declare for it";
    assert_eq!(stopped("undeclared-call", &[]), expected);
    assert_eq!(
        stopped("ignored-refusal", &[]),
        expected,
        "when the guest does not look at the answer"
    );
}

#[test]
fn a_path_that_leads_elsewhere_is_stopped() {
    let message = stopped("path-trick", &[]);
    assert!(message.contains("may not call GET /subscribedSkus/../users"), "{message}");
}

#[test]
fn another_host_or_scheme_is_stopped() {
    for (how, host) in [
        ("other-host", "https://attacker.example"),
        ("plain-http", "http://graph.microsoft.com"),
        ("user-info", "https://attacker.example"),
    ] {
        let message = stopped(how, &[]);
        assert!(message.contains(&format!("may not reach {host},")), "{how}: {message}");
    }
}

#[test]
fn a_guest_cannot_set_the_authorization_header() {
    let ended = misbehave("authorization", &[]);
    assert_eq!(ended.result(), true, "the guest checks that it is refused");
}

#[test]
fn sleeping_for_ever_ends_in_virtual_time() {
    // The virtual clock jumps to the end of time, which is past every limit.
    assert_eq!(
        stopped("sleep", &["--time-limit", "1"]),
        "the run was stopped at its time limit of 1 s"
    );
}

#[test]
fn what_a_guest_has_in_its_memory_can_be_looked_at() {
    let ended = misbehave("dump", &[]);
    let error = ended.error();
    let told = error["message"].as_str().unwrap();
    let memory = STANDARD.decode(told).unwrap_or_else(|_| panic!("{told}"));
    assert!(memory.len() > 64 * 1024, "{}", memory.len());
    let has = |text: &str| memory.windows(text.len()).any(|part| part == text.as_bytes());
    // What the host told of the connection, and what Graph answered.
    assert!(has("contoso.onmicrosoft.com"));
    assert!(has("skuPartNumber"));
    assert!(!has("no guest has ever seen this"));
}
