//! Runs recorded: the real binary and the real component, and the library below them.
//!
//! - `foreign`: files of browsers and proxies, and what becomes a fixture
//! - `library`: redaction, pseudonyms and texts, without a run
//! - `options`: `--record` and `--record-failures`: which file, when, and what is told
//! - `own_words`: what the component says of itself stays readable
//! - `pseudonyms`: people and tenants under other names
//! - `roundtrip`: a recording of a replay replays to the same
//! - `redaction`: planted secrets, of which none survives
//! - `readers`: a validator of HAR takes every file
//! - `shapes`: HAR as tools really write it
//! - `writers`: six such tools, and what becomes of their files

mod foreign;
mod library;
mod options;
mod own_words;
mod pseudonyms;
mod readers;
mod redaction;
mod roundtrip;
mod shapes;
mod writers;

use std::path::{Path, PathBuf};

use serde_json::Value;

/// A new, empty directory below the tests' own.
fn directory(name: &str) -> PathBuf {
    let path = support::scratch().join("recordings").join(name);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
}

/// The names of the files in a directory.
fn names(directory: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// Runs the fixture on its recording and records that.
fn recorded(fixture: &support::Fixture, path: &Path) -> support::Ended {
    recorded_with(fixture, path, &[])
}

fn recorded_with(fixture: &support::Fixture, path: &Path, more: &[&str]) -> support::Ended {
    let (har, out) = (fixture.path.to_str().unwrap(), path.to_str().unwrap());
    let mut arguments =
        vec!["run", &fixture.action, "--replay", har, "-i", "-", "--json", "--record", out];
    arguments.extend(more);
    support::o365(arguments).stdin(serde_json::to_vec(&fixture.input()).unwrap()).run()
}
