//! `name=value` pairs.

use runner::values::{Problem, arguments, from_json};
use serde_json::{Value, json};

use support::contract::Contract;

const TYPES: &str = "
    enum access { delegated, app-only }
    record input {
        service-id: string, note: option<string>, nested: option<option<string>>,
        count: u32, live: bool, names: list<string>, access: option<access>, photo: list<u8>,
    }
";

fn read(pairs: &[&str]) -> Result<Value, Vec<String>> {
    let (input, problems) = arguments(pairs, &Contract::of(TYPES, "input").ty());
    if problems.is_empty() {
        return Ok(Value::Object(input));
    }
    let told = |problem: &Problem| format!("{}: {}", problem.pointer, problem.message);
    Err(problems.iter().map(told).collect())
}

#[test]
fn text_is_taken_as_it_is_and_everything_else_is_json() {
    let pairs = [
        "serviceId=a=\"b\" ",
        "note=null",
        "nested={\"some\":null}",
        "count=3",
        "live=true",
        "names=[\"a\", \"b\"]",
        "access=app-only",
        "photo=AAE=",
    ];
    let input = read(&pairs).unwrap();
    assert_eq!(
        input,
        json!({
            "serviceId": "a=\"b\" ", "note": "null", "nested": {"some": null}, "count": 3,
            "live": true, "names": ["a", "b"], "access": "app-only", "photo": "AAE=",
        })
    );
    assert!(from_json(&input, &Contract::of(TYPES, "input").ty()).is_ok());
    assert_eq!(read(&["serviceId="]), Ok(json!({"serviceId": ""})));
    assert_eq!(read(&[]), Ok(json!({})));
}

#[test]
fn every_wrong_pair_is_reported_and_none_is_repeated() {
    assert_eq!(
        read(&[
            "service-id=S3cret",
            "count=S3cret",
            "live=true",
            "live=S3cret",
            "S3cret",
            "note",
            "names=[S3cret",
            "=S3cret",
        ])
        .unwrap_err(),
        [
            ": argument 1 names a field that the action does not have; did you mean `serviceId`?",
            "/count: expected an integer from 0 to 4294967295, written as JSON",
            "/live: is given twice; keep one",
            ": argument 5 has no `=`; write `name=value`",
            ": argument 6 has no `=`; write `name=value`; did you mean `note`?",
            "/names: expected a list, written as JSON",
            ": argument 8 names a field that the action does not have",
        ]
    );
}

#[test]
fn what_the_other_pairs_say_is_kept_beside_what_is_wrong() {
    let (input, problems) = arguments(&["count=3", "S3cret="], &Contract::of(TYPES, "input").ty());
    assert_eq!(Value::Object(input), json!({"count": 3}));
    assert_eq!(problems.len(), 1);
    assert!(!problems[0].to_string().contains("S3cret"), "{}", problems[0]);
}

#[test]
fn an_input_without_fields_takes_no_pairs() {
    let (_, problems) = arguments(&["a=1"], &Contract::of("", "string").ty());
    assert_eq!(
        problems[0].to_string(),
        "the input: this input is not a record with fields to name; give it as JSON"
    );
}
