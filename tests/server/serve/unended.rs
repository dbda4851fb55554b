//! `o365 runs`: the runs that have not ended.

use std::fs;

use serde_json::Value;

use crate::serve::journals::{Killed, create, users};
use crate::serve::server::account;

/// What `o365 runs` prints with these arguments.
fn runs(killed: &Killed, arguments: &[&str]) -> Value {
    killed.place.o365(&[&["runs"], arguments].concat()).result()
}

#[test]
fn an_interrupted_run_is_listed_shown_exported_and_resumed() {
    let killed = Killed::new();
    let list = runs(&killed, &["list"]);
    assert_eq!(list.as_array().unwrap().len(), 1, "{list}");
    let (run, row) = (list[0]["run"].as_str().unwrap(), &list[0]);
    assert_eq!((&row["tenant"], &row["action"]), (&"contoso".into(), &"create-user".into()));
    assert_eq!(row["writes"], 1, "{row}");

    let shown = runs(&killed, &["show", run]);
    let last = shown["exchanges"].as_array().unwrap().last().unwrap();
    assert_eq!((&last["method"], &last["status"]), (&"POST".into(), &Value::Null), "{shown}");
    assert_eq!(shown["input"]["mailNickname"], "allen");
    let input = account("allen");
    let password = input["password"].as_str().unwrap();
    assert!(!shown.to_string().contains(password), "{shown}");

    let har = killed.place.path("run.har");
    let exported = killed.place.o365(&["runs", "export", run, "--output", har.to_str().unwrap()]);
    assert_eq!(exported.code, 0, "{}", exported.stderr);
    let text = fs::read_to_string(&har).unwrap();
    let recording: Value = serde_json::from_str(&text).unwrap();
    let entries = recording["log"]["entries"].as_array().unwrap();
    assert_eq!(entries.len(), shown["exchanges"].as_array().unwrap().len());
    assert!(!text.contains(password));

    let log = killed.place.audit_log();
    let resume = ["runs", "resume", run, "--audit-log", log.to_str().unwrap()];
    let resumed = killed.place.o365(&resume).result();
    assert!(resumed["userPrincipalName"].as_str().unwrap().starts_with("allen@"), "{resumed}");
    assert_eq!(users(&killed.graph), 1);
    assert_eq!(runs(&killed, &["list"]), Value::Array(Vec::new()));
    let logged = killed.place.audit(&["--run", run]);
    assert_eq!((&logged[0]["outcome"], &logged[0]["resumed"]), (&"done".into(), &true.into()));
    // The caller who repeats the call gets the outcome of the command.
    let server = killed.place.serve(&[]);
    assert_eq!(create(&server, &killed.key).send().done(), resumed);
    assert_eq!(users(&killed.graph), 1);
}

#[test]
fn a_run_that_has_ended_or_is_under_way_is_told() {
    let killed = Killed::new();
    let list = runs(&killed, &["list"]);
    let run = list[0]["run"].as_str().unwrap();
    let server = killed.place.serve(&[]);
    create(&server, &killed.key).send().done();
    // The server has the journals.
    let error = killed.place.o365(&["runs", "resume", run]).error();
    assert!(error["message"].as_str().unwrap().contains("another server"), "{error}");
    server.kill();
    for command in ["show", "export", "resume"] {
        let error = killed.place.o365(&["runs", command, run]).error();
        assert!(error["message"].as_str().unwrap().contains("o365 audit --run"), "{error}");
    }
}
