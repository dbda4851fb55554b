//! Secrets that do not pass through the model.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};
use support::o365;
use tempfile::TempDir;

use crate::mcp::session::{Session, user};
use crate::serve::server::{House, Place, connected};

/// A secret that no message may contain.
const CANARY: &str = "Canary-7f3a-PASS!";

fn generated(nickname: &str) -> Value {
    let mut input = user(nickname);
    input["password"] = json!({ "$generate": true });
    input
}

/// A mail whose first key is elsewhere.
fn mail(secret: Value) -> Value {
    json!({
        "recipient": "anna.berg@contoso.com", "storageAccount": "files", "key2": "k-two",
        "key1": { "$secret": secret },
    })
}

const MAIL: &str = "send-azure-storage-creation-email";

/// A file with the canary, for its owner only.
fn secret_file(place: &TempDir) -> String {
    let path = place.path().join("key");
    fs::write(&path, format!("{CANARY}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Checks a password by the rules of the actions and of Entra.
fn assert_strong(password: &str) {
    let classes: [fn(&char) -> bool; 4] = [
        char::is_ascii_lowercase,
        char::is_ascii_uppercase,
        char::is_ascii_digit,
        char::is_ascii_punctuation,
    ];
    for class in classes {
        assert!(password.chars().filter(class).count() >= 2);
    }
    assert!((16..=256).contains(&password.len()));
}

#[test]
fn a_password_is_made_up_and_read_once() {
    let place = Place::new();
    let graph = crate::serve::killed::graph(&place);
    fs::write(place.config(), connected("contoso", &graph)).unwrap();
    let mut session = Session::start_in(place, &[]);
    let mut planned = generated("allen");
    planned["plan"] = true.into();
    session.done("create-user", planned);
    assert_eq!(session.place.o365(&["secrets", "list"]).result(), json!([]));
    let created = session.done("create-user", generated("allen"));
    let run = created["run"].as_str().unwrap();
    let told =
        format!("a password was made up; the operator reads it once, with o365 secrets take {run}");
    assert_eq!(created["warnings"], json!([told]));
    // A repeat makes up no other one.
    assert_eq!(session.done("create-user", generated("allen"))["run"], run);
    let listed = session.place.o365(&["secrets", "list"]).result();
    let [kept] = listed.as_array().unwrap().as_slice() else { panic!("{listed}") };
    assert_eq!((&kept["run"], &kept["inputs"]), (&created["run"], &json!(["password"])));
    let taken = session.place.o365(&["secrets", "take", run]).result();
    let password = taken["password"].as_str().unwrap();
    assert_strong(password);
    assert!(!created.to_string().contains(password));
    // It was the user's, and nothing else has it.
    let sent = graph.requests();
    let body = sent.iter().find(|it| it["method"] == "POST" && it["path"] == "/v1.0/users");
    assert!(body.is_some(), "{sent:?}");
    let again = session.place.o365(&["secrets", "take", run]);
    let again = again.error();
    assert_eq!(again["kind"], "no-such-run", "{again}");
    let state = session.place.path("state");
    let found = std::process::Command::new("grep").arg("-rlF").arg(password).arg(state).output();
    assert_eq!(String::from_utf8_lossy(&found.unwrap().stdout), "");
}

#[test]
fn nothing_is_kept_of_a_run_that_created_nothing() {
    let mut session = Session::start(&[]);
    let refused = session.failed("create-user", generated("anna"));
    assert_eq!(refused["error"]["kind"], "already-exists", "{refused}");
    let mut none_left = generated("walter");
    none_left["serviceId"] = "SPE_E3".into();
    let refused = session.failed("create-user", none_left);
    assert_eq!(refused["error"]["kind"], "license-unavailable", "{refused}");
    let state = session.place.path("state");
    let listed = o365(["secrets", "list", "--json"]).env("O365_STATE_DIR", state).run().result();
    assert_eq!(listed, json!([]));
}

#[test]
fn passwords_are_different() {
    let place = tempfile::tempdir().unwrap();
    let mut passwords = BTreeSet::new();
    for _ in 0..8 {
        let run = o365(["run", "create-user", "--simulate", "--json", "-i", "-"])
            .env("O365_STATE_DIR", place.path())
            .stdin(generated("allen").to_string())
            .run();
        assert_eq!(run.code, 0, "{}", run.stderr);
        let warned = run.stderr.lines().find(|line| line.contains("secrets take")).unwrap();
        let warned: Value = serde_json::from_str(warned).unwrap();
        let id = warned["warning"].as_str().unwrap().rsplit(' ').next().unwrap().to_owned();
        let take = o365(["secrets", "take", &id, "--json"]).env("O365_STATE_DIR", place.path());
        let taken = take.run().result();
        let password = taken["password"].as_str().unwrap().to_owned();
        assert_strong(&password);
        assert!(!run.stdout.contains(&password) && !run.stderr.contains(&password));
        passwords.insert(password);
    }
    assert_eq!(passwords.len(), 8);
}

#[test]
fn a_secret_is_named_where_the_operator_allows_it() {
    let place = tempfile::tempdir().unwrap();
    let file = secret_file(&place);
    let mut session = Session::start(&["--allow-secret", &format!("file:{file}")]);
    let listed = session.request("tools/list", json!({}));
    let tools = listed["result"]["tools"].as_array().unwrap();
    let tool = tools.iter().find(|it| it["name"] == MAIL).unwrap();
    let validator = jsonschema::validator_for(&tool["inputSchema"]).unwrap();
    let input = mail(json!({ "file": file }));
    assert!(validator.is_valid(&input), "{tool}");
    let planned = |mut input: Value| {
        input["plan"] = true.into();
        input
    };
    let shown = session.done(MAIL, planned(input.clone()));
    let body = shown["plan"]["writes"][0]["body"].to_string();
    assert!(!shown.to_string().contains(CANARY), "{shown}");
    // It is in the mail, where the plan has a reference.
    assert!(body.contains("$secret") || body.contains("key1"), "{body}");
    session.done(MAIL, input);
    for (secret, problem) in [
        (json!({ "file": "/etc/hostname" }), "names a secret that the operator does not allow"),
        (json!({ "env": "HOME" }), "names a secret that the operator does not allow"),
        (json!({}), "expected a string"),
        (json!({ "env": "A", "file": "B" }), "expected a string"),
        (json!("key1"), "expected a string"),
    ] {
        let mut input = mail(secret);
        input["idempotencyKey"] = "another-call".into();
        let refused = session.failed(MAIL, input);
        let told = &refused["error"]["problems"][0];
        assert_eq!(told["pointer"], "/key1", "{refused}");
        assert!(told["message"].as_str().unwrap().starts_with(problem), "{refused}");
    }
    // What differs in its secrets alone may be meant as a repeat.
    let reused = session.failed(MAIL, mail(json!({ "env": "HOME" })));
    assert_eq!(reused["error"]["kind"], "key-reused", "{reused}");
    assert!(reused["error"]["fix"].as_str().unwrap().contains("idempotencyKey"), "{reused}");
    fs::set_permissions(place.path().join("key"), fs::Permissions::from_mode(0o644)).unwrap();
    let mut other = mail(json!({ "file": file }));
    other["recipient"] = "bela.costa@contoso.com".into();
    let refused = session.failed(MAIL, other);
    let message = refused["error"]["problems"][0]["message"].as_str().unwrap();
    assert_eq!(message, "names a secret that cannot be read");
    // Only passwords of new accounts are made up.
    let mut made_up = mail(json!({}));
    made_up["key1"] = json!({ "$generate": true });
    made_up["recipient"] = "carl.diaz@contoso.com".into();
    let refused = session.failed(MAIL, made_up);
    let message = refused["error"]["problems"][0]["message"].as_str().unwrap();
    assert!(message.starts_with("cannot be made up"), "{message}");
}

#[test]
fn the_command_line_and_the_server_take_the_same_forms() {
    let place = tempfile::tempdir().unwrap();
    let allowed = |further: &[&str]| {
        let input = mail(json!({ "env": "VM_KEY" })).to_string();
        o365([&["run", MAIL, "--simulate", "--json", "-i", "-"], further].concat())
            .env("O365_STATE_DIR", place.path())
            .env("VM_KEY", CANARY)
            .stdin(input)
            .run()
    };
    let refused = allowed(&[]);
    assert_eq!((refused.code, &refused.error()["kind"]), (2, &json!("invalid-input")));
    let recording = place.path().join("run.har");
    let path = recording.to_str().unwrap();
    let ran = allowed(&["--allow-secret", "env:VM_KEY", "--record", path]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(!fs::read_to_string(recording).unwrap().contains(CANARY));

    let house = House::new();
    let answer = house.action(house.key(), "create-user", &generated("allen")).send();
    assert_eq!(answer.status, 200, "{answer:?}");
    let warned = answer.header("run-warning");
    assert!(warned.contains(&format!("o365 secrets take {}", answer.header("run-id"))), "{warned}");
    let answer = house.action(house.key(), MAIL, &mail(json!({ "env": "HOME" }))).send();
    assert_eq!(answer.status, 400, "{answer:?}");
}
