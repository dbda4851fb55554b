//! The files that a command line names.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};

use super::failure::Failure;

/// Reads at most `max` bytes of a file. A device or a pipe has no length to check instead.
pub fn read(path: &Path, max: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(max).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Returns the files in `paths`, and, in the order of their paths, those with this extension below
/// the directories in it. Links to directories are not followed.
pub fn below(paths: &[PathBuf], extension: &str) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let mut found = Vec::new();
        collect(path, extension, &mut found)
            .with_context(|| format!("the directory {}", path.display()))?;
        if found.is_empty() {
            let error = anyhow!("the directory {} has no .{extension} file", path.display());
            return Err(error.into());
        }
        found.sort();
        files.append(&mut found);
    }
    Ok(files)
}

fn collect(directory: &Path, extension: &str, found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            collect(&path, extension, found)?;
        } else if path.extension().is_some_and(|ending| ending == extension) {
            found.push(path);
        }
    }
    Ok(())
}
