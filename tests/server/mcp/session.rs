//! `o365 mcp`, and a client that writes and reads the lines itself.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::rc::Rc;

use serde_json::{Value, json};
use support::{program, scratch};

use crate::serve::server::Place;

/// The revisions of the protocol with and without a handshake.
pub const LEGACY: &str = "2025-11-25";
pub const STATELESS: &str = "2026-07-28";

/// A licence of the built-in directory that has free seats.
pub const SKU: &str = "06ebc4ee-1bb5-47dd-8120-11324bc54e06";

/// A session of one client; the server is killed with this value.
pub struct Session {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
    /// Where its configuration and its state are.
    pub place: Rc<Place>,
    last: u64,
    /// What the client says of itself in each request of a stateless revision.
    meta: Option<Value>,
    /// The notifications so far.
    pub notified: Vec<Value>,
    /// The requests of the server so far.
    pub asked: Vec<Value>,
    /// The answers to requests of the server, in order.
    pub answers: VecDeque<Value>,
}

impl Session {
    /// A session on simulated directories, after the handshake.
    pub fn start(arguments: &[&str]) -> Self {
        let mut session = Self::spawn(&[&["--simulate"], arguments].concat());
        session.handshake(LEGACY, json!({}));
        session
    }

    /// A session of a client that can ask its user.
    pub fn start_asking(arguments: &[&str], answers: &[Value]) -> Self {
        let mut session = Self::spawn(&[&["--simulate"], arguments].concat());
        session.answers = answers.iter().cloned().collect();
        session.handshake(LEGACY, json!({ "elicitation": {} }));
        session
    }

    /// A session without a handshake, of a client with these capabilities.
    pub fn start_stateless(arguments: &[&str], capabilities: Value) -> Self {
        let mut session = Self::spawn(&[&["--simulate"], arguments].concat());
        session.meta = Some(json!({
            "io.modelcontextprotocol/protocolVersion": STATELESS,
            "io.modelcontextprotocol/clientInfo": { "name": "tests", "version": "1" },
            "io.modelcontextprotocol/clientCapabilities": capabilities,
        }));
        session
    }

    /// The server, to which nothing has been said.
    pub fn spawn(arguments: &[&str]) -> Self {
        Self::spawn_in(Rc::new(Place::new()), arguments)
    }

    /// The same with the configuration of a place, after the handshake.
    pub fn start_in(place: Place, arguments: &[&str]) -> Self {
        Self::start_at(Rc::new(place), arguments)
    }

    /// A session beside or after another, with its configuration and its state.
    pub fn start_beside(other: &Self) -> Self {
        Self::start_at(Rc::clone(&other.place), &[])
    }

    fn start_at(place: Rc<Place>, arguments: &[&str]) -> Self {
        let config = place.config();
        let always = ["--config", config.to_str().unwrap()];
        let mut session = Self::spawn_in(place, &[&always, arguments].concat());
        session.handshake(LEGACY, json!({}));
        session
    }

    fn spawn_in(place: Rc<Place>, arguments: &[&str]) -> Self {
        let mut child = Command::new(program())
            .arg("mcp")
            .args(arguments)
            .current_dir(place.path(""))
            .env("TMPDIR", place.path(""))
            .env("O365_STATE_DIR", place.path("state"))
            .env("O365_CACHE_DIR", scratch().join("cache"))
            .env("XDG_CONFIG_HOME", place.path("config"))
            .env_remove("O365_CONFIG")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (stdin, stdout) = (child.stdin.take(), BufReader::new(child.stdout.take().unwrap()));
        Self {
            child,
            stdin,
            stdout,
            place,
            last: 0,
            meta: None,
            notified: Vec::new(),
            asked: Vec::new(),
            answers: VecDeque::new(),
        }
    }

    fn handshake(&mut self, version: &str, capabilities: Value) {
        let client = json!({ "name": "tests", "version": "1" });
        let params = json!({
            "protocolVersion": version, "capabilities": capabilities, "clientInfo": client,
        });
        let answer = self.request("initialize", params);
        assert_eq!(answer["result"]["protocolVersion"], version, "{answer}");
        self.notify("notifications/initialized", json!({}));
    }

