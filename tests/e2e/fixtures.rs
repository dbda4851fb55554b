//! Every recorded exchange, and that every action and every declared call has some.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use support::{Fixture, fixtures, o365};

#[test]
fn every_fixture_replays_to_its_recorded_outcome() {
    let mut failed = Vec::new();
    for fixture in fixtures() {
        let name = format!("{}/{}", fixture.action, fixture.path.file_stem().unwrap().display());
        let ended = fixture.replayed().run();
        let (given, expected) = match fixture.run.get("error") {
            Some(error) => (ended.error(), error),
            None => (ended.result(), &fixture.run["result"]),
        };
        if given != *expected {
            failed.push(format!("{name}: {given:#}\ninstead of {expected:#}"));
        }
        // Only what was content with an absence has something to say beside a result.
        let mut deletions = fixture
            .entries
            .iter()
            .filter(|entry| entry["request"]["method"] == "DELETE")
            .peekable();
        let absent =
            deletions.peek().is_some() && deletions.all(|entry| entry["response"]["status"] == 404);
        let warned = ended.stderr.starts_with(r#"{"warning":"nobody in the tenant"#);
        if ended.code == 0 && (warned != absent || !warned && !ended.stderr.is_empty()) {
            failed.push(format!("{name}: {}", ended.stderr));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn a_fixture_says_what_came_of_it() {
    for fixture in fixtures() {
        let outcomes = [fixture.run.get("result"), fixture.run.get("error")];
        assert_eq!(outcomes.iter().flatten().count(), 1, "{}", fixture.path.display());
    }
}

#[test]
fn every_exported_action_has_a_fixture() {
    let with_fixtures: BTreeSet<String> =
        fixtures().into_iter().map(|fixture| fixture.action).collect();
    for action in actions() {
        let name = action["name"].as_str().unwrap();
        assert!(with_fixtures.contains(name), "fixtures/{name}/ has no recording");
        assert_ne!(action["title"], "", "wit/actions.toml has no table for {name}");
    }
}

#[test]
fn every_declared_call_is_used_by_a_fixture_of_its_action() {
    let mut used: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for fixture in fixtures() {
        let calls = fixture.entries.iter().map(template);
        used.entry(fixture.action.clone()).or_default().extend(calls);
    }
    for action in actions() {
        let name = action["name"].as_str().unwrap();
        let declared: BTreeSet<String> = action["calls"]
            .as_array()
            .unwrap()
            .iter()
            .map(|call| call.as_str().unwrap().to_owned())
            .collect();
        assert_eq!(
            used[name], declared,
            "calls of {name}: recorded, and declared in wit/actions.toml"
        );
    }
}

#[test]
fn no_fixture_holds_what_must_not_be_in_one() {
    for Fixture { path, .. } in fixtures() {
        let text = std::fs::read_to_string(&path).unwrap();
        for marker in ["eyJ", "Bearer", "\"authorization\"", "\"cookie\"", "set-cookie"] {
            assert!(
                !text.to_lowercase().contains(&marker.to_lowercase()),
                "{}: {marker}",
                path.display()
            );
        }
    }
}

fn actions() -> Vec<Value> {
    o365(["actions", "--json"]).run().result().as_array().unwrap().clone()
}

/// The call that a recorded request is, as `actions.toml` writes it: what stands
/// for a user's key is `{id}`.
fn template(entry: &Value) -> String {
    let request = &entry["request"];
    let url = request["url"].as_str().unwrap();
    let path = url.strip_prefix("https://graph.microsoft.com/v1.0").unwrap();
    let path = path.split('?').next().unwrap();
    let segments: Vec<&str> = path.split('/').collect();
    let path = match segments.as_slice() {
        [root, "users", _key, rest @ ..] => [&[*root, "users", "{id}"], rest].concat().join("/"),
        _ => path.to_owned(),
    };
    format!("{} {path}", request["method"].as_str().unwrap())
}
