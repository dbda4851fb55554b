//! Secrets that cannot be right: told before anything is sent, without showing them.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use crate::tenant::{Seen, Settings, Tenant};
use support::Call;

const RUN: [&str; 4] =
    ["run", "is-license-available", "--json", "serviceId=06ebc4ee-1bb5-47dd-8120-11324bc54e06"];

/// The keys of each way to sign in with the secret in question.
const CLIENT_SECRET: &str = "client-secret = ";
const PASSWORD: &str = "username = \"svc@contoso.onmicrosoft.com\"\npassword = ";
const CODE: &str = "redirect-url = \"https://contoso.com/\"\nauthentication-code = ";

fn tenant(credential: &str) -> Tenant {
    Tenant::start(Settings {
        credential: credential.to_owned(),
        fixture: ("is-license-available", "some-seats"),
        ..Settings::default()
    })
}

/// A call with `secret` in a file.
fn with_file(tenant: &Tenant, arguments: &[&str], key: &str, secret: &[u8]) -> Call {
    let path = tenant.directory().join("secret");
    fs::write(&path, secret).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    tenant.o365(arguments, &format!("{key}{{ file = \"secret\" }}"))
}

#[test]
fn a_secret_that_cannot_be_right_is_not_sent() {
    let tenant = tenant("client_secret=open-sesame");
    let mark = "a byte order mark (U+FEFF)";
    let (feed, back) = ("a line break (LF)", "a carriage return (CR)");
    let ascii = "a character that is not ASCII, as this secret must be";
    for (key, secret, place, what) in [
        (CLIENT_SECRET, "\u{feff}open-sesame", "begins with", mark),
        (CLIENT_SECRET, "\u{feff}open-sesame\n", "begins with", mark),
        (CLIENT_SECRET, "\nopen-sesame", "begins with", feed),
        (CLIENT_SECRET, "open-sesame\n\n", "ends with", feed),
        (CLIENT_SECRET, "open-sesame\r\n\r\n", "ends with", back),
        (CLIENT_SECRET, "open-sesame\r", "ends with", back),
        (CLIENT_SECRET, "open\nsesame", "has within it", feed),
        (CLIENT_SECRET, "open\tsesame", "has within it", "a control character"),
        (CLIENT_SECRET, "open-sesame\u{7f}", "ends with", "a control character"),
        (CLIENT_SECRET, "open-sesame\u{a0}", "ends with", ascii),
        (CLIENT_SECRET, "open-s\u{e9}same", "has within it", ascii),
        (CLIENT_SECRET, "\u{201c}open-sesame\u{201d}", "begins with", ascii),
        (PASSWORD, "\u{feff}open-sesame", "begins with", mark),
        (PASSWORD, "open-sesame\u{feff}", "ends with", mark),
        (PASSWORD, "open-sesame\r\n\n", "ends with", back),
        (PASSWORD, "open\u{0}sesame", "has within it", "a control character"),
        (CODE, "\u{feff}0.open-sesame", "begins with", mark),
        (CODE, "0.open-sesame\n\n", "ends with", feed),
        (CODE, "0.open-\u{e9}", "ends with", ascii),
    ] {
        let ended = with_file(&tenant, &RUN, key, secret.as_bytes()).run();
        assert_eq!(ended.code, 4, "{}", ended.stderr);
        let error = ended.error();
        assert_eq!(error["kind"], "configuration", "{error}");
        let message = error["message"].as_str().unwrap();
        assert!(message.ends_with(&format!("secret {place} {what}")), "{secret:?}: {message}");
        assert!(error["fix"].as_str().unwrap().contains("without a byte order mark"), "{error}");
        for part in ["open", "same"] {
            assert!(!ended.stderr.contains(part), "{}", ended.stderr);
        }
    }
    let lines = "client-secret = { env = \"CONTOSO_SECRET\" }";
    let ended = tenant.o365(&RUN, lines).env("CONTOSO_SECRET", "open-sesame\n").run();
    assert_eq!(
        ended.error()["message"],
        "the environment variable CONTOSO_SECRET ends with a line break (LF)"
    );
    assert!(tenant.seen().is_empty(), "nothing was sent");
}

#[test]
fn one_line_end_of_a_file_is_none_of_the_secret() {
    let tenant = tenant("client_secret=open-sesame");
    for secret in ["open-sesame", "open-sesame\n", "open-sesame\r\n"] {
        let _ = fs::remove_dir_all(tenant.directory().join("state"));
        let ended = with_file(&tenant, &RUN, CLIENT_SECRET, secret.as_bytes()).run();
        assert_eq!(ended.result(), true, "{secret:?}");
    }
    assert_eq!(tenant.seen().iter().filter(|seen| Seen::is_sign_in(seen)).count(), 3);
}

#[test]
fn a_password_is_any_text_of_one_line() {
    let tenant = tenant("password=%20p%C3%A4ss%09w%C3%B6rd%E2%82%AC+");
    let ended = with_file(&tenant, &RUN, PASSWORD, " päss\twörd€ \n".as_bytes()).run();
    assert_eq!(ended.code, 4, "blanks are encoded as the form has them");
    let tenant = self::tenant("password=+p%C3%A4ss%09w%C3%B6rd%E2%82%AC+");
    let ended = with_file(&tenant, &RUN, PASSWORD, " päss\twörd€ \n".as_bytes()).run();
    assert_eq!(ended.result(), true);
}

#[test]
fn verify_tells_of_a_secret_that_cannot_be_right() {
    let tenant = tenant("client_secret=open-sesame");
    let verify = ["connection", "verify", "contoso", "--json"];
    let ended = with_file(&tenant, &verify, CLIENT_SECRET, b"\xef\xbb\xbfopen-sesame").run();
    assert_eq!(ended.code, 1, "{}", ended.stderr);
    let findings: Value = serde_json::from_str(&ended.stdout).unwrap();
    let all = findings["findings"].as_array().unwrap();
    let secrets = all.iter().find(|finding| finding["check"] == "secrets").unwrap();
    assert_eq!(secrets["verdict"], "failed");
    let message = secrets["message"].as_str().unwrap();
    assert!(message.starts_with("The client-secret cannot be right: the file "), "{message}");
    assert!(message.ends_with("secret begins with a byte order mark (U+FEFF)."), "{message}");
    let asked = tenant.seen().iter().any(Seen::is_sign_in);
    assert!(!asked, "nobody signs in with it");
}
