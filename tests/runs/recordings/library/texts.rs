//! Texts that are changed in JSON, addresses and base64.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use runner::recording::texts::change_text;

fn upper(text: &str) -> Option<String> {
    text.contains("find me").then(|| text.replace("find me", "FOUND"))
}

#[track_caller]
fn changed(text: &str, expected: &str) {
    assert_eq!(change_text(text, &upper).as_deref(), Some(expected));
}

#[test]
fn texts_are_changed_in_every_wrapping() {
    changed("a find me b", "a FOUND b");
    changed(r#"{"a":["x find me"],"find me":1}"#, r#"{"a":["x FOUND"],"FOUND":1}"#);
    changed(r#"{"a":"{\"b\":\"find me\"}"}"#, r#"{"a":"{\"b\":\"FOUND\"}"}"#);
    changed(
        "https://h/users/find%20me/x?$filter=a%20eq%20'find+me'&b=1",
        "https://h/users/FOUND/x?$filter=a%20eq%20'FOUND'&b=1",
    );
    let wrapped = STANDARD.encode("see: find me.");
    changed(&format!("<p>{wrapped}</p>"), &format!("<p>{}</p>", STANDARD.encode("see: FOUND.")));
    changed("see find%20me here", "see FOUND here");
}

#[test]
fn what_is_not_changed_keeps_every_byte() {
    for text in [
        r#"{ "a" : 1.0, "a": 2 }"#,
        "https://h/a%2fb?x=%41",
        "Zm9v YmFyYmF6",
        "50%",
        "100%25 %zz",
        r#"{"$secret":"key"}"#,
    ] {
        assert_eq!(change_text(text, &upper), None, "{text}");
    }
}

#[test]
fn a_text_without_an_end_of_wrappings_is_left_alone_at_some_point() {
    let mut text = "find me".to_owned();
    for _ in 0..40 {
        text = serde_json::to_string(&[text]).unwrap();
        if text.len() > 1 << 20 {
            break;
        }
    }
    let _ = change_text(&text, &upper);
}
