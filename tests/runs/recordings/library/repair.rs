//! JSON with surrogate halves and with numbers that JSON does not have.

use runner::recording::foreign::repair::repaired;

#[test]
fn what_no_parser_takes_is_repaired_and_nothing_else() {
    for (text, expected) in [
        (r#"{"a":"x\udc80y"}"#, Some(r#"{"a":"x\ufffdy"}"#)),
        (r#"["\ud83d\ude00\ud83d","\\udc80"]"#, Some(r#"["\ud83d\ude00\ufffd","\\udc80"]"#)),
        (
            r#"{"a":NaN,"b":-Infinity,"c":1e999,"NaN":"NaN"}"#,
            Some(r#"{"a":null,"b":null,"c":null,"NaN":"NaN"}"#),
        ),
        (r#"{"a":[1.5e3,true,null,"é\"1e999\u00e9"]}"#, None),
        (r#"{"a":"\u12"#, None),
        (r#"{"a":"\"#, None),
        ("{x}", None),
    ] {
        assert_eq!(repaired(text).as_deref(), expected, "{text}");
    }
}
