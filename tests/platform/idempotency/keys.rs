//! What the header may hold.

use http::{HeaderMap, HeaderValue};
use proptest::prelude::*;
use runner::serve::idempotency::{IdempotencyKey, KeyError};

fn parse(bytes: &[u8]) -> Result<String, KeyError> {
    let value = HeaderValue::from_bytes(bytes).unwrap();
    IdempotencyKey::parse(&value).map(|key| key.as_str().to_owned())
}

#[test]
fn a_key_is_the_same_with_quotes_and_without() {
    let id = "8e03978e-40d5-43dd-bc93-6894a57f9324";
    assert_eq!(parse(id.as_bytes()).unwrap(), id);
    assert_eq!(parse(format!("\"{id}\"").as_bytes()).unwrap(), id);
    assert_eq!(parse(br#""a\"b\\c""#).unwrap(), r#"a"b\c"#);
    assert_eq!(parse(br#"a"b\c"#).unwrap(), r#"a"b\c"#);
}

#[test]
fn what_is_no_key_is_refused_with_the_fix() {
    let long = "k".repeat(256);
    let quoted = format!("\"{long}\"");
    let cases: &[(&[u8], KeyError)] = &[
        (b"", KeyError::Empty),
        (b"\"\"", KeyError::Empty),
        (long.as_bytes(), KeyError::TooLong),
        (quoted.as_bytes(), KeyError::TooLong),
        (b"a b", KeyError::Characters),
        (b"\"a b\"", KeyError::Characters),
        (b"a\tb", KeyError::Characters),
        (b"caf\xc3\xa9", KeyError::Characters),
        (b"\xff", KeyError::Characters),
        (b"\"", KeyError::Quotes),
        (b"\"abc", KeyError::Quotes),
        (b"\"abc\";p=1", KeyError::Quotes),
        (b"\"a\"b\"", KeyError::Quotes),
        (b"\"abc\\\"", KeyError::Quotes),
        (b"\"a\\bc\"", KeyError::Quotes),
        (b"\"a\", \"b\"", KeyError::Quotes),
    ];
    for (value, error) in cases {
        let found = parse(value);
        assert_eq!(found, Err(*error), "{}", String::from_utf8_lossy(value));
        assert!(error.fix().ends_with('.'), "{}", error.fix());
    }
    assert_eq!(parse(&[b'k'; 255]).unwrap().len(), 255);
}

#[test]
fn a_request_has_one_key_or_none() {
    let mut headers = HeaderMap::new();
    assert_eq!(IdempotencyKey::of(&headers), Ok(None));
    headers.append("Idempotency-Key", HeaderValue::from_static("abc"));
    assert_eq!(IdempotencyKey::of(&headers).unwrap().unwrap().as_str(), "abc");
    headers.append("idempotency-key", HeaderValue::from_static("abc"));
    assert_eq!(IdempotencyKey::of(&headers), Err(KeyError::Several));
}

proptest! {
    /// Whatever a client sends, it is a key of visible ASCII or refused; and every key can be
    /// sent in quotes.
    #[test]
    fn any_bytes_are_a_key_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let Ok(value) = HeaderValue::from_bytes(&bytes) else { return Ok(()) };
        if let Ok(key) = IdempotencyKey::parse(&value) {
            let text = key.as_str();
            prop_assert!((1..=255).contains(&text.len()));
            prop_assert!(text.bytes().all(|byte| byte.is_ascii_graphic()));
            let quoted = format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
            prop_assert_eq!(parse(quoted.as_bytes()).unwrap(), text);
        }
    }

    #[test]
    fn any_visible_text_is_a_key(text in "[!#-~][!-~]{0,254}") {
        prop_assert_eq!(parse(text.as_bytes()).unwrap(), text);
    }
}
