//! What a user of a live tenant types and sees.

use std::fs;

use serde_json::{Value, json};

use crate::tenant::{SECRET, Settings, Tenant};
use support::o365;

const SKU: &str = "serviceId=06ebc4ee-1bb5-47dd-8120-11324bc54e06";

#[test]
fn an_action_runs_over_the_connection_with_a_token_that_it_never_sees() {
    let tenant = Tenant::start(Settings {
        fixture: ("create-user", "created-and-licensed"),
        first: vec![(429, vec![("retry-after", "0.05")])],
        ..Settings::default()
    });
    let arguments = [
        "run",
        "create-user",
        "--json",
        SKU,
        "displayName=Allen Allbrook",
        "mailNickname=allen",
        "password=Any-passw0rd",
        "usageLocation=AM",
    ];
    let list = tenant.o365(&["connection", "list", "--json"], SECRET).run().result();
    assert_eq!(list[0]["tokenStored"], false);
    let ended = tenant.o365(&arguments, SECRET).run();
    assert_eq!(ended.result()["objectId"], "5b2c7e1a-0d3f-4a6b-9c8d-7e6f5a4b3c2d");
    assert_eq!(ended.stderr, "", "no progress where nobody looks");
    let calls = tenant.calls();
    assert_eq!(calls[0].path, calls[1].path, "the first was throttled");
    let bearer = format!("Bearer {}", tenant.token());
    assert!(calls.iter().all(|call| call.authorization.as_ref() == Some(&bearer)), "{calls:?}");
    let list = tenant.o365(&["connection", "list", "--json"], SECRET).run().result();
    assert_eq!(list[0]["tokenStored"], true);
    let sign_ins = tenant.seen().iter().filter(|seen| seen.path.ends_with("/token")).count();
    assert_eq!(sign_ins, 1);
}

#[test]
fn the_log_has_calls_and_their_answers_and_no_secret() {
    let tenant = Tenant::start(Settings {
        fixture: ("is-license-available", "some-seats"),
        ..Settings::default()
    });
    let arguments = ["run", "is-license-available", SKU];
    let ended = tenant.o365(&[&arguments[..], &["--log", "info"]].concat(), SECRET).run();
    assert_eq!(ended.result(), true);
    let line = ended.stderr.lines().find(|line| line.contains("answered")).unwrap().to_owned();
    for part in ["GET /subscribedSkus", "status=200", "request_id=\"r-1\""] {
        assert!(line.contains(part), "{part}: {line}");
    }
    // Other libraries' logs have headers in them.
    let all = tenant.o365(&[&arguments[..], &["--log", "trace"]].concat(), SECRET);
    for line in all.env("RUST_LOG", "trace").run().stderr.lines() {
        assert!(line.contains(" runner::"), "{line}");
    }
    #[cfg(target_os = "linux")]
    {
        let all = tenant.o365(&[&arguments[..], &["--log", "trace"]].concat(), SECRET);
        assert_eq!(all.without_stderr().run().result(), true, "a log that is lost is no error");
    }
    let silent = tenant.o365(&arguments, SECRET).run();
    assert_eq!(silent.stderr, "");
    let json =
        tenant.o365(&[&arguments[..], &["--json"]].concat(), SECRET).env("O365_LOG", "INFO").run();
    for line in json.stderr.lines() {
        let _: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    }
    assert!(!json.stderr.is_empty());
    let wrong = o365(["actions", "--json"]).env("O365_LOG", "loud").run();
    assert_eq!(wrong.code, 2);
    assert_eq!(wrong.error()["message"], "O365_LOG is not the name of a level");
}

#[test]
fn a_run_that_cannot_sign_in_says_why_and_what_to_do() {
    let tenant = Tenant::start(Settings {
        credential: "client_secret=another".to_owned(),
        ..Settings::default()
    });
    let arguments = ["run", "is-license-available", "--json", SKU];
    let ended = tenant.o365(&arguments, SECRET).run();
    assert_eq!(ended.code, 4);
    let error = ended.error();
    assert_eq!(error["kind"], "unauthorized");
    assert!(error["message"].as_str().unwrap().contains("AADSTS7000215"), "{error}");
    assert!(tenant.calls().is_empty(), "Graph is not asked without a token");
}

#[test]
fn the_connection_is_the_only_one_or_the_one_that_is_named() {
    let tenant = Tenant::start(Settings {
        fixture: ("is-license-available", "some-seats"),
        ..Settings::default()
    });
    let second = "\n[connections.fabrikam]\ntenant = \"fabrikam.com\"\nclient-id = \"b\"";
    let both = format!("{SECRET}{second}");
    let run = |more: &[&str]| {
        let arguments = ["run", "is-license-available", "--json", SKU];
        tenant.o365(&[&arguments[..], more].concat(), &both).run()
    };
    assert_eq!(run(&["--connection", "contoso"]).result(), true);
    assert_eq!(run(&["connectionId=contoso"]).result(), true);
    let path = tenant.directory().join("o365.toml");
    let path = path.display();

    let unnamed = run(&[]);
    assert_eq!(unnamed.code, 2);
    assert_eq!(
        unnamed.error()["message"],
        format!("{path} has more than one connection: contoso, fabrikam")
    );
    assert_eq!(unnamed.error()["fix"], "Name a connection with --connection ID.");
    let unknown = run(&["--connection", "contsoo"]);
    assert_eq!(unknown.code, 2);
    assert_eq!(unknown.error()["message"], format!("there is no connection \"contsoo\" in {path}"));
    assert!(unknown.error()["fix"].as_str().unwrap().starts_with("Did you mean contoso?"));
    let two = run(&["--connection", "contoso", "connectionId=fabrikam"]);
    assert_eq!(two.code, 2);
    assert_eq!(two.error()["problems"][0]["pointer"], "/connectionId");

    let none = o365(["run", "is-license-available", "serviceId=x", "--json"])
        .directory(tenant.directory());
    fs::remove_file(tenant.directory().join("o365.toml")).unwrap();
    let none = none.run();
    assert_eq!(none.code, 2);
    assert!(
        none.error()["fix"].as_str().unwrap().starts_with("Describe a connection in o365.toml")
    );
}

