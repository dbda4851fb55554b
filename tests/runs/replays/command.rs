//! `o365 replay`, what it finds and how it says so.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use support::{Ended, Fixture, fixtures, hostile_guest, o365};

/// Replays one fixture after a change to it.
fn replayed(fixture: &Fixture, name: &str, change: impl FnOnce(&mut Value)) -> Ended {
    let changed = fixture.changed(&format!("replay-{name}"), change);
    o365(["replay", changed.path.to_str().unwrap(), "--json"]).run()
}

/// The one report that is all of stdout.
#[track_caller]
fn report(ended: &Ended) -> Value {
    let reports: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(reports.as_array().unwrap().len(), 1, "{reports}");
    reports[0].clone()
}

/// The one difference that a replay found.
#[track_caller]
fn difference(ended: &Ended) -> Value {
    assert_eq!(ended.code, 1, "{}{}", ended.stdout, ended.stderr);
    let report = report(ended);
    assert_eq!(report["same"], false);
    assert_eq!(report["differences"].as_array().unwrap().len(), 1, "{report}");
    report["differences"][0].clone()
}

fn created() -> Fixture {
    Fixture::named("create-user", "created-and-licensed")
}

/// A recording of a build that did not select `licenseAssignmentStates`, made of one that did.
fn without_states(fixture: &Fixture) -> Fixture {
    const STATES: &str = "licenseAssignmentStates";
    let shorter = |text: &str| text.replace(&format!(",{STATES}"), "");
    fixture.changed("replay-earlier-build", |log| {
        for entry in log["entries"].as_array_mut().unwrap() {
            let url = &mut entry["request"]["url"];
            *url = shorter(url.as_str().unwrap()).into();
            entry["request"].as_object_mut().unwrap().remove("queryString");
            let text = &mut entry["response"]["content"]["text"];
            let mut body: Value = serde_json::from_str(text.as_str().unwrap()).unwrap();
            let (user, users) = (body["id"].is_string(), body.get("value").is_some());
            let bodies: Vec<&mut Value> = match users {
                true => body["value"].as_array_mut().unwrap().iter_mut().collect(),
                false => Vec::from_iter(user.then_some(&mut body)),
            };
            for user in bodies {
                user.as_object_mut().unwrap().remove(STATES);
            }
            *text = shorter(&body.to_string()).into();
        }
    })
}

#[test]
fn a_recording_of_a_build_that_read_less_replays_to_the_same() {
    for (action, case) in [
        ("users-with-licenses-report", "two-pages"),
        ("users-without-licenses-report", "users-without-mail"),
        ("assign-license-to-existing-user", "some-plans-disabled"),
        ("create-user", "created-and-licensed"),
    ] {
        let earlier = without_states(&Fixture::named(action, case));
        let text = fs::read_to_string(&earlier.path).unwrap();
        assert!(!text.contains("licenseAssignmentStates"), "{action}");
        let report = report(&o365(["replay", earlier.path.to_str().unwrap(), "--json"]).run());
        assert_eq!(report["same"], true, "{report}");
    }
}

/// The other way round, the run does not get what it asks for.
#[test]
fn a_recording_that_selects_more_or_other_properties_is_another_run() {
    let fixture = Fixture::named("users-with-licenses-report", "two-pages");
    for (from, to) in [("&$top", ",department&$top"), ("displayName,", "department,")] {
        let ended = replayed(&fixture, "select", |log| {
            let url = &mut log["entries"][0]["request"]["url"];
            *url = url.as_str().unwrap().replacen(from, to, 1).into();
        });
        assert_eq!(difference(&ended)["subject"], "request");
    }
}

#[test]
fn all_fixtures_replay_to_the_same_in_seconds() {
    let begun = Instant::now();
    let ended = o365(["replay", "fixtures", "--json"]).run();
    let reports = ended.result();
    let files: Vec<&str> =
        reports.as_array().unwrap().iter().map(|report| report["file"].as_str().unwrap()).collect();
    let expected: Vec<String> = fixtures()
        .iter()
        .map(|fixture| {
            let parts: Vec<_> = fixture.path.components().rev().take(3).collect();
            parts.iter().rev().collect::<std::path::PathBuf>().display().to_string()
        })
        .collect();
    assert_eq!(files, expected, "every fixture, in the order of their paths");
    for report in reports.as_array().unwrap() {
        assert_eq!((&report["same"], &report["notes"]), (&true.into(), &json!([])), "{report}");
    }
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
}

#[test]
fn one_at_a_time_gives_the_same_reports_as_many() {
    let one = o365(["replay", "fixtures/create-user", "--jobs", "1"]).run().result();
    let many = o365(["replay", "fixtures/create-user", "--jobs", "8"]).run().result();
    assert_eq!(one, many);
}

