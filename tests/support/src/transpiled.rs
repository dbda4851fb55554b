//! The component on Node.js.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::install::Project;
use crate::root;

/// Installs jco, and lets it make JavaScript of a component in a file, beside the files of
/// `docs/embed/` and those in `files`. Returns the directory; none where jco cannot be installed.
pub fn transpiled(component: &Path, files: &[PathBuf]) -> Option<PathBuf> {
    let directory = Project::node("hosts/node", &["package.json"]).installed()?;
    let embed = root().join("docs/embed");
    let own = ["connections.mjs", "embed.mjs"].map(|file| embed.join(file));
    for file in own.iter().chain(files) {
        fs::copy(file, directory.join(file.file_name().unwrap())).unwrap();
    }
    let jco = Command::new(directory.join("node_modules/.bin/jco"))
        .arg("transpile")
        .arg(component)
        .args(["--out-dir", "o365", "--quiet"])
        .args(["--map", "connector:office365/connections=../connections.mjs"])
        .current_dir(&directory)
        .output()
        .unwrap();
    assert!(jco.status.success(), "{}", String::from_utf8_lossy(&jco.stderr));
    Some(directory)
}
