//! It goes where it may not.

use crate::bindings::connector::office365::connections;
use crate::bindings::wasi::clocks::monotonic_clock;
use crate::bindings::wasi::http::outgoing_handler;
use crate::bindings::wasi::http::types::{Fields, Method, Scheme};
use crate::requests::{SEATS, await_answer, request, request_with, send};

const OTHER_USER: &str = "/v1.0/users/allen@contoso.onmicrosoft.com";

/// Whether `name` is one of these, and not the end of it.
pub fn misbehave(name: &str, connection: &str) -> bool {
    match name {
        "undeclared-call" => send(&request(Method::Delete, OTHER_USER)),
        "other-method" => send(&request(Method::Other("get".to_owned()), SEATS)),
        "connect" => send(&request(Method::Connect, SEATS)),
        "long-path" => {
            let path = format!("/v1.0/{}", "x".repeat(15_000));
            send(&request(Method::Get, &path));
        }
        "ignored-refusal" => {
            let request = request(Method::Delete, OTHER_USER);
            let pending = outgoing_handler::handle(request.take(), None);
            // Goes on as if nothing had happened, and returns a result.
            std::mem::forget(pending);
            monotonic_clock::subscribe_duration(1).block();
        }
        "other-host" => {
            let request = request(Method::Get, SEATS);
            request.set_authority("attacker.example");
            send(&request);
        }
        "plain-http" => {
            let request = request(Method::Get, SEATS);
            request.set_scheme(Scheme::Http);
            send(&request);
        }
        "user-info" => {
            let request = request(Method::Get, SEATS);
            request.set_authority("graph.microsoft.com@attacker.example");
            send(&request);
        }
        "path-trick" => send(&request(Method::Get, "/v1.0/subscribedSkus/../users")),
        "authorization" => forbidden(&["authorization"]),
        "headers" => forbidden(&["authorization", "Cookie", "host", "proxy-authorization"]),
        "client-request-id" => {
            let headers = Fields::new();
            headers.append("client-request-id", b"00000000-0000-0000-0000-000000000000").unwrap();
            await_answer(request_with(headers, Method::Get, SEATS)).unwrap();
        }
        "other-connection" => other_connections(connection),
        _ => return false,
    }
    true
}

fn forbidden(names: &[&str]) {
    for name in names {
        let fields = Fields::new();
        let refused = fields.append(name, b"Bearer stolen").is_err()
            && fields.set(name, &[b"Bearer stolen".to_vec()]).is_err()
            && Fields::from_list(&[((*name).to_owned(), b"stolen".to_vec())]).is_err();
        assert!(refused, "a guest can set the header {name}");
    }
}

fn other_connections(own: &str) {
    assert!(connections::describe(own).is_ok());
    for id in ["quiet", "main ", "MAIN", "", "*", "../main", "main\0"] {
        assert!(connections::describe(id).is_err(), "a guest is told of {id}");
        assert!(connections::authorization(id).is_err(), "a guest may use {id}");
    }
    assert_eq!(connections::authorization(own), Ok(None));
}
