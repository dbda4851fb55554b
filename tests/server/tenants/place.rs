//! A directory with an `o365.toml`, and the commands that read and change it.

use std::fs;
use std::path::{Path, PathBuf};

use runner::api_key::KeyHash;
use runner::connections::file::Connections;
use tempfile::TempDir;

use support::{Call, Ended, o365};

pub struct Place(TempDir);

impl Place {
    pub fn new(text: &str) -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        fs::write(place.file(), text).unwrap();
        place
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn file(&self) -> PathBuf {
        self.path().join("o365.toml")
    }

    pub fn text(&self) -> String {
        fs::read_to_string(self.file()).unwrap()
    }

    /// What the file says, by the library.
    #[track_caller]
    pub fn read(&self) -> Connections {
        Connections::read(&self.file()).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// `o365 tenant` with these arguments, here.
    pub fn tenant(&self, arguments: &[&str]) -> Call {
        o365(["tenant"].iter().chain(arguments).chain(&["--json"])).directory(self.path())
    }

    /// `o365 tenant add` with these arguments, which must succeed; the key.
    #[track_caller]
    pub fn add(&self, arguments: &[&str]) -> String {
        let ended = self.tenant(&[&["add"], arguments].concat()).run();
        assert_eq!(ended.stderr, "");
        ended.result()["key"].as_str().unwrap().to_owned()
    }

    /// `o365 tenant add` with these arguments, which must fail and change nothing.
    #[track_caller]
    pub fn refused(&self, arguments: &[&str]) -> Ended {
        let before = self.text();
        let ended = self.tenant(&[&["add"], arguments].concat()).run();
        assert_ne!(ended.code, 0, "{}", ended.stdout);
        assert_eq!(self.text(), before);
        ended
    }
}

/// A connection `[connections.ID]`.
pub fn connection(id: &str) -> String {
    format!(
        "[connections.{id}]\ntenant = \"{id}.onmicrosoft.com\"\nclient-id = \"11111111-2222-3333-4444-555555555555\"\n"
    )
}

/// The hash of a key with this text, as the file has it.
pub fn hash(key: &str) -> String {
    KeyHash::of(key).to_string()
}
