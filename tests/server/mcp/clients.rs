//! Clients that people use, on stdio and over HTTP: the SDKs of TypeScript and Python, fastmcp, an
//! agent with a scripted model, and MCP Inspector.

use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::LazyLock;

use serde_json::{Value, json};
use support::install::Project;
use support::{program, scratch};
use tempfile::TempDir;

use crate::mcp::session::SKU;
use crate::mcp::tools::inputs;
use crate::serve::server::House;

/// Where the clients are installed, once for all tests; none where they cannot be.
static NODE: LazyLock<Option<PathBuf>> = LazyLock::new(|| {
    let files = &["package.json", "checks.mjs", "sdk.mjs", "client.mjs"];
    Project::node("server/mcp/node", files).installed()
});
static PYTHON: LazyLock<Option<PathBuf>> = LazyLock::new(|| {
    Project::python("server/mcp/python", &["checks.py", "sdk.py", "fast.py"]).installed()
});
static AGENTS: LazyLock<Option<PathBuf>> =
    LazyLock::new(|| Project::python("server/mcp/agents", &["agent.py"]).installed());

/// A program that uses a client.
struct Client {
    directory: PathBuf,
    program: PathBuf,
    arguments: &'static [&'static str],
}

impl Client {
    fn node(arguments: &'static [&'static str]) -> Option<Self> {
        Some(Self { directory: NODE.clone()?, program: "node".into(), arguments })
    }

    fn python(
        project: &LazyLock<Option<PathBuf>>,
        arguments: &'static [&'static str],
    ) -> Option<Self> {
        let directory = Option::clone(project)?;
        Some(Self { program: directory.join("venv/bin/python"), directory, arguments })
    }

    /// What it prints on a server that it starts, and on one over HTTP.
    fn run(&self) -> [Value; 2] {
        let mut started = self.command();
        started.0.env("O365", program());
        let house = House::new();
        let mut asked = self.command();
        asked.0.env("URL", house.url()).env("KEY", house.key());
        [printed(&mut started.0), printed(&mut asked.0)]
    }

    fn command(&self) -> (Command, TempDir) {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("inputs.json");
        std::fs::write(&file, json!(inputs()).to_string()).unwrap();
        let mut command = Command::new(&self.program);
        command
            .args(self.arguments)
            .current_dir(&self.directory)
            .env("TMPDIR", place.path())
            .env("O365_STATE_DIR", place.path().join("state"))
            .env("O365_CACHE_DIR", scratch().join("cache"))
            .env_remove("O365_CONFIG")
            .env("INPUTS", file)
            .env("SKU", SKU);
        (command, place)
    }
}

fn printed(command: &mut Command) -> Value {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let (stdout, stderr) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert!(status.success(), "{command:?}\n{stdout}\n{stderr}");
    let last = stdout.lines().last().unwrap();
    serde_json::from_str(last).unwrap_or_else(|_| panic!("{stdout}\n{stderr}"))
}

/// Checks a client that calls every tool, and asks its user where it starts the server.
fn check(client: Option<Client>, revision: &str) {
    let Some(client) = client else { return };
    let [started, asked] = client.run();
    let tools = inputs().len();
    // Those of TypeScript lose what the result follows at once: 7 of 8 on a busy machine.
    let least = if client.program.ends_with("node") { 0 } else { 6 };
    for shown in [&started, &asked] {
        assert_eq!((&shown["tools"], &shown["called"]), (&json!(tools), &json!(tools)), "{shown}");
        assert_eq!(shown["errorKind"], "not-found", "{shown}");
        assert_eq!(shown["resources"], 2, "{shown}");
        assert!(shown["progress"].as_u64() >= Some(least), "{shown}");
    }
    assert_eq!(asked["revision"], revision, "{asked}");
    assert_eq!(started["confirmed"], true, "{started}");
    assert_eq!(started["declined"], "cancelled", "{started}");
    assert_eq!(started["unasked"], "not-allowed", "{started}");
}

#[test]
fn the_sdk_of_typescript() {
    check(Client::node(&["sdk.mjs"]), "2025-11-25");
}

#[test]
fn the_client_of_typescript_with_a_handshake() {
    check(Client::node(&["client.mjs"]), "2025-11-25");
}

#[test]
fn the_client_of_typescript_without_one() {
    check(Client::node(&["client.mjs", "auto"]), "2026-07-28");
}

#[test]
fn the_sdk_of_python() {
    check(Client::python(&PYTHON, &["sdk.py"]), "2026-07-28");
}

#[test]
fn the_sdk_of_python_with_a_handshake() {
    check(Client::python(&PYTHON, &["sdk.py", "legacy"]), "2025-11-25");
}

#[test]
fn fastmcp() {
    check(Client::python(&PYTHON, &["fast.py"]), "2026-07-28");
}

#[test]
fn an_agent_with_a_scripted_model() {
    let Some(client) = Client::python(&AGENTS, &["agent.py"]) else { return };
    for shown in client.run() {
        assert_eq!(shown["tools"], inputs().len(), "{shown}");
        assert_eq!(shown["count"], 21, "{shown}");
        assert!(shown["planned"].as_str().unwrap().starts_with("creates the user"), "{shown}");
        assert_eq!(shown["replayed"], true, "{shown}");
        assert_eq!(shown["errorKind"], "not-found", "{shown}");
        assert!(!shown["fix"].as_str().unwrap().is_empty(), "{shown}");
        assert_eq!(shown["wrongKind"], "invalid-input", "{shown}");
    }
}

#[test]
fn the_command_line_of_inspector() {
    let Some(directory) = NODE.as_ref() else { return };
    let house = House::new();
    let inspect = |server: &[&str], further: &[&str]| {
        let place = tempfile::tempdir().unwrap();
        let mut command = Command::new(directory.join("node_modules/.bin/mcp-inspector"));
        command.args(["--cli", "--format", "json"]).current_dir(place.path());
        let state = format!("O365_STATE_DIR={}", place.path().display());
        let cache = format!("O365_CACHE_DIR={}", scratch().join("cache").display());
        match server {
            [] => {
                let program = program().to_str().unwrap();
                command.args(["-e", &state, "-e", &cache]).args(further);
                command.args(["--", program, "mcp", "--simulate"]);
            }
            server => {
                command.args(server).args(further);
            }
        }
        let Output { status, stdout, stderr } = command.output().unwrap();
        let shown = serde_json::from_slice::<Value>(&stdout);
        let stderr = String::from_utf8_lossy(&stderr).into_owned();
        (status.code().unwrap(), shown.unwrap_or_else(|_| panic!("{stderr}"))["result"].take())
    };
    let (url, header) =
        (format!("{}/mcp", house.url()), format!("Authorization: Bearer {}", house.key()));
    let over_http = ["--server-url", &url, "--header", &header];
    for server in [[].as_slice(), &over_http] {
        let (code, listed) = inspect(server, &["--method", "tools/list"]);
        assert_eq!((code, listed["tools"].as_array().unwrap().len()), (0, inputs().len()));
        let call = ["--method", "tools/call", "--tool-name"];
        let seats = ["get-available-license-count", "--tool-arg", &format!("serviceId={SKU}")];
        let (code, called) = inspect(server, &[call.as_slice(), &seats].concat());
        assert_eq!((code, &called["structuredContent"]["result"]), (0, &json!(21)), "{called}");
        let nobody = ["delete-user", "--tool-arg", "userPrincipalName=7"];
        let (code, refused) = inspect(server, &[call.as_slice(), &nobody].concat());
        assert_eq!((code, &refused["isError"]), (5, &json!(true)), "{refused}");
    }
}
