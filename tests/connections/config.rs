//! The configuration file: what is taken from it, and in which words it is refused.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use support::{Call, Ended, o365};

/// What must never be shown.
const SECRET: &str = "s3cret-Marker";

/// A directory with the text as its `o365.toml`.
struct Place {
    directory: TempDir,
}

impl Place {
    fn new(text: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("o365.toml"), text).unwrap();
        Self { directory }
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn file(&self) -> PathBuf {
        self.path().join("o365.toml")
    }

    fn list(&self) -> Call {
        o365(["connection", "list", "--json"]).directory(self.path())
    }
}

/// A connection with these lines beside the two that every one has.
fn contoso(lines: &str) -> String {
    format!(
        "[connections.contoso]\ntenant = \"contoso.onmicrosoft.com\"\nclient-id = \"11111111-2222-3333-4444-555555555555\"\n{lines}\n"
    )
}

fn list(text: &str) -> Ended {
    Place::new(text).list().run()
}

/// The only connection of the list.
fn only(text: &str) -> Value {
    let list = list(text).result();
    assert_eq!(list.as_array().unwrap().len(), 1, "{list}");
    list[0].clone()
}

#[test]
fn each_grant_is_known_by_the_keys_that_belong_together() {
    let table = [
        ("", "login", json!([])),
        ("redirect-url = \"http://localhost:8400/\"", "login", json!([])),
        (
            "client-secret = { env = \"CONTOSO_SECRET\" }",
            "client-credentials",
            json!([{ "key": "client-secret", "env": "CONTOSO_SECRET" }]),
        ),
        (
            "username = \"svc@contoso.onmicrosoft.com\"\npassword = { env = \"PASSWORD\" }",
            "password",
            json!([{ "key": "password", "env": "PASSWORD" }]),
        ),
        (
            "username = \"svc@contoso.onmicrosoft.com\"\npassword = { env = \"PASSWORD\" }\nclient-secret = { env = \"SECRET\" }",
            "password",
            json!([{ "key": "password", "env": "PASSWORD" }, { "key": "client-secret", "env": "SECRET" }]),
        ),
        (
            "authentication-code = { env = \"CODE\" }\nredirect-url = \"https://contoso.com/back\"",
            "authorization-code",
            json!([{ "key": "authentication-code", "env": "CODE" }]),
        ),
    ];
    for (lines, grant, secrets) in table {
        let row = only(&contoso(lines));
        assert_eq!(row["grant"], grant, "{lines}");
        assert_eq!(row["secrets"], secrets, "{lines}");
    }
}

#[test]
fn a_whole_file_is_listed_by_id() {
    let text = format!(
        "{}\n[connections.\"fabrikam.test_2\"]\ntenant = \"aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee\"\nclient-id = \"app\"\nclient-secret = {{ file = \"secrets/fabrikam\" }}\ncloud = \"us-gov\"\nsender = \"noreply@fabrikam.com\"\ntoken-store = \"keyring\"\ntrust-self-signed-certificates = true\nca-certificates = [\"a.pem\", \"b.pem\"]\ngraph-url = \"http://127.0.0.1:8080/v1.0\"\nlogin-url = \"https://login.fabrikam.com\"\n",
        contoso("")
    );
    let place = Place::new(&text);
    let list = place.list().run().result();
    assert_eq!(list[0]["id"], "contoso");
    assert_eq!(list[0]["cloud"], "global");
    let second = &list[1];
    assert_eq!(second["id"], "fabrikam.test_2");
    assert_eq!(second["tenant"], "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee");
    assert_eq!(second["cloud"], "us-gov");
    assert_eq!(second["sender"], "noreply@fabrikam.com");
    // Beside the file, wherever the program is started.
    let file = second["secrets"][0]["file"].as_str().unwrap();
    assert!(Path::new(file).ends_with("secrets/fabrikam"), "{file}");
    let elsewhere =
        o365(["connection", "list", "--json", "--config", place.file().to_str().unwrap()])
            .run()
            .result();
    let file = elsewhere[1]["secrets"][0]["file"].as_str().unwrap();
    assert_eq!(Path::new(file), place.path().join("secrets/fabrikam"));
}

