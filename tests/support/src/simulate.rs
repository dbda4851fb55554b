//! The real binary, serving a simulated tenant.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Method, StatusCode};
use http_body_util::BodyExt;
use runner::network::Trust;
use runner::network::{Client, ClientOptions};
use serde_json::{Value, json};
use tempfile::TempDir;
use url::form_urlencoded;

/// The domain of the built-in tenant.
pub const TENANT: &str = "contoso.onmicrosoft.com";
/// Its id.
pub const TENANT_ID: &str = "0b5f9d1c-3a7e-4c52-9e64-8a1f2d3c4b5a";
/// The id of an application.
pub const CLIENT_ID: &str = "11111111-2222-3333-4444-555555555555";
/// The scope of everything that the application is granted.
pub const DEFAULT: &str = "https://graph.microsoft.com/.default";

/// A server; it is killed with this value.
pub struct Server {
    child: Child,
    /// What it said when it began.
    pub started: Value,
    lines: Arc<Mutex<Vec<String>>>,
    client: Client,
    /// Where its certificate is.
    _directory: TempDir,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: http::HeaderMap,
    /// The body.
    pub text: String,
}

impl Answer {
    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

impl Server {
    /// `o365 simulate --port 0` with further arguments.
    pub fn start(arguments: &[&str]) -> Self {
        Self::spawn(Command::new(crate::program()), &[&["--port", "0"], arguments].concat())
    }

    /// `o365 simulate` with these arguments, run by `command`.
    pub fn spawn(mut command: Command, arguments: &[&str]) -> Self {
        // What is killed does not tidy up.
        let directory = tempfile::tempdir().unwrap();
        let mut child = command
            .args(["simulate", "--json", "--certificate"])
            .arg(directory.path().join("simulate.pem"))
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
        let lines: Arc<Mutex<Vec<String>>> = Arc::default();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let noted = Arc::clone(&lines);
        std::thread::spawn(move || {
            for line in stderr.lines() {
                noted.lock().unwrap().push(line.unwrap());
            }
        });
        let started: Value = serde_json::from_str(&first)
            .unwrap_or_else(|error| panic!("{error}: {first} {:?}", lines.lock().unwrap()));
        let address = |name: &str| started[name].as_str().unwrap().parse().unwrap();
        let options = ClientOptions {
            trust: Trust {
                ca_certificates: vec![started["certificate"].as_str().unwrap().into()],
                self_signed: false,
            },
            own_addresses: vec![address("http"), address("https")],
            ..ClientOptions::default()
        };
        let client = Client::new(&options).unwrap();
        Self { child, started, lines, client, _directory: directory }
    }

    /// The id of its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Its address over HTTP.
    pub fn http(&self) -> &str {
        self.started["http"].as_str().unwrap()
    }

    /// Its address over HTTPS.
    pub fn https(&self) -> &str {
        self.started["https"].as_str().unwrap()
    }

    /// The file with the certificate to trust.
    pub fn certificate(&self) -> &str {
        self.started["certificate"].as_str().unwrap()
    }

    /// What it said of each request so far.
    pub fn requests(&self) -> Vec<Value> {
        let lines = self.lines.lock().unwrap();
        lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Sends a request to `url`.
    pub async fn send(
        &self,
        method: Method,
        url: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Answer {
        let mut request = http::Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.client.send(request.body(body.into()).unwrap()).await.unwrap();
        let (head, body) = response.into_parts();
        let text = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
        Answer { status: head.status, headers: head.headers, text }
    }

    /// Asks over HTTP under the name `host`, as no client does that knows its address.
    pub fn asked_as(&self, host: &str, path: &str, token: &str) -> (u16, String) {
        let address = self.http().strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        let text = format!(
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(text.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }

    /// Asks over HTTPS under the name `host`, with curl, which finds that name on this machine and
    /// trusts the certificate in the file `trusted`. Returns the status and the body.
    pub fn asked_by_curl(
        &self,
        host: &str,
        path: &str,
        trusted: &str,
        arguments: &[&str],
    ) -> (u16, String) {
        let port = self.https_port();
        let output = Command::new("curl")
            .args(["--silent", "--show-error", "--max-time", "60", "--noproxy", "*"])
            .args(["--cacert", trusted, "--write-out", "\n%{http_code}"])
            .args(["--resolve", &format!("{host}:{port}:127.0.0.1")])
            .args(arguments)
            .arg(format!("https://{host}:{port}{path}"))
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let (body, status) = text.rsplit_once('\n').unwrap();
        // 0 if there is no answer.
        (status.parse().unwrap(), format!("{body}{}", String::from_utf8_lossy(&output.stderr)))
    }

    /// Its port of HTTPS.
    pub fn https_port(&self) -> u16 {
        self.https().rsplit_once(':').unwrap().1.parse().unwrap()
    }

    /// Sends a form to the sign-in host; `path` follows the tenant.
    pub async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let url = format!("{}/{TENANT}/{path}", self.http());
        let kind = [("content-type", "application/x-www-form-urlencoded")];
        self.send(Method::POST, &url, &kind, body).await
    }

    /// What the token endpoint gives for these fields and the client's id.
    pub async fn granted(&self, fields: &[(&str, &str)]) -> Answer {
        let fields = [fields, &[("client_id", CLIENT_ID)]].concat();
        self.form("oauth2/v2.0/token", &fields).await
    }

    /// A token of the application itself.
    pub async fn token(&self) -> String {
        let fields =
            [("grant_type", "client_credentials"), ("client_secret", "any"), ("scope", DEFAULT)];
        let answer = self.granted(&fields).await.json();
        answer["access_token"].as_str().unwrap().to_owned()
    }

    /// Asks Graph over HTTP with a token.
    pub async fn graph(&self, method: Method, path: &str, token: &str, body: Value) -> Answer {
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.send(method, &format!("{}/v1.0{path}", self.http()), &headers, body).await
    }

    /// Creates a user.
    pub async fn create(&self, nickname: &str, token: &str) -> Answer {
        let user = json!({
            "accountEnabled": true,
            "displayName": nickname,
            "mailNickname": nickname,
            "userPrincipalName": format!("{nickname}@{TENANT}"),
            "usageLocation": "AM",
            "passwordProfile": { "password": "Any-passw0rd" },
        });
        self.graph(Method::POST, "/users", token, user).await
    }

    /// Kills it, as `kill -9` does.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Ends it as Ctrl-C does; its exit code.
    pub fn interrupt(mut self) -> i32 {
        let signal = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status();
        assert!(signal.unwrap().success());
        self.child.wait().unwrap().code().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A tenant's file that does not exist yet, in a directory of its own.
pub fn state() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("tenant.json");
    (directory, path)
}

/// The tenant in a file.
pub fn tenant(path: &Path) -> Value {
    let mut state: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    state["tenant"].take()
}

/// Whether a tenant has a user of this nickname.
pub fn has(tenant: &Value, nickname: &str) -> bool {
    tenant["users"].as_array().unwrap().iter().any(|user| user["mailNickname"] == nickname)
}
