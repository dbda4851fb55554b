//! The real binary, serving over HTTP, in a place of its own where it can come again.

use std::fs;
use std::io::{BufRead, BufReader};
use std::ops::Deref;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::serve::client::{Answer, Request};
use support::platform::resident_of;
use support::{Ended, o365, program, scratch, simulate};

/// A licence of the built-in directory that has free seats.
pub const SKU: &str = "06ebc4ee-1bb5-47dd-8120-11324bc54e06";

/// A directory with a configuration, kept answers and an audit log: what outlives a server.
pub struct Place(TempDir);

/// A server; it is killed with this value.
pub struct Server {
    child: Child,
    /// What it said when it began.
    pub started: Value,
    lines: Arc<Mutex<Vec<String>>>,
}

/// What tests have in common, for as long as one of them has it. What is static is never
/// dropped, so a server in it would outlive the tests.
pub struct Shared<T>(Mutex<Weak<T>>);

impl<T> Shared<T> {
    pub const fn new() -> Self {
        Self(Mutex::new(Weak::new()))
    }

    /// What there is, or what is made now.
    pub fn get(&self, make: impl FnOnce() -> T) -> Arc<T> {
        let mut shared = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shared.upgrade().unwrap_or_else(|| {
            let made = Arc::new(make());
            *shared = Arc::downgrade(&made);
            made
        })
    }
}

/// A server of one tenant on a simulated directory, and its place.
pub struct House {
    server: Server,
    pub place: Place,
}

impl House {
    pub fn new() -> Self {
        let place = Place::new();
        Self { server: place.simulate(&[]), place }
    }
}

impl Deref for House {
    type Target = Server;

    fn deref(&self) -> &Server {
        &self.server
    }
}

impl Place {
    pub fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let secret = directory.path().join("secret");
        fs::write(&secret, "any-secret").unwrap();
        fs::set_permissions(secret, fs::Permissions::from_mode(0o600)).unwrap();
        Self(directory)
    }

    /// A place whose configuration is this.
    pub fn with(configuration: &str) -> Self {
        let place = Self::new();
        fs::write(place.config(), configuration).unwrap();
        place
    }

    /// A file in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn config(&self) -> PathBuf {
        self.path("o365.toml")
    }

    pub fn audit_log(&self) -> PathBuf {
        self.path("audit.jsonl")
    }

    /// Runs `o365` on the configuration.
    pub fn o365(&self, arguments: &[&str]) -> Ended {
        let config = self.config();
        let always = ["--json", "--config", config.to_str().unwrap()];
        o365(arguments.iter().chain(&always)).env("O365_STATE_DIR", self.path("state")).run()
    }

    /// Adds a tenant with a connection of its own, and gives its key.
    pub fn add(&self, tenant: &str, connection: &str, further: &[&str]) -> String {
        let arguments = [&["tenant", "add", tenant, "--connection", connection], further].concat();
        self.o365(&arguments).result()["key"].as_str().unwrap().to_owned()
    }

    /// Adds a line to a table of the configuration.
    pub fn set(&self, table: &str, line: &str) {
        let text = fs::read_to_string(self.config()).unwrap();
        let head = format!("[{table}]\n");
        assert!(text.contains(&head), "no {head} in {text}");
        fs::write(self.config(), text.replace(&head, &format!("{head}{line}\n"))).unwrap();
    }

    /// What the audit log has of the runs for which these arguments ask.
    pub fn audit(&self, arguments: &[&str]) -> Vec<Value> {
        let log = self.audit_log();
        let arguments = [&["audit", log.to_str().unwrap()], arguments].concat();
        self.o365(&arguments).result().as_array().unwrap().clone()
    }

    /// A server of the configuration.
    pub fn serve(&self, further: &[&str]) -> Server {
        self.serve_by(Command::new(program()), further)
    }

    /// The same, started by this command.
    pub fn serve_by(&self, command: Command, further: &[&str]) -> Server {
        let (config, log) = (self.config(), self.audit_log());
        let of_the_place =
            ["--config", config.to_str().unwrap(), "--audit-log", log.to_str().unwrap()];
        self.start(command, &[&of_the_place, further].concat())
    }

    /// The same where the audit log is where it is if nothing is said.
    pub fn serve_as_configured(&self) -> Server {
        self.start(Command::new(program()), &["--config", self.config().to_str().unwrap()])
    }

    /// A server of one tenant on a simulated directory, which keeps nothing here.
    pub fn simulate_alone(&self) -> Server {
        self.start(Command::new(program()), &["--simulate"])
    }

    /// The same with the audit log here.
    pub fn simulate(&self, further: &[&str]) -> Server {
        self.simulated(Command::new(program()), further)
    }

    /// The same that may have so few files open, unless it does something about it.
    pub fn simulate_with_files(&self, files: u32) -> Server {
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("ulimit -Sn {files} && exec \"$0\" \"$@\"")]).arg(program());
        self.simulated(shell, &[])
    }

    fn simulated(&self, command: Command, further: &[&str]) -> Server {
        let log = self.audit_log();
        let of_the_place = ["--simulate", "--audit-log", log.to_str().unwrap()];
        self.start(command, &[&of_the_place, further].concat())
    }

    fn start(&self, mut command: Command, arguments: &[&str]) -> Server {
        command.args(["serve", "--json"]).args(arguments);
        if !arguments.contains(&"--address") {
            command.args(["--address", "127.0.0.1:0"]);
        }
        let place = self.0.path();
        command.current_dir(place).env("O365_STATE_DIR", place.join("state"));
        // One that is killed does not tidy up.
        command.env("TMPDIR", place);
        // The compiled component is the same for all tests.
        command.env("O365_CACHE_DIR", scratch().join("cache"));
        command.env("XDG_CONFIG_HOME", place.join("config"));
        for variable in ["O365_CONFIG", "O365_LOG", "HTTP_PROXY", "http_proxy", "ALL_PROXY"] {
            command.env_remove(variable);
        }
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let lines: Arc<Mutex<Vec<String>>> = Arc::default();
        let (stderr, noted) = (BufReader::new(child.stderr.take().unwrap()), Arc::clone(&lines));
        std::thread::spawn(move || {
            for line in stderr.lines() {
                noted.lock().unwrap().push(line.unwrap());
            }
        });
        let mut first = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
        let started = serde_json::from_str(&first)
            .unwrap_or_else(|error| panic!("{error}: {first} {:?}", lines.lock().unwrap()));
        Server { child, started, lines }
    }
}

