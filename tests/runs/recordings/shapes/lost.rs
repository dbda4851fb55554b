//! Answers that broke off are broken answers, and bodies that were left out are told: neither
//! is ever a complete empty one.

use std::io::Write;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use super::{Shape, exchanges};

type Change = fn(&mut Value);

/// A user who was created, of which nothing came back but half of the answer.
const HALF: &str = r#"{"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#users/$entity","id":"5b2c7e1a-0d3f"#;

fn broken(response: &mut Value, content: &Value, marks: &Value) {
    let length = json!({ "name": "Content-Length", "value": "350" });
    let media_type = json!({ "name": "content-type", "value": "application/json" });
    *response = json!({ "status": 201, "headers": [length, media_type], "content": content });
    for (name, mark) in marks.as_object().unwrap() {
        response[name] = mark.clone();
    }
}

fn packed(length: usize) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(HALF.as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    packed[..length.min(packed.len())].to_owned()
}

/// What the answer to a creation is, in the words of those who say that it broke off.
const BROKEN: [(&str, Change, bool); 14] = [
    // Playwright and Chrome, Firefox, extensions, axios-har-tracker.
    (
        "minus-one",
        |response| *response = json!({ "status": -1, "_failureText": "net::ERR_FAILED" }),
        false,
    ),
    ("zero", |response| *response = json!({ "status": 0, "content": {} }), false),
    ("minus-999", |response| *response = json!({ "status": -999 }), false),
    ("text", |response| *response = json!({ "status": "", "content": { "text": "" } }), false),
    ("words", |response| *response = json!({ "status": "ECONNRESET" }), false),
    ("null", |response| *response = Value::Null, false),
    // Playwright.
    (
        "failure-text",
        |response| {
            let marks = json!({ "_failureText": "net::ERR_CONTENT_LENGTH_MISMATCH" });
            broken(response, &json!({ "size": -1 }), &marks);
        },
        true,
    ),
    // Chrome's DevTools.
    (
        "error",
        |response| {
            let marks = json!({ "_error": "net::ERR_INCOMPLETE_CHUNKED_ENCODING" });
            broken(response, &json!({ "size": 96, "text": HALF }), &marks);
        },
        true,
    ),
    (
        "error-without-content",
        |response| {
            broken(
                response,
                &json!({ "size": 96 }),
                &json!({ "_error": "net::ERR_CONNECTION_RESET" }),
            );
        },
        true,
    ),
    (
        "fewer-bytes",
        |response| broken(response, &json!({ "size": 96, "text": HALF }), &json!({})),
        true,
    ),
    (
        "fewer-bytes-in-base64",
        |response| {
            let content = json!({ "text": STANDARD.encode(HALF), "encoding": "base64" });
            broken(response, &content, &json!({}));
        },
        true,
    ),
    (
        "half-a-character",
        |response| {
            let bytes = [HALF.as_bytes(), &"é".as_bytes()[..1]].concat();
            let content = json!({ "text": STANDARD.encode(bytes), "encoding": "base64" });
            broken(response, &content, &json!({}));
        },
        true,
    ),
    (
        "fewer-bytes-of-gzip",
        |response| {
            let content = json!({ "text": STANDARD.encode(packed(60)), "encoding": "base64" });
            broken(response, &content, &json!({}));
        },
        true,
    ),
    // mitmproxy, whose text is unpacked, and whose sizes are those of what was packed.
    (
        "fewer-bytes-of-what-was-packed",
        |response| {
            let content = json!({ "size": 80, "compression": 15, "text": HALF });
            broken(response, &content, &json!({ "bodySize": 80 }));
            let gzip = json!({ "name": "content-encoding", "value": "gzip" });
            response["headers"].as_array_mut().unwrap().push(gzip);
        },
        true,
    ),
];

/// The lost answer of a creation is found out by reading, whichever way it was lost.
#[test]
fn an_answer_that_broke_off_is_one_that_broke_off() {
    for (name, change, begun) in BROKEN {
        let mut shape = Shape::of("answer-of-create-lost", &format!("broken-{name}"));
        let lost = shape.entries.iter().position(|entry| entry["response"]["status"] == 0).unwrap();
        change(&mut shape.entries[lost]["response"]);
        let made = shape.taken();
        let response = &exchanges(&made)[lost]["response"];
        let reason = if begun { "HTTP-response-incomplete" } else { "connection-terminated" };
        assert_eq!(response["_error"], reason, "{name}: {response}");
        assert_eq!(response["status"], if begun { 201 } else { 0 }, "{name}");
    }
}

