//! `node-red-contrib-office365` in a fresh Node-RED. With `PICTURES=DIRECTORY` in the environment,
//! the browser makes the pictures of the package's README there.

use std::process::{Command, Output};

use serde_json::{Value, json};
use support::install::{Project, chromium};
use support::{o365, program, root};

const NODE: Project = Project::node(
    "packages/node",
    &[
        "package.json",
        "packages.mjs",
        "place.mjs",
        "editor.mjs",
        "flows.mjs",
        "generator.mjs",
        "limits.mjs",
    ],
);

/// The most that the archive may have, in bytes: the component, its JavaScript and the dialogs.
const LARGEST_ARCHIVE: u64 = 500_000;

#[test]
fn it_has_a_node_for_each_action_and_runs_the_examples() {
    let Some(chromium) = chromium() else { return };
    let Some(project) = NODE.installed() else { return };
    let Output { status, stdout, stderr } = Command::new("node")
        .arg(project.join("packages.mjs"))
        .env("CHROMIUM", chromium)
        .env("O365", program())
        .env("PACKAGE", root().join("packages/node-red-contrib-office365"))
        .output()
        .unwrap();
    assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
    let installed: Value = serde_json::from_slice(&stdout).unwrap();
    let listed = o365(["actions", "--json"]).run().result();
    let names: Vec<&Value> = listed.as_array().unwrap().iter().map(|row| &row["name"]).collect();
    assert_eq!(installed["actions"], json!(names));
    let files = installed["files"].as_array().unwrap();
    for file in
        ["README.md", "dist/LICENSE", "dist/office365.html", "examples/Create an account.json"]
    {
        assert!(files.contains(&json!(file)), "{file}");
    }
    assert!(installed["size"].as_u64().unwrap() < LARGEST_ARCHIVE, "{}", installed["size"]);
}
