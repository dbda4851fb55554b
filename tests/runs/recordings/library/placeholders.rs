//! References to secret inputs, and the values that replace them in a replay.

use runner::recording::Secrets;
use runner::recording::placeholders::{input, reference};
use serde_json::json;

fn secrets() -> Secrets {
    [("key1", "S3cret!"), ("key2", "S3cret!"), ("pem", "-----BEGIN K-----\nAA==\n-----END K-----")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
}

#[test]
fn an_input_keeps_what_a_stand_in_must_be_like_and_no_more() {
    let secrets = secrets();
    let same = json!({ "$secret": "key1" });
    assert_eq!(reference("S3cret!", &secrets, None), Some(same.clone()));
    assert_eq!(reference("S3cret!", &secrets, Some("the tenant is unknown")), Some(same));
    let refused = json!({ "$secret": "key1", "like": { "refused": "X0xxxx-" } });
    assert_eq!(reference("S3cret!", &secrets, Some("key1 is bad")), Some(refused));
    let pem = json!({ "$secret": "pem", "like": "pem" });
    assert_eq!(reference(&secrets["pem"], &secrets, None), Some(pem));
    assert_eq!(reference("other", &secrets, None), None);
}

#[test]
fn an_input_has_its_stand_ins() {
    let recorded = json!({
        "a": { "$secret": "key1" },
        "b": { "$secret": "key1", "like": { "refused": "xx" } },
        "c": { "$secret": "key2", "like": "pem" },
        "d": "text",
    });
    let input = input(&recorded).unwrap();
    assert_eq!(input["a"], "StandIn1forkey1");
    assert_eq!(input["b"], "xx");
    assert!(input["c"].as_str().unwrap().starts_with("-----BEGIN PRIVATE KEY-----\n"));
    assert_eq!(input["d"], "text");
}
