//! Callbacks, as a receiver gets them.

use std::fs;
use std::process::Command;

use serde_json::Value;
use standardwebhooks::Webhook;

use super::receiver::{Message, Receiver, SECRET};
use super::{later, polled, target};
use crate::serve::server::{Place, Server, account, connected, eventually, seats};
use support::install::Project;
use support::simulate;

/// The package of PyPI.
const PYTHON: Project = Project::python("server/serve/unattended/python", &["verify.py"]);

const AVAILABLE: &str = "is-license-available";

/// A server of a tenant with a callback.
struct House {
    _graph: simulate::Server,
    place: Place,
    server: Server,
    key: String,
}

impl House {
    fn of(url: &str) -> Self {
        let graph = simulate::Server::start(&[]);
        let place = Place::with(&connected("main", &graph));
        let key = place.add("contoso", "main", &[]);
        let secret = place.path("callback-secret");
        fs::write(&secret, SECRET).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        fs::set_permissions(&secret, mode).unwrap();
        let lines =
            format!("callback = \"{url}\"\ncallback-secret = {{ file = \"callback-secret\" }}");
        place.set("tenants.contoso", &lines);
        let server = place.serve(&[]);
        Self { _graph: graph, place, server, key }
    }

    fn metric(&self, outcome: &str) -> bool {
        let metrics = self.server.get(&self.key, "/metrics").text();
        metrics.contains(&format!(
            "o365_callbacks_total{{tenant=\"contoso\",outcome=\"{outcome}\"}} 1"
        ))
    }
}

/// Checks that a message is one of the tenant's server, and returns what it says.
#[track_caller]
fn verified(message: &Message) -> Value {
    Webhook::new(SECRET).unwrap().verify(&message.body, &message.headers).unwrap();
    let other = Webhook::from_bytes(vec![7; 32]).unwrap();
    assert!(other.verify(&message.body, &message.headers).is_err());
    assert_eq!(message.header("content-type"), "application/json");
    message.json()
}

#[test]
fn a_tenant_is_told_when_its_run_has_ended() {
    let receiver = Receiver::new(&[]);
    let house = House::of(&receiver.url());
    let accepted = later(&house.server, &house.key, "create-user", &account("allen")).send();
    let result = polled(&house.server, &target(&house.server, &accepted)).done();
    eventually("it is told", || receiver.messages().len() == 1);
    let message = receiver.messages().remove(0);
    let told = verified(&message);
    assert_eq!(message.header("webhook-id"), accepted.run());
    assert_eq!(told["type"], "run.done");
    let data = &told["data"];
    assert_eq!((&data["run"], &data["action"]), (&accepted.run().into(), &"create-user".into()));
    assert_eq!((&data["state"], &data["result"]), (&"done".into(), &result));
    assert_eq!(told["timestamp"], data["endedAt"]);
    let password = account("allen")["password"].as_str().unwrap().to_owned();
    assert!(!told.to_string().contains(&password), "{told}");
    // A failure comes with its problem document.
    let mut input = account("barry");
    input["serviceId"] = "no-such-licence".into();
    let accepted = later(&house.server, &house.key, "create-user", &input).send();
    let failed = polled(&house.server, &target(&house.server, &accepted));
    eventually("it is told", || receiver.messages().len() == 2);
    let told = verified(&receiver.messages()[1]);
    assert_eq!((&told["type"], &told["data"]["problem"]), (&"run.failed".into(), &failed.json()));
    // A call that is waited for is not told.
    house.server.action(&house.key, AVAILABLE, &seats()).send().done();
    eventually("both are counted", || {
        let metrics = house.server.get(&house.key, "/metrics").text();
        metrics.contains("o365_callbacks_total{tenant=\"contoso\",outcome=\"delivered\"} 2")
    });
    assert_eq!(receiver.messages().len(), 2);
}