#[test]
fn what_is_wrong_is_told_with_its_line_its_key_and_the_fix() {
    let key = "connections.contoso";
    let address = "an address: https (or http on loopback), a host, and no slash at its end";
    let table: Vec<(String, usize, String, String, String)> = [
        ("client-secret = \"s3cret-Marker\"", "client-secret", "holds the secret itself, which has no place in this file", "Write client-secret = { env = \"NAME\" } or client-secret = { file = \"FILE\" }. Then replace the secret in the tenant if others have seen the file."),
        ("client-secret = { env = \"A\", file = \"B\" }", "client-secret", "names neither one environment variable nor one file", "Write client-secret = { env = \"NAME\" } or client-secret = { file = \"FILE\" }."),
        ("client-secret = { value = \"s3cret-Marker\" }", "client-secret", "names neither one environment variable nor one file", "Write client-secret = { env = \"NAME\" } or client-secret = { file = \"FILE\" }."),
        ("client-secret = { env = \"\" }", "client-secret", "names neither one environment variable nor one file", "Write client-secret = { env = \"NAME\" } or client-secret = { file = \"FILE\" }."),
        ("client_secret = \"s3cret-Marker\"", "client_secret", "is not a key of a connection", "Did you mean client-secret?"),
        ("tenat = \"x\"", "tenat", "is not a key of a connection", "Did you mean tenant?"),
        ("cloud = \"mars\"", "cloud", "is not global, us-gov, us-dod or china", "Write it as in cloud = \"global\"."),
        ("token-store = \"s3cret-Marker\"", "token-store", "is not file or keyring", "Write it as in token-store = \"file\"."),
        ("sender = \"nobody\"", "sender", "is not the mail address of a mailbox", "Write it as in sender = \"svc@contoso.com\"."),
        ("sender = \"\"", "sender", "is empty", "Give sender a value, or leave it out."),
        ("sender = 7", "sender", "is not a text", "Write sender = \"...\"."),
        ("trust-self-signed-certificates = \"yes\"", "trust-self-signed-certificates", "is neither true nor false", "Write trust-self-signed-certificates = true or trust-self-signed-certificates = false."),
        ("ca-certificates = \"a.pem\"", "ca-certificates", "is not a list of files", "Write ca-certificates = [\"FILE\", ...]."),
        ("ca-certificates = [7]", "ca-certificates", "is not a list of files", "Write ca-certificates = [\"FILE\", ...]."),
        ("username = \"svc@contoso.com\"", "password", "is missing beside username", "Add password = { env = \"NAME\" }, or remove username and run o365 connection login."),
        ("password = { env = \"P\" }", "username", "is missing beside password", "Add username, the user that the password belongs to."),
        ("authentication-code = { env = \"C\" }", "redirect-url", "is missing beside authentication-code", "Add redirect-url: the address that the code came back to, the very same text."),
        ("redirect-url = \"https://contoso.com/\"", "redirect-url", "is not on this machine, where o365 connection login listens", "Write http://localhost:PORT/, or add authentication-code."),
    ]
    .into_iter()
    .map(|(line, name, message, fix)| {
        let missing = ["password", "username", "redirect-url"].contains(&name) && !line.starts_with(name);
        (line.to_owned(), if missing { 1 } else { 4 }, format!("{key}.{name}"), message.to_owned(), fix.to_owned())
    })
    .chain(["http://proxy.contoso.com/v1.0", "https://", "https://user:pass@contoso.com", "https://contoso.com/v1.0/", "https://contoso.com?a=b", "contoso.com"].into_iter().flat_map(|url| {
        ["graph-url", "login-url"].map(|name| (format!("{name} = \"{url}\""), 4, format!("{key}.{name}"), format!("is not {address}"), format!("Write it as in {name} = \"https://proxy.contoso.com/graph\".")))
    }))
    .collect();
    for (line, number, key, message, fix) in table {
        let place = Place::new(&contoso(&line));
        let ended = place.list().run();
        let error = ended.error();
        assert_eq!(ended.code, 4, "{line}");
        assert_eq!(error["kind"], "configuration", "{line}");
        assert_eq!(
            error["message"],
            format!("o365.toml, line {number}: {key} {message}"),
            "{line}"
        );
        assert_eq!(error["fix"], fix, "{line}");
        assert!(!ended.stderr.contains(SECRET), "{}", ended.stderr);
    }
}

