//! The layout of the source: imports go one way, and no file is too long to be read.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use support::root;

/// The longest file of source, in lines.
const LONGEST: usize = 400;

/// The folders with source of ours.
const FOLDERS: [&str; 4] = ["component", "runner", "tests", "findings"];

/// Every file of Rust below a folder, but what cargo builds there.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap();
        if path.is_dir() && name != "target" && name != "node_modules" {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// The modules of the runner by their floors, as the documentation of `lib.rs` lists them.
fn floors(lib: &str) -> BTreeMap<&str, usize> {
    let listed = lib.lines().filter_map(|line| {
        let (number, item) = line.strip_prefix("//! ")?.split_once(". [`")?;
        Some((item.split_once('`')?.0, number.parse().ok()?))
    });
    listed.collect()
}

/// The modules of its own crate that a line of code names.
fn named(line: &str) -> impl Iterator<Item = &str> {
    let code = if line.trim_start().starts_with("//") { "" } else { line };
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    code.split("crate::").skip(1).filter_map(move |rest| {
        let end = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
        (end > 0).then(|| &rest[..end])
    })
}

#[test]
fn the_runner_imports_downwards_alone() {
    let source = root().join("runner/src");
    let lib = fs::read_to_string(source.join("lib.rs")).unwrap();
    let floors = floors(&lib);
    let modules = lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    for module in modules {
        assert!(floors.contains_key(module), "lib.rs does not say on which floor {module} is");
    }
    let (mut read, mut upwards) = (0, Vec::new());
    for path in sources(&source) {
        let below = path.strip_prefix(&source).unwrap();
        let top = below.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs");
        let Some(own) = floors.get(top) else { continue };
        for line in fs::read_to_string(&path).unwrap().lines() {
            assert!(!line.contains("crate::{"), "{}: one module a line", below.display());
            for module in named(line) {
                read += 1;
                if floors.get(module).is_some_and(|floor| floor > own) {
                    upwards.push(format!("{}: {}", below.display(), line.trim()));
                }
            }
        }
    }
    assert!(read > 300, "{read} imports are too few to show anything");
    assert!(upwards.is_empty(), "these import upwards:\n{}", upwards.join("\n"));
}

#[test]
fn the_layers_are_documented_in_their_order() {
    let source = root().join("runner/src");
    let egress = fs::read_to_string(source.join("egress/mod.rs")).unwrap();
    let documented = egress.lines().skip_while(|line| !line.contains("order of `run::stack`"));
    let documented = documented.take_while(|line| !line.contains("innermost layer"));
    let documented: Vec<&str> =
        documented.filter_map(|line| line.strip_prefix("//! - `")?.split('`').next()).collect();
    let stack = fs::read_to_string(source.join("run/stack.rs")).unwrap();
    let layers: Vec<&str> = stack
        .lines()
        .filter(|line| line.trim_start().starts_with(".layer("))
        .map(|line| line.split_once("self.").unwrap().1.trim_end_matches(')'))
        .collect();
    assert!(layers.len() > 5, "{layers:?}");
    // The layer of `record` is the recorder.
    let same = |(name, layer): (&&str, &&str)| layer.starts_with(*name);
    assert!(
        documented.len() == layers.len() && documented.iter().zip(&layers).all(same),
        "egress/mod.rs has {documented:?}, and run/stack.rs {layers:?}"
    );
}

#[test]
fn no_file_is_longer_than_can_be_read() {
    let files: Vec<PathBuf> =
        FOLDERS.iter().flat_map(|folder| sources(&root().join(folder))).collect();
    assert!(files.len() > 500, "{} files are too few to show anything", files.len());
    for path in files {
        let lines = fs::read_to_string(&path).unwrap().lines().count();
        assert!(lines <= LONGEST, "{} has {lines} lines", path.display());
    }
}
