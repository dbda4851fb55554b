//! `--simulate` and `o365 simulate`, as a user types them.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use runner::cli::joined;
use support::{Ended, o365};

const INPUTS: [&str; 5] = [
    "serviceId=06ebc4ee-1bb5-47dd-8120-11324bc54e06",
    "displayName=Zed Zimmer",
    "mailNickname=zed",
    "password=Any-passw0rd",
    "usageLocation=DE",
];

fn create(way: &[&str]) -> Ended {
    o365([&["run", "create-user"], way, &INPUTS].concat()).run()
}

fn run(action: &str, state: &str, inputs: &[&str]) -> Ended {
    o365([&["run", action, "--json", "--simulate", state], inputs].concat()).run()
}

fn show(state: &str, what: &str) -> Vec<Value> {
    o365(["simulate", state, "--show", what]).run().result().as_array().unwrap().clone()
}

/// A directory for a tenant, and the tenant's file in it, which does not exist yet.
fn state() -> (tempfile::TempDir, PathBuf, String) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("tenant.json");
    let text = path.to_str().unwrap().to_owned();
    (directory, path, text)
}

/// The error of a call with `--json`: the last line of stderr, behind the warning.
fn error(ended: &Ended) -> Value {
    assert_ne!(ended.code, 0);
    let line = ended.stderr.lines().last().unwrap();
    serde_json::from_str::<Value>(line).unwrap()["error"].take()
}

#[test]
fn the_option_takes_no_input_for_its_file() {
    let ended = create(&["--simulate"]);
    assert_eq!(ended.result()["userPrincipalName"], "zed@contoso.onmicrosoft.com");
    assert!(
        ended.stderr.starts_with("warning: the tenant contoso.onmicrosoft.com is simulated"),
        "{}",
        ended.stderr
    );
    assert_eq!(ended.stderr.lines().count(), 1);
    let before = o365([&["run", "--simulate", "create-user"], &INPUTS[..]].concat()).run();
    assert_eq!(before.result(), ended.result(), "the same run has the same result");
}

#[test]
fn a_file_follows_the_option_or_an_equals_sign() {
    let (_directory, path, state) = state();
    assert_eq!(create(&["--simulate", &state]).code, 0);
    let again = create(&[&format!("--simulate={state}")]);
    assert_eq!(again.code, 1, "the user is there: {}", again.stderr);
    assert!(path.exists());
    let other = path.with_file_name("tenant");
    assert_eq!(create(&[&format!("--simulate={}", other.display())]).code, 0);
    assert!(other.exists());
}

