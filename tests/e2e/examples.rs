//! The worked examples of `docs/shell.md`, as shell scripts over the binary. That the page shows
//! them as they are is tested in `docs`.

#![cfg(unix)]

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::{Deserializer, Value};

use support::root;

/// Runs an example with `o365` on the path; its output.
fn example(name: &str, stdin: &str) -> String {
    let binary = support::program().parent().unwrap();
    let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap());
    let mut child = Command::new("sh")
        .arg(format!("tests/examples/{name}.sh"))
        .current_dir(root())
        .env("PATH", path)
        .env("O365_CACHE_DIR", support::scratch().join("cache"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(stdin.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_licence_report_shows_both_halves_of_the_tenant() {
    let output = example("license-report", "");
    let reports: Vec<Value> =
        Deserializer::from_str(&output).into_iter().map(Result::unwrap).collect();
    assert_eq!(reports[0]["title"], "Users with licenses");
    assert_eq!(reports[1]["title"], "Users without licenses");
    assert_ne!(reports[0]["users"].as_array().unwrap().len(), 0);
    assert_ne!(reports[1]["users"].as_array().unwrap().len(), 0);
}

#[test]
fn the_new_account_is_licensed_confirmed_and_deleted() {
    let output = example("new-account", r#"{"password": "Any-passw0rd"}"#);
    let (report, rest) = output.split_once('\n').unwrap();
    assert!(report.contains("allen@contoso.onmicrosoft.com"), "{output}");
    let (mail, end) = rest.rsplit_once("]\n").unwrap();
    let mail: Value = serde_json::from_str(&format!("{mail}]")).unwrap();
    assert_eq!(mail[0]["to"][0], "anna.berg@contoso.com");
    assert!(mail[0]["subject"].as_str().unwrap().contains("allen@contoso.onmicrosoft.com"));
    assert_eq!(
        end,
        "created allen@contoso.onmicrosoft.com, notified anna.berg@contoso.com and deleted it\n"
    );
}
