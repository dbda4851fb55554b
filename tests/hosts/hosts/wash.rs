//! `wash dev`: the component composed with the adapter that serves it over HTTP, a process for each
//! job, whose configuration has the job's connection.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::BodyExt;
use runner::network::{Client, ClientOptions};
use serde_json::{Value, json};
use support::programs::Program;
use support::simulate::TENANT;
use tempfile::TempDir;
use tokio::sync::Semaphore;

use super::composed::composed;
use super::{Ended, Job, Ran, SLACK, each};
use crate::cases::SENDER;
use crate::proxy::TOKEN;

/// The key of the callers.
const KEY: &str = "the-key-of-the-callers";

/// How long the start may take, of which the most is compiling.
const START: Duration = Duration::from_secs(120);

/// How many servers start at a time: a start takes seconds of computing, which the other hosts need.
static STARTING: Semaphore = Semaphore::const_new(1);

/// A server; it ends with this value.
struct Server {
    process: Child,
    url: String,
    client: Client,
    _project: TempDir,
}

pub async fn run(jobs: Vec<Job>) -> Option<Vec<Ran>> {
    let prepare = || {
        let program = Program::find("wash")?;
        Some((program, composed("served", &["--with", "connections-static,http"])))
    };
    let prepared = Arc::new(tokio::task::spawn_blocking(prepare).await.unwrap()?);
    let one = move |job: Job| {
        let prepared = Arc::clone(&prepared);
        async move {
            let (program, component) = &*prepared;
            let server = Server::start(program, component.to_str().unwrap(), &job).await;
            let start = Instant::now();
            let ended = tokio::time::timeout(job.case.limit + SLACK, server.call(&job)).await;
            let ended = ended.unwrap_or_else(|_| Ended::Broken("no answer".to_owned()));
            Ran { ended, elapsed: start.elapsed() }
        }
    };
    Some(each(jobs, one).await)
}

impl Server {
    async fn start(program: &Program, component: &str, job: &Job) -> Self {
        let _starting = STARTING.acquire().await.unwrap();
        let address = {
            let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
            free.local_addr().unwrap().to_string()
        };
        let configuration = json!({
            "build": { "command": "true", "component_path": component },
            "dev": {
                "address": address,
                "host_interfaces": [{
                    "namespace": "wasi", "package": "config", "interfaces": ["store"],
                    "version": "0.2.0-rc.1",
                    "config": {
                        "tenant": TENANT, "graph-url": job.graph_url, "access-token": TOKEN,
                        "sender": SENDER, "time-limit": job.case.limit.as_secs().to_string(),
                        "api-key": KEY,
                    },
                }],
            },
            "workload": { "allowedHosts": ["127.0.0.1"] },
        });
        let project = tempfile::tempdir().unwrap();
        fs::create_dir(project.path().join(".wash")).unwrap();
        // JSON is YAML.
        fs::write(project.path().join(".wash/config.yaml"), configuration.to_string()).unwrap();
        let mut command = program.command();
        command.args(["--non-interactive", "dev"]).current_dir(project.path());
        command.env("HOME", project.path()).stdout(Stdio::null()).stderr(Stdio::null());
        let process = command.spawn().unwrap();
        let url = format!("http://{address}");
        let own_addresses = vec![url.parse().unwrap()];
        let client = Client::new(&ClientOptions { own_addresses, ..ClientOptions::default() });
        let server = Self { process, url, client: client.unwrap(), _project: project };
        // It listens before it has compiled the component, and then answers 404.
        let start = Instant::now();
        loop {
            let answer = server.send("GET", "/readyz", String::new()).await;
            if matches!(answer, Some((200, _))) {
                break;
            }
            assert!(start.elapsed() < START, "wash serves nothing: {answer:?}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        server
    }

    async fn call(&self, job: &Job) -> Ended {
        let path = format!("/v1/actions/{}", job.case.action.name());
        match self.send("POST", &path, job.input().to_string()).await {
            Some((200 | 204, result)) => Ended::Result(result),
            Some((_, mut problem)) if problem["error"].is_object() => {
                Ended::Error(problem["error"].take())
            }
            other => Ended::Broken(format!("{other:?}")),
        }
    }

    /// The status and the body of the answer to a request; none where there is none.
    async fn send(&self, method: &str, path: &str, body: String) -> Option<(u16, Value)> {
        let request = http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
            .header("authorization", format!("Bearer {KEY}"))
            .header("content-type", "application/json")
            .body(Bytes::from(body))
            .unwrap();
        let answer = self.client.send(request).await.ok()?;
        let status = answer.status().as_u16();
        let body = answer.collect().await.ok()?.to_bytes();
        Some((status, serde_json::from_slice(&body).unwrap_or_default()))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
