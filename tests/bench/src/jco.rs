//! What others give: the component as jco makes JavaScript of it, on Node.js.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use runner::contract::Documents;
use runner::contract::listing::Description;
use serde_json::{Map, Value, json};
use support::{root, scratch, transpiled};

use crate::sandboxed::component;

/// A process of Node.js that makes a call whenever it is told to, each in a worker of its own, as
/// `docs/embed/embed.mjs` has it.
pub struct Jco {
    child: Child,
    orders: ChildStdin,
    results: BufReader<ChildStdout>,
}

impl Jco {
    /// Starts it, with a connection to the Graph at this address; none where there is no Node.js.
    pub fn start(graph: SocketAddr, action: &str, input: &Map<String, Value>) -> Option<Self> {
        let place = scratch().join("bench-jco");
        fs::create_dir_all(&place).unwrap();
        let (component, file) = (component(), place.join("o365.wasm"));
        fs::write(&file, &component).unwrap();
        let documents = Documents::read(&component).unwrap();
        let described = Description::of(&documents, &documents.action(action).unwrap()).unwrap();
        let schemas = place.join(action).with_extension("json");
        fs::write(schemas, serde_json::to_vec(&described).unwrap()).unwrap();
        let directory = transpiled(&file, &[root().join("tests/bench/node/turns.mjs")])?;
        let asked = json!({
            "action": action,
            "input": input,
            "schemas": place,
            "connection": {
                "id": input["connectionId"],
                "graphUrl": format!("http://{graph}/v1.0"),
                "tenant": "contoso.onmicrosoft.com",
                "access": "app-only",
                "timeLimitMs": 60_000,
                "token": "any-token",
            },
        });
        let mut child = Command::new("node")
            .args(["turns.mjs", &asked.to_string()])
            .current_dir(directory)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (orders, results) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        Some(Self { child, orders, results: BufReader::new(results) })
    }

    /// Makes the call once. Returns its result.
    pub fn call(&mut self) -> Value {
        self.orders.write_all(b"\n").unwrap();
        let mut line = String::new();
        self.results.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("Node.js said {line:?}"))
    }
}

impl Drop for Jco {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}
