//! The sign-in of the adapter `connections`, and what it says when it fails.

use std::io::{Read, Write};
use std::net::TcpListener;

use support::programs::Program;
use support::simulate::Server;

use crate::client::free_address;
use crate::composed::file;
use crate::wasmtime::{invoke, settings};

const CALL: &str = "is-license-available({connection-id: \"contoso\", service-id: \"SPE_E5\"})";

/// What becomes of a call whose settings are changed; an empty value removes one.
fn with(program: &Program, simulated: &Server, changes: &[(&'static str, &str)]) -> String {
    let mut settings = settings(simulated);
    for (name, value) in changes {
        settings.retain(|(other, _)| other != name);
        settings.push((name, (*value).to_owned()));
    }
    invoke(program, &file("connections,environment", &[]), &settings, CALL)
}

#[test]
fn a_refresh_token_and_an_assertion_sign_in_too() {
    let Some(program) = Program::find("wasmtime") else { return };
    let simulated = Server::start(&[]);
    assert_eq!(with(&program, &simulated, &[]), "ok(true)");
    let wrong = [("client-secret", ""), ("refresh-token", "no-such-token")];
    let said = with(&program, &simulated, &wrong);
    assert!(said.contains("refused the sign-in with AADSTS"), "{said}");
    assert!(!said.contains("no-such-token"), "{said}");
}

#[test]
fn a_setting_that_is_missing_or_wrong_is_named_before_anything_is_sent() {
    let Some(program) = Program::find("wasmtime") else { return };
    let simulated = Server::start(&[]);
    let cases = [
        (vec![("tenant", "")], "the setting tenant (in the environment O365_TENANT) is missing"),
        (
            vec![("client-id", "")],
            "the setting client-id (in the environment O365_CLIENT_ID) is missing",
        ),
        (vec![("client-secret", "")], "no setting says how to sign in"),
        (vec![("client-assertion", "e30.e30.x")], "stands beside client-secret"),
        (
            vec![("client-secret", "valueless with blanks")],
            "has a blank or a character that is not ASCII",
        ),
        (vec![("login-url", "http://valueless.com")], "https (or http on loopback)"),
        (vec![("connection-id", "fabrikam")], "there is no connection with this id"),
    ];
    for (changes, reason) in cases {
        let said = with(&program, &simulated, &changes);
        assert!(
            said.contains("kind: invalid-input") && said.contains(reason),
            "{changes:?}: {said}"
        );
        assert!(!said.contains("valueless"), "{said}");
    }
    assert_eq!(simulated.requests().len(), 0);
}

#[test]
fn a_sign_in_host_that_is_not_there_or_is_none_is_said_in_a_sentence() {
    let Some(program) = Program::find("wasmtime") else { return };
    let simulated = Server::start(&[]);
    let nobody = format!("http://{}", free_address());
    let said = with(&program, &simulated, &[("login-url", &nobody)]);
    assert!(said.contains("kind: unauthorized"), "{said}");
    assert!(said.contains("was not reached: the connection was refused"), "{said}");

    let (page, address) =
        answering("HTTP/1.1 502 Bad Gateway\r\ncontent-length: 17\r\n\r\nany-secret <html>");
    let said = with(&program, &simulated, &[("login-url", &address)]);
    assert!(said.contains("responded with status 502 and no token"), "{said}");
    assert!(!said.contains("any-secret"), "{said}");
    // What it was sent is the form of a sign-in.
    let request = page.join().unwrap();
    assert!(
        request.starts_with("POST /contoso.onmicrosoft.com/oauth2/v2.0/token HTTP/1.1"),
        "{request}"
    );
    assert!(request.contains("grant_type=client_credentials"), "{request}");
    assert!(request.contains("scope=https%3A%2F%2Fgraph.microsoft.com%2F.default"), "{request}");
    assert_eq!(simulated.requests().len(), 0);
}

/// A server that responds once; what it was sent, and its address.
fn answering(response: &'static str) -> (std::thread::JoinHandle<String>, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let thread = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = String::new();
        let mut part = [0; 4096];
        while !request.contains("client_secret=any-secret") {
            let size = stream.read(&mut part).unwrap();
            assert_ne!(size, 0, "{request}");
            request.push_str(std::str::from_utf8(&part[..size]).unwrap());
        }
        stream.write_all(response.as_bytes()).unwrap();
        request
    });
    (thread, address)
}
