//! References to secrets, replaced by their values.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use runner::recording::Secrets;
use runner::recording::secrets::resolve;

fn secrets() -> Secrets {
    BTreeMap::from([("key".to_owned(), "a<b&\"c\"".to_owned())])
}

#[test]
fn references_in_a_text_are_replaced_in_their_form() {
    let text =
        r#"1 {"$secret":"key"} 2 {"$secret":"key","as":"html"} 3 {"$secret":"key","as":"base64"}."#;
    let expected = r#"1 a<b&"c" 2 a&lt;b&amp;&quot;c&quot; 3 YTxiJiJjIg==."#;
    assert_eq!(resolve(text, &secrets()), expected);
}

#[test]
fn references_are_replaced_in_what_is_encoded() {
    let text = STANDARD.encode(r#"key: {"$secret":"key"}."#);
    assert_eq!(resolve(&text, &secrets()), STANDARD.encode(r#"key: a<b&"c"."#));
    let text = r#"{"a":"{\"$secret\":\"key\"}"}"#;
    assert_eq!(resolve(text, &secrets()), r#"{"a":"a<b&\"c\""}"#);
    assert_eq!(resolve(r#"{"$secret":"key"}"#, &secrets()), r#"a<b&"c""#);
}

#[test]
fn what_is_no_reference_of_the_run_stays() {
    for text in
        [r#"{"$secret":"other"} x"#, r#"{"$secret":"key","as":"rot13"}"#, r#"{"$secret":"#, "ö"]
    {
        assert_eq!(resolve(text, &secrets()), text);
    }
}
