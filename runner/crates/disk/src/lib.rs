//! What the runner does with files, each operation once.
//!
//! - [`regular`]: opening and reading files that are neither pipes nor devices
//! - [`private`]: files and directories that only their owner can reach
//! - [`replace`]: replacing a file as a whole
//! - [`lock`]: one process at a time
//! - [`group`]: a thread that commits many requests at once
//! - [`user_dir`]: where the runner keeps state and caches

pub mod group;
pub mod lock;
pub mod private;
pub mod regular;
pub mod replace;
pub mod user_dir;

use std::path::Path;

/// The directory of a file: the working directory where the path names none.
fn directory_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