#[test]
fn ways_to_sign_in_that_contradict_each_other_are_refused() {
    let user = "username = \"svc@contoso.com\"\npassword = { env = \"P\" }";
    let code = "authentication-code = { env = \"C\" }\nredirect-url = \"https://contoso.com/\"";
    let both = list(&contoso(&format!("{user}\n{code}"))).error();
    assert_eq!(
        both["message"],
        "o365.toml, line 6: connections.contoso.authentication-code and username with password are different ways to sign in"
    );
    let redirect =
        list(&contoso(&format!("{user}\nredirect-url = \"http://localhost:1/\""))).error();
    assert_eq!(
        redirect["message"],
        "o365.toml, line 6: connections.contoso.redirect-url does not go with username and password"
    );
    let written =
        contoso("authentication-code = { env = \"C\" }\nredirect-url = \"https://contoso.com\"");
    let error = list(&written).error();
    assert_eq!(error["fix"], "Write https://contoso.com/, here and where the code is asked for.");
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let text = "[connections.contoso]\ntenant = \"common\"\ncloud = \"mars\"\npassword = \"s3cret-Marker\"\n\n[connections.\"a b\"]\n[logging]\n";
    let ended = list(text);
    let error = ended.error();
    assert_eq!(error["message"], "7 things are wrong in o365.toml");
    let problems: Vec<(u64, &str)> = error["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|problem| (problem["line"].as_u64().unwrap(), problem["key"].as_str().unwrap()))
        .collect();
    assert_eq!(
        problems,
        [
            (1, "connections.contoso.client-id"),
            (1, "connections.contoso.username"),
            (2, "connections.contoso.tenant"),
            (3, "connections.contoso.cloud"),
            (4, "connections.contoso.password"),
            (6, "connections.\"a b\""),
            (7, "logging"),
        ]
    );
    let people = o365(["connection", "list"]).directory(Place::new(text).path()).run();
    assert_eq!(people.code, 4);
    assert!(!(ended.stderr + &people.stderr).contains(SECRET));
}

#[test]
fn a_file_of_nothing_but_mistakes_is_told_quickly() {
    let keys: String = (0..60_000).map(|number| format!("k{number}={number}\n")).collect();
    let started = Instant::now();
    let error = list(&contoso(&keys)).error();
    assert_eq!(error["message"], "100 things and more are wrong in o365.toml");
    assert_eq!(error["problems"].as_array().unwrap().len(), 100);
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
}

#[test]
fn what_is_no_toml_is_told_by_its_line_without_repeating_it() {
    for text in [
        contoso("client-secret = \"s3cret-Marker"),
        contoso("client-secret s3cret-Marker"),
        contoso("client-secret = s3cret-Marker"),
    ] {
        let ended = list(&text);
        let error = ended.error();
        assert_eq!(ended.code, 4);
        let message = error["message"].as_str().unwrap();
        assert!(message.starts_with("o365.toml, line 4: it is not TOML: "), "{message}");
        assert!(!ended.stderr.contains(SECRET), "{}", ended.stderr);
    }
}

#[test]
fn an_id_or_a_key_that_is_there_twice_is_named() {
    for (text, line, key) in [
        (contoso("tenant = \"s3cret-Marker.com\""), 4, "tenant"),
        (contoso("\"tenant\" = \"s3cret-Marker.com\""), 4, "tenant"),
        (contoso("[connections.contoso]"), 4, "contoso"),
        (contoso("[connections.\"a b\"]\n[connections.\"a b\"]"), 5, "\"a b\""),
        (contoso("client-secret = { env = \"A\", env = \"s3cret-Marker\" }"), 4, "env"),
    ] {
        let ended = list(&text);
        let error = ended.error();
        assert_eq!(error["message"], format!("o365.toml, line {line}: {key} is there twice"));
        assert!(error["fix"].as_str().unwrap().starts_with("Remove one of them"), "{error}");
        assert!(!ended.stderr.contains(SECRET), "{}", ended.stderr);
    }
}

#[test]
fn what_a_terminal_would_obey_is_shown_in_signs() {
    for (text, key) in [
        ("[connections.\"a\u{202e}b\"]".to_owned(), "connections.\"a\\u{202e}b\""),
        ("[connections.\"a\\u001bb\"]".to_owned(), "connections.\"a\\u{1b}b\""),
        ("[connections.\"\"]".to_owned(), "connections.\"\""),
        ("[\"\u{202e}\"]".to_owned(), "\"\\u{202e}\""),
        (contoso("\"\u{202e}x\" = 1"), "connections.contoso.\"\\u{202e}x\""),
    ] {
        let error = list(&text).error();
        assert!(
            error["message"].as_str().unwrap().contains(&format!(": {key} is not a")),
            "{error}"
        );
    }
}

#[test]
fn the_file_is_found_where_it_is_named_or_where_it_belongs() {
    let ids = |ended: Ended| ended.result()[0]["id"].as_str().unwrap().to_owned();
    let named = Place::new(&contoso("").replace("contoso]", "named]"));
    let by_variable = Place::new(&contoso("").replace("contoso]", "variable]"));
    let here = Place::new(&contoso("").replace("contoso]", "here]"));
    let home = tempfile::tempdir().unwrap();
    fs::create_dir(home.path().join("o365")).unwrap();
    fs::write(home.path().join("o365/o365.toml"), contoso("").replace("contoso]", "home]"))
        .unwrap();
    let empty = tempfile::tempdir().unwrap();

    let path = named.file();
    let named_call = || o365(["connection", "list", "--config", path.to_str().unwrap()]);
    let call = || o365(["connection", "list"]).env("XDG_CONFIG_HOME", home.path());
    assert_eq!(
        ids(named_call().env("O365_CONFIG", by_variable.file()).directory(here.path()).run()),
        "named"
    );
    assert_eq!(
        ids(call().env("O365_CONFIG", by_variable.file()).directory(here.path()).run()),
        "variable"
    );
    assert_eq!(ids(call().directory(here.path()).run()), "here");
    assert_eq!(ids(call().directory(empty.path()).run()), "home");

    let missing = o365(["connection", "list", "--json", "--config", "nosuch.toml"]).run();
    assert_eq!(missing.code, 4);
    assert!(
        missing.error()["message"]
            .as_str()
            .unwrap()
            .starts_with("the configuration nosuch.toml cannot be read: ")
    );
    let none = o365(["connection", "list", "--json"]).directory(empty.path()).run();
    assert_eq!(none.code, 4);
    let message = none.error()["message"].as_str().unwrap().to_owned();
    assert!(
        message.starts_with(
            "there is no configuration of connections; it was looked for as o365.toml and "
        ),
        "{message}"
    );
}

#[test]
fn files_that_are_no_configuration_are_refused() {
    let refused = |bytes: &[u8]| {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("o365.toml"), bytes).unwrap();
        let ended = o365(["connection", "list", "--json"]).directory(directory.path()).run();
        assert_eq!(ended.code, 4);
        ended.error()["message"].as_str().unwrap().to_owned()
    };
    assert_eq!(refused(&[0xff, 0xfe, 0]), "the configuration o365.toml is not UTF-8 text");
    assert_eq!(
        refused(&vec![b'\n'; (1 << 20) + 1]),
        "the configuration o365.toml is larger than 1 MiB"
    );
    assert_eq!(list("").result(), json!([]), "a file without connections is one");
}