impl Server {
    /// Its address, without the scheme.
    pub fn address(&self) -> String {
        self.url().split_once("://").unwrap().1.to_owned()
    }

    /// Its address, with the scheme.
    pub fn url(&self) -> &str {
        self.started["url"].as_str().unwrap()
    }

    /// The key that it made itself.
    pub fn key(&self) -> &str {
        self.started["key"].as_str().unwrap()
    }

    /// A request to it, without a key.
    pub fn ask(&self, method: &str, target: &str) -> Request {
        Request::new(self.address(), method, target)
    }

    /// The answer to GET with a key.
    pub fn get(&self, key: &str, target: &str) -> Answer {
        self.ask("GET", target).key(key).send()
    }

    /// A call of an action, not yet sent.
    pub fn action(&self, key: &str, action: &str, input: &Value) -> Request {
        self.ask("POST", &format!("/v1/actions/{action}")).key(key).json(input)
    }

    /// What it has said on stderr.
    pub fn said(&self) -> String {
        self.lines.lock().unwrap().join("\n")
    }

    /// Sends it a signal, such as `TERM`.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.id()]).status();
        assert!(sent.unwrap().success());
    }

    /// The id of its process.
    pub fn id(&self) -> String {
        self.child.id().to_string()
    }

    /// How much memory it has, in KiB.
    pub fn memory(&self) -> u64 {
        resident_of(self.id()) >> 10
    }

    /// Its exit code, when it has ended by itself within so long.
    #[track_caller]
    pub fn ended_within(mut self, most: Duration) -> i32 {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code().unwrap();
            }
            assert!(began.elapsed() < most, "it goes on after {most:?}: {}", self.said());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Kills it, as `kill -9` does.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A connection of the configuration, to a Graph at `graph` and a sign-in host at `login`.
pub fn connection(id: &str, graph: &str, login: &str) -> String {
    // Of an application of its own, so that throttling is nobody else's.
    let client = uuid::Uuid::new_v4();
    format!(
        "[connections.{id}]\ntenant = \"contoso.onmicrosoft.com\"\nclient-id = \"{client}\"\n\
         client-secret = {{ file = \"secret\" }}\nsender = \"noreply@contoso.onmicrosoft.com\"\n\
         graph-url = \"{graph}/v1.0\"\nlogin-url = \"{login}\"\n\n"
    )
}

/// The same to a simulated Graph.
pub fn connected(id: &str, graph: &simulate::Server) -> String {
    connection(id, graph.http(), graph.http())
}

/// The input of `get-available-license-count`.
pub fn seats() -> Value {
    json!({ "serviceId": SKU })
}

/// The input of `create-user`.
pub fn account(nickname: &str) -> Value {
    json!({
        "serviceId": SKU, "displayName": "Allen Allbrook", "mailNickname": nickname,
        "password": "Any-passw0rd", "usageLocation": "AM",
    })
}

/// The input of a mail, which is one write that must not be made twice.
pub fn mail() -> Value {
    json!({
        "recipient": "anna.berg@contoso.com", "userEmail": "allen@contoso.onmicrosoft.com",
    })
}

/// The action of [`mail`].
pub const MAIL: &str = "send-created-user-email-notification";

/// Waits until something is so.
#[track_caller]
pub fn eventually(what: &str, is_so: impl FnMut() -> bool) {
    eventually_within(Duration::from_secs(20), what, is_so);
}

/// Waits until something is so, at most this long.
pub fn eventually_within(limit: Duration, what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < limit, "not within {limit:?}: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
