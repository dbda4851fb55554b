//! What the fuzz targets check, on every input of their corpus and on changes of it: the same
//! every time, and without the tools that fuzzing takes.
//!
//! `support::checks` has what must hold for an input, and `mutations` makes inputs of others.

mod mutations;

use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use mutations::Mutator;
use support::checks;

/// One input, under its file's name.
type Input = (String, Vec<u8>);

/// Fewer inputs than this are no corpus.
const FEWEST: usize = 24;

/// Whatever takes longer than this grows without end, on however busy a machine.
const LONGEST: Duration = Duration::from_secs(30);

/// No kept input is larger, in bytes: each is run thousands of times.
const LARGEST: usize = 16 << 10;

#[test]
fn json_values() {
    holds("json_values", 2000, checks::json_values::check);
}

#[test]
fn har() {
    holds("har", 1500, checks::har::check);
}

#[test]
fn config() {
    holds("config", 4000, checks::config::check);
}

#[test]
fn call_url() {
    holds("call_url", 4000, checks::call_url::check);
}

#[test]
fn address_guard() {
    holds("address_guard", 8000, checks::address_guard::check);
}

#[test]
fn every_target_has_a_corpus() {
    let targets = names(&root().join("fuzz_targets"));
    let targets: Vec<&str> = targets.iter().map(|name| name.strip_suffix(".rs").unwrap()).collect();
    assert_eq!(targets, ["address_guard", "call_url", "config", "har", "json_values"]);
    assert_eq!(names(&root().join("corpus")), targets);
}

/// Runs the corpus of a target, and so many changes of its inputs.
#[track_caller]
fn holds(target: &str, changes: usize, check: fn(&[u8])) {
    let inputs = inputs(target);
    assert!(inputs.len() >= FEWEST, "{target} has {} inputs", inputs.len());
    let mut failed = Vec::new();
    for (name, input) in &inputs {
        assert!(input.len() <= LARGEST, "{name} is large");
        if !passes(check, input) {
            failed.push(name);
        }
    }
    assert!(failed.is_empty(), "{target}: these fail, as said above: {failed:?}");
    let mut mutator = Mutator::new(&inputs);
    for number in 0..changes {
        let (name, input) = mutator.next();
        if !passes(check, &input) {
            let path = scratch().join(format!("{target}-{number}"));
            fs::write(&path, input).unwrap();
            panic!(
                "{target}: a change of {name} fails, as said above; it is {}, to be kept in \
                 tests/fuzz/corpus/{target}/ under a name that says what it is about",
                path.display()
            );
        }
    }
}

fn passes(check: fn(&[u8]), input: &[u8]) -> bool {
    let begun = Instant::now();
    catch_unwind(|| check(input)).is_ok() && begun.elapsed() < LONGEST
}

/// The fuzz targets' folder.
fn root() -> PathBuf {
    support::root().join("tests/fuzz")
}

fn scratch() -> PathBuf {
    let path = support::scratch().join("corpus");
    fs::create_dir_all(&path).unwrap();
    path
}

fn inputs(target: &str) -> Vec<Input> {
    let directory = root().join("corpus").join(target);
    let read = |name: String| {
        let input = fs::read(directory.join(&name)).unwrap();
        (name, input)
    };
    names(&directory).into_iter().map(read).collect()
}

/// The names in a directory, in order.
fn names(directory: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}
