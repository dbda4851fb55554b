//! What a guest needs of the standard library, which would bring the texts of all panics
//! with it: 15 KB without a reader, since a guest has no standard error.

use core::panic::PanicInfo;

use dlmalloc::GlobalDlmalloc;

/// The allocator that the standard library has on this target too.
#[global_allocator]
static MEMORY: GlobalDlmalloc = GlobalDlmalloc;

/// A panic ends the run: the host reports the trap.
#[panic_handler]
fn trap(_: &PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
