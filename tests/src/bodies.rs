//! It sends too much, too slowly, or never comes to an end.

use crate::bindings::wasi::clocks::monotonic_clock;
use crate::bindings::wasi::http::outgoing_handler;
use crate::bindings::wasi::http::types::{Fields, FutureIncomingResponse, Method, OutgoingBody};
use crate::bindings::wasi::io::streams::OutputStream;
use crate::requests::{SEATS, USERS, request, request_with};

/// Whether `name` is one of these, and not the end of it.
pub fn misbehave(name: &str, number: usize) -> bool {
    match name {
        "huge-request" => send_huge(),
        "endless-body" => send_without_end(4096),
        // A byte at a time.
        "crumbs" => send_without_end(1),
        // So many bodies of a megabyte that never end.
        "many-bodies" => hold_bodies(number),
        "unsent-bodies" => hold_unsent_bodies(number),
        "unfinished-body" => {
            let open = Open::new();
            open.write(b"{}");
            open.pending.subscribe().block();
        }
        "trap-in-write" => trap_in_write(),
        "two-lengths" => two_lengths(),
        _ => return false,
    }
    true
}

/// A request on its way, whose body can still be written.
struct Open {
    stream: OutputStream,
    body: OutgoingBody,
    pending: FutureIncomingResponse,
}

impl Open {
    fn new() -> Self {
        let request = request(Method::Get, SEATS).take();
        let body = request.body().unwrap();
        let pending = outgoing_handler::handle(request, None).unwrap();
        Self { stream: body.write().unwrap(), body, pending }
    }

    /// Whether the host takes it.
    fn write(&self, bytes: &[u8]) -> bool {
        self.stream.blocking_write_and_flush(bytes).is_ok()
    }
}

fn send_huge() {
    let open = Open::new();
    let chunk = vec![b'x'; 4096];
    for _ in 0..4096 {
        if !open.write(&chunk) {
            break;
        }
    }
    drop(open.stream);
    let _ = OutgoingBody::finish(open.body, None);
    open.pending.subscribe().block();
}

fn send_without_end(size: usize) {
    let open = Open::new();
    let chunk = vec![b'x'; size];
    while open.write(&chunk) {}
    open.pending.subscribe().block();
}

fn hold_bodies(count: usize) {
    let chunk = vec![b'x'; 4096];
    let mut kept = Vec::new();
    for _ in 0..count {
        // Written to before the next is begun: the host takes up some at a time, and in an order
        // of its own.
        let open = Open::new();
        for _ in 0..256 {
            open.write(&chunk);
        }
        kept.push(open);
    }
    monotonic_clock::subscribe_duration(u64::MAX).block();
}

/// Bodies of requests that are never sent, as full as the host lets them be.
fn hold_unsent_bodies(count: usize) {
    let mut kept = Vec::new();
    for _ in 0..count {
        let request = request(Method::Get, SEATS).take();
        let body = request.body().unwrap();
        let stream = body.write().unwrap();
        while let Ok(size @ 1..) = stream.check_write() {
            if stream.write_zeroes(size).is_err() {
                break;
            }
        }
        kept.push((request, body, stream));
    }
    monotonic_clock::subscribe_duration(u64::MAX).block();
}

/// Fails with some writes half written. The host's table is such that their bodies are cleared
/// away first, then much else, and last what stands for the requests themselves.
fn trap_in_write() {
    let first: Vec<Fields> = (0..8).map(|_| Fields::new()).collect();
    let between: Vec<_> = (0..900)
        .map(|_| {
            let fields = Fields::new();
            for _ in 0..14 {
                fields.append("prefer", &[b'x'; 1_000]).unwrap();
            }
            fields
        })
        .collect();
    let requests: Vec<_> = (0..4).map(|_| request(Method::Post, USERS).take()).collect();
    drop(first);
    let bodies: Vec<_> = requests
        .iter()
        .map(|request| {
            let body = request.body().unwrap();
            (body.write().unwrap(), body)
        })
        .collect();
    let pending: Vec<_> = requests
        .into_iter()
        .map(|request| outgoing_handler::handle(request, None).unwrap())
        .collect();
    for (stream, _) in &bodies {
        stream.blocking_write_and_flush(br#"{"accountEnabled":true,"displayName":"#).unwrap();
    }
    std::hint::black_box((&between, &pending));
    panic!("in the middle of a write");
}

/// Says one length, and sends another.
fn two_lengths() {
    let headers = Fields::new();
    headers.append("content-length", b"2").unwrap();
    let request = request_with(headers, Method::Post, USERS);
    let body = request.body().unwrap();
    let pending = outgoing_handler::handle(request, None).unwrap();
    let stream = body.write().unwrap();
    let _ = stream.blocking_write_and_flush(b"{}POST /v1.0/users HTTP/1.1\r\n\r\n");
    drop(stream);
    let finished = OutgoingBody::finish(body, None);
    assert!(finished.is_err(), "the host takes two lengths");
    pending.subscribe().block();
    assert!(pending.get().unwrap().unwrap().is_err(), "and sends it");
}
