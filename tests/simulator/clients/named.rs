//! Microsoft's clients with their defaults, where `o365 simulate --as-microsoft` is Microsoft.

use std::process::Command;

use serde_json::Value;

use support::namespace::{self, Namespace};
use support::simulate::{CLIENT_ID, TENANT, TENANT_ID};

use super::microsoft;
use super::sign_in::ANNA;

/// Every way to sign in that the scripts know.
const FLOWS: [&str; 5] = ["secret", "certificate", "password", "device", "browser"];

/// Runs a client to its end. Returns what it prints.
#[track_caller]
fn told(namespace: &Namespace, mut command: Command) -> String {
    let ended = command.env("TENANT", TENANT).env("USER", ANNA).output().unwrap();
    let stderr = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{stderr}\n{:#?}", namespace.server().requests());
    String::from_utf8(ended.stdout).unwrap()
}

/// Checks a page of users that was read from Graph's own host.
#[track_caller]
fn is_page_of_graph(page: &str) {
    let page: Value = serde_json::from_str(page).unwrap();
    assert_eq!(page["value"].as_array().unwrap().len(), 2, "{page}");
    for link in ["@odata.context", "@odata.nextLink"] {
        let link = page[link].as_str().unwrap();
        assert!(link.starts_with("https://graph.microsoft.com/v1.0/"), "{link}");
    }
}

/// The paths that were asked for, without the query.
fn paths(namespace: &Namespace) -> Vec<String> {
    let requests = namespace.server().requests();
    requests.iter().map(|line| line["path"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn msal_for_python_signs_in_by_each_of_its_flows() {
    let Some(project) = microsoft::python() else { return };
    let Some(namespace) = Namespace::start(&[]) else { return };
    let (program, script) = (project.join("venv/bin/python"), project.join("flows.py"));
    // In the background, since the application listens for its code only later.
    let browser = format!("{} {} %s &", program.display(), project.join("browser.py").display());
    for flow in FLOWS.into_iter().chain(["identity"]) {
        let mut command = namespace.command(&program);
        command.arg(&script).arg(flow).env("BROWSER", &browser);
        is_page_of_graph(&told(&namespace, command));
    }
    let paths = paths(&namespace);
    let realm = format!("/common/userrealm/{ANNA}");
    for asked in [realm.as_str(), "/common/discovery/instance"] {
        assert!(paths.iter().any(|path| path == asked), "{asked}: {paths:#?}");
    }
}

#[test]
fn msal_for_node_signs_in_by_each_of_its_flows() {
    let Some(project) = microsoft::node() else { return };
    let Some(namespace) = Namespace::start(&[]) else { return };
    for flow in FLOWS {
        let mut command = namespace.command("node");
        command.arg(project.join("flows.mjs")).arg(flow);
        is_page_of_graph(&told(&namespace, command));
    }
}

#[test]
fn curl_finds_the_tenant_under_names_without_a_port() {
    let Some(namespace) = Namespace::start(&["--beta"]) else { return };
    let asked = |arguments: &[&str]| {
        let mut command = namespace.command("curl");
        command.args(["--silent", "--show-error", "--fail-with-body"]).args(arguments);
        told(&namespace, command)
    };
    let json = |arguments: &[&str]| -> Value { serde_json::from_str(&asked(arguments)).unwrap() };
    let login = "https://login.microsoftonline.com";
    let found = json(&[&format!("{login}/{TENANT}/v2.0/.well-known/openid-configuration")]);
    assert_eq!(found["issuer"], format!("{login}/{TENANT_ID}/v2.0"));
    assert_eq!(found["token_endpoint"], format!("{login}/{TENANT_ID}/oauth2/v2.0/token"));
    assert_eq!(found["msgraph_host"], "graph.microsoft.com");
    let form = format!("client_id={CLIENT_ID}&scope=User.Read");
    let device = json(&["--data", &form, &format!("{login}/common/oauth2/v2.0/devicecode")]);
    assert_eq!(device["verification_uri"], format!("{login}/device"));
    assert!(asked(&["https://graph.microsoft.com/beta/$metadata"]).contains("<EntityType "));
    assert_eq!(namespace.server().started["microsoft"]["signIn"], login);
}

#[test]
fn the_script_of_the_documentation_runs_a_program_with_microsoft_on_this_machine() {
    if !namespace::is_possible() {
        return;
    }
    let binary = support::program().parent().unwrap().display();
    let path = format!("{binary}:{}", std::env::var("PATH").unwrap());
    let run = |arguments: &[&str]| {
        let script = support::root().join("tests/examples/as-microsoft.sh");
        Command::new(script).args(arguments).env("PATH", &path).output().unwrap()
    };
    let url = "https://login.windows.net/common/v2.0/.well-known/openid-configuration";
    let ended = run(&["sh", "-c", "curl --silent --show-error \"$0\"; exit 7", url]);
    assert_eq!(ended.status.code(), Some(7), "{ended:?}");
    let found: Value = serde_json::from_slice(&ended.stdout).unwrap();
    assert_eq!(found["msgraph_host"], "graph.microsoft.com");
    assert_eq!(run(&[]).status.code(), Some(2));
}
