//! Known secrets found in a recording before it is written.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use runner::recording::forms;
use runner::recording::scan::{FoundSecret, OtherSecret, Scan};
use runner::values::problem::escaped;
use serde_json::Value;
use serde_json::json;

const SECRET: &str = "Pa55+word/ <1>&\"é\"";

fn scan() -> Scan {
    let secrets = [("password".to_owned(), SECRET.to_owned())].into();
    let other = OtherSecret { name: "the client secret".to_owned(), value: "cl1ent~secret".into() };
    Scan::new(&secrets, &[other]).unwrap()
}

#[track_caller]
fn found(document: &Value, name: &str, pointer: &str) {
    let expected = FoundSecret { name: name.to_owned(), pointer: pointer.to_owned() };
    assert_eq!(scan().find(document), Some(expected), "{document}");
}

#[test]
fn a_secret_is_found_in_every_form_and_named_by_its_place() {
    let utf_16: Vec<u8> = format!("xy{SECRET}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let wrapped = STANDARD.encode(format!("{} {SECRET}", "x".repeat(60)));
    let percent = utf8_percent_encode(SECRET, NON_ALPHANUMERIC).to_string();
    let (line, rest) = wrapped.split_at(76);
    let forms = [
        SECRET.to_owned(),
        json!({ "a": [SECRET] }).to_string(),
        json!({ "a": json!({ "b": SECRET }).to_string() }).to_string(),
        "Pa55%2bword%2f%20%3c1%3e%26%22%c3%a9%22".to_owned(),
        percent.replace("%20", "+"),
        percent,
        STANDARD.encode(SECRET),
        STANDARD.encode(format!("a{SECRET}")),
        URL_SAFE.encode(format!("ab{SECRET}")),
        STANDARD.encode(utf_16),
        STANDARD.encode(STANDARD.encode(SECRET)),
        format!("{line}\r\n{rest}"),
        SECRET.bytes().map(|byte| format!("{byte:02X}")).collect(),
        forms::html(SECRET),
    ];
    for form in forms {
        found(&json!({ "a": ["", { "b/c": form }] }), "the secret input password", "/a/1/b~1c");
    }
    found(
        &json!({ "log": { SECRET: 1 } }),
        "the secret input password",
        &format!("/log/{}", escaped(SECRET)),
    );
    found(&json!({ "a": "xcl1ent~secretx" }), "the client secret", "/a");
}

#[test]
fn what_is_not_there_is_not_found() {
    let document = json!({ "a": ["Pa55", { "$secret": "password" }, 1, null], "b": "client" });
    assert_eq!(scan().find(&document), None);
    let short = [("key1".to_owned(), "ab".to_owned())].into();
    assert_eq!(Scan::new(&short, &[]).unwrap().find(&json!("abab")), None);
}
