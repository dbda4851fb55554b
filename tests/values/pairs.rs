//! `name=value` pairs.

use runner::values::{arguments, from_json};
use serde_json::{Value, json};

use crate::contract::Contract;

const TYPES: &str = "
    enum access { delegated, app-only }
    record input {
        service-id: string, note: option<string>, nested: option<option<string>>,
        count: u32, live: bool, names: list<string>, access: option<access>, photo: list<u8>,
    }
";

fn read(pairs: &[&str]) -> Result<Value, Vec<String>> {
    arguments(pairs, &Contract::of(TYPES, "input").ty()).map_err(|problems| {
        problems.iter().map(|problem| format!("{}: {}", problem.pointer, problem.message)).collect()
    })
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
            "/service-id: there is no such field; did you mean `serviceId`?",
            "/count: expected an integer from 0 to 4294967295, written as JSON",
            "/live: is given twice; keep one",
            ": argument 5 has no `=`; write `name=value`",
            ": argument 6 has no `=`; write `name=value`; did you mean `note`?",
            "/names: expected a list, written as JSON",
            "/: there is no such field",
        ]
    );
}

#[test]
fn an_input_without_fields_takes_no_pairs() {
    let problems = arguments(&["a=1"], &Contract::of("", "string").ty()).unwrap_err();
    assert_eq!(
        problems[0].to_string(),
        "the input: this input is not a record with fields to name; give it as JSON"
    );
}
