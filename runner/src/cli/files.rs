//! The files that a command line names, some of them by their directory.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};

use super::failure::Failure;

/// The files in `paths`, and below the directories in it those whose name ends in `extension`,
/// in the order of their paths. Links to directories are not followed.
pub fn below(paths: &[PathBuf], extension: &str) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            let mut found = Vec::new();
            collect(path, extension, &mut found)?;
            if found.is_empty() {
                return Err(
                    anyhow!("the directory {} has no .{extension} file", path.display()).into()
                );
            }
            found.sort();
            files.append(&mut found);
        } else {
            files.push(path.clone());
        }
    }
    Ok(files)
}

fn collect(directory: &Path, extension: &str, found: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let unreadable = || format!("the directory {}", directory.display());
    for entry in fs::read_dir(directory).with_context(unreadable)? {
        let entry = entry.with_context(unreadable)?;
        let path = entry.path();
        if entry.file_type().with_context(unreadable)?.is_dir() {
            collect(&path, extension, found)?;
        } else if path.extension().is_some_and(|ending| ending == extension) {
            found.push(path);
        }
    }
    Ok(())
}
