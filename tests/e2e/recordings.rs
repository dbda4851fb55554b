//! Recordings that are damaged, do not fit, or were made to do harm.

use serde_json::{Value, json};

use support::{Ended, Fixture, o365};

/// A file's name, how the recording is changed, and what is told of it.
type Case = (&'static str, fn(&mut Value), &'static str);

fn seats(name: &str, change: impl FnOnce(&mut Value)) -> Ended {
    Fixture::named("is-license-available", "some-seats").changed(name, change).replayed().run()
}

#[test]
fn an_answer_that_cannot_be_given_is_told_with_its_place() {
    let cases: [Case; 7] = [
        (
            "status",
            |log| log["entries"][0]["response"]["status"] = 1000.into(),
            "has the status 1000",
        ),
        ("nothing", |log| log["entries"][0]["response"]["status"] = 0.into(), "has status 0"),
        (
            "base64",
            |log| {
                log["entries"][0]["response"]["content"] =
                    json!({"text": "!", "encoding": "base64"})
            },
            "a body that is not base64",
        ),
        ("negative", |log| log["entries"][0]["time"] = (-5).into(), "took -5 ms"),
        ("endless", |log| log["entries"][0]["time"] = 1e300.into(), "which no exchange does"),
        (
            "header",
            |log| {
                log["entries"][0]["response"]["headers"] =
                    json!([{"name": "a", "value": "b\r\nc: d"}])
            },
            "impossible value of the header a",
        ),
        (
            "headers",
            |log| {
                let headers = (0..40_000).map(|n| json!({"name": format!("x-{n}"), "value": ""}));
                log["entries"][0]["response"]["headers"] = headers.collect();
            },
            "too many headers",
        ),
    ];
    for (name, change, reason) in cases {
        let ended = seats(name, change);
        assert_eq!(ended.code, 4, "{name}: {}", ended.stderr);
        let message = ended.error()["message"].as_str().unwrap().to_owned();
        assert!(message.contains("its exchange 1 ") && message.contains(reason), "{message}");
    }
}

#[test]
fn a_recording_without_its_run_or_its_connection_is_told() {
    let cases: [Case; 3] = [
        ("no-run", |log| log["_o365"] = Value::Null, "it has no log._o365"),
        ("no-connection", |log| log["_o365"]["connection"] = Value::Null, "which connection"),
        ("no-id", |log| log["_o365"]["input"] = json!({}), "which connection"),
    ];
    for (name, change, reason) in cases {
        let ended = seats(name, change);
        assert_eq!(ended.code, 4, "{name}: {}", ended.stderr);
        assert!(ended.error()["message"].as_str().unwrap().contains(reason), "{}", ended.stderr);
    }
}

#[test]
fn a_graph_address_that_can_be_read_in_two_ways_is_refused() {
    for url in [
        "https://graph.microsoft.com/v1.0/",
        "https://user:pw@graph.microsoft.com/v1.0",
        "https://graph.microsoft.com/v1.0?x=1",
        "https://graph.microsoft.com/v1.0#x",
        "https://graph.microsoft.com/v1.0/../beta",
        "https://graph.microsoft.com:99999/v1.0",
        "http://graph.microsoft.com/v1.0",
        "HTTPS://graph.microsoft.com/v1.0",
        "ftp://graph.microsoft.com/v1.0",
        "/v1.0",
        "",
    ] {
        let ended = seats("address", |log| log["_o365"]["connection"]["graphUrl"] = url.into());
        assert_eq!(ended.code, 4, "{url:?}: {}", ended.stderr);
        let message = ended.error()["message"].as_str().unwrap().to_owned();
        assert!(
            message.contains("is not of the form https://graph.microsoft.com/v1.0"),
            "{message}"
        );
    }
}

#[test]
fn the_recorded_time_limit_holds_and_recorded_time_counts() {
    let slow = |limit_ms: u32| {
        move |log: &mut Value| {
            log["_o365"]["connection"]["timeLimitMs"] = limit_ms.into();
            log["entries"][0]["time"] = 50_000.into();
        }
    };
    assert_eq!(seats("in-time", slow(120_000)).result(), true);
    let ended = seats("late", slow(30_000));
    assert_eq!(ended.code, 1);
    let message = ended.error()["message"].as_str().unwrap().to_owned();
    assert!(message.starts_with("The run's time limit of 30 seconds was used up"), "{message}");
}

