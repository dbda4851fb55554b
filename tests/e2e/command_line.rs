//! What a user types and sees: stdout, stderr and exit codes.

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Value, json};

use support::{Call, Fixture, o365};

const CREATED: &str = "fixtures/create-user/created-and-licensed.har";

/// The inputs of the recordings of `create-user`, one argument each.
const INPUTS: [&str; 5] = [
    "serviceId=06ebc4ee-1bb5-47dd-8120-11324bc54e06",
    "displayName=Allen Allbrook",
    "mailNickname=allen",
    "password=Any-passw0rd",
    "usageLocation=AM",
];

fn create(more: &[&str], inputs: &[&str]) -> support::Ended {
    o365([&["run", "create-user"], more, inputs].concat()).run()
}

/// A deletion of the user of the recording, with these arguments besides.
fn delete(more: &[&str]) -> Call {
    let recording = "fixtures/delete-user/deleted.har";
    o365([&["run", "delete-user", "--json", "--replay", recording], more].concat())
}

#[test]
fn inputs_are_taken_from_arguments_from_a_file_and_from_stdin() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("input.json");
    let whole = Fixture::named("create-user", "created-and-licensed").input();
    fs::write(&file, serde_json::to_vec(&whole).unwrap()).unwrap();
    let by_arguments = create(&["--replay", CREATED], &INPUTS).result();
    assert_eq!(by_arguments["objectId"], "5b2c7e1a-0d3f-4a6b-9c8d-7e6f5a4b3c2d");
    assert_eq!(
        create(&["--replay", CREATED, "-i", file.to_str().unwrap()], &[]).result(),
        by_arguments
    );
    let mut rest = whole.clone();
    rest.remove("displayName");
    let mixed =
        o365(["run", "create-user", "--replay", CREATED, "-i", "-", "displayName=Allen Allbrook"])
            .stdin(serde_json::to_vec(&rest).unwrap())
            .run();
    assert_eq!(mixed.result(), by_arguments);
}

#[test]
fn a_result_that_is_a_bare_value_is_bare_json() {
    let run = |action: &str, case: &str| Fixture::named(action, case).replayed().run().stdout;
    assert_eq!(run("is-license-available", "some-seats"), "true\n");
    assert_eq!(run("get-available-license-count", "some-seats"), "14\n");
    assert_eq!(run("delete-user", "deleted"), "null\n");
}

#[test]
fn wrong_input_is_refused_all_at_once_before_anything_is_sent() {
    let ended = o365(["run", "create-user", "--replay", CREATED, "--json", "-i", "-"])
        .stdin(
            r#"{"servicId": "x", "displayName": 7, "mailNickname": "allen", "password": "secret"}"#,
        )
        .run();
    assert_eq!(ended.code, 2);
    let error = ended.error();
    assert_eq!(error["kind"], "invalid-input");
    assert_eq!(
        pointers(&error),
        BTreeSet::from(["/displayName", "/servicId", "/serviceId", "/usageLocation"])
    );
    assert!(!ended.stderr.contains("secret"), "{}", ended.stderr);
    let nearest = error["problems"].to_string();
    assert!(nearest.contains("did you mean `serviceId`?"), "{nearest}");
}

#[test]
fn the_component_refuses_what_types_cannot_say() {
    let inputs = [
        "serviceId=E5",
        "displayName= ",
        "mailNickname=a b",
        "password=short",
        "usageLocation=Armenia",
    ];
    let ended = create(&["--json", "--replay", CREATED], &inputs);
    assert_eq!(ended.code, 2);
    let error = ended.error();
    assert_eq!(
        pointers(&error),
        BTreeSet::from([
            "/displayName",
            "/mailNickname",
            "/password",
            "/serviceId",
            "/usageLocation"
        ])
    );
    assert!(!ended.stderr.contains("short\""), "a password is never told: {}", ended.stderr);
}