#[test]
fn a_message_is_repeated_with_its_id_also_by_the_next_server() {
    let receiver = Receiver::new(&[503, 302]);
    let house = House::of(&receiver.url());
    let accepted = later(&house.server, &house.key, AVAILABLE, &seats()).send();
    eventually("it has failed", || receiver.messages().len() == 1 && house.metric("failed"));
    let House { _graph, place, server, key } = house;
    server.kill();
    let house = House { server: place.serve(&[]), _graph, place, key };
    // The second attempt comes after 5 s, and is redirected, which is not followed.
    eventually("it has failed again", || receiver.messages().len() == 2);
    let messages = receiver.messages();
    for message in &messages {
        verified(message);
        assert_eq!(message.header("webhook-id"), accepted.run());
        assert_eq!(message.body, messages[0].body);
    }
    let seconds = |message: &Message| message.header("webhook-timestamp").parse::<i64>().unwrap();
    let between = seconds(&messages[1]) - seconds(&messages[0]);
    assert!((4..15).contains(&between), "{between}");
    assert_ne!(messages[0].header("webhook-signature"), messages[1].header("webhook-signature"));
    // The log is written beside the attempt.
    let told = "the receiver answered with status 302";
    eventually("it is in the log", || house.server.said().contains(told));
}

#[test]
fn a_receiver_that_is_gone_is_told_no_more() {
    let receiver = Receiver::new(&[410]);
    let house = House::of(&receiver.url());
    later(&house.server, &house.key, AVAILABLE, &seats()).send();
    eventually("it is given up", || house.metric("given-up"));
    assert_eq!(receiver.messages().len(), 1);
    let told = "a callback was given up";
    eventually("it is in the log", || house.server.said().contains(told));
}

#[test]
fn a_callback_goes_nowhere_where_no_request_may_go() {
    // A private address and that of a cloud's metadata.
    for url in ["https://10.0.0.1/hook", "https://169.254.169.254/latest"] {
        let house = House::of(url);
        later(&house.server, &house.key, AVAILABLE, &seats()).send();
        eventually("it has failed", || house.metric("failed"));
        // The log is written beside the attempt.
        let told = "where no request may go";
        eventually("it is in the log", || house.server.said().contains(told));
        let said = house.server.said();
        assert!(!said.contains("/hook") && !said.contains("/latest"), "{said}");
    }
}

#[test]
fn a_wrong_configuration_is_refused_with_a_fix() {
    let secret = "callback-secret = { file = \"callback-secret\" }";
    let url = "callback = \"https://contoso.com/hook\"";
    for (lines, key) in [
        ("callback = \"http://contoso.com/hook\"\ncallback-secret = { env = \"X\" }", "callback"),
        ("callback = \"https://user@contoso.com\"\ncallback-secret = { env = \"X\" }", "callback"),
        ("callback = \"https://contoso.com/#x\"\ncallback-secret = { env = \"X\" }", "callback"),
        (url, "callback-secret"),
        (secret, "callback"),
        ("callback = \"https://contoso.com\"\ncallback-secret = \"whsec_x\"", "callback-secret"),
    ] {
        let graph = simulate::Server::start(&[]);
        let place = Place::with(&connected("main", &graph));
        place.add("contoso", "main", &[]);
        place.set("tenants.contoso", lines);
        let error = place.o365(&["serve", "--address", "127.0.0.1:0"]).error();
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(&format!("tenants.contoso.{key} ")), "{lines}: {error}");
        assert!(!error["fix"].as_str().unwrap().is_empty(), "{error}");
    }
}

#[test]
fn a_secret_of_another_form_is_told_at_the_start() {
    let receiver = Receiver::new(&[]);
    let house = House::of(&receiver.url());
    let House { _graph, place, server, .. } = house;
    server.kill();
    fs::write(place.path("callback-secret"), "whsec_dG9vIHNob3J0").unwrap();
    let server = place.serve(&[]);
    eventually("it is told", || server.said().contains("openssl rand -base64 32"));
    assert!(!server.said().contains("dG9vIHNob3J0"));
}

#[test]
fn the_python_package_verifies_a_message() {
    let Some(project) = PYTHON.installed() else { return };
    let receiver = Receiver::new(&[]);
    let house = House::of(&receiver.url());
    later(&house.server, &house.key, AVAILABLE, &seats()).send();
    eventually("it is told", || receiver.messages().len() == 1);
    let message = receiver.messages().remove(0);
    let headers = ["webhook-id", "webhook-timestamp", "webhook-signature"];
    let ran = Command::new(project.join("venv/bin/python"))
        .arg(project.join("verify.py"))
        .args([SECRET, std::str::from_utf8(&message.body).unwrap()])
        .args(headers.map(|name| message.header(name)))
        .output()
        .unwrap();
    assert_eq!(ran.stdout, b"verified\n", "{}", String::from_utf8_lossy(&ran.stderr));
}
