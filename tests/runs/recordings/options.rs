//! `--record` and `--record-failures`: which file, when, and what is told.

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::recordings::{directory, json, names, recorded, recorded_with};
use support::{Fixture, hostile_guest, o365};

#[test]
fn a_recording_says_which_run_it_was_made_of() {
    let path = directory("run").join("run.har");
    let fixture = Fixture::named("create-user", "created-and-licensed");
    let ended = recorded(&fixture, &path);
    assert_eq!(ended.result(), fixture.run["result"]);
    assert_eq!(ended.stderr, "");
    let log = &json(&path)["log"];
    let run = &log["_o365"];
    assert_eq!(run["action"], "create-user");
    assert_eq!(run["input"], fixture.run["input"]);
    assert_eq!(run["result"], fixture.run["result"]);
    assert_eq!(run["connection"]["graphUrl"], "https://graph.microsoft.com/v1.0");
    assert_eq!(run["component"].as_str().unwrap().len(), 64);
    assert_eq!(run["runner"], env!("CARGO_PKG_VERSION"));
    assert_eq!(run["elapsedMs"], 1030);
    assert_eq!(log["entries"].as_array().unwrap().len(), fixture.entries.len());
    for (entry, original) in log["entries"].as_array().unwrap().iter().zip(&fixture.entries) {
        assert_eq!(entry["time"], original["time"]);
        assert_eq!(entry["request"]["url"], original["request"]["url"]);
        assert_eq!(entry["request"]["postData"]["text"], original["request"]["postData"]["text"]);
        assert_eq!(entry["response"]["content"]["text"], original["response"]["content"]["text"]);
    }
    assert_eq!(log["entries"][1]["startedDateTime"], "2026-01-01T00:00:00.120Z");
}

#[cfg(unix)]
#[test]
fn a_recording_is_for_nobody_else_to_read() {
    use std::os::unix::fs::PermissionsExt;

    let directory = directory("mode");
    let path = directory.join("run.har");
    let fixture = Fixture::named("is-license-available", "some-seats");
    recorded(&fixture, &path).result();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(names(&directory), ["run.har"]);
}

#[test]
fn the_same_run_makes_the_same_bytes() {
    let directory = directory("same");
    for (action, case) in [
        ("create-user", "answer-of-create-lost"),
        ("send-keys-for-azure-storage-email", "sent-by-user"),
        ("users-with-licenses-report", "two-pages"),
    ] {
        let files = ["1", "2"].map(|n| directory.join(format!("{action}-{n}.har")));
        for file in &files {
            recorded(&Fixture::named(action, case), file).result();
        }
        assert_eq!(fs::read(&files[0]).unwrap(), fs::read(&files[1]).unwrap(), "{action}");
    }
}

