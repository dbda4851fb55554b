//! The directory for compiled code. What is in it is run as native code, so it must
//! be one that this user alone can write.

use std::fs::{self, DirBuilder, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use etcetera::{BaseStrategy, choose_base_strategy};
use thiserror::Error;
use wasmtime::{Cache, CacheConfig};

/// The variable that names another directory.
const VARIABLE: &str = "O365_CACHE_DIR";

/// Why compiled code is not kept. Runs work without, and start slower.
#[derive(Debug, Error)]
pub enum CacheError {
    /// There is no home directory to put it in.
    #[error("compiled code is not kept: there is no cache directory; name one in {VARIABLE}")]
    NoDirectory,
    /// The directory cannot be made or looked at.
    #[error("compiled code is not kept: {path}: {source}", path = .path.display())]
    Io {
        /// The directory.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// Somebody else could put code into it.
    #[error("compiled code is not kept: others can write to {path}; run: chmod 700 {path}", path = .path.display())]
    NotPrivate {
        /// The directory.
        path: PathBuf,
    },
    /// The directory belongs to another user.
    #[error("compiled code is not kept: {path} belongs to another user; name another directory in {VARIABLE}", path = .path.display())]
    NotOurs {
        /// The directory.
        path: PathBuf,
    },
    /// wasmtime does not take the directory.
    #[error("compiled code is not kept: {0:#}")]
    Wasmtime(wasmtime::Error),
}

/// The cache in its directory, which is made when it is not there.
pub fn open() -> Result<Cache, CacheError> {
    let path = directory()?;
    let failed = |source| CacheError::Io { path: path.clone(), source };
    private_builder().create(&path).map_err(failed)?;
    let metadata = fs::metadata(&path).map_err(failed)?;
    check_private(&path, &metadata)?;
    let mut config = CacheConfig::new();
    config.with_directory(path);
    Cache::new(config).map_err(CacheError::Wasmtime)
}

fn directory() -> Result<PathBuf, CacheError> {
    match std::env::var_os(VARIABLE) {
        Some(path) if !path.is_empty() => std::path::absolute(&path)
            .map_err(|source| CacheError::Io { path: path.into(), source }),
        _ => choose_base_strategy()
            .map(|base| base.cache_dir().join("o365"))
            .map_err(|_| CacheError::NoDirectory),
    }
}

fn private_builder() -> DirBuilder {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

#[cfg(unix)]
fn check_private(path: &Path, metadata: &Metadata) -> Result<(), CacheError> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    if metadata.permissions().mode() & 0o077 != 0 {
        return Err(CacheError::NotPrivate { path: path.to_owned() });
    }
    // A file that we make is ours: its owner says who we are.
    let probe = path.join(format!(".owner-{}", std::process::id()));
    let owner = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&probe)
        .and_then(|file| file.metadata())
        .map(|probe| probe.uid());
    // It has done its work, whatever it said.
    let _ = fs::remove_file(&probe);
    match owner {
        Ok(owner) if owner == metadata.uid() => Ok(()),
        Ok(_) => Err(CacheError::NotOurs { path: path.to_owned() }),
        Err(source) => Err(CacheError::Io { path: path.to_owned(), source }),
    }
}

#[cfg(not(unix))]
fn check_private(_: &Path, _: &Metadata) -> Result<(), CacheError> {
    Ok(())
}