#[test]
fn trust_in_any_self_signed_certificate_is_warned_of_at_each_run() {
    let tenant = Tenant::start(Settings {
        fixture: ("is-license-available", "some-seats"),
        ..Settings::default()
    });
    let lines = format!("{SECRET}\ntrust-self-signed-certificates = true");
    let arguments = ["run", "is-license-available", SKU];
    for _ in 0..2 {
        let ended = tenant.o365(&arguments, &lines).run();
        assert_eq!(ended.result(), true);
        assert!(
            ended.stderr.starts_with(
                "warning: connection \"contoso\" accepts every self-signed certificate"
            ),
            "{}",
            ended.stderr
        );
    }
}

#[test]
fn a_graph_that_is_not_there_is_told_with_what_the_network_knows() {
    let tenant = Tenant::start(Settings::default());
    let closed = Tenant::start(Settings::default()).address();
    let text = format!(
        "[connections.contoso]\ntenant = \"contoso.onmicrosoft.com\"\nclient-id = \"a\"\n{SECRET}\ngraph-url = \"http://{closed}/v1.0\"\nlogin-url = \"http://{}\"\n",
        tenant.address()
    );
    let path = tenant.directory().join("closed.toml");
    fs::write(&path, text).unwrap();
    let ended = o365([
        "run",
        "is-license-available",
        SKU,
        "--json",
        "--time-limit",
        "1",
        "--config",
        path.to_str().unwrap(),
    ])
    .env("CONTOSO_SECRET", "open-sesame")
    .env("O365_STATE_DIR", tenant.directory().join("state"))
    .run();
    assert_eq!(ended.code, 1, "{}", ended.stderr);
    let error = ended.error();
    assert_eq!(error["kind"], "transport", "{error}");
    assert!(error["message"].as_str().unwrap().contains(" In detail: "), "{error}");
}

#[test]
fn an_application_is_not_signed_in_by_a_user() {
    let tenant = Tenant::start(Settings::default());
    let ended = tenant.o365(&["connection", "login", "contoso", "--json"], SECRET).run();
    assert_eq!(ended.code, 2);
    assert_eq!(
        ended.error()["message"],
        "the connection contoso signs in by itself, with its client-secret"
    );
    assert!(tenant.seen().is_empty());
}

#[test]
fn a_user_signs_in_on_another_device_and_runs_follow() {
    let tenant = Tenant::start(Settings {
        credential: "device_code=d3vice".to_owned(),
        fixture: ("is-license-available", "some-seats"),
        refresh_token: Some("r3fresh".to_owned()),
        ..Settings::default()
    });
    let run = ["run", "is-license-available", "--json", SKU];
    let before = tenant.o365(&run, "").run();
    assert_eq!(before.code, 4);
    assert_eq!(before.error()["fix"], "Run `o365 connection login contoso`.");

    let login = tenant.o365(&["connection", "login", "contoso", "--device-code"], "").run();
    assert_eq!(login.result(), json!({ "id": "contoso", "tokenStored": true }));
    assert_eq!(
        login.stderr,
        "Open https://login.contoso.com/device on any device and enter the code ABCD1234\nwithin 15 minutes.\n"
    );
    assert_eq!(tenant.o365(&run, "").run().result(), true);

    let json = tenant.o365(&["connection", "login", "contoso", "--json"], "").run();
    let shown: Value = serde_json::from_str(json.stderr.lines().next().unwrap()).unwrap();
    assert_eq!(shown["deviceCode"]["userCode"], "ABCD1234", "nobody sees a browser here");
}

#[cfg(target_os = "linux")]
#[test]
fn a_terminal_shows_which_call_a_run_waits_for() {
    let tenant = Tenant::start(Settings {
        fixture: ("is-license-available", "some-seats"),
        first: vec![(429, vec![("retry-after", "0.9")])],
        ..Settings::default()
    });
    let on_a_terminal = |further: &[&str]| {
        let run = ["run", "is-license-available", SKU];
        tenant.o365(&[&run, further].concat(), SECRET).on_a_terminal(0).0
    };
    let shown = on_a_terminal(&[]);
    for part in [
        "signing in",
        "GET /subscribedSkus returned 429; Graph asks to wait 1 s",
        "GET /subscribedSkus, attempt 2",
    ] {
        assert!(shown.contains(part), "{part}: {shown:?}");
    }
    let last = shown.rsplit('\r').find(|line| !line.trim().is_empty()).unwrap();
    assert_eq!(last.trim_start_matches("\u{1b}[2K").trim(), "true", "the line is gone: {shown:?}");
    let json = on_a_terminal(&["--json"]);
    assert_eq!(json.trim(), "true");
    let logged = on_a_terminal(&["--log", "info"]);
    assert!(!logged.contains("signing in"), "the log says more: {logged:?}");
}

#[test]
fn when_to_come_back_can_be_read() {
    for (after, shown) in [("30", "retry in 30 s"), ("2300766159", "retry at 20")] {
        let tenant = Tenant::start(Settings {
            first: vec![(429, vec![("retry-after", after)])],
            ..Settings::default()
        });
        let ended =
            tenant.o365(&["run", "is-license-available", SKU, "--time-limit", "5"], SECRET).run();
        assert_eq!(ended.code, 1, "{}", ended.stderr);
        assert!(ended.stderr.contains(shown), "{}", ended.stderr);
    }
}