#[test]
fn a_run_that_is_stopped_after_a_write_names_the_write() {
    let fixture = Fixture::named("create-user", "created-and-licensed").changed("cut", |log| {
        log["entries"].as_array_mut().unwrap().truncate(2);
    });
    let ended = fixture.replayed().run();
    assert_eq!(ended.code, 1);
    let error = ended.error();
    assert_eq!(error["kind"], "recording");
    assert_eq!(error["retrySafe"], false);
    assert_eq!(
        error["completed"],
        json!(["POST https://graph.microsoft.com/v1.0/users returned 201"])
    );
    assert!(error["fix"].as_str().unwrap().starts_with("Look in the tenant first"), "{error}");
}

#[test]
fn a_secret_that_graph_repeats_is_not_shown() {
    let fixture = Fixture::named("create-user", "password-refused-by-entra");
    let secret = fixture.input()["password"].as_str().unwrap().to_owned();
    let fixture = fixture.changed("repeats", |log| {
        let body = json!({"error": {"code": "Request_BadRequest",
            "message": format!("The password {secret} is too weak.")}});
        log["entries"][1]["response"]["content"]["text"] = body.to_string().into();
    });
    let ended = fixture.replayed().run();
    assert!(!ended.stderr.contains(&secret), "{}", ended.stderr);
    let message = ended.error()["graph"]["message"].as_str().unwrap().to_owned();
    assert_eq!(message, r#"The password {"$secret":"password"} is too weak."#);
}

#[test]
fn a_key_that_a_gateway_repeats_is_not_shown_in_any_form() {
    let fixture = Fixture::named("send-aws-instance-creation-email", "sent-by-application");
    let pem = fixture.input()["privateKey"].as_str().unwrap().to_owned();
    let line = pem.lines().nth(1).unwrap().to_owned();
    let encoded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &pem);
    for repeated in [pem.clone(), pem.replace('\n', "\r\n"), encoded.clone()] {
        let fixture = fixture.changed("repeats-key", |log| {
            let response = &mut log["entries"][0]["response"];
            response["status"] = 502.into();
            response["content"]["text"] = format!("<html>request was {repeated}</html>").into();
        });
        let ended = fixture.replayed().run();
        assert_eq!(ended.code, 1);
        for secret in [&pem, &line, &encoded] {
            assert!(!ended.stderr.contains(&secret[..20]), "{}", ended.stderr);
        }
    }
}

#[test]
fn what_a_server_wrote_does_not_move_the_cursor_or_forge_a_line() {
    let fixture = Fixture::named("delete-user", "forbidden").changed("escapes", |log| {
        let body = json!({"error": {"code": "Authorization_RequestDenied",
            "message": "\u{1b}[2J\nfix: call 555-1234 \u{202e}4321"}});
        log["entries"][0]["response"]["content"]["text"] = body.to_string().into();
    });
    let path = fixture.path.to_str().unwrap();
    let upn = "userPrincipalName=allen@contoso.onmicrosoft.com";
    let ended = o365(["run", "delete-user", "--replay", path, upn]).run();
    assert!(!ended.stderr.contains(['\u{1b}', '\u{202e}']), "{:?}", ended.stderr);
    assert!(!ended.stderr.contains("\nfix: call"), "{:?}", ended.stderr);
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_without_an_end_is_read_up_to_a_limit() {
    let ended = o365(["actions", "--json", "--component", "/dev/zero"]).run();
    assert_eq!(ended.code, 4);
    let upn = "userPrincipalName=a@b.com";
    let ended = o365(["run", "delete-user", "--json", "--replay", "/dev/zero", upn]).run();
    assert_eq!(ended.code, 4);
    assert!(ended.error()["message"].as_str().unwrap().contains("larger than 256 MiB"));
}
