//! A validator of HAR takes every file: npm's `har-validator`, where there is Node.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::recordings::{directory, recorded};
use support::install::{NODE, Project};
use support::{Fixture, fixtures};

const PROJECT: Project =
    Project::node("runs/recordings/har-validator", &["package.json", "validate.js"])
        .required_by(NODE);

fn validate(project: &Path, files: &[PathBuf]) -> std::process::Output {
    Command::new("node").arg("validate.js").args(files).current_dir(project).output().unwrap()
}

#[test]
fn every_fixture_and_every_recording_is_valid_har() {
    let Some(project) = PROJECT.installed() else { return };
    let directory = directory("valid");
    let mut files: Vec<PathBuf> = fixtures().into_iter().map(|fixture| fixture.path).collect();
    let cases = [
        ("create-user", "answer-of-create-lost"),
        ("delete-user", "forbidden"),
        ("country-codes", "all"),
        ("send-aws-instance-creation-email", "sent-by-user"),
    ];
    for (action, case) in cases {
        let path = directory.join(format!("{action}.har"));
        recorded(&Fixture::named(action, case), &path);
        files.push(path);
    }
    let checked = validate(&project, &files);
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
    let told = String::from_utf8(checked.stdout).unwrap();
    assert_eq!(told, format!("{} valid\n", files.len()));
    // The validator can say no.
    let bad = directory.join("bad.har");
    fs::write(&bad, r#"{"log":{"version":"1.2","entries":[]}}"#).unwrap();
    assert!(!validate(&project, &[bad]).status.success());
}
