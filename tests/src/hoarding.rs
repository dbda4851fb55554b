//! It takes what the host keeps for it: memory, handles, names, headers.

use std::hint::black_box;

use crate::bindings::wasi::clocks::monotonic_clock;
use crate::bindings::wasi::http::types::{Fields, Method, OutgoingRequest};
use crate::bindings::wasi::io::poll;

/// Whether `name` is one of these, and not the end of it.
pub fn misbehave(name: &str, number: usize) -> bool {
    match name {
        "memory" => allocate(),
        "handles" => hold_handles(),
        // So many bytes, with which nobody can call.
        "authority" => name_authority(number),
        "method" => name_method(number),
        "huge-header" => {
            let _ = Fields::new().append("prefer", &vec![b'x'; number]);
        }
        "many-headers" => many_headers(),
        // The longest names there may be, on as many requests as there may be.
        "names" => hold_names(number),
        // One pollable, so many times.
        "poll" => {
            let ready = monotonic_clock::subscribe_duration(0);
            let many = vec![&ready; number];
            black_box(poll::poll(&many));
        }
        _ => return false,
    }
    true
}

fn allocate() {
    let mut kept: Vec<Vec<u8>> = Vec::new();
    loop {
        kept.push(black_box(vec![1; 1 << 20]));
    }
}

fn hold_handles() {
    let mut kept = Vec::new();
    loop {
        kept.push(Fields::new());
    }
}

fn name_authority(length: usize) {
    let request = OutgoingRequest::new(Fields::new());
    let _ = request.set_authority(Some(&"a".repeat(length)));
    black_box(request);
}

fn name_method(length: usize) {
    let request = OutgoingRequest::new(Fields::new());
    let _ = request.set_method(&Method::Other("A".repeat(length)));
    black_box(request);
}

fn many_headers() {
    let fields = Fields::new();
    for number in 0..1_000_000 {
        let _ = fields.append(&format!("x-{number}"), b"");
    }
}

fn hold_names(length: usize) {
    let mut kept = Vec::new();
    for _ in 0..900 {
        let fields = Fields::new();
        for _ in 0..14 {
            fields.append("prefer", &[b'x'; 1_000]).unwrap();
        }
        let request = OutgoingRequest::new(fields);
        let _ = request.set_authority(Some(&"a".repeat(length)));
        let _ = request.set_method(&Method::Other("A".repeat(length)));
        let _ = request.set_path_with_query(Some(&format!("/{}", "a".repeat(length - 1))));
        kept.push(request);
    }
    monotonic_clock::subscribe_duration(u64::MAX).block();
}
