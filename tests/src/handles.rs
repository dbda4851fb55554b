//! It gives back what it has not, and in the wrong order.

use crate::bindings::wasi::clocks::monotonic_clock;
use crate::bindings::wasi::http::types::{Fields, Method};
use crate::requests::{SEATS, await_answer, request};

/// Whether `name` is one of these, and not the end of it.
pub fn misbehave(name: &str) -> bool {
    match name {
        "double-free" => {
            let fields = Fields::new();
            // SAFETY: none; the host is to see that it is given back already.
            let again = unsafe { Fields::from_handle(fields.handle()) };
            drop(fields);
            drop(again);
        }
        "foreign-handle" => {
            // SAFETY: none; no such handle was ever given out.
            drop(unsafe { Fields::from_handle(123_456) });
        }
        "other-kind" => {
            let pollable = monotonic_clock::subscribe_duration(0);
            // SAFETY: none; it is a handle of something else.
            let fields = unsafe { Fields::from_handle(pollable.take_handle()) };
            let _ = fields.append("prefer", b"x");
        }
        "wrong-order" => {
            let body = request(Method::Get, SEATS).take().body().unwrap();
            let stream = body.write().unwrap();
            let pollable = stream.subscribe();
            // Each is of the one before it.
            drop(body);
            drop(stream);
            drop(pollable);
        }
        "answer-order" => {
            let answer = await_answer(request(Method::Get, SEATS).take()).unwrap();
            let body = answer.consume().unwrap();
            let stream = body.stream().unwrap();
            drop(answer);
            drop(body);
            let _ = stream.blocking_read(1);
        }
        _ => return false,
    }
    true
}