    pub fn send(&mut self, message: &Value) {
        let stdin = self.stdin.as_mut().unwrap();
        stdin.write_all(format!("{message}\n").as_bytes()).unwrap();
    }

    pub fn notify(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Sends a request, and returns its id.
    pub fn begin(&mut self, method: &str, mut params: Value) -> u64 {
        self.last += 1;
        if let Some(meta) = &self.meta {
            let own = params["_meta"].as_object().cloned().unwrap_or_default();
            let mut meta = meta.clone();
            meta.as_object_mut().unwrap().extend(own);
            params["_meta"] = meta;
        }
        let id = self.last;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        id
    }

    /// Sends a request, and returns the response.
    pub fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.begin(method, params);
        self.response(id)
    }

    /// Reads the response to a request. What else the server says is kept, and its requests are
    /// answered.
    pub fn response(&mut self, id: u64) -> Value {
        loop {
            let message = self.read().unwrap_or_else(|| panic!("it ended: {}", self.said()));
            if message["id"] == id && message.get("method").is_none() {
                return message;
            }
            self.received(message);
        }
    }

    /// Reads until the server asks something, which is left open.
    pub fn question(&mut self) -> Value {
        loop {
            let message = self.read().expect("a question before the end");
            if message.get("method").is_some() && message.get("id").is_some() {
                return message;
            }
            self.received(message);
        }
    }

    /// Reads the next message, which is a notification.
    pub fn notification(&mut self) -> Value {
        let message = self.read().expect("a notification before the end");
        assert!(message.get("id").is_none(), "{message}");
        message
    }

    /// What the server said on stderr, which has ended.
    fn said(&mut self) -> String {
        let mut said = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        said
    }

    fn received(&mut self, message: Value) {
        let Some(id) = message.get("id").cloned() else { return self.notified.push(message) };
        self.asked.push(message);
        let answer = self.answers.pop_front().expect("an answer to what the server asks");
        let mut response = json!({ "jsonrpc": "2.0", "id": id });
        let member = if answer.get("code").is_some() { "error" } else { "result" };
        response[member] = answer;
        self.send(&response);
    }

    fn read(&mut self) -> Option<Value> {
        let mut line = String::new();
        match self.stdout.read_line(&mut line).unwrap() {
            0 => None,
            _ => Some(serde_json::from_str(&line).unwrap_or_else(|_| panic!("{line:?}"))),
        }
    }

    /// Calls a tool: its result.
    pub fn call(&mut self, tool: &str, arguments: Value) -> Value {
        let mut answer =
            self.request("tools/call", json!({ "name": tool, "arguments": arguments }));
        assert!(answer["result"].is_object(), "{answer}");
        answer["result"].take()
    }

    /// Calls a tool that succeeds: its structured content.
    pub fn done(&mut self, tool: &str, arguments: Value) -> Value {
        let result = self.call(tool, arguments);
        assert_ne!(result["isError"], true, "{result}");
        let text = result["content"][0]["text"].as_str().unwrap();
        let shown: Value = serde_json::from_str(text).unwrap();
        assert_eq!(shown, result["structuredContent"], "{result}");
        shown
    }

    /// Calls a tool that fails: what it says.
    pub fn failed(&mut self, tool: &str, arguments: Value) -> Value {
        let result = self.call(tool, arguments);
        assert_eq!(result["isError"], true, "{result}");
        assert!(result.get("structuredContent").is_none(), "{result}");
        serde_json::from_str(result["content"][0]["text"].as_str().unwrap()).unwrap()
    }

    /// Kills the server, as `kill -9` does.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Closes stdin, as a client does that leaves.
    pub fn leave(&mut self) {
        self.stdin = None;
    }

    /// What the server still says until it ends, and its exit code.
    pub fn rest(&mut self) -> (Vec<Value>, i32) {
        let rest = std::iter::from_fn(|| self.read()).collect();
        (rest, self.child.wait().unwrap().code().unwrap())
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The input of a call that creates a user.
pub fn user(nickname: &str) -> Value {
    json!({
        "serviceId": SKU, "displayName": "Allen Allbrook", "mailNickname": nickname,
        "password": "Xy12abCD!!", "usageLocation": "AM",
    })
}