#[test]
fn names_types_and_values_are_told_together() {
    let ended =
        create(&["--json", "--replay", CREATED], &["serviceID=x", "displayName=A", "Pa55word="]);
    assert_eq!(ended.code, 2);
    let problems = ended.error()["problems"].to_string();
    for part in [
        "argument 1 names a field",
        "did you mean `serviceId`?",
        "argument 3",
        "/serviceId",
        "/mailNickname",
        "/password",
        "/usageLocation",
    ] {
        assert!(problems.contains(part), "{part}: {problems}");
    }
    assert!(!ended.stderr.contains("Pa55word"), "a slip of a blank shows no secret: {problems}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_stderr_that_cannot_be_written_loses_neither_result_nor_exit_code() {
    assert_eq!(o365(["run", "nosuch"]).without_stderr().run().code, 2);
    assert_eq!(o365(["run", "nosuch", "--json"]).without_stderr().run().code, 2);
    let fixture = Fixture::named("is-license-available", "some-seats").changed("unused", |log| {
        let first = log["entries"][0].clone();
        log["entries"].as_array_mut().unwrap().push(first);
    });
    assert_eq!(fixture.replayed().without_stderr().run().result(), true);
    assert!(fixture.replayed().run().stderr.contains("this run did not send"));
}

#[test]
fn input_with_a_byte_order_mark_is_read() {
    let whole = Fixture::named("create-user", "created-and-licensed").input();
    let text = format!("\u{feff}{}", serde_json::to_string(&whole).unwrap());
    let arguments = ["run", "create-user", "--replay", CREATED, "-i", "-"];
    assert!(o365(arguments).stdin(text).run().result().is_object());
    let utf16 = o365(arguments).stdin([0xff, 0xfe, b'{', 0]).run();
    assert!(utf16.stderr.contains("UTF-16"), "{}", utf16.stderr);
}

#[test]
fn an_input_given_twice_is_refused() {
    let ended = create(&["--json", "--replay", CREATED], &["usageLocation=AM", "usageLocation=DE"]);
    assert_eq!(ended.code, 2);
    assert_eq!(ended.error()["problems"][0]["pointer"], "/usageLocation");

    let ended = delete(&["-i", "-", "userPrincipalName=a@b.com"])
        .stdin(r#"{"userPrincipalName": "a@b.com"}"#)
        .run();
    assert_eq!(ended.code, 2);
    assert_eq!(ended.error()["problems"][0]["pointer"], "/userPrincipalName");

    let ended = delete(&["-i", "-"])
        .stdin(r#"{"userPrincipalName": "a@b.com", "userPrincipalName": "c@d.com"}"#)
        .run();
    assert_eq!(ended.code, 2, "{}", ended.stderr);
    assert_eq!(ended.error()["problems"][0]["pointer"], "/userPrincipalName");
}

#[test]
fn an_action_that_fails_says_why_what_to_do_and_what_graph_answered() {
    let fixture = Fixture::named("create-user", "licence-failed-and-user-left");
    let ended = fixture.replayed().run();
    assert_eq!(ended.code, 1);
    let error = ended.error();
    assert_eq!(error["kind"], "license-unavailable");
    assert_eq!(error["retrySafe"], false);
    assert_eq!(error["graph"]["code"], "Request_BadRequest");
    let fix = error["fix"].as_str().unwrap();
    assert!(
        fix.contains("5b2c7e1a-0d3f-4a6b-9c8d-7e6f5a4b3c2d"),
        "it names the user that is left: {fix}"
    );
}

#[test]
fn for_people_an_error_is_text_on_stderr() {
    let inputs = ["userPrincipalName=allen@contoso.onmicrosoft.com"];
    let ended = o365(
        [&["run", "delete-user", "--replay", "fixtures/delete-user/forbidden.har"][..], &inputs]
            .concat(),
    )
    .run();
    assert_eq!((ended.code, ended.stdout.as_str()), (1, ""));
    for part in [
        "error: ",
        "Graph response: 403 Authorization_RequestDenied",
        "fix: Grant the app registration the application permission User.DeleteRestore.All",
        "who can fix it: a tenant administrator",
    ] {
        assert!(ended.stderr.contains(part), "{part}: {}", ended.stderr);
    }
    assert!(!ended.stderr.contains('\u{1b}'), "no colours away from a terminal");
}

#[test]
fn a_recording_that_does_not_fit_is_told_in_a_sentence() {
    let other = [
        "serviceId=06ebc4ee-1bb5-47dd-8120-11324bc54e06",
        "displayName=Bianca Pisani",
        "mailNickname=allen",
        "password=Any-passw0rd",
        "usageLocation=AM",
    ];
    let ended = create(&["--json", "--replay", CREATED], &other);
    assert_eq!(ended.code, 1);
    let error = ended.error();
    assert_eq!(error["kind"], "recording");
    let message = error["message"].as_str().unwrap();
    assert!(
        message.contains("request 2, POST https://graph.microsoft.com/v1.0/users"),
        "{message}"
    );
    assert!(message.contains("/displayName"), "{message}");
}

#[test]
fn a_recording_of_another_action_is_refused() {
    let ended =
        o365(["run", "delete-user", "--json", "--replay", CREATED, "userPrincipalName=a@b.com"])
            .run();
    assert_eq!(ended.code, 2);
    assert!(ended.error()["message"].as_str().unwrap().contains("is a recording of create-user"));
}

#[test]
fn the_connection_may_be_left_out_or_named_and_must_be_the_recorded_one() {
    let run = |more: &[&str]| {
        let upn = "userPrincipalName=allen@contoso.onmicrosoft.com";
        delete(&[&[upn], more].concat()).run()
    };
    assert_eq!(run(&[]).result(), Value::Null);
    assert_eq!(run(&["connectionId=contoso"]).result(), Value::Null);
    assert_eq!(run(&["--connection", "contoso"]).result(), Value::Null);
    for other in [
        &["connectionId=fabrikam"][..],
        &["--connection", "fabrikam"],
        &["--connection", "fabrikam", "connectionId=contoso"],
    ] {
        let ended = run(other);
        assert_eq!(ended.code, 2, "{other:?}");
        assert_eq!(ended.error()["problems"][0]["pointer"], "/connectionId");
    }
}

#[test]
fn without_a_way_out_it_says_what_to_choose() {
    let elsewhere = tempfile::tempdir().unwrap();
    let arguments = [&["run", "create-user", "--json"], &INPUTS[..]].concat();
    let ended = o365(arguments).directory(elsewhere.path()).run();
    assert_eq!(ended.code, 2);
    let fix = ended.error()["fix"].as_str().unwrap().to_owned();
    assert!(fix.contains("--replay FILE") && fix.contains("o365.toml"), "{fix}");
}

#[test]
fn a_name_that_is_nearly_right_is_told() {
    for arguments in [
        ["run", "creat-user", "--json"],
        ["describe", "createUser", "--json"],
        ["permissions", "create_user", "--json"],
    ] {
        let ended = o365(arguments).run();
        assert_eq!(ended.code, 2, "{arguments:?}");
        let error = ended.error();
        assert!(error["fix"].as_str().unwrap().contains("Did you mean create-user?"), "{error}");
    }
}

#[test]
fn wrong_usage_is_exit_2_and_json_when_asked() {
    let ended = o365(["run"]).run();
    assert_eq!(ended.code, 2);
    assert!(ended.stderr.contains("Usage:"), "{}", ended.stderr);
    let ended = o365(["run", "--json"]).run();
    assert_eq!((ended.code, &ended.error()["kind"]), (2, &json!("usage")));
    assert!(ended.error()["message"].as_str().unwrap().contains("<ACTION>"), "{}", ended.stderr);
}

#[test]
fn a_file_that_is_not_there_is_exit_4() {
    for arguments in [
        ["run", "delete-user", "--replay", "no/such.har", "userPrincipalName=a@b.com"],
        [
            "run",
            "delete-user",
            "--replay",
            "fixtures/delete-user/deleted.har",
            "--input=no/such.json",
        ],
        ["run", "delete-user", "--component", "no/such.wasm", "userPrincipalName=a@b.com"],
        ["run", "delete-user", "--component", "README.md", "userPrincipalName=a@b.com"],
    ] {
        let ended = o365(arguments.iter().copied().chain(["--json"])).run();
        assert_eq!(ended.code, 4, "{arguments:?}: {}", ended.stderr);
        assert_eq!(ended.error()["kind"], "environment");
    }
}

/// Where something is wrong, each place once.
fn pointers(error: &Value) -> BTreeSet<&str> {
    let problems = error["problems"].as_array().unwrap();
    problems.iter().map(|problem| problem["pointer"].as_str().unwrap()).collect()
}
