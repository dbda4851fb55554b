//! Microsoft's clients with their defaults, where `o365 simulate --as-microsoft` is Microsoft.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use support::namespace::Namespace;
use support::simulate::TENANT;

use super::microsoft;

/// Runs a client to its end. Returns what it prints, which is JSON.
#[track_caller]
fn told(namespace: &Namespace, mut command: Command) -> Value {
    let ended = command.env("TENANT", TENANT).output().unwrap();
    let stderr = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{stderr}\n{:#?}", namespace.server().requests());
    serde_json::from_slice(&ended.stdout).unwrap()
}

/// Checks a page of users that was read from Graph's own host.
#[track_caller]
fn is_page_of_graph(page: &Value) {
    assert_eq!(page["value"].as_array().unwrap().len(), 2, "{page}");
    for link in ["@odata.context", "@odata.nextLink"] {
        let link = page[link].as_str().unwrap();
        assert!(link.starts_with("https://graph.microsoft.com/v1.0/"), "{link}");
    }
}

fn python(namespace: &Namespace, project: &Path, flow: &str) -> Command {
    let mut command = namespace.command(project.join("venv/bin/python"));
    command.arg(project.join("flows.py")).arg(flow);
    command
}

#[test]
fn msal_for_python_signs_in() {
    let Some(project) = microsoft::python() else { return };
    let Some(namespace) = Namespace::start(&[]) else { return };
    for flow in ["secret"] {
        is_page_of_graph(&told(&namespace, python(&namespace, &project, flow)));
    }
}
