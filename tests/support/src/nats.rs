//! NATS servers on loopback, with JetStream.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;

use runner::store::jetstream::options::Options;
use tempfile::TempDir;

use crate::install::Project;

static DIRECTORY: LazyLock<Option<PathBuf>> =
    LazyLock::new(|| Project::python("scale/python", &[]).installed());

/// A server, with what it stores in a directory of its own; it is killed with this value.
pub struct Nats {
    program: PathBuf,
    directory: TempDir,
    port: u16,
    /// Its place among the servers of a cluster.
    clustered: Vec<String>,
    child: Option<Child>,
}

impl Nats {
    /// Starts a server with an empty store on a free port; none where it is not there.
    pub fn start() -> Option<Self> {
        Self::started(Vec::new())
    }

    /// Starts a cluster of three servers; none where they are not there.
    pub fn three() -> Option<Vec<Self>> {
        // Free ports, as far as one can know.
        let free = || TcpListener::bind("127.0.0.1:0").unwrap();
        let listeners = [free(), free(), free()];
        let routes = listeners.map(|it| format!("nats://{}", it.local_addr().unwrap()));
        let all = routes.join(",");
        let mut servers = Vec::new();
        for (number, route) in routes.iter().enumerate() {
            let name = format!("n{number}");
            let arguments =
                ["--name", &name, "--cluster_name", "c", "--cluster", route, "--routes", &all];
            servers.push(Self::started(arguments.map(ToOwned::to_owned).to_vec())?);
        }
        Some(servers)
    }

    fn started(clustered: Vec<String>) -> Option<Self> {
        let program = DIRECTORY.as_ref()?.join("venv/bin/nats-server");
        let directory = tempfile::tempdir().unwrap();
        let mut server = Self { program, directory, port: 0, clustered, child: None };
        server.restart();
        Some(server)
    }

    /// Its URL.
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// The options of a store on it.
    pub fn options(&self) -> Options {
        Options { servers: vec![self.url()], credentials: None, authorities: None, replicas: 1 }
    }

    /// Kills it, as `kill -9` does. What it has stored stays.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Starts it again after [`Self::kill`], on the same port with what it has stored.
    pub fn restart(&mut self) {
        self.kill();
        // A port of -1 is any free one.
        let port = if self.port == 0 { "-1".to_owned() } else { self.port.to_string() };
        let mut child = Command::new(&self.program)
            .args(["--addr", "127.0.0.1", "--port", &port, "--jetstream", "--store_dir"])
            .arg(self.directory.path())
            .args(&self.clustered)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut said = String::new();
        while !said.contains("Server is ready") {
            let line = log.next().unwrap_or_else(|| panic!("nats-server ended: {said}")).unwrap();
            if let Some((_, address)) = line.split_once("client connections on 127.0.0.1:") {
                self.port = address.trim().parse().unwrap();
            }
            said += &line;
        }
        // With a full pipe it would wait.
        std::thread::spawn(move || log.for_each(drop));
        self.child = Some(child);
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        self.kill();
    }
}
