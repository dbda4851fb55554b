//! No secret is anywhere but where it belongs: a live run with marked secrets, and a search
//! for the marks in everything that the run leaves behind.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::tenant::{ID, Settings, Tenant};
use support::{Ended, hostile_guest};

/// What JSON, percent and base64 each write differently.
const CLIENT_SECRET: &str = r#"c4nary-"Client\Secret+1/~"#;
const PASSWORD: &str = r#"c4nary-"Pass\word+2/~"#;
const CODE: &str = "c4nary-0.Code+5/~";
const REFRESH_TOKEN: &str = "c4nary-Refresh.Token+3/~";
/// In the access token, so that no two tests have the same.
const JWT_ID: &str = "c4nary-access-token-4";

const SKU: &str = "serviceId=06ebc4ee-1bb5-47dd-8120-11324bc54e06";

/// Every way in which a mark may be written.
fn forms(mark: &str) -> Vec<String> {
    let percent = utf8_percent_encode(mark, NON_ALPHANUMERIC).to_string();
    let json = serde_json::to_string(mark).unwrap();
    let mut forms = vec![
        mark.to_owned(),
        percent.to_lowercase(),
        percent,
        json[1..json.len() - 1].to_owned(),
        format!("{mark:?}").trim_matches('"').to_owned(),
    ];
    // In base64 a text looks different after each number of bytes before it.
    for before in 0..3 {
        for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
            let bytes = [&vec![0; before][..], mark.as_bytes()].concat();
            let encoded = engine.encode(bytes);
            // The first and the last characters depend on what is around it.
            let inner = encoded.get(if before == 0 { 0 } else { 4 }..encoded.len() - 2).unwrap();
            forms.push(inner.to_owned());
        }
    }
    assert!(forms.iter().all(|form| form.is_ascii()), "one byte is one character");
    forms
}

/// Any form of any mark that is in a text.
fn found(text: &[u8], marks: &[String]) -> Option<String> {
    let text = searchable(text);
    marks.iter().flat_map(|mark| forms(mark)).find(|form| text.contains(form.as_str()))
}