#[test]
fn commands_share_a_tenant_through_its_file() {
    let (_directory, path, state) = state();
    assert_eq!(run("create-user", &state, &INPUTS).code, 0);
    let name = "userPrincipalName=zed@contoso.onmicrosoft.com";
    let f3 = "serviceId=c5928f49-12ba-48f7-ada3-0d743a3601d5";
    assert_eq!(run("assign-license-to-existing-user", &state, &[name, f3]).code, 0);
    let zed = show(&state, "users").into_iter().find(|user| user["displayName"] == "Zed Zimmer");
    assert_eq!(zed.unwrap()["licenses"], json!(["SPE_E5", "VISIOCLIENT"]));
    let told = ["recipient=anna.berg@contoso.com", "userEmail=zed@contoso.onmicrosoft.com"];
    assert_eq!(run("send-created-user-email-notification", &state, &told).code, 0);
    let mail = show(&state, "mail");
    assert_eq!(mail[0]["to"], json!(["anna.berg@contoso.com"]));
    assert!(mail[0]["text"].as_str().unwrap().contains("zed@contoso.onmicrosoft.com"));
    assert_eq!(run("delete-user", &state, &[name]).code, 0);
    assert!(!show(&state, "users").iter().any(|user| user["displayName"] == "Zed Zimmer"));
    let text = fs::read_to_string(&path).unwrap();
    assert!(!text.contains("Any-passw0rd"), "a password is not kept");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn a_run_that_fails_keeps_what_it_did() {
    let (_directory, path, state) = state();
    assert_eq!(run("is-license-available", &state, &INPUTS[..1]).code, 0);
    // A directory that never catches up: the licence cannot be assigned, nor the new user
    // be deleted again.
    let text = fs::read_to_string(&path).unwrap().replace("\"lag\": 0", "\"lag\": 1000");
    fs::write(&path, text).unwrap();
    let failed = run("create-user", &state, &INPUTS);
    let left = show(&state, "users").into_iter().find(|user| user["displayName"] == "Zed Zimmer");
    let id = left.unwrap()["id"].as_str().unwrap().to_owned();
    assert!(error(&failed)["message"].as_str().unwrap().contains(&id), "{}", failed.stderr);
    // A script that reads the error finds it alone.
    assert_eq!(failed.stderr.lines().count(), 1, "{}", failed.stderr);
}

#[test]
fn a_file_that_is_no_tenant_is_told_and_left_alone() {
    let (_directory, path, state) = state();
    assert_eq!(run("is-license-available", &state, &INPUTS[..1]).code, 0);
    let good = fs::read_to_string(&path).unwrap();
    let table = [
        (String::new(), "not contain a simulated tenant"),
        ("{\"users\": []}".to_owned(), "has no \"format\""),
        ("[1, 2]".to_owned(), "not contain a simulated tenant"),
        ("not JSON".to_owned(), "not contain a simulated tenant"),
        (good[..good.len() / 2].to_owned(), "is damaged"),
        (good.replace("tenant/2", "tenant/3"), "o365-simulated-tenant/3"),
        (good.replace("\"consumedUnits\": 4", "\"consumedUnits\": 0"), "consumedUnits of SPE_E5"),
        (good.replace("bela@contoso.onmicrosoft.com", "anna@contoso.onmicrosoft.com"), "two users"),
        (good.replace("06ebc4ee", "06ebc4e"), "is not a GUID"),
        (good.replacen("\"lag\": 0", "\"lagg\": 0", 1), "lagg"),
    ];
    for (text, expected) in table {
        fs::write(&path, &text).unwrap();
        let ended = run("create-user", &state, &INPUTS);
        assert_eq!(ended.code, 4, "{expected}: {}", ended.stderr);
        assert!(
            error(&ended)["message"].as_str().unwrap().contains(expected),
            "{expected}: {}",
            ended.stderr
        );
        assert_eq!(fs::read_to_string(&path).unwrap(), text, "left as it was");
    }
    assert_eq!(
        run("create-user", Path::new("/nowhere/tenant.json").to_str().unwrap(), &INPUTS).code,
        4
    );
}

#[test]
fn a_file_of_the_format_before_groups_is_read_and_written_in_the_new_one() {
    let (_directory, path, state) = state();
    assert_eq!(run("is-license-available", &state, &INPUTS[..1]).code, 0);
    let mut file: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    file["format"] = "o365-simulated-tenant/1".into();
    let tenant = file["tenant"].as_object_mut().unwrap();
    tenant.remove("groups").unwrap();
    for user in tenant["users"].as_array_mut().unwrap() {
        user.as_object_mut().unwrap().remove("licenses");
    }
    fs::write(&path, file.to_string()).unwrap();
    assert!(show(&state, "groups").is_empty());
    assert_eq!(run("create-user", &state, &INPUTS).code, 0);
    let after: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!(after["format"], "o365-simulated-tenant/2");
}

#[test]
fn runs_at_the_same_time_lose_nothing() {
    let (_directory, _path, state) = state();
    let threads: Vec<_> = (0..6)
        .map(|number| {
            let state = state.clone();
            std::thread::spawn(move || {
                let nickname = format!("mailNickname=zed{number}");
                let inputs = [INPUTS[0], INPUTS[1], &nickname, INPUTS[3], INPUTS[4]];
                run("create-user", &state, &inputs).code
            })
        })
        .collect();
    for thread in threads {
        assert_eq!(thread.join().unwrap(), 0);
    }
    let zeds =
        show(&state, "users").iter().filter(|user| user["displayName"] == "Zed Zimmer").count();
    assert_eq!(zeds, 6);
}

#[test]
fn any_connection_leads_to_the_tenant() {
    let ended = o365(["run", "verify-connection", "--simulate", "connectionId=fabrikam"]).run();
    assert_eq!(ended.result()["usable"], true);
    let both =
        o365(["run", "verify-connection", "--simulate", "--connection", "x", "connectionId=y"])
            .run();
    assert_eq!(both.code, 2);
    let replay =
        ["run", "delete-user", "--simulate", "--replay", "fixtures/delete-user/deleted.har"];
    assert_eq!(o365(replay).run().code, 2, "one egress stack");
}

#[test]
fn a_tenant_is_shown() {
    let show = |arguments: &[&str]| o365([&["simulate"], arguments].concat()).run();
    let skus = show(&["--show", "skus"]).result();
    let free = |part: &str| {
        skus.as_array().unwrap().iter().find(|sku| sku["skuPartNumber"] == part).unwrap()["free"]
            .clone()
    };
    assert_eq!(
        (free("SPE_E5"), free("SPE_E3"), free("SPE_F1"), free("PROJECTPROFESSIONAL")),
        (21.into(), 0.into(), 3.into(), 0.into())
    );
    assert_eq!(show(&["--users", "10", "--show", "users"]).result().as_array().unwrap().len(), 11);
    assert_eq!(show(&["/nowhere/tenant.json", "--show", "users"]).code, 4);
    assert_eq!(show(&[]).code, 2);
}

#[test]
fn only_a_file_is_joined_to_the_option() {
    let table: [(&[&str], &[&str]); 6] = [
        (&["--simulate", "a.json", "b=c"], &["--simulate=a.json", "b=c"]),
        (&["--simulate", "name=a.json"], &["--simulate", "name=a.json"]),
        (&["--simulate", "create-user"], &["--simulate", "create-user"]),
        (&["--simulate", "--json"], &["--simulate", "--json"]),
        (&["--simulate"], &["--simulate"]),
        (&["--", "--simulate", "a.json"], &["--", "--simulate", "a.json"]),
    ];
    for (given, expected) in table {
        assert_eq!(joined(given.iter().map(OsString::from)), expected, "{given:?}");
    }
}
