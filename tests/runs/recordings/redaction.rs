//! Planted secrets: in addresses, headers, bodies, parts of bodies and messages. None
//! survives, and the recording still replays.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Version};
use runner::recording::exchange::{Exchange, Exchanges, ResponseState, TransferError};
use runner::recording::finished::{Finished, RecordError, VIRTUAL_EPOCH};
use runner::recording::har::{ClockKind, Har};
use runner::recording::scan::OtherSecret;
use runner::recording::{OwnWords, Secrets, matching};
use serde_json::{Map, Value, json};

use crate::recordings::{directory, json, recorded};
use support::{Fixture, o365};

const SECRET: &str = r#"S3cr<e>t&"word" +/é1"#;
const PEM: &str = "-----BEGIN PRIVATE KEY-----\nbm90IGEgcmVhbCBrZXksIG9ubHkgYSB0ZXN0\n-----END PRIVATE KEY-----\n";

fn secrets() -> Secrets {
    [("password", SECRET), ("privateKey", PEM)]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
}

/// The ways in which a text can be seen to be there.
fn traces(secret: &str) -> Vec<String> {
    let json = serde_json::to_string(secret).unwrap();
    let percent: String = secret.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let wide: Vec<u8> = secret.encode_utf16().flat_map(u16::to_le_bytes).collect();
    vec![
        secret.to_owned(),
        json[1..json.len() - 1].to_owned(),
        percent,
        STANDARD.encode(secret),
        STANDARD.encode(wide),
        secret.bytes().map(|byte| format!("{byte:02x}")).collect(),
        secret.replace('<', "&lt;"),
    ]
}

fn exchange(url: &str, body: &str, header: &str, response: ResponseState) -> Exchange {
    let mut headers = HeaderMap::new();
    headers.insert("prefer", HeaderValue::from_bytes(header.as_bytes()).unwrap());
    Exchange {
        method: Method::POST,
        uri: url.parse().unwrap(),
        headers,
        body: body.to_owned().into(),
        started: Duration::ZERO,
        response,
    }
}

fn answered(header: &str, body: impl Into<Vec<u8>>) -> ResponseState {
    let mut headers = HeaderMap::new();
    headers.insert("location", HeaderValue::from_bytes(header.as_bytes()).unwrap());
    headers.insert("set-cookie", HeaderValue::from_static("session=1"));
    ResponseState::Received {
        status: StatusCode::OK,
        version: Version::HTTP_2,
        headers,
        at: Duration::ZERO,
        body: body.into(),
        end: Some((Ok(()), Duration::ZERO)),
    }
}

fn har(list: Vec<Exchange>, outcome: &Value) -> (Har, Result<String, RecordError>) {
    let exchanges = Exchanges {
        list,
        begun: VIRTUAL_EPOCH,
        elapsed: Duration::ZERO,
        clock: ClockKind::Virtual,
        too_large: false,
    };
    let input =
        json!({ "password": SECRET, "privateKey": PEM, "displayName": format!("x{SECRET}") });
    let input: Map<String, Value> = input.as_object().unwrap().clone();
    let finished = Finished {
        action: "create-user",
        input: &input,
        outcome: Err(outcome),
        connection: None,
        component: "",
        own_words: &OwnWords::default(),
        secrets: &secrets(),
        others: &[],
        exchanges: &exchanges,
    };
    let har = finished.har();
    let text = finished.bytes(&har).map(|bytes| String::from_utf8(bytes).unwrap());
    (har, text)
}

#[track_caller]
fn none_in(text: &str) {
    for secret in [SECRET, PEM] {
        for trace in traces(secret) {
            assert!(!text.contains(&trace), "{trace} in {text}");
        }
    }
}

#[test]
fn no_planted_secret_survives_in_any_place_or_form() {
    let percent: String = SECRET.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let url =
        format!("https://graph.microsoft.com/v1.0/users/{percent}?$filter=a%20eq%20'{percent}'");
    let part = STANDARD.encode(format!("attached: {SECRET}\n{PEM}"));
    let body = json!({
        "password": SECRET,
        "content": format!("<p>S3cr&lt;e&gt;t&amp;&quot;word&quot; +/é1</p>"),
        "attachments": [{ "contentBytes": STANDARD.encode(PEM) }, { "contentBytes": part }],
        "nested": json!({ "again": SECRET }).to_string(),
    })
    .to_string();
    let answer = json!({
        "error": { "message": format!("The password {SECRET} is weak: {}", &SECRET[..16]) },
        "contentBytes": part,
        "urlSafe": URL_SAFE_NO_PAD.encode(format!("??{SECRET}")),
        "@odata.nextLink": url,
        "token": "eyJ0eXAiOiJKV1QifQ.eyJhdWQiOiJjb250b3NvIn0.c2lnbmF0dXJl",
    })
    .to_string();
    let binary = [&[0, 159, 146, 150], SECRET.as_bytes(), &[255]].concat();
    let list = vec![
        exchange(&url, &body, SECRET, answered(&url, answer)),
        exchange(&url, SECRET, "", answered(SECRET, format!("<b>{SECRET}</b>"))),
        exchange(&url, "", "", answered("", binary)),
        exchange(
            &url,
            "",
            "",
            ResponseState::Failed {
                error: TransferError {
                    name: "internal-error",
                    words: Some(format!("no {SECRET}")),
                },
                at: Duration::ZERO,
            },
        ),
    ];
    let error = json!({ "message": format!("{SECRET} and {part}"), "problems": [SECRET] });
    let (_, text) = har(list, &error);
    let text = text.unwrap();
    none_in(&text);
    for gone in ["eyJ0eXAi", "set-cookie", "session=1"] {
        assert!(!text.contains(gone), "{gone}");
    }
}

