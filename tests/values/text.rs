//! JSON text, read strictly.

use proptest::prelude::*;
use runner::values::parse;
use serde_json::json;

fn problems(text: &str) -> Vec<String> {
    let problems = parse(text.as_bytes(), 1000).expect_err(text);
    problems.iter().map(|problem| format!("{}: {}", problem.pointer, problem.message)).collect()
}

#[test]
fn text_is_read() {
    let text = br#" {"a": [1, -2, 1.5, true, null, "\u00e4"], "b": {}} "#;
    assert_eq!(parse(text, text.len()), Ok(json!({"a": [1, -2, 1.5, true, null, "ä"], "b": {}})));
    assert_eq!(parse(b"18446744073709551615", 100), Ok(json!(u64::MAX)));
}

#[test]
fn every_key_that_is_given_twice_is_reported() {
    assert_eq!(
        problems(r#"{"a": 1, "a": 2, "b": [{"c/d": 1, "c\/d": {"e": 1, "e": 2}}]}"#),
        [
            "/a: this key is given twice; keep one",
            "/b/0/c~1d: this key is given twice; keep one",
            "/b/0/c~1d/e: this key is given twice; keep one",
        ]
    );
}

#[test]
fn text_that_is_no_json_is_refused_where_it_fails() {
    for (text, expected) in [
        ("", ": cannot be read as JSON: EOF while parsing a value at line 1 column 0"),
        ("{} 1", ": cannot be read as JSON: trailing characters at line 1 column 4"),
        ("{\"a\": [1,, 2]}", "/a/1: cannot be read as JSON: expected value at line 1 column 10"),
        ("{\"a\": 1e999}", "/a: cannot be read as JSON: number out of range at line 1 column 11"),
        ("NaN", ": cannot be read as JSON: expected value at line 1 column 1"),
    ] {
        assert_eq!(problems(text), [expected], "{text}");
    }
    assert!(parse(b"\"\xff\"", 10).is_err());
}

#[test]
fn depth_and_size_have_limits() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(parse(nested(64).as_bytes(), 1000).is_ok());
    let problem = problems(&nested(65)).remove(0);
    assert!(problem.contains("nested more than 64 levels deep"), "{problem}");
    assert!(parse(nested(500_000).as_bytes(), 1_000_000).is_err());

    assert!(parse(b"[1]", 3).is_ok());
    assert_eq!(
        parse(b"[1] ", 3).unwrap_err().remove(0).message,
        "the JSON is longer than 3 bytes, the most that is read"
    );
}

proptest! {
    /// Bytes of any kind are read or refused; what is read is what the text said.
    #[test]
    fn any_bytes(text in prop_oneof![
        prop::collection::vec(any::<u8>(), 0..40),
        "[\\[\\]{}:,\"0-9a.e\\\\-]{0,40}".prop_map(String::into_bytes),
    ]) {
        if let Ok(read) = parse(&text, 100) {
            prop_assert_eq!(Ok(read), serde_json::from_slice(&text).map_err(|e| e.to_string()));
        }
    }
}
