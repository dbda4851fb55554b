//! Microsoft's own clients, unchanged. They are installed below the target directory.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use serde_json::{Value, json};

use support::install::Project;
use support::simulate::{Server, TENANT, state};

const PYTHON: Project = Project::python(
    "simulator/clients/python",
    &[
        "authority.py",
        "browser.py",
        "calls.py",
        "calls_of_msgraph.py",
        "calls_of_o365.py",
        "calls_of_office365.py",
        "clients.py",
        "csdl.py",
        "flows.py",
    ],
);

const NODE: Project = Project::node(
    "simulator/clients/node",
    &[
        "calls.mjs",
        "calls-of-backstage.mjs",
        "calls-of-cli.mjs",
        "calls-of-graph-client.mjs",
        "clients.mjs",
        "flows.mjs",
        "package.json",
    ],
);

/// The installed Python project; none where it cannot be.
pub fn python() -> Option<PathBuf> {
    static INSTALLED: LazyLock<Option<PathBuf>> = LazyLock::new(|| PYTHON.installed());
    INSTALLED.clone()
}

/// The same of Node.
pub fn node() -> Option<PathBuf> {
    static INSTALLED: LazyLock<Option<PathBuf>> = LazyLock::new(|| NODE.installed());
    INSTALLED.clone()
}

/// Runs a client against `server`; `graph` is where it takes Graph to be.
pub fn exercise(mut command: Command, server: &Server, graph: &str) -> String {
    let certificate = server.certificate();
    let Output { status, stdout, stderr } = command
        .env("GRAPH", graph)
        .env("LOGIN", server.https())
        .env("TENANT", TENANT)
        .env("SENDER", server.started["sender"].as_str().unwrap())
        .env("NO_PROXY", "localhost,127.0.0.1")
        // As each of them is told of a private authority.
        .env("SSL_CERT_FILE", certificate)
        .env("REQUESTS_CA_BUNDLE", certificate)
        .env("NODE_EXTRA_CA_CERTS", certificate)
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&stderr);
    assert!(status.success(), "{stderr}\n{:#?}", server.requests());
    String::from_utf8(stdout).unwrap()
}

/// `msgraph-sdk` doing one of the things that `clients.py` knows.
pub fn msgraph(project: &Path, what: &str) -> Command {
    let mut python = Command::new(project.join("venv/bin/python"));
    python.arg(project.join("clients.py")).arg(what);
    python
}

#[test]
fn msgraph_sdk_creates_licenses_lists_mails_and_deletes() {
    let Some(project) = python() else { return };
    let (_directory, path) = state();
    let server = Server::start(&[path.to_str().unwrap()]);
    let graph = format!("{}/v1.0", server.https());
    exercise(msgraph(&project, "actions"), &server, &graph);
    let tenant = support::simulate::tenant(&path);
    let mail = &tenant["mail"][0];
    assert_eq!(mail["to"], json!(["allen@contoso.onmicrosoft.com"]));
    assert_eq!(mail["savedToSentItems"], false);
    assert_eq!(tenant["deletedUsers"].as_array().unwrap().len(), 1);
}

#[test]
fn msgraph_sdk_pages_through_three_thousand_users() {
    let Some(project) = python() else { return };
    let server = Server::start(&["--users", "3000"]);
    let told = exercise(msgraph(&project, "pages"), &server, &format!("{}/v1.0", server.https()));
    // The mailbox that sends is one more, and three in four have a licence.
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told, json!({ "users": 3_001, "licensed": 2_250 }));
}

#[test]
fn msgraph_sdk_waits_as_long_as_it_is_told_to() {
    let Some(project) = python() else { return };
    let (_directory, path) = state();
    let file = path.to_str().unwrap();
    assert_eq!(Server::start(&[file]).interrupt(), 0);
    let mut state: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    state["tenant"]["limits"] = json!({ "units": 3, "writes": 100 });
    fs::write(&path, state.to_string()).unwrap();
    let server = Server::start(&[file]);
    exercise(msgraph(&project, "throttled"), &server, &format!("{}/v1.0", server.https()));
    let requests = server.requests();
    let throttled = requests.iter().filter(|request| request["throttled"] == true).count();
    let answered = requests.iter().filter(|request| {
        request["status"] == 200 && request["path"].as_str().unwrap().starts_with("/v1.0/")
    });
    assert!(throttled > 0, "{requests:#?}");
    assert_eq!(answered.count(), 6);
}

#[test]
fn the_graph_client_for_javascript_does_the_same() {
    let Some(project) = node() else { return };
    let server = Server::start(&[]);
    let mut node = Command::new("node");
    node.arg(project.join("clients.mjs"));
    exercise(node, &server, server.https());
}
