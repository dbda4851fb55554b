//! A recording of a replay replays to the same.

use std::fs;

use crate::recordings::{directory, json, recorded};
use support::{fixtures, o365};

#[test]
fn every_fixture_recorded_while_it_is_replayed_replays_to_the_same() {
    let directory = directory("roundtrip");
    let mut count = 0;
    for fixture in fixtures() {
        let case = fixture.path.file_stem().unwrap().to_str().unwrap();
        let path = directory.join(format!("{}--{case}.har", fixture.action));
        let ended = recorded(&fixture, &path);
        let run = &json(&path)["log"]["_o365"];
        assert_eq!(run.get("result"), fixture.run.get("result"), "{case}: {}", ended.stderr);
        assert_eq!(run.get("error"), fixture.run.get("error"), "{case}");
        assert_eq!(run["input"], fixture.run["input"], "{case}");
        count += 1;
    }
    let reports = o365(["replay", directory.to_str().unwrap(), "--json"]).run();
    let reports: serde_json::Value = serde_json::from_str(&reports.stdout).unwrap();
    let reports = reports.as_array().unwrap();
    assert_eq!(reports.len(), count);
    for report in reports {
        assert_eq!(report["same"], true, "{report:#}");
        assert_eq!(report["notes"], serde_json::json!([]), "{report:#}");
    }
}

#[test]
fn a_recording_of_a_recording_is_the_same_file() {
    let directory = directory("again");
    for fixture in fixtures().into_iter().step_by(7) {
        let files = ["1.har", "2.har"].map(|name| directory.join(name));
        recorded(&fixture, &files[0]);
        recorded(&support::Fixture::read(&files[0]), &files[1]);
        let [first, second] = files.map(|file| fs::read_to_string(file).unwrap());
        assert_eq!(first, second, "{}", fixture.path.display());
    }
}

#[test]
fn a_run_on_a_simulated_tenant_is_recorded_and_replays_to_the_same() {
    let path = directory("simulated").join("run.har");
    let arguments = ["run", "is-license-available", "--json", "--simulate", "--record"];
    let service = "serviceId=06ebc4ee-1bb5-47dd-8120-11324bc54e06";
    let ended = o365(arguments.into_iter().chain([path.to_str().unwrap(), service])).run();
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let log = &json(&path)["log"];
    assert_eq!(
        log["_o365"]["result"],
        serde_json::from_str::<serde_json::Value>(&ended.stdout).unwrap()
    );
    assert_eq!(log["entries"].as_array().unwrap().len(), 1);
    let replayed = o365(["replay", path.to_str().unwrap(), "--json"]).run().result();
    assert_eq!(replayed[0]["same"], true, "{replayed}");
}
