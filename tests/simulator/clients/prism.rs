//! Stoplight's Prism between a client and the simulated tenant: it holds every answer against
//! Microsoft's description of Graph.
//!
//! Requests are not held against it: it says `message` where Microsoft's own clients send
//! `Message`, and Graph takes both.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::clients::microsoft::{exercise, msgraph, node, python};
use support::simulate::Server;

/// A proxy that is killed with this value.
struct Prism {
    child: Child,
    address: String,
}

impl Prism {
    fn start(project: &Path, description: &Path, server: &Server) -> Self {
        // Free a moment ago, which is enough on loopback.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let child = Command::new("node")
            .arg(project.join("node_modules/@stoplight/prism-cli/dist/index.js"))
            .args(["proxy", "--errors", "--validate-request", "false", "--port"])
            .arg(port.to_string())
            .arg(description)
            .arg(format!("{}/v1.0", server.http()))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let address = format!("127.0.0.1:{port}");
        let started = Instant::now();
        while TcpStream::connect(&address).is_err() {
            assert!(started.elapsed() < Duration::from_secs(60), "prism does not listen");
            std::thread::sleep(Duration::from_millis(100));
        }
        Self { child, address: format!("http://{address}") }
    }
}

impl Drop for Prism {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn prism_finds_nothing_wrong_with_the_answers() {
    let (Some(python), Some(node)) = (python(), node()) else { return };
    let description = support::root().join("tests/data/graph.json");
    let server = Server::start(&[]);
    let prism = Prism::start(&node, &description, &server);
    exercise(msgraph(&python, "actions"), &server, &prism.address);
    drop(prism);
    // What it would have found: the same with a description that no answer meets.
    let mut wrong: Value = serde_json::from_slice(&fs::read(&description).unwrap()).unwrap();
    let schema = &mut wrong["components"]["schemas"]["microsoft.graph.subscribedSku"];
    set_type(schema, "skuPartNumber", "integer");
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("wrong.json");
    fs::write(&path, wrong.to_string()).unwrap();
    let prism = Prism::start(&node, &path, &server);
    let output = msgraph(&python, "actions")
        .env("GRAPH", &prism.address)
        .env("LOGIN", server.https())
        .env("TENANT", support::simulate::TENANT)
        .env("SENDER", "noreply@contoso.onmicrosoft.com")
        .env("NO_PROXY", "localhost,127.0.0.1")
        .env("REQUESTS_CA_BUNDLE", server.certificate())
        .output()
        .unwrap();
    assert!(!output.status.success(), "a wrong answer is noticed");
}

/// Gives the property another type, wherever the schema has it.
fn set_type(schema: &mut Value, property: &str, kind: &str) {
    match schema {
        Value::Object(object) => {
            if let Some(found) = object.get_mut("properties").and_then(|all| all.get_mut(property))
            {
                *found = serde_json::json!({ "type": kind });
            }
            object.values_mut().for_each(|inner| set_type(inner, property, kind));
        }
        Value::Array(items) => items.iter_mut().for_each(|inner| set_type(inner, property, kind)),
        _ => {}
    }
}
