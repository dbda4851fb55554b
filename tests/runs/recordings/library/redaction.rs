//! Secrets removed from the outcome of a run.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use runner::recording::OwnWords;
use runner::recording::forms::html;
use runner::recording::redaction::Redaction;
use wasmtime::component::Val;

/// What stands in the component.
const OWN: &str = "the new user expected a line such as -----BEGIN RSA PRIVATE KEY-----, lines";

fn cleaned(secrets: &[(&str, &str)], text: &str) -> String {
    let secrets = secrets.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    let mut value = Val::Record(vec![("message".into(), Val::String(text.into()))]);
    let own = OwnWords::of(OWN.as_bytes());
    Redaction::new(&secrets).beside(own).apply(&mut value);
    let Val::Record(fields) = value else { panic!("still a record") };
    let Some((_, Val::String(text))) = fields.into_iter().next() else { panic!("its field") };
    text
}

#[test]
fn a_secret_is_taken_out_in_every_form() {
    let secret = "S3cr<e>t&\"word\" 1";
    let json = serde_json::to_string(secret).unwrap();
    for form in [
        secret.to_owned(),
        html(secret),
        json.trim_matches('"').to_owned(),
        utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string(),
        STANDARD.encode(secret),
    ] {
        let text = format!("before {form} after {form}");
        let expected = r#"before {"$secret":"password"} after {"$secret":"password"}"#;
        assert_eq!(cleaned(&[("password", secret)], &text), expected, "{form}");
    }
}

#[test]
fn a_key_of_many_lines_is_taken_out_however_it_is_broken() {
    let line = "MIIEpAIBAAKCAQEAbm8ga2V5IGF0IGFsbCwgb25seSBhIHRlc3Q";
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{line}\n{line}A\n-----END PRIVATE KEY-----\n");
    for text in [pem.clone(), pem.replace('\n', "\r\n"), pem.replace('\n', " "), line.to_owned()] {
        let clean = cleaned(&[("privateKey", &pem)], &text);
        assert!(!clean.contains("MIIE"), "{clean}");
    }
}

#[test]
fn a_form_that_begins_as_another_is_taken_out_to_its_end() {
    let secret = "ContosoSecretAbc+/=%22";
    for text in [secret, "ContosoSecretAbc+/", "ContosoSecretAbc%2B%2F%3D%2522"] {
        assert_eq!(
            cleaned(&[("password", secret)], &format!("x {text} y")),
            r#"x {"$secret":"password"} y"#
        );
    }
}

#[test]
fn what_is_cut_off_is_taken_out_too() {
    let clean = cleaned(&[("password", "S3cretPassword-99")], "request was S3cretPasswor");
    assert_eq!(clean, r#"request was {"$secret":"password"}"#);
}

#[test]
fn the_components_own_words_stay_and_what_a_server_repeats_goes() {
    let key = "-----BEGIN RSA PRIVATE KEY-----\nbm90IGEga2V5\n";
    let own = "expected a line such as -----BEGIN RSA PRIVATE KEY-----, lines of base64";
    for secret in [key, "-----BEGIN RSA PRIVATE KEY-----", "line such", "private key of ours"] {
        assert_eq!(cleaned(&[("privateKey", secret)], own), own, "{secret}");
    }
    let reference = r#"{"$secret":"password"}"#;
    for (secret, said, expected) in [
        (
            "user",
            "the new user ann: 'user' is bad",
            format!("the new user ann: '{reference}' is bad"),
        ),
        (
            "-----BEGIN RSA PRIVATE KEY-----",
            "Graph: -----BEGIN RSA PRIVATE KEY-----!",
            format!("Graph: {reference}!"),
        ),
        (
            key,
            "as -----BEGIN RSA PRIVATE KEY-----\nbm90IGEga2V5, lines",
            format!("as {reference}, lines"),
        ),
        ("user", "user", reference.to_owned()),
    ] {
        assert_eq!(cleaned(&[("password", secret)], said), expected);
    }
    // At most 200 places are looked up.
    let long = "the new user ".repeat(201);
    assert_eq!(cleaned(&[("password", "user")], &long).matches(reference).count(), 1);
}

#[test]
fn a_secret_that_begins_with_another_is_taken_out_whole() {
    let secrets = [("key1", "abcd"), ("key2", "abcdEFGHsecret")];
    assert_eq!(cleaned(&secrets, "x abcdEFGHsecret y"), r#"x {"$secret":"key2"} y"#);
}

#[test]
fn what_is_no_secret_stays() {
    let text = "The specified Password does not comply: abc";
    assert_eq!(cleaned(&[("password", "Passw0rd!"), ("key1", "abc")], text), text);
    let mut kind = Val::Enum("forbidden".into());
    let secrets = [("password".to_owned(), "forbidden".to_owned())].into();
    Redaction::new(&secrets).apply(&mut kind);
    assert_eq!(kind, Val::Enum("forbidden".into()));
}
