//! Files of browsers and proxies are replayed, and become fixtures once they are safe.

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::recordings::{directory, json, names, recorded};
use support::{Ended, Fixture, o365};

const PASSWORD: &str = "A Real Passw0rd";
const JWT: &str = "eyJ0eXAiOiJKV1QifQ.eyJhdWQiOiJjb250b3NvIn0.c2lnbmF0dXJl";

fn headers(list: &[(&str, &str)]) -> Value {
    list.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect()
}

/// The exchanges of a fixture as Chrome would have seen them, with what else there was.
fn as_chrome(fixture: &Fixture) -> Value {
    let mut entries = vec![other("https://telemetry.example/collect", "POST")];
    for entry in &fixture.entries {
        let mut preflight = other(entry["request"]["url"].as_str().unwrap(), "OPTIONS");
        preflight["response"]["status"] = 204.into();
        entries.push(preflight);
        let mut entry = entry.clone();
        entry["_initiator"] = json!({ "type": "script" });
        entry["time"] = 87.2.into();
        let request = &mut entry["request"];
        request["headers"] = headers(&[
            (":authority", "graph.microsoft.com"),
            (":method", "GET"),
            ("accept", "application/json, text/plain, */*"),
            ("authorization", &format!("Bearer {JWT}")),
            ("cookie", "session=1"),
        ]);
        request["cookies"] = json!([{ "name": "session", "value": "1", "httpOnly": true }]);
        if let Some(text) = request["postData"]["text"].as_str() {
            let text = text.replace(r#"{"$secret":"password"}"#, &json!(PASSWORD).to_string());
            request["postData"] = json!({ "mimeType": "application/json", "text": text });
        }
        let response = &mut entry["response"];
        response["headers"].as_array_mut().unwrap().extend([
            json!({ "name": "set-cookie", "value": "session=2" }),
            json!({ "name": "content-encoding", "value": "gzip" }),
        ]);
        response["_transferSize"] = 431.into();
        entries.push(entry);
        entries.push(other("https://graph.microsoft.com/v1.0/me/photo", "GET"));
    }
    json!({ "log": { "version": "1.2", "creator": { "name": "WebInspector", "version": "537.36" },
        "pages": [{ "id": "page_1", "title": "x" }], "entries": entries } })
}

fn other(url: &str, method: &str) -> Value {
    json!({
        "request": { "method": method, "url": url, "httpVersion": "h3", "headers": [],
            "queryString": [], "cookies": [], "headersSize": -1, "bodySize": 0 },
        "response": { "status": 0, "statusText": "", "httpVersion": "", "headers": [],
            "cookies": [], "content": { "size": 0, "mimeType": "x-unknown" }, "redirectURL": "",
            "headersSize": -1, "bodySize": -1, "_error": "net::ERR_BLOCKED_BY_CLIENT" },
        "cache": {}, "timings": {}, "time": -1,
    })
}

/// The same as mitmproxy and Dev Proxy write it: bodies in base64, `null` for what is not known.
fn as_proxy(fixture: &Fixture) -> Value {
    let mut har = as_chrome(fixture);
    for entry in har["log"]["entries"].as_array_mut().unwrap() {
        let response = &mut entry["response"];
        response.as_object_mut().unwrap().remove("_error");
        let text = response["content"]["text"].as_str().unwrap_or_default().to_owned();
        response["content"] = json!({ "size": 3, "compression": 0, "mimeType": null,
            "text": STANDARD.encode(text), "encoding": "base64" });
        response["statusText"] = Value::Null;
        if entry["request"].get("postData").is_none() {
            entry["request"]["postData"] = Value::Null;
        }
    }
    har
}

fn written(directory: &Path, har: &Value) -> PathBuf {
    let path = directory.join("foreign.har");
    fs::write(&path, har.to_string()).unwrap();
    path
}

fn input(fixture: &Fixture) -> Vec<u8> {
    let mut input = fixture.input();
    input.remove("connectionId");
    if input.contains_key("password") {
        input["password"] = PASSWORD.into();
    }
    serde_json::to_vec(&input).unwrap()
}

fn add(file: &Path, action: &str, stdin: Option<Vec<u8>>) -> Ended {
    let directory = file.parent().unwrap().join("fixtures");
    let mut arguments = vec!["fixtures", "add", file.to_str().unwrap(), "--json"];
    arguments.extend(["--action", action, "--case", "added"]);
    arguments.extend(["--directory", directory.to_str().unwrap()]);
    if stdin.is_some() {
        arguments.extend(["-i", "-"]);
    }
    o365(arguments).stdin(stdin.unwrap_or_default()).run()
}

#[test]
fn files_of_a_browser_and_of_proxies_are_replayed_and_become_fixtures() {
    let fixture = Fixture::named("create-user", "created-and-licensed");
    for (name, har) in [("chrome", as_chrome(&fixture)), ("proxy", as_proxy(&fixture))] {
        let directory = directory(&format!("foreign-{name}"));
        let file = written(&directory, &har);
        let arguments = ["run", "create-user", "--json", "-i", "-", "--replay"];
        let ended = o365(arguments.into_iter().chain([file.to_str().unwrap()]))
            .stdin(input(&fixture))
            .run();
        assert_eq!(ended.result(), fixture.run["result"], "{name}");
        let added = add(&file, "create-user", Some(input(&fixture))).result();
        assert_eq!(added["exchanges"], fixture.entries.len());
        let path = directory.join("fixtures/create-user/added.har");
        assert_eq!(added["fixture"], path.to_str().unwrap());
        let text = fs::read_to_string(&path).unwrap();
        for gone in [PASSWORD, JWT, "session=", "telemetry", "OPTIONS", "me/photo", "gzip"] {
            assert!(!text.contains(gone), "{name}: {gone}");
        }
        assert_eq!(json(&path)["log"]["_o365"]["result"], fixture.run["result"]);
        let replayed = o365(["replay", path.to_str().unwrap(), "--json"]).run().result();
        assert_eq!(replayed[0]["same"], true, "{replayed}");
        // There is one now.
        assert_eq!(add(&file, "create-user", Some(input(&fixture))).code, 2);
    }
}

#[test]
fn a_file_with_something_that_looks_like_a_secret_is_refused_with_its_place() {
    let fixture = Fixture::named("create-user", "created-and-licensed");
    type Change = fn(&mut Value);
    let cases: [(&str, Change, &str); 3] = [
        (
            "token",
            |entries| {
                let body = json!({ "value": [{ "hint": JWT }] }).to_string();
                entries[2]["response"]["content"]["text"] = body.into();
            },
            "/log/entries/2/response/content/text > /value/0/hint: it holds a token",
        ),
        (
            "pem",
            |entries| {
                let pem = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----";
                let body = json!({ "contentBytes": STANDARD.encode(pem) }).to_string();
                entries[2]["response"]["content"]["text"] = body.into();
            },
            "it holds a key or a certificate in PEM form",
        ),
        (
            "other-password",
            |entries| {
                let text = entries[5]["request"]["postData"]["text"].as_str().unwrap();
                let text = text.replace(PASSWORD, "Another Passw0rd");
                entries[5]["request"]["postData"]["text"] = text.into();
            },
            "/passwordProfile/password: its name says that it is a secret",
        ),
    ];
    for (name, change, reason) in cases {
        let directory = directory(&format!("refused-{name}"));
        let mut har = as_chrome(&fixture);
        change(&mut har["log"]["entries"]);
        let file = written(&directory, &har);
        let ended = add(&file, "create-user", Some(input(&fixture)));
        assert_eq!(ended.code, 4, "{name}: {}", ended.stderr);
        let message = ended.error()["message"].as_str().unwrap().to_owned();
        assert!(message.contains(reason), "{message}");
        assert!(!message.contains("Passw0rd") && !message.contains("eyJ"), "{message}");
        assert_eq!(names(&directory), ["foreign.har"]);
    }
}

#[test]
fn a_recording_with_one_secret_put_back_by_hand_is_refused() {
    let reference = r#"{\"$secret\":\"password\"}"#;
    let mail = r#"{\\\"$secret\\\":\\\"key1\\\"}"#;
    let cases = [
        ("create-user", "created-and-licensed", r#""$secret": "password""#, "input"),
        ("create-user", "created-and-licensed", reference, "request"),
        ("send-keys-for-azure-storage-email", "sent-by-user", mail, "mail"),
        (
            "send-aws-instance-creation-email",
            "sent-by-user",
            r#"{\"$secret\":\"privateKey\",\"as\":\"base64\"}"#,
            "file",
        ),
    ];
    for (action, case, reference, place) in cases {
        let directory = directory(&format!("by-hand-{place}"));
        let file = directory.join("run.har");
        recorded(&Fixture::named(action, case), &file).result();
        let good = fs::read_to_string(&file).unwrap();
        assert!(good.contains(reference), "{place}: {good}");
        let put_back = match place {
            "input" => good.replacen(
                "\"password\": {\n          \"$secret\": \"password\"\n        }",
                "\"password\": \"S3cretWord\"",
                1,
            ),
            "mail" => good.replacen(reference, "S3cretWord", 1),
            "file" => good.replacen(
                reference,
                &format!("\\\"{}\\\"", STANDARD.encode("S3cretWord S3cretWord")),
                1,
            ),
            _ => good.replacen(reference, r#"\"S3cretWord\""#, 1),
        };
        assert_ne!(good, put_back, "{place}");
        fs::write(&file, put_back).unwrap();
        let ended = add(&file, action, None);
        assert_eq!(ended.code, 4, "{place}: {}", ended.stderr);
        assert!(!ended.stderr.contains("S3cretWord"), "{place}: {}", ended.stderr);
        assert_eq!(names(&directory), ["run.har"], "{place}");
        // As it was, it is good.
        fs::write(&file, good).unwrap();
        add(&file, action, None).result();
    }
}

#[test]
fn a_secret_put_back_in_an_answer_is_told_by_what_came_of_it() {
    let directory = directory("by-hand-answer");
    let file = directory.join("run.har");
    let fixture = Fixture::named("create-user", "password-refused-by-entra");
    let secret = fixture.input()["password"].as_str().unwrap().to_owned();
    let fixture = fixture.changed("by-hand-answer", |log| {
        let body = json!({ "error": { "code": "Request_BadRequest",
            "message": format!("The password {secret} is too weak.") } });
        log["entries"][1]["response"]["content"]["text"] = body.to_string().into();
    });
    assert_eq!(recorded(&fixture, &file).code, 1);
    let good = fs::read_to_string(&file).unwrap();
    let text = r#"The password {\\\"$secret\\\":\\\"password\\\"} is"#;
    assert!(good.contains(text), "{good}");
    fs::write(&file, good.replacen(text, "The password S3cretWord is", 1)).unwrap();
    let ended = add(&file, "create-user", None);
    assert_eq!(ended.code, 4, "{}", ended.stderr);
    assert!(ended.stderr.contains("does not replay to its outcome"), "{}", ended.stderr);
}

#[test]
fn what_cannot_be_a_fixture_is_told() {
    let directory = directory("no-fixture");
    let fixture = Fixture::named("create-user", "created-and-licensed");
    let empty = written(&directory, &json!({ "log": { "entries": [] } }));
    let ended = add(&empty, "create-user", Some(input(&fixture)));
    assert_eq!(ended.code, 4);
    assert!(ended.error()["message"].as_str().unwrap().contains("none of the action's calls"));
    let other = o365([
        "fixtures",
        "add",
        fixture.path.to_str().unwrap(),
        "--action",
        "delete-user",
        "--case",
        "x",
        "--json",
        "--directory",
        directory.to_str().unwrap(),
    ])
    .run();
    assert_eq!(other.code, 2);
    assert_eq!(
        other.error()["message"].as_str().unwrap().split(" is ").nth(1).unwrap(),
        "a recording of create-user"
    );
    let named =
        o365(["fixtures", "add", "x.har", "--action", "delete-user", "--case", "../x", "--json"]);
    assert_eq!(named.run().code, 2);
}
