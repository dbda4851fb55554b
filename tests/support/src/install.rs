//! Tools in other languages, installed below the target directory as a file of theirs pins
//! them.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::{root, scratch};

/// A failure to install is a failure of the test with this set to 1, and a skipped test
/// otherwise where the language itself is missing.
const REQUIRED: &str = "O365_REQUIRE_CLIENTS";

/// The directory of a tool's files and where it is installed.
pub struct Project {
    /// What it is written in, for people.
    pub language: &'static str,
    /// The program that runs it.
    pub command: &'static str,
    /// Where its files are, below `tests/`, and where it is installed.
    pub directory: &'static str,
    /// The names of its files.
    pub files: &'static [&'static str],
    /// The file that says what is installed; the last one to be copied.
    pub pins: &'static str,
    /// The commands that install it from its files' directory to another.
    pub install: fn(&Path, &Path) -> Vec<Command>,
}

/// Installs the packages of a `requirements.txt` into `venv`.
pub fn pip(files: &Path, target: &Path) -> Vec<Command> {
    let mut venv = Command::new("python3");
    venv.args(["-m", "venv", "--clear"]).arg(target.join("venv"));
    let mut pip = Command::new(target.join("venv/bin/pip"));
    pip.args(["install", "--quiet", "--requirement"]).arg(files.join("requirements.txt"));
    vec![venv, pip]
}

/// Installs the packages of a `package-lock.json`.
pub fn npm(files: &Path, target: &Path) -> Vec<Command> {
    fs::copy(files.join("package-lock.json"), target.join("package-lock.json")).unwrap();
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(target);
    vec![npm]
}

impl Project {
    /// Where it is installed; none where it cannot be.
    pub fn installed(&self) -> Option<PathBuf> {
        let version = Command::new(self.command).arg("--version").output();
        if !version.is_ok_and(|version| version.status.success()) {
            let required = std::env::var_os(REQUIRED).is_some_and(|value| value == "1");
            assert!(!required, "{REQUIRED}=1, and there is no {}", self.language);
            skipped(&format!("install {}", self.language));
            return None;
        }
        let files = root().join("tests").join(self.directory);
        let target = scratch().join(self.directory);
        fs::create_dir_all(&target).unwrap();
        for file in self.files {
            fs::copy(files.join(file), target.join(file)).unwrap();
        }
        // Written when all is there.
        let done = target.join("installed");
        let pins = fs::read(files.join(self.pins)).unwrap();
        if fs::read(&done).is_ok_and(|before| before == pins) {
            return Some(target);
        }
        for mut command in (self.install)(&files, &target) {
            let Output { status, stderr, .. } = command.output().unwrap();
            assert!(status.success(), "{command:?}: {}", String::from_utf8_lossy(&stderr));
        }
        fs::write(done, pins).unwrap();
        Some(target)
    }
}

/// Says so past the test harness, which shows nothing of a test that passes.
pub fn skipped(fix: &str) {
    let line = format!("SKIPPED: a test with the clients or tools of others; {fix}\n");
    std::io::stderr().write_all(line.as_bytes()).unwrap();
}
