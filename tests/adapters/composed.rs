//! Compositions, in files.

use std::path::PathBuf;

use support::{Ended, o365, scratch};

/// Composes the component with adapters.
pub fn composed(adapters: &str, further: &[&str]) -> (PathBuf, Ended) {
    let folder = scratch().join("adapters");
    std::fs::create_dir_all(&folder).unwrap();
    let name = [&[adapters], further].concat().join("").replace(['-', ','], "_");
    let path = folder.join(name).with_extension("wasm");
    // Tests run at the same time, so each writes a file of its own before it has the name.
    let own = tempfile::NamedTempFile::new_in(&folder).unwrap();
    let output = own.path().to_str().unwrap().to_owned();
    let words = ["component", "--with", adapters, "--output", &output];
    let ended = o365(words.iter().chain(further)).run();
    if ended.code == 0 {
        own.persist(&path).unwrap();
    }
    (path, ended)
}

/// The same, which must succeed.
#[track_caller]
pub fn file(adapters: &str, further: &[&str]) -> PathBuf {
    let (path, ended) = composed(adapters, further);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    path
}
