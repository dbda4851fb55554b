//! Texts that look like tokens.

use runner::recording::tokens::{REMOVED, removed};

#[test]
fn tokens_are_taken_out() {
    let jwt = "eyJ0eXAiOiJKV1QifQ.eyJhdWQiOiJjb250b3NvIn0.c2lnbmF0dXJl";
    for (text, expected) in [
        (format!("a {jwt} b"), format!("a {REMOVED} b")),
        (format!("Authorization: Bearer {jwt}, x"), format!("Authorization: Bearer {REMOVED}, x")),
        (format!("{jwt} and {jwt}"), format!("{REMOVED} and {REMOVED}")),
        ("BEARER 0123456789abcdef".to_owned(), format!("BEARER {REMOVED}")),
    ] {
        assert_eq!(removed(&text), Some(expected));
    }
}

#[test]
fn what_is_no_token_stays() {
    for text in ["the bearer of this", "Bearer realm=\"\"", "eyJ", "eyJhIjoxfQ", "ﬁ eyJx.y.z"] {
        assert_eq!(removed(text), None, "{text}");
    }
}
