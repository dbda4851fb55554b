//! Where a secret comes from: never from the configuration itself.

use std::path::PathBuf;

/// Where a secret comes from; it is read when it is needed and not before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretSource {
    /// An environment variable.
    Env(String),
    /// A file, which nobody else may read.
    File(PathBuf),
}
