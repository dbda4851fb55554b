//! Linters, a converter, and platforms that make tools for models of the documents.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::served::Document::{OpenApi30, OpenApi31, Swagger};
use crate::served::{Served, ids, operations};
use crate::table;
use crate::tools::{Package, ended, node, npm_tool, printed, python, python_tool, run};

/// A linter.
struct Linter {
    tool: &'static str,
    package: Package,
    /// The command that finds what is wrong with a file, as JSON.
    command: fn(&Path) -> Option<Command>,
    /// Where its output lists the rules that were broken.
    broken: fn(&Value) -> BTreeSet<&str>,
    /// The rules that the documents break, none of which is an error.
    warnings: &'static [&'static str],
}

/// Checks that a linter finds no error and these warnings in each document, and that it would find
/// an error.
fn lint(linter: &Linter) {
    if node().is_none() {
        return;
    }
    let served = Served::start();
    let documents = [OpenApi31, OpenApi30, Swagger];
    let mut found = BTreeSet::new();
    for document in documents {
        let (_, path) = served.document(document);
        let said = printed(&mut (linter.command)(&path).unwrap());
        found.extend((linter.broken)(&said).into_iter().map(ToOwned::to_owned));
    }
    fails_at_equal_ids(linter, &served);
    assert_eq!(found.iter().collect::<Vec<_>>(), linter.warnings);
    let shown = match linter.warnings {
        [] => "No error and no warning".to_owned(),
        rules => format!("No error, and no warning but of `{}`", rules.join("`, `")),
    };
    table::check(linter.tool, linter.package, &documents, &shown);
}

/// Checks that a linter fails at a document whose operations have the same id.
fn fails_at_equal_ids(linter: &Linter, served: &Served) {
    let (mut document, _) = served.document(OpenApi31);
    for path in document["paths"].as_object_mut().unwrap().values_mut() {
        for operation in path.as_object_mut().unwrap().values_mut() {
            operation["operationId"] = "same".into();
        }
    }
    let path = served.place().join("equal-ids.json");
    fs::write(&path, document.to_string()).unwrap();
    let (well, said) = ended(&mut (linter.command)(&path).unwrap());
    assert!(!well && said.contains("operationId-unique"), "{said}");
}

fn spectral_on(path: &Path) -> Option<Command> {
    let mut spectral = npm_tool("spectral")?;
    spectral.args(["lint", "--quiet", "--format", "json", "--ruleset"]);
    spectral.arg(node()?.join("spectral.yaml")).arg(path);
    Some(spectral)
}

fn broken_by_spectral(said: &Value) -> BTreeSet<&str> {
    said.as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect()
}

#[test]
fn spectral() {
    lint(&Linter {
        tool: "Spectral",
        package: Package::Npm("@stoplight/spectral-cli"),
        command: spectral_on,
        broken: broken_by_spectral,
        warnings: &[],
    });
}

#[test]
fn redocly() {
    lint(&Linter {
        tool: "Redocly CLI",
        package: Package::Npm("@redocly/cli"),
        command: |path| {
            let mut redocly = npm_tool("redocly")?;
            redocly.args(["lint", "--extends", "recommended", "--format", "json"]).arg(path);
            redocly.env("REDOCLY_TELEMETRY", "off").env("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true");
            Some(redocly)
        },
        broken: |said| {
            let problems = said["problems"].as_array().unwrap().iter();
            problems.map(|one| one["ruleId"].as_str().unwrap()).collect()
        },
        warnings: &["operation-4xx-response", "tag-description"],
    });
}

/// A document of OpenAPI 2.0 and what a converter makes of it, which is 3.0.
#[test]
fn swagger2openapi() {
    if node().is_none() {
        return;
    }
    let served = Served::start();
    let (document, path) = served.document(Swagger);
    let converted = served.place().join("converted.json");
    run(npm_tool("swagger2openapi").unwrap().arg(path).arg("--outfile").arg(&converted));
    let said = printed(&mut spectral_on(&converted).unwrap());
    assert_eq!(broken_by_spectral(&said), BTreeSet::new());
    let converted: Value = serde_json::from_str(&fs::read_to_string(converted).unwrap()).unwrap();
    assert!(converted["openapi"].as_str().unwrap().starts_with("3.0."));
    assert_eq!(ids(&converted), ids(&document));
    let (mut before, mut after) = (BTreeMap::new(), BTreeMap::new());
    extensions(&document, &mut before);
    extensions(&converted, &mut after);
    assert!(before.len() > 4, "{before:?}");
    assert_eq!(before, after);
    let shown = "Converts it to OpenAPI 3.0 with every operation and every extension `x-ms-*`, \
        in which Spectral finds no error and no warning";
    table::check("swagger2openapi", Package::Npm("swagger2openapi"), &[Swagger], shown);
}

/// Counts the extensions of a document by name.
fn extensions<'a>(value: &'a Value, counts: &mut BTreeMap<&'a str, usize>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| {
            if name.starts_with("x-ms-") {
                *counts.entry(name).or_default() += 1;
            }
            extensions(value, counts);
        }),
        Value::Array(items) => items.iter().for_each(|item| extensions(item, counts)),
        _ => {}
    }
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
    let shown =
        "Every operation is valid for an API plugin of Copilot, without an error or warning";
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
