//! The runner's operations on files.
//!
//! - [`regular`]: opening and reading files that are neither pipes nor devices
//! - [`private`]: files and directories that only their owner can access
//! - [`replace`]: replacing a file as a whole
//! - [`lock`]: locks between processes
//! - [`group`]: group commit
//! - [`user_dir`]: the user's directories for state and caches

pub mod group;
pub mod lock;
pub mod private;
pub mod regular;
pub mod replace;
pub mod user_dir;

use std::path::Path;

/// Returns the directory of a file: the working directory where the path names none.
fn directory_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
