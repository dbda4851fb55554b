//! It makes many requests, and holds on to them; and how one is made.

use std::cell::RefCell;

use crate::bindings::wasi::clocks::monotonic_clock;
use crate::bindings::wasi::http::outgoing_handler;
use crate::bindings::wasi::http::types::{
    Fields, IncomingResponse, Method, OutgoingBody, OutgoingRequest, Scheme,
};

const GRAPH: &str = "graph.microsoft.com";

/// What most actions may ask for.
pub const SEATS: &str = "/v1.0/subscribedSkus";

/// What `create-user` may write to.
pub const USERS: &str = "/v1.0/users";

/// Whether `name` is one of these, and not the end of it.
pub fn misbehave(name: &str, number: usize) -> bool {
    match name {
        "requests" => loop {
            ask();
        },
        // So many at once, and then it waits for all of them.
        "pending" => hold_requests(number),
        "abandoned" => abandon_requests(number),
        "unread-answers" => hold_answers(number),
        "trap-after-write" => {
            write();
            panic!("after a write");
        }
        _ => return false,
    }
    true
}

/// A request to Graph that can still be changed.
pub struct Request(RefCell<Option<OutgoingRequest>>);

impl Request {
    pub fn take(&self) -> OutgoingRequest {
        self.0.borrow_mut().take().unwrap()
    }

    pub fn set_authority(&self, authority: &str) {
        self.0.borrow().as_ref().unwrap().set_authority(Some(authority)).unwrap();
    }

    pub fn set_scheme(&self, scheme: Scheme) {
        self.0.borrow().as_ref().unwrap().set_scheme(Some(&scheme)).unwrap();
    }
}

pub fn request(method: Method, path: &str) -> Request {
    Request(RefCell::new(Some(request_with(Fields::new(), method, path))))
}

pub fn request_with(headers: Fields, method: Method, path: &str) -> OutgoingRequest {
    let request = OutgoingRequest::new(headers);
    request.set_method(&method).unwrap();
    request.set_scheme(Some(&Scheme::Https)).unwrap();
    request.set_authority(Some(GRAPH)).unwrap();
    request.set_path_with_query(Some(path)).unwrap();
    request
}

pub fn send(request: &Request) {
    await_answer(request.take());
}

pub fn await_answer(request: OutgoingRequest) -> Option<IncomingResponse> {
    let pending = outgoing_handler::handle(request, None).ok()?;
    pending.subscribe().block();
    pending.get()?.ok()?.ok()
}

/// One declared request, its answer read to its end.
pub fn ask() {
    let Some(answer) = await_answer(request(Method::Get, SEATS).take()) else { return };
    let body = answer.consume().unwrap();
    let stream = body.stream().unwrap();
    while stream.blocking_read(64 * 1024).is_ok() {}
}

/// One declared write.
fn write() {
    let request = request(Method::Post, USERS).take();
    let body = request.body().unwrap();
    let pending = outgoing_handler::handle(request, None).unwrap();
    let stream = body.write().unwrap();
    stream.blocking_write_and_flush(b"{}").unwrap();
    drop(stream);
    OutgoingBody::finish(body, None).unwrap();
    pending.subscribe().block();
}

fn hold_requests(count: usize) {
    let pending: Vec<_> = (0..count)
        .map(|_| outgoing_handler::handle(request(Method::Get, SEATS).take(), None).unwrap())
        .collect();
    for pending in &pending {
        pending.subscribe().block();
    }
}

/// Begins them, and wants to know nothing of what becomes of them.
fn abandon_requests(count: usize) {
    for _ in 0..count {
        drop(outgoing_handler::handle(request(Method::Get, SEATS).take(), None));
    }
}

fn hold_answers(count: usize) {
    let _kept: Vec<_> =
        (0..count).map(|_| await_answer(request(Method::Get, SEATS).take())).collect();
    monotonic_clock::subscribe_duration(u64::MAX).block();
}
