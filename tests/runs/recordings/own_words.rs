//! The component's own words stay readable whatever the secrets are, and no secret is shown.

use serde_json::Value;

use crate::recordings::{directory, json};
use support::{Ended, o365};

const HEADER: &str = "-----BEGIN RSA PRIVATE KEY-----";

/// What is said of a private key that is none, as `component/src/input/keys.rs` has it.
const NO_KEY: &str = "it is no private key in PEM form; expected a line such as -----BEGIN RSA PRIVATE KEY-----, lines of base64, and the same line with END, with the line breaks that the key came with";

/// A run on the simulated tenant, with this input beside what it needs.
fn run(action: &str, input: &Value, more: &[&str]) -> Ended {
    o365([&["run", action, "--simulate", "-i", "-", "--json"], more].concat())
        .stdin(serde_json::to_vec(input).unwrap())
        .run()
}

fn problems(ended: &Ended) -> Vec<(String, String)> {
    let error = ended.error();
    assert_eq!((ended.code, &error["kind"]), (2, &"invalid-input".into()), "{error}");
    let text = |problem: &Value, name: &str| problem[name].as_str().unwrap().to_owned();
    let problems = error["problems"].as_array().unwrap();
    problems.iter().map(|it| (text(it, "pointer"), text(it, "message"))).collect()
}

fn instance(key: &str) -> Value {
    serde_json::json!({
        "recipient": "ann@contoso.onmicrosoft.com", "login": "ec2-user", "privateKey": key,
        "connectionDetails": "ssh -i key.pem ec2-user@203.0.113.7",
    })
}

#[test]
fn a_wrong_private_key_is_told_what_a_right_one_looks_like() {
    let secret = "bm90IGEgcmVhbCBrZXksIG9ubHkgYSB0ZXN0";
    for key in [
        HEADER.to_owned(),
        format!("{HEADER}\n"),
        format!("{HEADER}\n{secret}"),
        format!("{HEADER}\n{secret}\n-----END PRIVATE KEY-----\n"),
        format!("{HEADER}{secret}-----END RSA PRIVATE KEY-----"),
        "a line such as that".to_owned(),
        "private key in PEM form".to_owned(),
        "expected".to_owned(),
        "line".to_owned(),
    ] {
        let ended = run("send-aws-instance-creation-email", &instance(&key), &[]);
        let expected = ("/privateKey".to_owned(), NO_KEY.to_owned());
        assert_eq!(problems(&ended), [expected], "{key:?}");
        assert!(!ended.stderr.contains(secret), "{}", ended.stderr);
    }
}

#[test]
fn a_password_that_is_a_word_of_ours_does_not_eat_it() {
    for password in ["character", "expected", "upper case", "password", "country code"] {
        let input = serde_json::json!({
            "serviceId": "06ebc4ee-1bb5-47dd-8120-11324bc54e06", "displayName": "Allen Allbrook",
            "mailNickname": "allen", "password": password, "usageLocation": "DEU",
        });
        let said = problems(&run("create-user", &input, &[]));
        let kinds = "it is of one kind of character; expected at least two of lower case, upper case, digits and symbols";
        let location = "it is no country code; expected two upper-case letters of ISO 3166-1, perhaps DE for Germany";
        assert!(said.contains(&("/usageLocation".to_owned(), location.to_owned())), "{said:?}");
        let one_kind = password.chars().all(|c| c.is_ascii_lowercase());
        assert_eq!(
            said.contains(&("/password".to_owned(), kinds.to_owned())),
            one_kind,
            "{password}: {said:?}"
        );
        assert!(!format!("{said:?}").contains("$secret"), "{said:?}");
    }
}

#[test]
fn what_was_said_of_a_wrong_key_is_recorded_and_replays_to_the_same() {
    let path = directory("own-words").join("run.har");
    let secret = "bm90IGEgcmVhbCBrZXksIG9ubHkgYSB0ZXN0";
    let file = path.to_str().unwrap();
    let input = instance(&format!("{HEADER}\n{secret}"));
    let ended = run("send-aws-instance-creation-email", &input, &["--record", file]);
    assert_eq!(ended.code, 2, "{}", ended.stderr);
    let error = json(&path)["log"]["_o365"]["error"].clone();
    assert_eq!(error["problems"][0]["message"], NO_KEY);
    assert!(!std::fs::read_to_string(&path).unwrap().contains(secret));
    let replayed = o365(["replay", file, "--json"]).run().result();
    assert_eq!(replayed[0]["same"], true, "{replayed}");
}

#[test]
fn what_graph_repeats_of_a_secret_goes_from_between_our_words() {
    // Graph repeats a password that is a word of ours, in words of its own.
    let fixture = support::Fixture::named("create-user", "password-refused-by-entra");
    let fixture = fixture.changed("own-words-and-graphs", |log| {
        let message = "The password 'expected a line such as' is weak.";
        let body =
            serde_json::json!({ "error": { "code": "Request_BadRequest", "message": message } });
        log["entries"][1]["response"]["content"]["text"] = body.to_string().into();
    });
    let mut input = fixture.input();
    input["password"] = "expected a line such as".into();
    let har = fixture.path.to_str().unwrap();
    let ended = o365(["run", &fixture.action, "--replay", har, "-i", "-", "--json"])
        .stdin(serde_json::to_vec(&input).unwrap())
        .run();
    let said = ended.error()["graph"]["message"].clone();
    assert_eq!(said, r#"The password '{"$secret":"password"}' is weak."#);
}
