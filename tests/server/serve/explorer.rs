//! The page in a browser.

use std::collections::BTreeSet;
use std::fs;
use std::process::{Command, Output};

use serde_json::Value;

use crate::serve::server::{Place, SKU};
use support::install::{Project, chromium};

const NODE: Project = Project::node("server/serve/node", &["explorer.mjs", "package.json"]);

#[test]
fn it_asks_for_the_key_shows_every_action_and_runs_one() {
    let Some(chromium) = chromium() else { return };
    let Some(project) = NODE.installed() else { return };
    let place = Place::new();
    let server = place.simulate(&[]);
    let pictures = project.join("pictures");
    fs::create_dir_all(&pictures).unwrap();
    let Output { status, stdout, stderr } = Command::new("node")
        .arg(project.join("explorer.mjs"))
        .env("CHROMIUM", chromium)
        .env("URL", server.url())
        .env("KEY", server.key())
        .env("SKU", SKU)
        .env("PICTURES", &pictures)
        .output()
        .unwrap();
    assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
    let shown: Value = serde_json::from_slice(&stdout).unwrap();
    let listed = server.get(server.key(), "/v1/actions").done();
    let names = |list: &Value, name: fn(&Value) -> &Value| -> BTreeSet<String> {
        list.as_array().unwrap().iter().map(|one| name(one).as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&shown["actions"], |one| one), names(&listed, |row| &row["name"]));
    // What the page showed is what the run of that name returned.
    assert_eq!(shown["status"], "200");
    let count: u64 = shown["body"].as_str().unwrap().parse().unwrap();
    let again =
        server.action(server.key(), "get-available-license-count", &crate::serve::server::seats());
    assert_eq!(again.send().done(), count);
    let run = shown["run"].as_str().unwrap();
    assert_eq!(place.audit(&["--run", run])[0]["outcome"], "done");
}
