//! It computes, waits, or fails by itself.

use std::hint::black_box;

use crate::bindings::wasi::clocks::monotonic_clock;
use crate::requests;

/// Whether `name` is one of these, and not the end of it.
pub fn misbehave(name: &str, number: usize) -> bool {
    match name {
        "nothing" => {}
        // As a well-behaved action does.
        "ask" => requests::ask(),
        "loop" => loop {
            black_box(());
        },
        // So many milliseconds of it, and a result.
        "compute" => compute(number),
        "loop-between-requests" => loop {
            compute(20);
            requests::ask();
        },
        "clock" => loop {
            black_box(monotonic_clock::now());
        },
        "alarms" => loop {
            monotonic_clock::subscribe_duration(0).block();
        },
        "sleep" => monotonic_clock::subscribe_duration(u64::MAX).block(),
        "recursion" => {
            black_box(recurse(black_box(0)));
        }
        "panic" => panic!("the guest panics"),
        _ => return false,
    }
    true
}

fn compute(milliseconds: usize) {
    let nanoseconds = u64::try_from(milliseconds).unwrap() * 1_000_000;
    let end = monotonic_clock::now() + nanoseconds;
    while monotonic_clock::now() < end {
        for number in 0..10_000 {
            black_box(number);
        }
    }
}

#[expect(unconditional_recursion, reason = "that is what it is for")]
fn recurse(depth: u64) -> u64 {
    black_box(recurse(black_box(depth + 1)) + depth)
}