#[test]
fn what_is_recorded_is_what_the_run_sent_once_the_secrets_are_back() {
    let percent: String = SECRET.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let url =
        format!("https://graph.microsoft.com/v1.0/users/{percent}?$filter=a%20eq%20'{percent}'");
    let body = json!({
        "password": SECRET,
        "content": "<p>S3cr&lt;e&gt;t&amp;&quot;word&quot; +/é1</p>",
        "attachments": [
            { "contentBytes": STANDARD.encode(PEM) },
            { "contentBytes": STANDARD.encode(format!("attached: {SECRET}")) },
        ],
        "nested": json!({ "again": SECRET }).to_string(),
    })
    .to_string();
    let sent = exchange(&url, &body, SECRET, answered("", ""));
    let (har, _) = har(vec![sent.clone()], &json!({}));
    let mut request = http::Request::builder().method("POST").uri(&url).body(sent.body).unwrap();
    *request.headers_mut() = sent.headers;
    let recorded = &har.log.entries[0].request;
    let stored: Value = serde_json::from_str(&recorded.post_data.as_ref().unwrap().text).unwrap();
    assert_eq!(stored["password"], json!({ "$secret": "password" }));
    assert_eq!(
        stored["attachments"][0]["contentBytes"],
        json!({ "$secret": "privateKey", "as": "base64" })
    );
    assert_eq!(matching::compare(recorded, &request, &secrets()), Ok(()));
    let other = [("password".to_owned(), "another".to_owned())].into();
    assert!(matching::compare(recorded, &request, &other).is_err());
}

#[test]
fn a_secret_that_nothing_took_out_keeps_the_file_from_being_written() {
    let exchanges = Exchanges {
        list: Vec::new(),
        begun: VIRTUAL_EPOCH,
        elapsed: Duration::ZERO,
        clock: ClockKind::Virtual,
        too_large: false,
    };
    let input = json!({ "displayName": format!("c2VjcmV0 {}", STANDARD.encode("a token-of-the-connection")) });
    let finished = Finished {
        action: "create-user",
        input: input.as_object().unwrap(),
        outcome: Ok(&Value::Null),
        connection: None,
        component: "",
        own_words: &OwnWords::default(),
        secrets: &Secrets::default(),
        others: &[OtherSecret {
            name: "the access token".to_owned(),
            value: "token-of-the-connection".into(),
        }],
        exchanges: &exchanges,
    };
    let error = finished.bytes(&finished.har()).unwrap_err().to_string();
    assert_eq!(
        error,
        "the access token would stand in the recording at \
         /log/_o365/input/displayName, so it was not written"
    );
}

#[test]
fn the_result_is_printed_though_the_recording_would_hold_a_secret() {
    let directory = directory("refused-at-the-end");
    let path = directory.join("run.har");
    let fixture = Fixture::named("send-keys-for-azure-storage-email", "sent-by-user");
    let mut input = fixture.input();
    // As a word of the recording's own it cannot be told from it.
    input["key1"] = "entries".into();
    let har = fixture.path.to_str().unwrap();
    let arguments = ["run", &fixture.action, "--replay", har, "-i", "-", "--json", "--record"];
    let ended = o365(arguments.into_iter().chain([path.to_str().unwrap()]))
        .stdin(serde_json::to_vec(&input).unwrap())
        .run();
    assert_eq!(ended.code, 4, "{}", ended.stderr);
    assert_eq!(ended.stdout, "null\n");
    assert!(
        ended.stderr.contains("the secret input key1 would stand in the recording at /log/entries")
    );
    assert!(!path.exists());
}

#[test]
fn secrets_with_marks_are_recorded_in_the_form_in_which_they_stood() {
    let path = directory("marks").join("run.har");
    let fixture = Fixture::named("send-keys-for-azure-storage-email", "sent-by-user");
    let mut input = fixture.input();
    input["key1"] = r#"Ab<c>&"d"+/=1"#.into();
    input["key2"] = "Xy==&amp;z".into();
    let har = fixture.path.to_str().unwrap();
    let arguments = ["run", &fixture.action, "--replay", har, "-i", "-", "--json", "--record"];
    o365(arguments.into_iter().chain([path.to_str().unwrap()]))
        .stdin(serde_json::to_vec(&input).unwrap())
        .run()
        .result();
    let text = json(&path)["log"]["entries"][0]["request"]["postData"]["text"].clone();
    assert_eq!(text, fixture.entries[0]["request"]["postData"]["text"]);
    let replayed = o365(["replay", path.to_str().unwrap(), "--json"]).run().result();
    assert_eq!(replayed[0]["same"], true, "{replayed}");
}

#[test]
fn what_graph_repeats_is_not_recorded() {
    let path = directory("repeats").join("run.har");
    let fixture = Fixture::named("create-user", "password-refused-by-entra");
    let secret = fixture.input()["password"].as_str().unwrap().to_owned();
    let fixture = fixture.changed("recorded-repeats", |log| {
        let message = format!("The password {secret} is weak; {}", STANDARD.encode(&secret));
        let body = json!({ "error": { "code": "Request_BadRequest", "message": message } });
        log["entries"][1]["response"]["content"]["text"] = body.to_string().into();
    });
    let ended = recorded(&fixture, &path);
    assert_eq!(ended.code, 1);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(!text.contains(&secret) && !text.contains(&STANDARD.encode(&secret)), "{text}");
    let replayed = o365(["replay", path.to_str().unwrap(), "--json"]).run().result();
    assert_eq!(replayed[0]["same"], true, "{replayed}");
}
