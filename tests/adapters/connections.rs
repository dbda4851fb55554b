//! The sign-in of the adapter `connections`, and what it says when it fails.

use std::io::{Read, Write};
use std::net::TcpListener;

use support::programs::Program;
use support::simulate::Server;

use crate::client::free_address;
use crate::composed::file;
use crate::wasmtime::{invoke, settings};

/// A user of the built-in tenant.
const USER: &str = "anna@contoso.onmicrosoft.com";

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

#[tokio::test]
async fn a_refresh_token_signs_in_and_one_that_is_none_is_refused_with_entras_code() {
    let Some(program) = Program::find("wasmtime") else { return };
    let simulated = Server::start(&[]);
    let user = [("grant_type", "password"), ("username", USER), ("password", "any")];
    let scope = (
        "scope",
        "offline_access https://graph.microsoft.com/User.ReadWrite.All https://graph.microsoft.com/Organization.Read.All",
    );
    let granted = simulated.granted(&[&user[..], &[scope]].concat()).await.json();
    let token = granted["refresh_token"].as_str().unwrap();
    let said = with(&program, &simulated, &[("client-secret", ""), ("refresh-token", token)]);
    assert_eq!(said, "ok(true)");
    let wrong = [("client-secret", ""), ("refresh-token", "no-such-token")];
    let said = with(&program, &simulated, &wrong);
    assert!(said.contains("refused the sign-in with AADSTS"), "{said}");
    assert!(!said.contains("no-such-token"), "{said}");
}

#[test]
fn an_assertion_is_sent_in_place_of_a_secret() {
    let Some(program) = Program::find("wasmtime") else { return };
    let simulated = Server::start(&[]);
    let refusal = "HTTP/1.1 401 Unauthorized\r\ncontent-length: 85\r\n\r\n{\"error\":\"invalid_client\",\"error_description\":\"AADSTS700213: No matching e30.e30.x\"} ";
    let (host, address) = answering(refusal, "client_assertion=e30.e30.x");
    let changes =
        [("client-secret", ""), ("client-assertion", "e30.e30.x"), ("login-url", address.as_str())];
    let said = with(&program, &simulated, &changes);
    assert!(
        said.contains("AADSTS700213: the client assertion fits no federated credential"),
        "{said}"
    );
    assert!(!said.contains("e30.e30.x"), "{said}");
    let form = host.join().unwrap();
    assert!(form.contains("client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3A"), "{form}");
    assert!(!form.contains("client_secret"), "{form}");
}

/// A host that brings the token, and one whose proxy adds it.
#[tokio::test]
async fn a_token_of_the_host_is_sent_and_none_is_sent_without_one() {
    let Some(program) = Program::find("wasmtime") else { return };
    let simulated = Server::start(&[]);
    let component = file("connections-static,environment", &[]);
    let token = simulated.token().await;
    let mut settings = settings(&simulated);
    settings.retain(|(name, _)| !name.starts_with("client-"));
    let said = invoke(&program, &component, &settings, CALL);
    assert!(said.contains("Access token is empty."), "{said}");
    settings.push(("access-token", token));
    assert_eq!(invoke(&program, &component, &settings, CALL), "ok(true)");
    settings.push(("access", "nobody".to_owned()));
    let said = invoke(&program, &component, &settings, CALL);
    assert!(said.contains("set it to app-only or delegated"), "{said}");
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

    let (page, address) = answering(
        "HTTP/1.1 502 Bad Gateway\r\ncontent-length: 17\r\n\r\nany-secret <html>",
        "client_secret=any-secret",
    );
    let said = with(&program, &simulated, &[("login-url", &address)]);
    assert!(said.contains("responded with status 502 and no token"), "{said}");
    assert!(!said.contains("any-secret"), "{said}");
    // One that accepts a connection and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", silent.local_addr().unwrap());
    let said = with(&program, &simulated, &[("login-url", &address), ("time-limit", "2")]);
    assert!(said.contains("was not reached: it did not respond within 2 seconds"), "{said}");
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

/// A server that responds once it was sent the `last` text; what it was sent, and its address.
fn answering(
    response: &'static str,
    last: &'static str,
) -> (std::thread::JoinHandle<String>, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let thread = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = String::new();
        let mut part = [0; 4096];
        while !request.contains(last) {
            let size = stream.read(&mut part).unwrap();
            assert_ne!(size, 0, "{request}");
            request.push_str(std::str::from_utf8(&part[..size]).unwrap());
        }
        stream.write_all(response.as_bytes()).unwrap();
        request
    });
    (thread, address)
}
