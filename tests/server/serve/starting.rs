//! What a server needs, and what it says where that is missing.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use serde_json::Value;

use crate::serve::server::{Place, connection, eventually, seats};

/// A place with one tenant.
fn place() -> Place {
    let place = Place::with(&connection("main", "http://127.0.0.1:9", "http://127.0.0.1:9"));
    place.add("contoso", "main", &[]);
    place
}

/// What it says instead of starting.
#[track_caller]
fn refused(place: &Place, arguments: &[&str]) -> Value {
    place.o365(&[&["serve", "--address", "127.0.0.1:0"], arguments].concat()).error()
}

#[test]
fn the_first_one_makes_what_it_keeps_things_in() {
    let place = place();
    assert!(!place.path("state").exists());
    let server = place.serve_as_configured();
    let log = place.path("state/audit.jsonl");
    assert_eq!(server.started["auditLog"], log.to_str().unwrap());
    for (path, expected) in [("state", 0o700), ("state/audit.jsonl", 0o600), ("state/serve", 0o700)]
    {
        let mode = fs::metadata(place.path(path)).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, expected, "{path}");
    }
    server.signal("TERM");
    assert_eq!(server.ended_within(Duration::from_secs(5)), 0);
    // It comes again to what is there.
    place.serve_as_configured();
}

#[test]
fn an_action_that_there_is_not_is_told_with_the_nearest() {
    let place = place();
    place.set("tenants.contoso", "actions = [\"create-user\", \"is-licence-available\"]");
    let error = refused(&place, &[]);
    let told = error["message"].as_str().unwrap();
    let expected = ": tenants.contoso.actions has is-licence-available, which is no action of the component (item 2)";
    assert!(told.ends_with(expected) && told.contains("o365.toml, line "), "{error}");
    assert_eq!(error["fix"], "Did you mean is-license-available?");
    assert_eq!(error["kind"], "configuration");
    // With all else that is wrong.
    place.set("tenants.contoso", "bytes-in = 0");
    let error = refused(&place, &[]);
    let problems = error["problems"].as_array().unwrap().iter();
    let keys: Vec<&str> = problems.map(|problem| problem["key"].as_str().unwrap()).collect();
    assert_eq!(keys, ["tenants.contoso.bytes-in", "tenants.contoso.actions"]);
}

#[test]
fn fewer_places_than_the_tenants_may_have_are_told() {
    let place = place();
    place.set("tenants.contoso", "concurrent-runs = 16");
    let server = place.serve(&[]);
    assert!(!server.said().contains("max-runs"), "{}", server.said());
    drop(server);
    fs::write(
        place.config(),
        format!("[serve]\nmax-runs = 8\n{}", fs::read_to_string(place.config()).unwrap()),
    )
    .unwrap();
    let server = place.serve(&[]);
    eventually("it is told", || server.said().contains("max-runs is 8"));
}

#[test]
fn there_is_one_server_for_what_is_kept() {
    let place = place();
    let server = place.serve(&[]);
    let other = place.path("other.jsonl");
    let error = refused(&place, &["--audit-log", other.to_str().unwrap()]);
    assert!(error["message"].as_str().unwrap().contains("another server"), "{error}");
    assert!(error["fix"].as_str().unwrap().starts_with("End the other server"), "{error}");
    let error = refused(&place, &["--audit-log", place.audit_log().to_str().unwrap()]);
    assert!(error["fix"].as_str().unwrap().starts_with("End the other process"), "{error}");
    let address = server.address();
    let ended = place.o365(&["serve", "--address", &address, "--simulate"]);
    assert_eq!(ended.code, 4);
    let error = ended.error();
    let told = error["message"].as_str().unwrap();
    assert!(told.starts_with(&format!("cannot listen on {address}: ")), "{error}");
    let fix = "End the process that listens there, or name another address with --address.";
    assert_eq!(error["fix"], fix);
    // An address for documentation, which no machine has.
    let text = fs::read_to_string(place.config()).unwrap();
    fs::write(place.config(), format!("[serve]\ntls = \"terminated-by-proxy\"\n{text}")).unwrap();
    let error = place.o365(&["serve", "--simulate", "--address", "192.0.2.1:1"]).error();
    assert!(error["fix"].as_str().unwrap().starts_with("Name another address"), "{error}");
}

#[test]
fn what_is_missing_is_told_with_what_to_do() {
    let place = place();
    fs::create_dir(place.path("state")).unwrap();
    fs::set_permissions(place.path("state"), fs::Permissions::from_mode(0o755)).unwrap();
    let error = refused(&place, &[]);
    assert!(error["fix"].as_str().unwrap().contains("chmod 700"), "{error}");
    fs::set_permissions(place.path("state"), fs::Permissions::from_mode(0o700)).unwrap();
    let missing = place.path("missing/audit.jsonl");
    let error = refused(&place, &["--audit-log", missing.to_str().unwrap()]);
    assert!(error["fix"].as_str().unwrap().starts_with("Create the directory"), "{error}");
    let foreign = place.path("secret");
    let error = refused(&place, &["--audit-log", foreign.to_str().unwrap()]);
    assert_eq!(error["kind"], "environment");
    assert_eq!(fs::read_to_string(foreign).unwrap(), "any-secret");
    // Nobody could call.
    let nobody = Place::with(&connection("main", "http://127.0.0.1:9", "http://127.0.0.1:9"));
    let error = refused(&nobody, &[]);
    assert!(error["fix"].as_str().unwrap().contains("o365 tenant add"), "{error}");
}

#[test]
fn a_secret_that_is_not_there_is_told_to_the_operator_and_not_to_the_caller() {
    let place = place();
    let key = place.add("fabrikam", "main", &[]);
    let secret = place.path("secret");
    fs::remove_file(&secret).unwrap();
    let server = place.serve(&[]);
    assert!(server.said().contains("connection main: There is no client-secret"));
    let answer = server.action(&key, "is-license-available", &seats()).send();
    let problem = answer.problem(500, "configuration");
    let text = problem.to_string();
    assert!(text.contains("Ask the operator"), "{text}");
    assert!(!text.contains("secret"), "{text}");
    // With the run's id, by which the operator is asked.
    let line = |line: &&str| line.contains("lacks something") && line.contains("secret");
    eventually("the log has it", || server.said().lines().any(|one| line(&one)));
    assert!(server.said().lines().find(line).unwrap().contains(&answer.run()));
}

#[test]
fn what_is_only_simulated_is_kept_apart() {
    let place = Place::new();
    let server = place.simulate_alone();
    server.action(server.key(), "is-license-available", &seats()).send().done();
    assert!(!place.path("state").exists());
    let log = server.started["auditLog"].as_str().unwrap().to_owned();
    assert!(fs::read_to_string(&log).unwrap().contains("is-license-available"));
    server.signal("TERM");
    assert_eq!(server.ended_within(Duration::from_secs(5)), 0);
    assert!(!std::path::Path::new(&log).exists(), "nothing is kept at the end");
}
