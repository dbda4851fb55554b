//! No secret, no key and no user's name in any log, at its finest.

use http::Method;
use serde_json::{Value, json};

use crate::SKU;
use crate::graph::Graph;
use crate::process::{KEY, Server, bearer};
use support::o365;

/// What every text has that nobody may see.
pub const MARK: &str = "c4nary";

/// The creation of a user of whom everything is marked.
pub fn creation() -> Value {
    json!({
        "serviceId": SKU, "displayName": "C4nary Name", "mailNickname": "c4nary.nickname",
        "password": "C4nary-passw0rd", "usageLocation": "AM",
    })
}

/// Asks a server for much that is marked; each request, and its run, ends as it should.
pub async fn ask(server: &Server) {
    let again = [("idempotency-key", "c4nary-idempotency-key"), ("x-c4nary", "c4nary-header")];
    let created = server.call("create-user", &again, &creation()).await;
    assert_eq!(created.status, 200, "{created:?}");
    let repeated = server.call("create-user", &again, &creation()).await;
    assert_eq!(repeated.run(), created.run());
    let taken = server.call("create-user", &[], &creation()).await;
    assert_eq!(taken.status, 409, "{taken:?}");
    let user = json!({ "userPrincipalName": "c4nary.nickname@contoso.onmicrosoft.com" });
    let deleted = server.call("delete-user", &[], &user).await;
    assert_eq!(deleted.status, 200, "{deleted:?}");
    for (name, path) in [
        ("authorization", "/v1/actions/delete-user?plan=c4nary"),
        ("authorization", "/v1/actions/c4nary"),
        ("x-none", "/c4nary"),
    ] {
        let answer = server.send(Method::POST, path, &[(name, &bearer(KEY))], "c4nary").await;
        assert!(answer.status.is_client_error(), "{answer:?}");
    }
}

#[track_caller]
pub fn assert_unmarked(place: &str, text: &str) {
    // A mark is also found where a text is written as its bytes' numbers or in another case.
    let numbers = format!("{:?}", MARK.as_bytes());
    let numbers = numbers.trim_matches(['[', ']']);
    let found = text.to_lowercase().contains(MARK) || text.contains(numbers);
    assert!(!found, "in {place}: {text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_logs_nothing_that_is_marked() {
    let graph = Graph::start();
    let server = Server::start(&graph, "trace", &[]);
    ask(&server).await;
    let log = server.stop();
    assert!(log.contains("POST /users/{id}/assignLicense"), "{log}");
    assert_unmarked("the log", &log);
}

#[test]
fn a_run_logs_nothing_that_is_marked() {
    for more in [&["--log", "trace"][..], &["--log", "trace", "--json"]] {
        let graph = Graph::start();
        let call = o365([&["run", "create-user", "-i", "-"], more].concat());
        let ended = call
            .stdin(creation().to_string())
            .env("O365_CONFIG", graph.configuration(""))
            .env("O365_STATE_DIR", graph.directory().join("state"))
            .run();
        assert!(ended.result()["objectId"].is_string());
        assert_unmarked("the log", &ended.stderr);
    }
}

#[test]
fn a_sign_in_host_that_names_the_user_is_not_repeated() {
    let graph = Graph::refusing();
    let service = format!("serviceId={SKU}");
    let ended = o365(["run", "is-license-available", &service, "--log", "trace"])
        .env("O365_CONFIG", graph.configuration(""))
        .env("O365_STATE_DIR", graph.directory().join("state"))
        .run();
    assert_eq!(ended.code, 4, "{}", ended.stderr);
    let is_logged = |line: &&str| line.contains(" runner::");
    let log: Vec<&str> = ended.stderr.lines().filter(is_logged).collect();
    assert_unmarked("the log", &log.join("\n"));
    let line = log.iter().find(|line| line.contains("not answered")).unwrap();
    assert!(line.contains("reason=\"unauthorized\"") && line.contains("run{run="), "{line}");
    // Who ran it is told all.
    assert!(ended.stderr.contains("c4nary@contoso.com"), "{}", ended.stderr);
}
