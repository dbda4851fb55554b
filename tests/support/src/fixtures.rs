//! Recorded runs, as they are kept in `fixtures/`.

use std::fs;
use std::path::{Path, PathBuf};

use runner::recording::placeholders;
use serde_json::{Map, Value};

use crate::{Call, o365, root, scratch};

/// A recorded run.
pub struct Fixture {
    /// The file.
    pub path: PathBuf,
    /// The action that was run.
    pub action: String,
    /// What the file says of the run beside its exchanges.
    pub run: Value,
    /// The exchanges.
    pub entries: Vec<Value>,
}

impl Fixture {
    /// Reads a file.
    pub fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap();
        let har: Value = serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let run = har["log"]["_o365"].clone();
        Self {
            path: path.to_owned(),
            action: run["action"].as_str().unwrap().to_owned(),
            entries: har["log"]["entries"].as_array().unwrap().clone(),
            run,
        }
    }

    /// A fixture by action and case.
    pub fn named(action: &str, case: &str) -> Self {
        Self::read(&root().join("fixtures").join(action).join(format!("{case}.har")))
    }

    /// The input, with a placeholder for every secret.
    pub fn input(&self) -> Map<String, Value> {
        placeholders::input(&self.run["input"]).unwrap()
    }

    /// Writes it, changed, beside the tests' other files.
    pub fn changed(&self, name: &str, change: impl FnOnce(&mut Value)) -> Self {
        let mut har: Value =
            serde_json::from_str(&fs::read_to_string(&self.path).unwrap()).unwrap();
        change(&mut har["log"]);
        let path = scratch().join(format!("{name}.har"));
        fs::write(&path, serde_json::to_vec(&har).unwrap()).unwrap();
        Self { path, ..Self::read(&self.path) }
    }

    /// The call that replays it.
    pub fn replayed(&self) -> Call {
        let path = self.path.to_str().unwrap();
        o365(["run", &self.action, "--replay", path, "--input", "-", "--json"])
            .stdin(serde_json::to_vec(&self.input()).unwrap())
    }
}

/// All fixtures, in the order of their paths.
pub fn fixtures() -> Vec<Fixture> {
    let mut paths: Vec<PathBuf> = directories(&root().join("fixtures"))
        .iter()
        .flat_map(|directory| files(directory))
        .filter(|path| path.extension().is_some_and(|extension| extension == "har"))
        .collect();
    paths.sort();
    paths.iter().map(|path| Fixture::read(path)).collect()
}

fn directories(path: &Path) -> Vec<PathBuf> {
    files(path).into_iter().filter(|path| path.is_dir()).collect()
}

fn files(path: &Path) -> Vec<PathBuf> {
    fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect()
}
