//! Linters, a converter, and platforms that make tools for models of the documents.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::served::Document::{OpenApi30, OpenApi31, Swagger};
use crate::served::{Document, Served, ids, operations};
use crate::table;
use crate::tools::{Package, ended, node, npm_tool, printed, python, python_tool, run};

/// A linter, as a command on a file.
type Linter = fn(&Path) -> Option<Command>;

/// Checks that a linter finds no error and no warning in the documents, and that it finds one in a
/// document of which every operation lost its responses.
fn lint(tool: &str, package: Package, documents: &[Document], linter: Linter) {
    if node().is_none() {
        return;
    }
    let served = Served::start();
    for document in documents {
        let (mut written, path) = served.document(*document);
        let (well, said) = ended(&mut linter(&path).unwrap());
        assert!(well, "{document:?}: {said}");
        for path in written["paths"].as_object_mut().unwrap().values_mut() {
            path.as_object_mut().unwrap().values_mut().for_each(|operation| {
                operation.as_object_mut().unwrap().remove("responses");
            });
        }
        let broken = served.place().join("broken.json");
        std::fs::write(&broken, written.to_string()).unwrap();
        let (well, said) = ended(&mut linter(&broken).unwrap());
        assert!(!well && said.contains("responses"), "{document:?}: {said}");
    }
    table::check(tool, package, documents, "No error and no warning with its recommended rules");
}

#[test]
fn spectral() {
    let linter = |path: &Path| {
        let mut spectral = npm_tool("spectral")?;
        spectral.args(["lint", "--fail-severity", "warn", "--ruleset"]);
        spectral.arg(node()?.join("spectral.yaml")).arg(path);
        Some(spectral)
    };
    let package = Package::Npm("@stoplight/spectral-cli");
    lint("Spectral", package, &[OpenApi31, OpenApi30, Swagger], linter);
}

#[test]
fn redocly() {
    let linter = |path: &Path| {
        let mut redocly = npm_tool("redocly")?;
        redocly.args(["lint", "--extends", "recommended", "--max-problems", "20"]).arg(path);
        redocly.env("REDOCLY_TELEMETRY", "off").env("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true");
        Some(redocly)
    };
    let package = Package::Npm("@redocly/cli");
    lint("Redocly CLI", package, &[OpenApi31, OpenApi30, Swagger], linter);
}

#[test]
fn microsoft_365() {
    let Some(project) = node() else { return };
    let served = Served::start();
    let (document, path) = served.document(OpenApi30);
    let mut parser = Command::new("node");
    let parsed = printed(parser.arg(project.join("spec-parser.mjs")).env("DOCUMENT", path));
    assert_eq!(parsed["errors"], json!([]));
    assert_eq!(parsed["warnings"], json!([]));
    let all = parsed["operations"].as_array().unwrap();
    assert_eq!(all.len(), ids(&document).len());
    let invalid: Vec<&Value> = all.iter().filter(|one| one["isValid"] != true).collect();
    assert!(invalid.is_empty(), "{invalid:#?}");
    let shown = "Every operation is valid for an API plugin of Copilot, without an error or warning";
    let package = Package::Npm("@microsoft/m365-spec-parser");
    table::check("Microsoft 365 spec parser", package, &[OpenApi30], shown);
}

#[test]
fn langchain() {
    let Some(project) = python() else { return };
    let served = Served::start();
    let (document, path) = served.document(OpenApi31);
    let mut program = python_tool("python").unwrap();
    program.arg(project.join("langchain_loader.py")).env("DOCUMENT", path);
    program.env("KEY", &served.key).env("SKU", crate::clients::SKU).env("NICKNAME", "allen");
    let loaded = printed(&mut program);
    let operations = operations(&document).len();
    assert_eq!(loaded["endpoints"], operations);
    assert_eq!(loaded["functions"].as_array().unwrap().len(), operations);
    assert_eq!(loaded["created"], "allen@contoso.onmicrosoft.com");
    assert_eq!((&loaded["status"], &loaded["kind"]), (&json!(409), &json!("already-exists")));
    let shown = "Loads every operation as a function, and its call creates a user";
    table::check("LangChain", Package::PyPi("langchain-community"), &[OpenApi31], shown);
}
