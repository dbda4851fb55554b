//! What the benchmarks share.
//!
//! - `answers`: what Graph answers, from memory or on a port
//! - `native`: the component's own logic without a sandbox, over a pooled client
//! - `sandboxed`: the same actions in the sandbox
//! - `instances`: instances that do nothing
//! - `counted`: the component on a stock host that counts its instructions
//! - `jco`: the component on Node.js
//! - `programs`: builds of `o365` as processes
//! - `compare`: samples of several cases that take turns, as ratios

pub mod answers;
pub mod compare;
pub mod counted;
pub mod instances;
pub mod jco;
pub mod native;
pub mod programs;
pub mod sandboxed;

use std::process::{self, Command, Stdio};

use mimalloc::MiMalloc;

/// That of `o365`.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Keeps this process on its first processor, so that what is compared has the same caches and
/// nobody gains by a second one. Threads that exist already are not moved.
pub fn pin() {
    let own = process::id().to_string();
    let taskset = Command::new("taskset").args(["-cp", "0", &own]).stdout(Stdio::null()).status();
    if !taskset.is_ok_and(|status| status.success()) {
        println!("not pinned to one processor: there is no taskset (util-linux)");
    }
}