#[test]
fn another_body_is_shown_as_a_diff_of_the_request() {
    let ended = replayed(&created(), "body", |log| {
        let text = &mut log["entries"][1]["request"]["postData"]["text"];
        *text = text.as_str().unwrap().replace("\"AM\"", "\"DE\"").into();
    });
    let difference = difference(&ended);
    assert_eq!(difference["subject"], "request");
    assert_eq!(
        difference["reason"],
        "request 2, POST https://graph.microsoft.com/v1.0/users, is not the recorded one: \
         its body differs from the recorded one at /usageLocation"
    );
    let diff = difference["diff"].as_str().unwrap();
    assert!(diff.starts_with("--- recorded\n+++ replayed\n"), "{diff}");
    let changed: Vec<&str> =
        diff.lines().skip(2).filter(|line| line.starts_with(['-', '+'])).collect();
    assert_eq!(
        changed,
        ["-  \"usageLocation\": \"DE\",", "+  \"usageLocation\": \"AM\","],
        "a secret that only stands for itself is no difference: {diff}"
    );
}

#[test]
fn another_address_method_or_header_is_shown() {
    type Change = fn(&mut Value);
    let cases: [(&str, Change, &str, &str); 3] = [
        (
            "address",
            |request| {
                request["url"] = "https://graph.microsoft.com/v1.0/subscribedSkus?$select=id".into()
            },
            "the recording has the address",
            "-GET https://graph.microsoft.com/v1.0/subscribedSkus?$select=id",
        ),
        (
            "method",
            |request| request["method"] = "HEAD".into(),
            "the recording has HEAD",
            "-HEAD https://graph",
        ),
        (
            "header",
            |request| request["headers"][0]["value"] = "text/plain".into(),
            "its header accept is application/json, and text/plain in the recording",
            "-accept: text/plain\n+accept: application/json",
        ),
    ];
    for (name, change, reason, diff) in cases {
        let ended = replayed(&created(), name, |log| change(&mut log["entries"][0]["request"]));
        let difference = difference(&ended);
        assert!(difference["reason"].as_str().unwrap().contains(reason), "{difference}");
        assert!(difference["diff"].as_str().unwrap().contains(diff), "{difference}");
    }
}

#[test]
fn a_request_too_many_and_one_not_made_are_shown() {
    let ended = replayed(&created(), "short", |log| {
        log["entries"].as_array_mut().unwrap().truncate(3);
    });
    let too_many = difference(&ended);
    assert!(too_many["reason"].as_str().unwrap().contains("the recording ends before it"));
    assert!(too_many["diff"].as_str().unwrap().contains("\n+GET https://graph"), "{too_many}");

    let ended = replayed(&created(), "long", |log| {
        let entries = log["entries"].as_array_mut().unwrap();
        entries.extend(entries.clone());
    });
    let not_made = difference(&ended);
    let reason = not_made["reason"].as_str().unwrap();
    assert!(reason.contains("did not make: GET https://graph.microsoft.com/v1.0/subscribedSkus"));
    assert!(reason.ends_with(" and 3 more"), "{reason}");
}

#[test]
fn another_outcome_is_shown_as_a_diff() {
    let ended = replayed(&created(), "result", |log| {
        log["_o365"]["result"]["usageLocation"] = "DE".into();
    });
    let result = difference(&ended);
    assert_eq!(result["subject"], "outcome");
    assert!(
        result["diff"]
            .as_str()
            .unwrap()
            .contains("\n-    \"usageLocation\": \"DE\",\n+    \"usageLocation\": \"AM\","),
        "{result}"
    );

    let ended = replayed(&Fixture::named("delete-user", "deleted"), "error", |log| {
        log["_o365"]["error"] = json!({"kind": "forbidden"});
        log["_o365"].as_object_mut().unwrap().remove("result");
    });
    let error = difference(&ended);
    assert!(error["diff"].as_str().unwrap().contains("+  \"result\": null"), "{error}");
}

#[test]
fn a_run_that_the_sandbox_stops_is_another_outcome() {
    let fixture = Fixture::named("is-license-available", "some-seats");
    let sleeps = fixture.changed("replay-sleeps", |log| {
        log["_o365"]["input"]["serviceId"] = "sleep".into();
    });
    let (har, guest) = (sleeps.path.to_str().unwrap(), hostile_guest().to_str().unwrap());
    let report = report(&o365(["replay", har, "--json", "--component", guest]).run());
    let differences = report["differences"].as_array().unwrap();
    let outcome = differences.iter().find(|difference| difference["subject"] == "outcome");
    let diff = outcome.unwrap()["diff"].as_str().unwrap();
    assert!(diff.contains("+  \"stopped\": \"the run was stopped at its time limit"), "{diff}");
}

