//! The adapter `http` on `wasmtime serve` beside `o365 serve`: the same requests, with the same
//! simulated tenant behind both.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use support::programs::Program;
use support::simulate::{CLIENT_ID, Server, TENANT};
use support::{o365, program, scratch};

use crate::client::{Answer, send};
use crate::composed::file;
use crate::wasmtime::{Serving, settings};

/// `o365 serve` with one tenant; it is killed with this value.
struct Own {
    child: Child,
    address: String,
    key: String,
    _directory: tempfile::TempDir,
}

impl Own {
    fn start(simulated: &Server) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let config = directory.path().join("o365.toml");
        let text = format!(
            "[connections.contoso]\ntenant = \"{TENANT}\"\n\
             client-id = \"{CLIENT_ID}\"\nclient-secret = {{ env = \"SECRET\" }}\n\
             graph-url = \"{0}/v1.0\"\nlogin-url = \"{0}\"\nsender = \"noreply@{TENANT}\"\n",
            simulated.http()
        );
        fs::write(&config, text).unwrap();
        let config = config.to_str().unwrap();
        let add = ["--json", "tenant", "add", "fabrikam", "--connection", "contoso"];
        let added = o365(add.into_iter().chain(["--config", config])).run().result();
        let mut command = Command::new(program());
        command.args(["serve", "--json", "--address", "127.0.0.1:0", "--config", config]);
        command.arg("--audit-log").arg(directory.path().join("audit.jsonl"));
        command.env("SECRET", "any-secret").env("O365_STATE_DIR", directory.path().join("state"));
        command.env("O365_CACHE_DIR", scratch().join("cache"));
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let started: Value = serde_json::from_str(&line).unwrap();
        let address = started["url"].as_str().unwrap().trim_start_matches("http://");
        Self {
            child,
            address: address.to_owned(),
            key: added["key"].as_str().unwrap().to_owned(),
            _directory: directory,
        }
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A request, and how alike the two responses are.
struct Case {
    method: &'static str,
    path: &'static str,
    key: Key,
    headers: &'static [(&'static str, &'static str)],
    body: Body,
    alike: Alike,
}

enum Key {
    Right,
    Wrong,
    None,
}

#[derive(Clone, Copy, Debug)]
enum Body {
    Empty,
    Text(&'static str),
    Blanks(usize),
}

#[derive(Clone, Copy, PartialEq)]
enum Alike {
    /// The whole body.
    Whole,
    /// Its status and its kind: the fix names other things.
    Kind,
}

const JSON: &[(&str, &str)] = &[("Content-Type", "application/json")];

const fn post(path: &'static str, body: &'static str) -> Case {
    let (key, alike) = (Key::Right, Alike::Whole);
    Case { method: "POST", path, key, headers: JSON, body: Body::Text(body), alike }
}

const fn get(path: &'static str) -> Case {
    let (key, alike) = (Key::Right, Alike::Whole);
    Case { method: "GET", path, key, headers: &[], body: Body::Empty, alike }
}

impl Case {
    fn send(&self, address: &str, key: &str) -> Answer {
        let bearer = match self.key {
            Key::Right => format!("Bearer {key}"),
            Key::Wrong => "Bearer another-key-0123456789".to_owned(),
            Key::None => String::new(),
        };
        let mut headers = self.headers.to_vec();
        if !bearer.is_empty() {
            headers.push(("Authorization", &bearer));
        }
        let body = match self.body {
            Body::Empty => String::new(),
            Body::Text(text) => text.to_owned(),
            Body::Blanks(count) => " ".repeat(count),
        };
        send(address, self.method, self.path, &headers, &body)
    }
}

const COUNT: &str = "/v1/actions/get-available-license-count";
const PAGE: &str = "/v1/actions/users-with-licenses-page";
const SPE_E5: &str = r#"{"serviceId": "SPE_E5"}"#;

fn cases() -> Vec<Case> {
    let kind = Alike::Kind;
    vec![
        // Results and errors of actions.
        post(COUNT, SPE_E5),
        post("/v1/actions/is-license-available", SPE_E5),
        post(PAGE, r#"{"pageSize": 2.0}"#),
        post("/v1/actions/users-without-licenses-report", "{}"),
        post("/v1/actions/import-catalog", "{}"),
        post("/v1/actions/verify-connection", "{}"),
        post("/v1/actions/country-codes", r#"{"search": null}"#),
        post(
            "/v1/actions/delete-user",
            r#"{"userPrincipalName": "nobody@contoso.onmicrosoft.com"}"#,
        ),
        post("/v1/actions/get-available-license-count", r#"{"serviceId": "NO_SUCH"}"#),
        post(
            "/v1/actions/create-user",
            r#"{"serviceId": "SPE_E5", "displayName": "A", "mailNickname": "a", "password": "short", "usageLocation": "XX"}"#,
        ),
        post(
            "/v1/actions/send-created-user-email-notification",
            r#"{"recipient": "pat@contoso.com", "userEmail": "allen@contoso.onmicrosoft.com"}"#,
        ),
        // Inputs that are wrong.
        post(COUNT, "{}"),
        post(COUNT, "[]"),
        post(COUNT, "null"),
        post(COUNT, ""),
        post(COUNT, "{"),
        post(COUNT, r#"{"serviceId": 1}"#),
        post(COUNT, r#"{"serviceID": "SPE_E5", "other/~": 1}"#),
        post(COUNT, r#"{"serviceId": "a", "serviceId": "b"}"#),
        post(COUNT, r#"{"serviceId": "SPE_E5", "connectionId": null}"#),
        post(PAGE, r#"{"pageSize": 1.5, "cursor": 7}"#),
        post(PAGE, r#"{"pageSize": 65536}"#),
        post(PAGE, r#"{"pageSize": -1}"#),
        post(PAGE, r#"{"pageSize": 1e300}"#),
        post(PAGE, r#"{"pageSize": 0}"#),
        post("/v1/actions/create-user", "{}"),
        // Requests that are wrong.
        Case { headers: &[], ..post(COUNT, SPE_E5) },
        Case { headers: &[("Content-Type", "text/plain")], ..post(COUNT, SPE_E5) },
        Case {
            headers: &[("Content-Type", "application/json; charset=utf-8")],
            ..post(COUNT, SPE_E5)
        },
        Case {
            headers: &[("Content-Type", "application/json"), ("Content-Encoding", "gzip")],
            ..post(COUNT, SPE_E5)
        },
        Case { body: Body::Blanks((1 << 20) + 1), ..post(COUNT, "") },
        post("/v1/actions/get-available-license-count?plan=false", SPE_E5),
        post("/v1/actions/get-available-license-count?plam=true", SPE_E5),
        // What is not there.
        post("/v1/actions/creat-user", "{}"),
        get("/v1/actions/creat-user"),
        Case { alike: kind, ..get("/v1/action") },
        Case { alike: kind, ..get("/v1/actions/a/b") },
        Case { alike: kind, ..get("/") },
        Case { method: "DELETE", ..get("/v1/actions") },
        Case { method: "PUT", ..get("/v1/actions/create-user") },
        Case { method: "POST", ..get("/healthz") },
        // What can be read.
        get("/v1/actions"),
        get("/v1/actions/create-user"),
        get("/v1/actions/country-codes"),
        Case { method: "HEAD", ..get("/v1/actions") },
        Case { key: Key::None, ..get("/healthz") },
        Case { key: Key::None, ..get("/readyz") },
        // Keys.
        Case { key: Key::None, alike: kind, ..get("/v1/actions") },
        Case { key: Key::Wrong, alike: kind, ..get("/v1/actions") },
        Case { key: Key::None, alike: kind, ..post(COUNT, SPE_E5) },
        Case { key: Key::Wrong, alike: kind, ..get("/no/such/path") },
    ]
}

#[test]
fn the_responses_are_those_of_the_server() {
    let Some(program) = Program::find("wasmtime") else { return };
    let simulated = Server::start(&[]);
    let own = Own::start(&simulated);
    let mut settings = settings(&simulated);
    settings.push(("api-key", own.key.clone()));
    settings.push(("connection-id", "contoso".to_owned()));
    let serving = Serving::start(&program, &file("connections,http", &[]), &settings);
    let mut differences = Vec::new();
    for case in cases() {
        let ours = case.send(&own.address, &own.key);
        let theirs = case.send(&serving.address, &own.key);
        let place = format!("{} {} {:?}", case.method, case.path, case.body);
        for (part, ours, theirs) in parts(&case, &ours, &theirs) {
            if ours != theirs {
                differences.push(format!("{place}, {part}: {theirs} and not {ours}"));
            }
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// What is compared of two responses.
fn parts<'a>(
    case: &Case,
    ours: &'a Answer,
    theirs: &'a Answer,
) -> Vec<(&'static str, Value, Value)> {
    const HEADERS: [&str; 5] =
        ["content-type", "cache-control", "x-content-type-options", "allow", "www-authenticate"];
    const MEMBERS: [&str; 5] = ["/type", "/title", "/status", "/detail", "/error/kind"];
    let mut parts = vec![("status", json!(ours.status), json!(theirs.status))];
    parts.extend(HEADERS.map(|name| (name, json!(ours.header(name)), json!(theirs.header(name)))));
    match case.alike {
        _ if case.method == "HEAD" => {
            parts.push(("body", json!(ours.body), json!(theirs.body)));
        }
        Alike::Whole => parts.push(("body", comparable(ours), comparable(theirs))),
        Alike::Kind => {
            let (ours, theirs) = (ours.json(), theirs.json());
            let of = |body: &Value, pointer| body.pointer(pointer).cloned().unwrap_or_default();
            parts.extend(MEMBERS.map(|name| (name, of(&ours, name), of(&theirs, name))));
        }
    }
    parts
}

/// A body without what differs from request to request.
fn comparable(answer: &Answer) -> Value {
    let mut body = answer.json();
    if let Some(graph) = body.pointer_mut("/error/graph") {
        graph["requestId"].take();
    }
    body
}

#[test]
fn what_needs_a_memory_or_the_runner_is_refused() {
    let Some(program) = Program::find("wasmtime") else { return };
    let simulated = Server::start(&[]);
    let mut settings = settings(&simulated);
    settings.push(("allow-unauthenticated", "true".to_owned()));
    let serving = Serving::start(&program, &file("connections,http", &[]), &settings);
    let refused = |path: &str, headers: &[(&str, &str)]| {
        let headers = [JSON, headers].concat();
        send(&serving.address, "POST", path, &headers, SPE_E5)
    };
    let plan = refused("/v1/actions/get-available-license-count?plan=true", &[]);
    assert_eq!((plan.status, &plan.json()["detail"]), (400, &json!("this server makes no plans")));
    let again = refused(COUNT, &[("Idempotency-Key", "order-4711")]);
    assert_eq!(again.status, 400);
    assert!(again.body.contains("cannot honour an Idempotency-Key"), "{again:?}");
    // Without both, the call is served, and without a key since the settings say so.
    assert_eq!(refused(COUNT, &[]).status, 200);
}

#[test]
fn without_a_key_in_the_settings_nothing_is_served() {
    let Some(program) = Program::find("wasmtime") else { return };
    let simulated = Server::start(&[]);
    let component = file("connections,http", &[]);
    let cases = [
        (vec![], "the setting api-key (in the environment O365_API_KEY) is missing"),
        (vec![("api-key", "short")], "is too short"),
        (vec![("allow-unauthenticated", "yes")], "set it to true, or remove it"),
        (
            vec![("api-key", "a-key-of-callers-0123"), ("allow-unauthenticated", "true")],
            "stands beside api-key",
        ),
    ];
    for (further, reason) in cases {
        let mut settings = settings(&simulated);
        settings.extend(further.iter().map(|(name, value)| (*name, (*value).to_owned())));
        let serving = Serving::start(&program, &component, &settings);
        let refused = send(&serving.address, "POST", COUNT, JSON, SPE_E5);
        assert_eq!(refused.status, 500, "{refused:?}");
        assert_eq!(refused.json()["error"]["kind"], "configuration");
        assert!(refused.body.contains(reason), "{refused:?}");
        assert!(!refused.body.contains("a-key-of-callers"), "{refused:?}");
        let ready = send(&serving.address, "GET", "/readyz", &[], "");
        assert_eq!((ready.status, &ready.json()["status"]), (503, &json!("not-ready")));
    }
    assert_eq!(simulated.requests().len(), 0);
}
