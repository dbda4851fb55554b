//! `o365 serve` on a simulated directory, and its documents as files.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use support::{program, scratch};
use tempfile::TempDir;

/// A document of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Document {
    OpenApi31,
    OpenApi30,
    Swagger,
}

impl Document {
    /// Its version of OpenAPI.
    pub const fn version(self) -> &'static str {
        match self {
            Self::OpenApi31 => "3.1",
            Self::OpenApi30 => "3.0",
            Self::Swagger => "2.0",
        }
    }

    const fn target(self) -> &'static str {
        match self {
            Self::OpenApi31 => "/openapi.json",
            Self::OpenApi30 => "/openapi.json?version=3.0",
            Self::Swagger => "/swagger.json",
        }
    }
}

/// A server of one tenant; it is killed with this value.
pub struct Served {
    child: Child,
    pub url: String,
    pub key: String,
    place: TempDir,
}

impl Served {
    pub fn start() -> Self {
        let place = tempfile::tempdir().unwrap();
        let mut child = Command::new(program())
            .args(["serve", "--simulate", "--json", "--address", "127.0.0.1:0", "--audit-log"])
            .arg(place.path().join("audit.jsonl"))
            .current_dir(place.path())
            // What is killed does not tidy up.
            .env("TMPDIR", place.path())
            .env("O365_STATE_DIR", place.path().join("state"))
            .env("O365_CACHE_DIR", scratch().join("cache"))
            .env("XDG_CONFIG_HOME", place.path().join("config"))
            .env_remove("O365_CONFIG")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let started: Value = serde_json::from_str(&line).unwrap();
        let text = |name: &str| started[name].as_str().unwrap().to_owned();
        Self { child, url: text("url"), key: text("key"), place }
    }

    /// Gets a document, and gives it with the file that it is in.
    pub fn document(&self, document: Document) -> (Value, PathBuf) {
        let path = self.place.path().join(format!("openapi-{}.json", document.version()));
        let body = self.get(document.target());
        fs::write(&path, &body).unwrap();
        (serde_json::from_str(&body).unwrap(), path)
    }

    /// The body of the response 200 to a GET.
    pub fn get(&self, target: &str) -> String {
        let address = self.url.trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).unwrap();
        let head = format!("GET {target} HTTP/1.1\r\nHost: {address}\r\nConnection: close");
        write!(stream, "{head}\r\nAuthorization: Bearer {}\r\n\r\n", self.key).unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        let (head, body) = response.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200 "), "{target}: {head}");
        body.to_owned()
    }

    /// A directory that lasts as long as the server.
    pub fn place(&self) -> &Path {
        self.place.path()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The operations of a document, in any version.
pub fn operations(document: &Value) -> Vec<&Value> {
    let paths = document["paths"].as_object().unwrap().values();
    let operations = paths.flat_map(|path| path.as_object().unwrap().values());
    operations.filter(|operation| operation["operationId"].is_string()).collect()
}

/// The ids of the operations of a document.
pub fn ids(document: &Value) -> BTreeSet<String> {
    let id = |operation: &&Value| operation["operationId"].as_str().unwrap().to_owned();
    operations(document).iter().map(id).collect()
}