#[test]
fn an_input_that_the_action_no_longer_takes_is_a_difference() {
    let ended = replayed(&created(), "input", |log| {
        log["_o365"]["input"].as_object_mut().unwrap().remove("usageLocation");
    });
    let difference = difference(&ended);
    assert_eq!(difference["subject"], "input");
    assert!(difference["reason"].as_str().unwrap().contains("/usageLocation: "), "{difference}");
}

#[test]
fn the_time_that_a_virtual_clock_took_is_compared_and_that_of_a_real_one_is_not() {
    // The exchanges of this run took 120, 480, 310 and 120 ms, and it waited for nothing.
    for (clock, elapsed, same) in
        [("virtual", 1030, true), ("virtual", 1031, false), ("real", 1031, true)]
    {
        let ended = replayed(&created(), "elapsed", |log| {
            log["_o365"]["elapsedMs"] = elapsed.into();
            log["_o365"]["clock"] = clock.into();
        });
        assert_eq!(report(&ended)["same"], same, "{clock} {elapsed}: {}", ended.stdout);
        if !same {
            let difference = difference(&ended);
            assert_eq!(difference["subject"], "elapsed");
            assert!(difference["diff"].as_str().unwrap().contains("-1031 ms\n+1030 ms"));
        }
    }
}

#[test]
fn another_build_of_the_component_is_told_and_no_difference() {
    let ended = replayed(&created(), "build", |log| {
        log["_o365"]["component"] = "00ff".into();
    });
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let report = report(&ended);
    assert_eq!(report["same"], true);
    let note = report["notes"][0].as_str().unwrap();
    assert!(note.starts_with("it was recorded with another build of the component: sha256 00ff; "));
}

#[test]
fn a_file_that_cannot_be_replayed_is_told_and_the_others_are_replayed() {
    type Change = fn(&mut Value);
    let cases: [(&str, Change, &str); 3] = [
        ("no-run", |log| log["_o365"] = Value::Null, "it has no log._o365"),
        (
            "no-outcome",
            |log| drop(log["_o365"].as_object_mut().unwrap().remove("result")),
            "does not state its outcome",
        ),
        (
            "no-action",
            |log| log["_o365"]["action"] = "reboot-tenant".into(),
            "the action reboot-tenant, which the component does not have",
        ),
    ];
    for (name, change, reason) in cases {
        let changed = created().changed(&format!("replay-{name}"), change);
        let good = "fixtures/create-user/created-and-licensed.har";
        let ended = o365(["replay", changed.path.to_str().unwrap(), good, "--json"]).run();
        assert_eq!(ended.code, 4, "{name}: {}", ended.stderr);
        let reports: Value = serde_json::from_str(&ended.stdout).unwrap();
        assert!(reports[0]["error"].as_str().unwrap().contains(reason), "{reports}");
        assert_eq!((&reports[0]["same"], &reports[1]["same"]), (&false.into(), &true.into()));
        let error: Value = serde_json::from_str(&ended.stderr).unwrap();
        let message = error["error"]["message"].as_str().unwrap();
        assert!(
            message.starts_with("1 replayed, 1 same, 0 different; 1 could not be"),
            "{message}"
        );
    }
}

#[test]
fn no_file_and_no_recording_are_told() {
    let empty = tempfile::tempdir().unwrap();
    fs::create_dir(empty.path().join("deeper")).unwrap();
    fs::write(empty.path().join("notes.txt"), "").unwrap();
    let ended = o365(["replay", empty.path().to_str().unwrap(), "--json"]).run();
    assert_eq!((ended.code, ended.stdout.as_str()), (4, ""));
    assert!(ended.stderr.contains("has no .har file"), "{}", ended.stderr);

    let ended = o365(["replay", "fixtures/none.har", "--json"]).run();
    assert_eq!(ended.code, 4);
    assert!(report(&ended)["error"].as_str().unwrap().contains("fixtures/none.har"));

    assert_eq!(o365(["replay"]).run().code, 2);
}

#[cfg(unix)]
#[test]
fn a_directory_that_holds_itself_has_an_end() {
    let directory = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(directory.path(), directory.path().join("loop")).unwrap();
    let deeper = directory.path().join("deeper");
    fs::create_dir(&deeper).unwrap();
    fs::copy(Path::new(&created().path), deeper.join("one.har")).unwrap();
    let ended = o365(["replay", directory.path().to_str().unwrap()]).run();
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert_eq!(report(&ended)["same"], true);
}
