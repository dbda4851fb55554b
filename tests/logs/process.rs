//! The server as a process, and its log.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::thread::JoinHandle;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use runner::api_key::KeyHash;
use serde_json::Value;

use crate::graph::Graph;

/// The key of the one tenant, `contoso`.
pub const KEY: &str = "o365_c4nary-key-of-contoso";

/// A running `o365 serve`, killed if it is not stopped.
pub struct Server {
    child: Child,
    /// Stays open, as stdout of a process that goes on.
    _stdout: BufReader<ChildStdout>,
    log: Option<JoinHandle<String>>,
    /// Of a server whose log nobody reads.
    _stderr: Option<ChildStderr>,
    pub url: String,
    client: Client<HttpConnector, Full<Bytes>>,
}

/// An answer of the server.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
}

impl Answer {
    /// The id of the run that it is of.
    #[track_caller]
    pub fn run(&self) -> &str {
        let run = self.headers.get("run-id");
        run.unwrap_or_else(|| panic!("{self:?}")).to_str().unwrap()
    }
}

impl Server {
    /// A server for one tenant whose connection leads to `graph`.
    pub fn start(graph: &Graph, level: &str, variables: &[(&str, &str)]) -> Self {
        Self::start_with(graph, level, variables, "", true)
    }

    /// A server for one tenant with these further keys, whose log is read or not.
    pub fn start_with(
        graph: &Graph,
        level: &str,
        variables: &[(&str, &str)],
        further: &str,
        is_read: bool,
    ) -> Self {
        let hash = KeyHash::of(KEY);
        let tenant = format!(
            "[serve]\ngrace = 5\n[tenants.contoso]\nconnections = [\"contoso\"]\nkeys = [\"{hash}\"]\n{further}\n"
        );
        let mut child = Command::new(support::program())
            .args(["serve", "--address", "127.0.0.1:0", "--json", "--log", level, "--config"])
            .arg(graph.configuration(&tenant))
            .env("O365_CACHE_DIR", graph.directory().join("cache"))
            .env("O365_STATE_DIR", graph.directory().join("state"))
            // Other libraries' logs have headers in them.
            .env("RUST_LOG", "trace")
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut stderr = child.stderr.take();
        let log = stderr.take_if(|_| is_read).map(|mut stderr| {
            std::thread::spawn(move || {
                let mut log = String::new();
                stderr.read_to_string(&mut log).unwrap();
                log
            })
        });
        let mut first = String::new();
        stdout.read_line(&mut first).unwrap();
        if first.is_empty() {
            panic!("{}", log.map(|log| log.join().unwrap()).unwrap_or_default());
        }
        let started: Value = serde_json::from_str(&first).unwrap();
        let url = started["url"].as_str().unwrap().to_owned();
        let client = Client::builder(TokioExecutor::new()).build_http();
        Self { child, _stdout: stdout, log, _stderr: stderr, url, client }
    }

    /// Sends a request; the path may have a query.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let mut request =
            http::Request::builder().method(method).uri(format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::from(body.to_owned())).unwrap();
        let (head, body) = self.client.request(request).await.unwrap().into_parts();
        body.collect().await.unwrap();
        Answer { status: head.status, headers: head.headers }
    }

    /// Calls an action with the tenant's key.
    pub async fn call(&self, action: &str, more: &[(&str, &str)], input: &Value) -> Answer {
        let bearer = bearer(KEY);
        let own = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        let path = format!("/v1/actions/{action}");
        self.send(Method::POST, &path, &[&own, more].concat(), &input.to_string()).await
    }

    /// Sends it a signal.
    pub fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &id]).status().unwrap().success());
    }

    /// Whether it has ended.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Asks it to end, and waits for that; its log.
    pub fn stop(mut self) -> String {
        self.signal("TERM");
        let status = self.child.wait().unwrap();
        let log = self.log.take().unwrap().join().unwrap();
        assert!(status.success(), "{log}");
        log
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The header with a key.
pub fn bearer(key: &str) -> String {
    format!("Bearer {key}")
}
