//! The guest that misbehaves.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use crate::{root, scratch};

#[expect(dead_code, reason = "shared with the build script, which uses the rest")]
#[path = "../../../runner/build/guest.rs"]
mod guest;

/// The file of a component that misbehaves; built from `tests/src`.
pub fn hostile_guest() -> &'static Path {
    static BUILT: LazyLock<PathBuf> = LazyLock::new(|| {
        let target = scratch().join("guest");
        let guest = guest::build(&root(), "hostile-guest", &target)
            .unwrap_or_else(|error| panic!("{error}"));
        let file = scratch().join("hostile.wasm");
        fs::write(&file, guest.component).unwrap();
        file
    });
    &BUILT
}