/// What is left out of the second entry's answer, and what is told of it.
const LEFT_OUT: [(&str, Change, &str); 17] = [
    ("omitted", |content| *content = json!({ "size": 350 }), NO_CONTENT),
    ("unknown", |content| *content = json!({ "size": -1 }), NO_CONTENT),
    ("absent", |content| *content = Value::Null, NO_CONTENT),
    ("empty-text", |content| *content = json!({ "size": 350, "text": "" }), NO_CONTENT),
    ("null-text", |content| *content = json!({ "size": "350", "text": null }), NO_CONTENT),
    (
        "empty-json",
        |content| *content = json!({ "size": 0, "mimeType": "application/json" }),
        "its response is JSON and has no content",
    ),
    (
        "some",
        |content| {
            *content = json!({ "size": 350, "mimeType": "application/json", "text": HALF });
        },
        "recorded with 96 of the 350 bytes of its content",
    ),
    (
        "no-base64",
        |content| *content = json!({ "text": "%", "encoding": "base64" }),
        "entry 2: the body of its response is not base64",
    ),
    (
        "no-pieces",
        |content| *content = json!({ "text": "[\"%\"]", "encoding": "base64" }),
        "is not base64",
    ),
    (
        "encoding",
        |content| *content = json!({ "text": "x", "encoding": "br" }),
        "is in the unknown encoding \"br\"",
    ),
    (
        "damaged-gzip",
        |content| {
            let mut bytes = packed(usize::MAX);
            bytes[20] ^= 0xff;
            *content = json!({ "text": STANDARD.encode(bytes), "encoding": "base64" });
        },
        "is packed with gzip and cannot be unpacked",
    ),
    (
        "not-a-buffer",
        |content| {
            *content = json!({ "text": { "type": "Buffer", "data": [1, 300] }, "size": 900, "mimeType": "application/json" });
        },
        "_",
    ),
    (
        "empty-buffer",
        |content| *content = json!({ "text": { "type": "Buffer", "data": [] }, "size": 350 }),
        NO_CONTENT,
    ),
    (
        "empty-base64",
        |content| *content = json!({ "text": "\n", "size": 350, "encoding": "base64" }),
        NO_CONTENT,
    ),
    (
        "empty-pieces",
        |content| *content = json!({ "text": "[]", "size": 350, "encoding": "base64" }),
        NO_CONTENT,
    ),
    (
        "no-file",
        |content| *content = json!({ "size": 350, "_file": "x.json" }),
        "which cannot be read",
    ),
    (
        "file-of-another-type",
        |content| *content = json!({ "size": 350, "_file": 7 }),
        "which cannot be read",
    ),
];

const NO_CONTENT: &str = "entry 2: recorded without content; record with content";

#[test]
fn a_body_that_was_left_out_is_told() {
    for (name, change, words) in LEFT_OUT {
        let mut shape = Shape::new(&format!("left-out-{name}"));
        change(&mut shape.entries[1]["response"]["content"]);
        if words == "_" {
            // It is JSON all the same, and no user.
            assert_ne!(shape.added_as(shape.text().as_bytes()).code, 4, "{name}");
            continue;
        }
        let error = shape.refused(words);
        assert!(!error["fix"].as_str().unwrap().is_empty());
    }
    let shape = Shape::with("nothing-of", |entries| {
        let response = &mut entries[1]["response"];
        response["headers"] = json!([{ "name": "content-length", "value": 350 }]);
        response["content"] = json!({ "size": 0, "text": "" });
    });
    let error = shape.refused("entry 2: its response announced 350 bytes and has none");
    assert!(error["fix"].as_str().unwrap().contains("connection-terminated"));
    let shape = Shape::with("packed-with-br", |entries| {
        let response = &mut entries[1]["response"];
        response["headers"] = json!([{ "name": "content-encoding", "value": "br" }]);
        response["content"] =
            json!({ "text": STANDARD.encode(b"\x1b\xff\xfe"), "encoding": "base64" });
    });
    shape.refused("entry 2: the body of its response is still packed with br");
    for (name, post_data) in
        [("null", Value::Null), ("empty", json!({ "mimeType": "application/json", "text": "" }))]
    {
        let shape = Shape::with(&format!("no-request-{name}"), |entries| {
            entries[2]["request"]["postData"] = post_data.clone();
        });
        shape.refused("entry 3: recorded without the body of its request; record with content");
    }
    let shape = Shape::with("status", |entries| entries[1]["response"]["status"] = 99999.into());
    shape.refused("entry 2: its response has the status 99999, which HTTP does not have");
}

/// What a program could not hold is gone.
#[test]
fn a_body_with_lost_bytes_is_told() {
    let shape = Shape::new("surrogates");
    let text = shape.text().replacen("Allen Allbrook", r"\udc80llen", 1);
    shape.taken_as(text.replacen(r"\udc80llen", "Allen Allbrook", 1).as_bytes());
    let shape = Shape::new("surrogates-lost");
    let text = shape.text().replacen(r#"\"skuPartNumber\":\""#, r#"\"skuPartNumber\":\"\udc80"#, 1);
    assert!(text.contains(r"\udc80"));
    shape.refused_as(text.as_bytes(), "entry 1: its body has U+FFFD in place of bytes");
    // A name in the directory may hold that character.
    Shape::with("replacement", |entries| {
        let text = entries[0]["response"]["content"]["text"].as_str().unwrap();
        let text = text.replacen("{", "{\"hint\":\"\u{fffd}\",", 1);
        entries[0]["response"]["content"]["text"] = text.into();
    })
    .taken();
}
