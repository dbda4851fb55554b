//! `create-user` by wasmtime's command line, wassette and wash, with nothing of ours but the
//! simulated tenant.

use std::fs;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use support::programs::Program;
use support::simulate::{Server, has, state, tenant};

use crate::client::{free_address, send, wait_for};
use crate::composed::file;
use crate::wasmtime::{Serving, invoke, settings};

/// The key of the callers over HTTP.
const KEY: &str = "a-key-of-callers-0123456789";

#[test]
fn wasmtime_runs_create_user_with_settings_from_the_environment() {
    let Some(program) = Program::find("wasmtime") else { return };
    let (_directory, path) = state();
    let simulated = Server::start(&[path.to_str().unwrap()]);
    for (nickname, names) in [("full", None), ("short", Some("--short-names"))] {
        let component = file("connections,environment", names.as_slice());
        let call = format!(
            "create-user({{connection-id: \"contoso\", service-id: \"SPE_E5\", display-name: \"Allen\", \
             mail-nickname: \"{nickname}\", password: \"Any-passw0rd\", usage-location: \"AM\"}})"
        );
        let said = invoke(&program, &component, &settings(&simulated), &call);
        assert!(said.starts_with("ok({assigned-licenses: [{"), "{said}");
        assert!(has(&tenant(&path), nickname));
    }
}

#[test]
fn wasmtime_serves_create_user_with_settings_from_a_store() {
    let Some(program) = Program::find("wasmtime") else { return };
    let (_directory, path) = state();
    let simulated = Server::start(&[path.to_str().unwrap()]);
    let mut settings = settings(&simulated);
    settings.push(("api-key", KEY.to_owned()));
    let serving = Serving::start(&program, &file("connections,http", &[]), &settings);
    create_user(&serving.address);
    assert!(has(&tenant(&path), "allen"));
}

#[test]
fn wassette_runs_create_user_by_a_short_name() {
    let Some(program) = Program::find("wassette") else { return };
    let (_directory, path) = state();
    let simulated = Server::start(&[path.to_str().unwrap()]);
    let component = file("connections,environment", &["--short-names"]);
    let name = component.file_stem().unwrap().to_str().unwrap();
    let home = tempfile::tempdir().unwrap();
    let wassette = |words: &[&str]| -> Value {
        let mut command = program.command();
        command.args(words).arg("--component-dir").arg(home.path().join("components"));
        command.env("XDG_CONFIG_HOME", home.path()).env("HOME", home.path());
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{words:?}: {said}");
        serde_json::from_slice(&output.stdout).unwrap_or_default()
    };
    wassette(&["component", "load", &format!("file://{}", component.display())]);
    wassette(&["permission", "grant", "network", name, "127.0.0.1"]);
    let settings: Vec<String> = settings(&simulated)
        .iter()
        .map(|(key, value)| format!("{}={value}", adapter::settings::variable(key)))
        .collect();
    let secrets = settings.iter().map(String::as_str);
    wassette(&["secret", "set", name].into_iter().chain(secrets).collect::<Vec<_>>());

    let listed = wassette(&["tool", "list"]);
    let tools =
        listed["tools"].as_array().unwrap().iter().map(|tool| tool["name"].as_str().unwrap());
    let longest = tools.map(str::len).max().unwrap();
    assert!(longest <= 64, "a name of {longest} characters");

    let input = json!({ "input": {
        "connection-id": "contoso", "service-id": "SPE_E5", "display-name": "Allen",
        "mail-nickname": "allen", "password": "Any-passw0rd", "usage-location": "AM",
    } });
    let created =
        wassette(&["tool", "invoke", "accounts_create-user", "--args", &input.to_string()]);
    assert!(created["ok"]["object-id"].is_string(), "{created}");
    assert!(has(&tenant(&path), "allen"));
}

#[test]
fn wash_serves_create_user_with_settings_from_its_configuration() {
    let Some(program) = Program::find("wash") else { return };
    let (_directory, path) = state();
    let simulated = Server::start(&[path.to_str().unwrap()]);
    let mut settings = settings(&simulated);
    settings.push(("api-key", KEY.to_owned()));
    let project = tempfile::tempdir().unwrap();
    let address = free_address();
    let configuration = json!({
        "build": { "command": "true", "component_path": file("connections,http", &[]) },
        "dev": {
            "address": address,
            "host_interfaces": [{
                "namespace": "wasi", "package": "config", "interfaces": ["store"],
                "version": "0.2.0-rc.1",
                "config": settings.into_iter().collect::<std::collections::BTreeMap<_, _>>(),
            }],
        },
        "workload": { "allowedHosts": ["127.0.0.1"] },
    });
    fs::create_dir(project.path().join(".wash")).unwrap();
    // JSON is YAML.
    fs::write(project.path().join(".wash/config.yaml"), configuration.to_string()).unwrap();
    let mut command = program.command();
    command.args(["--non-interactive", "dev"]).current_dir(project.path());
    command.env("HOME", project.path()).stdout(Stdio::null()).stderr(Stdio::null());
    let _wash = Killed(command.spawn().unwrap());
    wait_for(&address);
    // It listens before it has compiled the component, and responds with 404 until then.
    let start = Instant::now();
    while send(&address, "GET", "/readyz", &[], "").status != 200 {
        assert!(start.elapsed() < Duration::from_secs(120), "wash serves nothing");
        std::thread::sleep(Duration::from_millis(200));
    }
    create_user(&address);
    assert!(has(&tenant(&path), "allen"));
}

/// Creates a user over HTTP.
fn create_user(address: &str) {
    let input = json!({
        "serviceId": "SPE_E5", "displayName": "Allen", "mailNickname": "allen",
        "password": "Any-passw0rd", "usageLocation": "AM",
    });
    let bearer = format!("Bearer {KEY}");
    let headers = [("Authorization", bearer.as_str()), ("Content-Type", "application/json")];
    let path = "/v1/actions/create-user";
    let answer = send(address, "POST", path, &headers, &input.to_string());
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.json()["userPrincipalName"], "allen@contoso.onmicrosoft.com");
}

/// A process that ends with this value.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
