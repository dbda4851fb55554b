//! Schemathesis: requests made up from the OpenAPI document, right ones and wrong ones, and
//! every answer held against it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use crate::serve::server::Place;
use support::install::Project;

const PYTHON: Project = Project::python("server/serve/python", &["schemathesis.toml", "hooks.py"]);

/// Where it is installed; none where it cannot be.
static INSTALLED: LazyLock<Option<PathBuf>> = LazyLock::new(|| PYTHON.installed());

/// How many requests it makes up for each operation, beside those that it always makes.
const EXAMPLES: &str = "150";

/// Its report on a server whose document is at `document`, and whether it found nothing.
fn report(project: &Path, document: &str, key: &str, further: &[&str]) -> (bool, String) {
    let Output { status, stdout, stderr } = Command::new(project.join("venv/bin/schemathesis"))
        .arg("--config-file")
        .arg(project.join("schemathesis.toml"))
        .args(["run", document, "--checks", "all", "--max-examples", EXAMPLES])
        // GET describes an action, which the document leaves out, since each client would have one
        // more operation for each action.
        .args(["--exclude-checks", "allow_header_conformance,unsupported_method"])
        .args(["--header", &format!("Authorization: Bearer {key}"), "--no-color"])
        // The same ones each time, so that a failure comes again.
        .args(["--seed", "7", "--generation-database", "none"])
        .args(further)
        .current_dir(project)
        .env("NO_PROXY", "127.0.0.1")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&stdout).into_owned() + &String::from_utf8_lossy(&stderr);
    (status.success(), text)
}

#[test]
fn it_finds_no_server_error_and_nothing_that_the_document_does_not_say() {
    let Some(project) = INSTALLED.as_deref() else { return };
    let place = Place::new();
    let server = place.simulate(&["--log", "warn"]);
    let document = format!("{}/openapi.json", server.url());
    let (well, report) = report(project, &document, server.key(), &[]);
    assert!(well, "{report}");
    // It has asked for every operation but the one that it has the document by.
    let operations = server.get(server.key(), "/openapi.json").done()["paths"]
        .as_object()
        .unwrap()
        .values()
        .map(|path| path.as_object().unwrap().len())
        .sum::<usize>();
    assert!(report.contains(&format!("Tested: {}\n", operations - 1)), "{report}");
    assert!(!server.said().contains("panicked"), "{}", server.said());
    server.ask("GET", "/readyz").send().done();
}

#[test]
fn it_would_find_what_the_document_does_not_say() {
    let Some(project) = INSTALLED.as_deref() else { return };
    let place = Place::new();
    let server = place.simulate(&["--log", "warn"]);
    let mut document = server.get(server.key(), "/openapi.json").done();
    let answers = &mut document["paths"]["/v1/actions/country-codes"]["post"]["responses"];
    answers["200"]["content"]["application/json"]["schema"] =
        serde_json::json!({ "type": "integer" });
    let path = place.path("openapi.json");
    std::fs::write(&path, document.to_string()).unwrap();
    let only = ["--url", server.url(), "--include-path", "/v1/actions/country-codes"];
    let (well, report) = report(project, path.to_str().unwrap(), server.key(), &only);
    assert!(!well, "{report}");
    assert!(report.contains("Response violates schema"), "{report}");
}