#[test]
fn only_a_recording_is_replaced() {
    let directory = directory("replaced");
    let path = directory.join("notes.txt");
    fs::write(&path, "my notes").unwrap();
    let fixture = Fixture::named("is-license-available", "some-seats");
    let ended = recorded(&fixture, &path);
    assert_eq!(ended.code, 2, "{}", ended.stderr);
    let message = ended.error()["message"].as_str().unwrap().to_owned();
    assert!(message.contains("exists already and is not a recording"), "{message}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "my notes");
    let path = directory.join("run.har");
    recorded(&Fixture::named("delete-user", "deleted"), &path);
    recorded(&fixture, &path).result();
    assert_eq!(json(&path)["log"]["_o365"]["action"], "is-license-available");
}

#[test]
fn a_place_that_cannot_be_written_is_told_before_anything_is_sent() {
    let fixture = Fixture::named("is-license-available", "some-seats");
    let directory = directory("nowhere");
    for path in [directory.join("missing/run.har"), directory.clone()] {
        let ended = recorded(&fixture, &path);
        assert_eq!(ended.code, 2, "{}", ended.stderr);
        assert_eq!(ended.error()["kind"], "usage");
    }
    assert!(names(&directory).is_empty());
}

#[test]
fn a_failure_is_recorded_where_the_error_says() {
    let directory = directory("failures").join("made");
    let fixture = Fixture::named("create-user", "licence-failed-and-user-left");
    let ended = failing(&fixture, &directory);
    assert_eq!(ended.code, 1);
    let mut error = ended.error();
    let path = error.as_object_mut().unwrap().remove("recording").unwrap();
    assert_eq!(error, fixture.run["error"]);
    let [name] = names(&directory).try_into().unwrap();
    assert_eq!(path.as_str().unwrap(), directory.join(&name).to_str().unwrap());
    assert!(name.contains("Z-create-user-") && name.ends_with(".har"), "{name}");
    assert_eq!(json(&directory.join(&name))["log"]["_o365"]["error"], fixture.run["error"]);
    // For people the same in a line of its own.
    let har = fixture.path.to_str().unwrap();
    let ended = o365(
        ["run", "create-user", "--replay", har, "-i", "-", "--record-failures"]
            .into_iter()
            .chain([directory.to_str().unwrap()]),
    )
    .stdin(serde_json::to_vec(&fixture.input()).unwrap())
    .run();
    assert!(ended.stderr.contains("\n  recorded in "), "{}", ended.stderr);
}

fn failing(fixture: &Fixture, directory: &std::path::Path) -> support::Ended {
    let (har, directory) = (fixture.path.to_str().unwrap(), directory.to_str().unwrap());
    let arguments =
        ["run", &fixture.action, "--replay", har, "-i", "-", "--json", "--record-failures"];
    o365(arguments.into_iter().chain([directory]))
        .stdin(serde_json::to_vec(&fixture.input()).unwrap())
        .run()
}

#[test]
fn a_success_is_no_failure() {
    let directory = directory("successes");
    failing(&Fixture::named("is-license-available", "some-seats"), &directory).result();
    assert!(names(&directory).is_empty());
}

#[test]
fn a_run_that_is_stopped_is_recorded_with_its_end() {
    let directory = directory("stopped");
    let guest = hostile_guest().to_str().unwrap();
    let ended = o365([
        "run",
        "is-license-available",
        "--replay",
        "fixtures/is-license-available/some-seats.har",
        "serviceId=recursion",
        "--json",
        "--component",
        guest,
        "--record-failures",
        directory.to_str().unwrap(),
    ])
    .run();
    assert_eq!(ended.code, 3, "{}", ended.stderr);
    let [name] = names(&directory).try_into().unwrap();
    let log = &json(&directory.join(name))["log"];
    assert_eq!(log["_o365"]["error"]["kind"], "sandbox");
    assert_eq!(log["_o365"]["input"]["serviceId"], "recursion");
}

#[test]
fn an_answer_that_never_came_is_recorded_with_the_reason() {
    let path = directory("lost").join("run.har");
    let fixture = Fixture::named("create-user", "answer-of-create-lost");
    recorded(&fixture, &path).result();
    let response = &json(&path)["log"]["entries"][1]["response"];
    assert_eq!(response["status"], 0);
    assert_eq!(response["_error"], "connection-terminated");
}

#[test]
fn a_body_that_breaks_off_is_recorded_as_far_as_it_came() {
    let directory = directory("broken");
    let paths = ["first.har", "second.har"].map(|name| directory.join(name));
    let fixture = Fixture::named("is-license-available", "some-seats");
    let whole = fixture.entries[0]["response"]["content"]["text"].as_str().unwrap().to_owned();
    let broken = fixture.changed("broken-body", |log| {
        let entry = log["entries"][0].clone();
        let response = &mut log["entries"][0]["response"];
        response["content"]["text"] = whole[..100].into();
        response["_error"] = "internal-error".into();
        response["_errorWords"] = "the cable was cut".into();
        log["entries"].as_array_mut().unwrap().push(entry);
    });
    let ended = recorded(&broken, &paths[0]);
    let content = |path| json(path)["log"]["entries"][0]["response"].clone();
    let response = content(&paths[0]);
    assert_eq!(response["content"]["text"], whole[..100], "{}", ended.stderr);
    assert_eq!(response["_error"], "internal-error");
    assert_eq!(response["_errorWords"], "the cable was cut");
    let again = recorded(&Fixture::read(&paths[0]), &paths[1]);
    assert_eq!((again.code, again.stdout), (ended.code, ended.stdout));
    assert_eq!(fs::read(&paths[0]).unwrap(), fs::read(&paths[1]).unwrap());
}

#[test]
fn a_secret_too_short_to_be_found_again_is_refused_before_anything_is_sent() {
    let path = directory("short").join("run.har");
    let fixture = Fixture::named("send-keys-for-azure-storage-email", "sent-by-user");
    let mut input = fixture.input();
    input["key1"] = "abc".into();
    let har = fixture.path.to_str().unwrap();
    let arguments = ["run", &fixture.action, "--replay", har, "-i", "-", "--json", "--record"];
    let ended = o365(arguments.into_iter().chain([path.to_str().unwrap()]))
        .stdin(serde_json::to_vec(&input).unwrap())
        .run();
    assert_eq!(ended.code, 2);
    assert_eq!(ended.error()["problems"][0]["pointer"], "/key1");
    assert!(!path.exists());
}

#[test]
fn a_refused_input_is_recorded_so_that_it_is_refused_again() {
    let path = directory("refused").join("run.har");
    let fixture = Fixture::named("create-user", "created-and-licensed");
    let mut input = fixture.input();
    input["password"] = "Sh0rt!".into();
    let fixture = fixture.changed("refused", |log| log["entries"] = json!([]));
    let har = fixture.path.to_str().unwrap();
    let arguments = ["run", "create-user", "--replay", har, "-i", "-", "--json", "--record"];
    let ended = o365(arguments.into_iter().chain([path.to_str().unwrap()]))
        .stdin(serde_json::to_vec(&input).unwrap())
        .run();
    assert_eq!(ended.code, 2, "{}", ended.stderr);
    let text = fs::read_to_string(&path).unwrap();
    assert!(!text.contains("Sh0rt!"));
    let replayed = o365(["replay", path.to_str().unwrap(), "--json"]).run().result();
    assert_eq!(replayed[0]["same"], true, "{replayed}");
}

#[cfg(unix)]
#[test]
fn a_run_that_is_ended_from_outside_is_recorded_and_one_that_is_killed_leaves_nothing() {
    for (signal, code) in [("TERM", Some(130)), ("KILL", None)] {
        let directory = directory(&format!("ended-{signal}"));
        let path = directory.join("run.har");
        let guest = hostile_guest().to_str().unwrap();
        let mut child = Command::new(support::program())
            .args(["run", "is-license-available", "serviceId=loop", "--component", guest])
            .args(["--replay", "fixtures/is-license-available/some-seats.har", "--json"])
            .args(["--time-limit", "60", "--record", path.to_str().unwrap()])
            .current_dir(support::root())
            .env("O365_CACHE_DIR", directory.parent().unwrap().join("cache"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Long enough for the run to have begun; ending it earlier shows less, not more.
        std::thread::sleep(Duration::from_secs(3));
        let pid = child.id().to_string();
        assert!(Command::new("kill").args(["-s", signal, &pid]).status().unwrap().success());
        let begun = Instant::now();
        assert_eq!(child.wait().unwrap().code(), code, "{signal}");
        assert!(begun.elapsed() < Duration::from_secs(10));
        if code.is_some() {
            assert_eq!(json(&path)["log"]["_o365"]["error"]["kind"], "interrupted");
        } else {
            assert!(names(&directory).is_empty(), "{:?}", names(&directory));
        }
    }
}

#[test]
fn without_a_flag_nothing_is_written() {
    let fixture = Fixture::named("is-license-available", "some-seats");
    let directory = directory("none");
    let path = directory.join("run.har");
    recorded_with(&fixture, &path, &[]).result();
    fs::remove_file(&path).unwrap();
    fixture.replayed().run().result();
    assert!(names(&directory).is_empty());
}
