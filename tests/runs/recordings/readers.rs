//! A validator of HAR takes every file: npm's `har-validator`, where there is Node.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::recordings::{directory, program, recorded};
use support::{Fixture, fixtures, root};

const PROJECT: [&str; 3] = ["package.json", "package-lock.json", "validate.js"];

/// The project with what it needs; none without Node, unless the environment wants it.
fn validator() -> Option<PathBuf> {
    let there = program("node").is_some() && program("npm").is_some();
    if !there {
        assert!(
            std::env::var_os("O365_REQUIRE_NODE").is_none(),
            "O365_REQUIRE_NODE is set, and there is no node or no npm"
        );
        // Past the test harness, which shows only what a failed test prints.
        let line = "SKIPPED: no node and npm, so no HAR was validated with har-validator\n";
        std::io::stderr().write_all(line.as_bytes()).unwrap();
        return None;
    }
    let project = directory("har-validator");
    for file in PROJECT {
        fs::copy(root().join("tests/runs/recordings/har-validator").join(file), project.join(file))
            .unwrap();
    }
    let installed = Command::new("npm")
        .args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
        .current_dir(&project)
        .output()
        .unwrap();
    assert!(installed.status.success(), "{}", String::from_utf8_lossy(&installed.stderr));
    Some(project)
}

fn validate(project: &Path, files: &[PathBuf]) -> std::process::Output {
    Command::new("node").arg("validate.js").args(files).current_dir(project).output().unwrap()
}

#[test]
fn every_fixture_and_every_recording_is_valid_har() {
    let Some(project) = validator() else { return };
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
