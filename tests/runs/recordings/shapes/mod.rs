//! HAR as tools really write it, a row for each thing that one of them does: what is taken
//! means what the run was, and what is refused says why.
//!
//! - `strangers`: entries that are no calls, and what was made of a file as a whole
//! - `calls`: the calls themselves, in other words than ours
//! - `bodies`: bodies in wrappings, in files beside the recording and in archives
//! - `lost`: answers that broke off, and bodies that were left out

mod bodies;
mod calls;
mod lost;
mod strangers;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use crate::recordings::{directory, json as read_json};
use support::{Ended, Fixture, o365};

/// The password that the recorded run was made with.
pub const PASSWORD: &str = "A Real Passw0rd";

/// What looks like a token.
pub const TOKEN: &str = "eyJ0eXAiOiJKV1QifQ.eyJhdWQiOiJjb250b3NvIn0.c2lnbmF0dXJl";

/// A run that was recorded by another program.
pub struct Shape {
    fixture: Fixture,
    directory: PathBuf,
    pub entries: Vec<Value>,
}

impl Shape {
    /// The run of a fixture, in a directory of its own.
    pub fn of(case: &str, name: &str) -> Self {
        let fixture = Fixture::named("create-user", case);
        let mut entries = fixture.entries.clone();
        for entry in &mut entries {
            if let Some(text) = entry["request"]["postData"]["text"].as_str() {
                let text = text.replace(r#"{"$secret":"password"}"#, &json!(PASSWORD).to_string());
                entry["request"]["postData"]["text"] = text.into();
            }
        }
        Self { fixture, directory: directory(&format!("shape-{name}")), entries }
    }

    /// A user who was created and given a licence, in four calls.
    pub fn new(name: &str) -> Self {
        Self::of("created-and-licensed", name)
    }

    /// The same, changed.
    pub fn with(name: &str, change: impl FnOnce(&mut Vec<Value>)) -> Self {
        let mut shape = Self::new(name);
        change(&mut shape.entries);
        shape
    }

    /// The body of an answer.
    pub fn answer(&self, index: usize) -> String {
        self.entries[index]["response"]["content"]["text"].as_str().unwrap().to_owned()
    }

    pub fn text(&self) -> String {
        let creator = json!({ "name": "WebInspector", "version": "537.36" });
        json!({ "log": { "version": "1.2", "creator": creator, "entries": self.entries } })
            .to_string()
    }

    /// Puts a file beside the recording.
    pub fn beside(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.directory.join(name), bytes).unwrap();
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    fn input(&self) -> Map<String, Value> {
        let mut input = self.fixture.input();
        input.remove("connectionId");
        input["password"] = PASSWORD.into();
        input
    }

    /// Adds `bytes` to the fixtures.
    pub fn added_as(&self, bytes: &[u8]) -> Ended {
        let file = self.directory.join("x.har");
        fs::write(&file, bytes).unwrap();
        let fixtures = self.directory.join("fixtures");
        let arguments = ["fixtures", "add", file.to_str().unwrap(), "--action", "create-user"];
        let more = ["--case", "x", "--directory", fixtures.to_str().unwrap(), "--json", "-i", "-"];
        o365(arguments.into_iter().chain(more))
            .stdin(serde_json::to_vec(&self.input()).unwrap())
            .run()
    }

    /// The fixture that is made of `bytes`, which holds the run as it was.
    #[track_caller]
    pub fn taken_as(&self, bytes: &[u8]) -> Value {
        let ended = self.added_as(bytes);
        let name = self.directory.display();
        assert_eq!(ended.code, 0, "{name}: {}", ended.stderr);
        let path = self.directory.join("fixtures/create-user/x.har");
        let text = fs::read_to_string(&path).unwrap();
        assert!(!text.contains(PASSWORD) && !text.contains(TOKEN), "{name}");
        let made = read_json(&path);
        for outcome in ["result", "error"] {
            assert_eq!(made["log"]["_o365"][outcome], self.fixture.run[outcome], "{name}");
        }
        let replayed = o365(["replay", path.to_str().unwrap(), "--json"]).run().result();
        assert_eq!(replayed[0]["same"], true, "{name}: {replayed}");
        made
    }

    #[track_caller]
    pub fn taken(&self) -> Value {
        self.taken_as(self.text().as_bytes())
    }

    /// That `bytes` are refused in these words.
    #[track_caller]
    pub fn refused_as(&self, bytes: &[u8], words: &str) -> Value {
        let ended = self.added_as(bytes);
        let name = self.directory.display();
        assert_eq!(ended.code, 4, "{name}: {} {}", ended.stdout, ended.stderr);
        for secret in [PASSWORD, TOKEN] {
            assert!(!ended.stderr.contains(secret), "{name}: {}", ended.stderr);
        }
        let error = ended.error();
        assert!(error["message"].as_str().unwrap().contains(words), "{name}: {error}");
        assert!(!self.directory.join("fixtures/create-user").exists(), "{name}");
        error
    }

    #[track_caller]
    pub fn refused(&self, words: &str) -> Value {
        self.refused_as(self.text().as_bytes(), words)
    }
}

/// The exchanges of a fixture.
pub fn exchanges(made: &Value) -> &Vec<Value> {
    made["log"]["entries"].as_array().unwrap()
}

/// Runs the binary's `replay` on a file.
pub fn replayed(path: &Path) -> Ended {
    o365(["replay", path.to_str().unwrap(), "--json"]).run()
}