/// Bytes as a text of one character each, which is quick to search.
fn searchable(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

#[track_caller]
fn assert_clean(place: &str, text: &[u8], marks: &[String]) {
    assert_eq!(found(text, marks), None, "in {place}");
    // The search would have found it there.
    for mark in marks {
        for form in forms(mark) {
            let mut planted = text.to_vec();
            planted.splice(text.len() / 2..text.len() / 2, form.into_bytes());
            let found = found(&planted, std::slice::from_ref(mark));
            assert!(found.is_some(), "the search of {place} is blind");
        }
    }
}

/// Every file of a directory, with its name.
fn files(directory: &Path) -> Vec<(String, Vec<u8>)> {
    let Ok(entries) = fs::read_dir(directory) else { return Vec::new() };
    let paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths
        .into_iter()
        .flat_map(|path| {
            if path.is_dir() {
                return files(&path);
            }
            vec![(path.display().to_string(), fs::read(&path).unwrap())]
        })
        .collect()
}

fn tenant(fixture: (&'static str, &'static str)) -> Tenant {
    let claims = json!({
        "tid": ID, "jti": JWT_ID, "scp": "User.ReadWrite.All Organization.Read.All Mail.Send",
    });
    Tenant::start(Settings {
        claims: Some(claims),
        credential: format!("client_secret={}", form_encoded(CLIENT_SECRET)),
        refresh_token: Some(REFRESH_TOKEN.to_owned()),
        fixture,
        ..Settings::default()
    })
}

/// A call with all logs, with the sign-in by a user's name and password.
fn call(tenant: &Tenant, arguments: &[&str]) -> Ended {
    call_as(tenant, arguments, BY_PASSWORD)
}

const BY_PASSWORD: &str = "username = \"svc@contoso.onmicrosoft.com\"\npassword = { file = \"password\" }\nclient-secret = { env = \"CANARY\" }";

const BY_CODE: &str = "authentication-code = { env = \"CODE\" }\nredirect-url = \"https://contoso.com/\"\nclient-secret = { env = \"CANARY\" }";

/// A call with all logs and all secrets there.
fn call_as(tenant: &Tenant, arguments: &[&str], lines: &str) -> Ended {
    let file = tenant.directory().join("password");
    fs::write(&file, PASSWORD).unwrap();
    fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    tenant
        .o365(&[arguments, &["--log", "trace"]].concat(), lines)
        .env("CANARY", CLIENT_SECRET)
        .env("CODE", CODE)
        .env("RUST_LOG", "trace")
        .run()
}

fn marks(tenant: &Tenant) -> Vec<String> {
    let (_, signature) = tenant.token().rsplit_once('.').unwrap();
    assert_eq!(STANDARD.decode(signature).unwrap(), b"signature");
    [CLIENT_SECRET, PASSWORD, CODE, REFRESH_TOKEN, JWT_ID, tenant.token()]
        .map(ToOwned::to_owned)
        .to_vec()
}

#[test]
fn no_secret_is_in_what_a_run_writes_or_in_the_memory_of_its_guest() {
    let tenant = tenant(("is-license-available", "some-seats"));
    let marks = marks(&tenant);
    let component = hostile_guest().to_str().unwrap();
    let file = tenant.directory().join("run.har");
    let recorded = ["run", "is-license-available", SKU, "--record", file.to_str().unwrap()];
    let runs = [
        call(&tenant, &recorded),
        call(&tenant, &["connection", "verify", "contoso"]),
        call_as(&tenant, &["run", "is-license-available", SKU], BY_CODE),
        call(&tenant, &["connection", "list"]),
        call(
            &tenant,
            &["run", "is-license-available", "--component", component, "--json", "serviceId=dump"],
        ),
    ];
    assert_eq!((runs[0].result(), runs[2].result()), (true.into(), true.into()));
    assert!(runs[0].stderr.contains("GET /subscribedSkus"), "it logs: {}", runs[0].stderr);
    for ended in &runs {
        assert_clean("stdout", ended.stdout.as_bytes(), &marks);
        assert_clean("stderr", ended.stderr.as_bytes(), &marks);
    }
    let recording = fs::read(&file).unwrap();
    assert!(recording.windows(13).any(|part| part == b"subscribedSku"), "it has the exchange");
    assert_clean("the recording", &recording, &marks);
    // The secrets were used: the search is not of a run that had none.
    let seen = tenant.seen();
    let form = |text: &str| form_encoded(text);
    for secret in [CLIENT_SECRET, PASSWORD, CODE, REFRESH_TOKEN] {
        let sent = seen.iter().any(|seen| seen.body.contains(&form(secret)));
        assert!(sent, "{secret}: {seen:?}");
    }
    assert!(tenant.calls().iter().any(|seen| seen.authorization.is_some()));

    let last =
        runs.last().unwrap().stderr.lines().find(|line| line.starts_with("{\"error\"")).unwrap();
    let error: Value = serde_json::from_str(last).unwrap();
    let memory = STANDARD.decode(error["error"]["message"].as_str().unwrap()).unwrap();
    assert!(memory.len() > 64 * 1024, "{}", memory.len());
    let has = |text: &str| memory.windows(text.len()).any(|part| part == text.as_bytes());
    assert!(has("skuPartNumber"), "it has Graph's answer");
    assert_clean("the guest's memory", &memory, &marks);
}

#[test]
fn no_secret_is_in_the_state_directory_but_in_the_token_store() {
    let tenant = tenant(("is-license-available", "some-seats"));
    let marks = marks(&tenant);
    assert_eq!(call(&tenant, &["run", "is-license-available", SKU]).result(), true);
    let state = files(&tenant.directory().join("state"));
    let (store, rest): (Vec<_>, Vec<_>) =
        state.into_iter().partition(|(name, _)| name.ends_with(".json"));
    assert_eq!(store.len(), 1, "one file of tokens");
    let (name, tokens) = &store[0];
    let mode = fs::metadata(name).unwrap().permissions();
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&mode) & 0o777, 0o600);
    assert!(found(tokens, &marks).is_some(), "the tokens are there");
    let secrets = [CLIENT_SECRET, PASSWORD].map(ToOwned::to_owned);
    assert_clean("the token store", tokens, &secrets);
    for (name, text) in rest {
        assert_clean(&name, &text, &marks);
    }
}

fn form_encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
