//! What several test targets, the benchmarks and the fuzz targets share.
//!
//! - `binary`: running `o365`
//! - `fixtures`: recorded runs
//! - `hostile`: the component that misbehaves, built
//! - [`simulate`]: `o365 simulate --port` as a process
//! - `namespace`: the same under Microsoft's host names, in a network of its own
//! - [`install`]: tools in other languages, as they are pinned
//! - [`library`]: runs through the library instead of the binary
//! - [`platform`]: platforms, tenants and directories
//! - [`throttling`]: directories that throttle, and platforms with connections to them
//! - [`faulted`]: a simulated tenant behind faults
//! - [`large_tenant`]: a tenant of any size
//! - [`nats`]: a NATS server
//! - [`mod@provider`]: an OpenID provider as the sign-in host
//! - [`responses`]: a store of responses
//! - [`contract`]: a WIT text as component types
//! - `transpiled`: the component on Node.js
//! - [`checks`]: what must hold for every input of a fuzz target

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

mod binary;
pub mod checks;
pub mod contract;
pub mod faulted;
mod fixtures;
mod hostile;
pub mod install;
pub mod large_tenant;
pub mod library;
#[cfg(target_os = "linux")]
pub mod namespace;
pub mod nats;
pub mod platform;
#[cfg(unix)]
pub mod programs;
pub mod provider;
pub mod responses;
pub mod simulate;
pub mod throttling;
mod transpiled;

pub use binary::{Call, Ended, o365};
pub use fixtures::{Fixture, fixtures};
pub use hostile::hostile_guest;
pub use transpiled::transpiled;

/// The workspace's root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

/// The program `o365`, as cargo built it for the test that runs.
pub fn program() -> &'static Path {
    // Cargo says where it is to tests of the runner's package alone, and to this crate only
    // when they run.
    static PROGRAM: LazyLock<PathBuf> = LazyLock::new(|| {
        let path = std::env::var_os("CARGO_BIN_EXE_o365");
        path.expect("a test that starts o365 is started by cargo").into()
    });
    &PROGRAM
}

/// Where tests and benchmarks keep what they make: cargo's directory for it. They are three levels
/// below the target directory.
pub fn scratch() -> &'static Path {
    static SCRATCH: LazyLock<PathBuf> = LazyLock::new(|| {
        let path = std::env::current_exe().unwrap().ancestors().nth(3).unwrap().join("tmp");
        fs::create_dir_all(&path).unwrap();
        path
    });
    &SCRATCH
}

/// Says something past the test harness, which shows nothing of a test that passes.
pub fn say(text: &str) {
    std::io::stderr().write_all(format!("{text}\n").as_bytes()).unwrap();
}
