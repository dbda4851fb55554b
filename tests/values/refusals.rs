//! What is said about JSON that is not of the type, and where.

use runner::values::from_json;
use serde_json::{Value, json};

use support::contract::Contract;

const TYPES: &str = "
    enum access { delegated, app-only }
    flags days { mon, tue }
    record inner { ip-address: string, port: u16 }
    record user {
        service-id: string, user-name: string, access: access, days: days,
        inner: option<inner>, photo: list<u8>, pair: tuple<u8, bool>,
    }
    variant shape { nothing, inner(inner), count(u32) }
";

/// The problems, as `pointer: message`.
fn problems(ty: &str, json: &Value) -> Vec<String> {
    from_json(json, &Contract::of(TYPES, ty).ty())
        .expect_err(&format!("{ty}: {json}"))
        .iter()
        .map(|problem| format!("{}: {}", problem.pointer, problem.message))
        .collect()
}

#[track_caller]
fn refused(ty: &str, json: &Value, expected: &[&str]) {
    assert_eq!(problems(ty, json), expected);
}

#[test]
fn all_problems_are_found_at_once() {
    refused(
        "user",
        &json!({
            "service-id": "a", "userNmae": "b", "access": "deligated", "days": ["mon", "mon", "wed"],
            "inner": {"ipAddress": 5, "port": 70_000, "a/b~c": 1}, "photo": "*", "pair": [1],
        }),
        &[
            "/serviceId: is missing: expected a string",
            "/userName: is missing: expected a string",
            "/access: expected one of `delegated`, `app-only`; did you mean `delegated`?",
            "/days/1: this flag is given twice; keep one",
            "/days/2: expected one of `mon`, `tue`",
            "/inner/ipAddress: expected a string, got a number",
            "/inner/port: out of range: expected an integer from 0 to 65535",
            "/inner/a~1b~0c: there is no such field",
            "/photo: expected a base64 string: the letters A-Z a-z 0-9 + / and padding with =",
            "/pair: expected a list of 2, got 1",
            "/service-id: there is no such field; did you mean `serviceId`?",
            "/userNmae: there is no such field; did you mean `userName`?",
        ],
    );
}

#[test]
fn variants() {
    let cases = "one of `nothing`, `inner`, `count`";
    refused("shape", &json!({}), &[&format!("/kind: is missing: expected {cases}")]);
    refused("shape", &json!({"kind": 1}), &[&format!("/kind: expected {cases}, got a number")]);
    refused(
        "shape",
        &json!({"kind": "cuont"}),
        &[&format!("/kind: expected {cases}; did you mean `count`?")],
    );
    refused("shape", &json!("nothing"), &[": expected an object with `kind`, got a string"]);
    refused(
        "shape",
        &json!({"kind": "count"}),
        &["/value: is missing: expected an integer from 0 to 4294967295"],
    );
    refused("shape", &json!({"kind": "nothing", "value": 1}), &["/value: there is no such field"]);
    refused(
        "shape",
        &json!({"kind": "inner", "ipAddress": "a"}),
        &["/port: is missing: expected an integer from 0 to 65535"],
    );
}

#[test]
fn numbers() {
    refused("u8", &json!(1.5), &[": expected an integer from 0 to 255, got a fraction"]);
    refused("u8", &json!(-1), &[": out of range: expected an integer from 0 to 255"]);
    refused("u8", &json!("1"), &[": expected an integer from 0 to 255, got a string"]);
    let long = "expected an integer from -9223372036854775808 to 9223372036854775807";
    refused(
        "s64",
        &json!("1e3"),
        &[&format!(": {long}, as a number or a string of decimal digits")],
    );
    refused("s64", &json!("9223372036854775808"), &[&format!(": out of range: {long}")]);
    refused(
        "s64",
        &json!(1e16),
        &[&format!(": out of range, or not exact in this form: {long}, written with digits only")],
    );
    refused("f32", &json!(1e39), &[": out of range for a number of this precision"]);
    let digits = ": this integer has too many digits for a number of this precision";
    refused("f32", &json!(16_777_217), &[digits]);
    refused("f64", &json!(9_007_199_254_740_993_u64), &[digits]);
}

#[test]
fn options_and_results() {
    refused("option<u8>", &json!("a"), &[": expected an integer from 0 to 255, got a string"]);
    refused("option<option<u8>>", &json!(1), &[": expected null or {\"some\": ...}, got a number"]);
    refused(
        "result<u8>",
        &json!({"ok": 1, "error": null}),
        &[": expected {\"ok\": ...} or {\"error\": ...}, exactly one of them"],
    );
    refused("result<u8>", &json!({"error": 1}), &["/error: expected null, got a number"]);
    refused(
        "map<u8, bool>",
        &json!([[1, true], [1.0, true]]),
        &["/1: this key is given twice; keep one"],
    );
}

#[test]
fn no_message_repeats_what_was_given() {
    let secret = "S3cret-Pa55word";
    for ty in [
        "bool",
        "u8",
        "u64",
        "f64",
        "char",
        "list<u8>",
        "list<bool>",
        "access",
        "days",
        "shape",
        "inner",
        "tuple<u8>",
        "result",
        "option<option<u8>>",
        "map<u8, u8>",
    ] {
        for json in
            [json!(secret), json!([secret]), json!({"kind": secret}), json!({"value": secret})]
        {
            for problem in problems(ty, &json) {
                assert!(!problem.contains(secret), "{ty}: {problem}");
            }
        }
    }
}

#[test]
fn a_flood_of_problems_is_counted_not_listed() {
    let list = problems("list<string>", &json!(vec![1; 1000]));
    assert_eq!(list.len(), 101);
    assert_eq!(list.last().unwrap(), ": 900 more problems are not listed");
}
