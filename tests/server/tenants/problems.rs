//! What is refused in the file, and in which words.

use std::time::{Duration, Instant};

use runner::limits::ROWS;
use serde_json::Value;

use crate::tenants::place::{Place, connection, hash};

/// What must never be shown.
const SECRET: &str = "s3cret-Marker";

/// The error of a command that reads the file.
#[track_caller]
fn error(text: &str) -> Value {
    let ended = Place::new(text).tenant(&["list"]).run();
    assert_eq!(ended.code, 4, "{text}");
    assert!(!ended.stderr.contains(SECRET), "{}", ended.stderr);
    assert!(!ended.stderr.contains(&hash("one")[7..20]), "{}", ended.stderr);
    ended.error()
}

/// A file whose tenant has a key, a connection and, from line 7, these lines.
pub fn fabrikam(lines: &str) -> String {
    let one = hash("one");
    format!(
        "{}[tenants.fabrikam]\nkeys = [\"{one}\"]\nconnections = [\"contoso\"]\n{lines}\n",
        connection("contoso")
    )
}

#[track_caller]
pub fn assert_only(text: &str, line: usize, key: &str, message: &str, fix: &str) {
    let error = error(text);
    assert_eq!(error["message"], format!("o365.toml, line {line}: {key} {message}"), "{text}");
    assert_eq!(error["fix"], fix, "{text}");
}

#[test]
fn a_number_is_whole_and_possible() {
    let table = [
        ("concurrent-runs", "runs", 1, 1000),
        ("queue-length", "runs", 0, 10_000),
        ("time-limit", "seconds", 1, 3600),
        ("cpu-limit", "seconds", 1, 3600),
        ("memory-limit", "MiB", 4, 1024),
        ("requests-per-run", "requests", 1, 1_000_000),
        ("bytes-in", "MiB", 1, 65_536),
        ("bytes-out", "MiB", 1, 65_536),
        ("result-limit", "MiB", 1, 1024),
    ]
    .map(|(key, unit, least, most)| ("tenants.fabrikam", key, unit, least, most))
    .into_iter()
    .chain(ROWS.iter().map(|row| {
        ("tenants.fabrikam", row.key, row.unit.name(), *row.possible.start(), *row.possible.end())
    }))
    .chain([("serve", "max-runs", "runs", 1, 1000), ("serve", "grace", "seconds", 0, 3600)]);
    for (table, key, unit, least, most) in table {
        let text = |value: &str| match table {
            "serve" => format!("\n\n\n\n\n[serve]\n{key} = {value}\n"),
            _ => fabrikam(&format!("{key} = {value}")),
        };
        let name = format!("{table}.{key}");
        let fix = format!("Set {key} to a number of {unit} from {least} to {most}.");
        let range = format!("is not from {least} to {most}");
        for value in ["-1", &(most + 1).to_string(), "99999999999999999999999999", "-9e0"] {
            let whole = !value.contains('e');
            let message = if whole { range.as_str() } else { "is not a whole number" };
            assert_only(&text(value), 7, &name, message, &fix);
        }
        if least > 0 {
            assert_only(&text(&(least - 1).to_string()), 7, &name, &range, &fix);
        }
        for value in ["\"s3cret-Marker\"", "1.5", "true", "[1]", "{}", "inf"] {
            assert_only(&text(value), 7, &name, "is not a whole number", &fix);
        }
        for value in [least, most] {
            Place::new(&text(&value.to_string())).read();
        }
    }
}

/// A tenant with these lists, each a line of its own from the fifth on; those that are not
/// given are right.
fn lists(keys: Option<&str>, connections: Option<&str>, actions: Option<&str>) -> String {
    let right = format!("[\"{}\"]", hash("one"));
    format!(
        "{}[tenants.fabrikam]\nkeys = {}\nconnections = {}\nactions = {}\n",
        connection("contoso"),
        keys.unwrap_or(&right),
        connections.unwrap_or("[\"contoso\"]"),
        actions.unwrap_or("[\"create-user\"]"),
    )
}

#[test]
fn a_list_of_keys_names_the_item_that_is_wrong() {
    let (one, other) = (hash("one"), hash("other"));
    let another = "o365 tenant add fabrikam --another-key";
    let no_hash = "has an item that is not the hash of a key, sha256: and 64 hexadecimal digits";
    let make = format!("Remove it, and make a key with {another}.");
    let keys = [
        (format!("[\"{one}\", \"s3cret-Marker\"]"), format!("{no_hash} (item 2)"), make.clone()),
        ("[\"\"]".to_owned(), format!("{no_hash} (item 1)"), make.clone()),
        (format!("[\"{}\"]", &other[7..]), format!("{no_hash} (item 1)"), make),
        (
            "[\"o365_s3cret-Marker\"]".to_owned(),
            "holds a key itself, which has no place in this file (item 1)".to_owned(),
            format!("Remove it, for others may have seen it, and make another with {another}."),
        ),
        (
            format!("[\"{one}\", \"{other}\", \"{one}\"]"),
            "has the same twice (item 3)".to_owned(),
            "Remove one of them.".to_owned(),
        ),
        (
            "\"s3cret-Marker\"".to_owned(),
            "is not a list of keys".to_owned(),
            "Write keys = [\"sha256:...\"].".to_owned(),
        ),
        (
            "[7]".to_owned(),
            "is not a list of keys".to_owned(),
            "Write keys = [\"sha256:...\"].".to_owned(),
        ),
    ];
    for (value, message, fix) in keys {
        let text = lists(Some(&value), None, None);
        assert_only(&text, 5, "tenants.fabrikam.keys", &message, &fix);
    }
}

#[test]
fn a_list_of_connections_names_the_item_that_is_wrong() {
    let unknown = "Name one that o365 connection list shows, or add it as [connections.ID].";
    for (value, message, fix) in [
        ("[\"contosso\"]", "names no connection of this file (item 1)", "Did you mean contoso?"),
        ("[\"contoso\", \"s3cret-Marker\"]", "names no connection of this file (item 2)", unknown),
        ("[\"contoso\", \"contoso\"]", "has the same twice (item 2)", "Remove one of them."),
        (
            "[]",
            "is empty",
            "Write connections = [\"ID\"]: the ids of the connections that it may use.",
        ),
        ("{}", "is not a list of texts", "Write connections = [\"...\"]."),
    ] {
        let text = lists(None, Some(value), None);
        assert_only(&text, 6, "tenants.fabrikam.connections", message, fix);
    }
}

#[test]
fn a_list_of_actions_names_the_item_that_is_wrong() {
    let name = "Write a name that o365 actions shows, such as create-user.";
    for (value, message, fix) in [
        ("[\"create user\"]", "has an item that cannot be the name of an action (item 1)", name),
        (
            "[\"create-user\", \"\"]",
            "has an item that cannot be the name of an action (item 2)",
            name,
        ),
        ("[\"create--user\"]", "has an item that cannot be the name of an action (item 1)", name),
        ("[\"-user\"]", "has an item that cannot be the name of an action (item 1)", name),
        ("[\"7-users\"]", "has an item that cannot be the name of an action (item 1)", name),
        (
            "[\"../s3cret-Marker\"]",
            "has an item that cannot be the name of an action (item 1)",
            name,
        ),
        (
            "[\"delete-user\", \"delete-user\"]",
            "has the same twice (item 2)",
            "Remove one of them.",
        ),
        (
            "[]",
            "is empty",
            "Name the actions that it may run, or leave actions out for all of them.",
        ),
        ("\"create-user\"", "is not a list of texts", "Write actions = [\"...\"]."),
    ] {
        let text = lists(None, None, Some(value));
        assert_only(&text, 7, "tenants.fabrikam.actions", message, fix);
    }
    let long = format!("[\"{}\"]", "a".repeat(65));
    assert_only(
        &lists(None, None, Some(&long)),
        7,
        "tenants.fabrikam.actions",
        "has an item that cannot be the name of an action (item 1)",
        name,
    );
    let many: Vec<String> = (0..1001).map(|number| format!("\"a{number}\"")).collect();
    assert_only(
        &lists(None, None, Some(&format!("[{}]", many.join(",")))),
        7,
        "tenants.fabrikam.actions",
        "has more than 1000 items",
        "Keep at most 1000.",
    );
}

#[test]
fn an_item_is_told_by_its_own_line() {
    let text = fabrikam("actions = [\n  \"create-user\", # fine\n  \"s3cret_Marker\",\n]");
    let name = "Write a name that o365 actions shows, such as create-user.";
    assert_only(
        &text,
        9,
        "tenants.fabrikam.actions",
        "has an item that cannot be the name of an action (item 2)",
        name,
    );
}

#[test]
fn a_tenant_has_an_id_keys_and_connections() {
    let text = connection("contoso");
    let ids = "Give it an id of letters, digits, dots, hyphens and underscores, at most 64.";
    for id in ["\"a b\"", "\"\"", "\".a\"", "\"a/b\"", &"a".repeat(65)] {
        let shown = format!("tenants.{id}");
        let text = format!("{text}[{shown}]\n");
        assert_only(&text, 4, &shown, "is not an id of a tenant", ids);
    }
    assert_only(
        &format!("tenants = 7\n{text}"),
        1,
        "tenants",
        "is not a table",
        "Put every tenant into a table of its own: [tenants.ID].",
    );
    assert_only(
        &format!("[[tenants]]\n{text}"),
        1,
        "tenants",
        "is not a table",
        "Put every tenant into a table of its own: [tenants.ID].",
    );
    assert_only(
        &format!("tenants.fabrikam = 7\n{text}"),
        1,
        "tenants.fabrikam",
        "is not a table",
        "Write [tenants.fabrikam], and its keys below.",
    );
    let error = error(&format!("{text}[tenants.fabrikam]\n"));
    let problems: Vec<(&str, &str)> = error["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|problem| (problem["key"].as_str().unwrap(), problem["message"].as_str().unwrap()))
        .collect();
    assert_eq!(
        problems,
        [("tenants.fabrikam.keys", "is missing"), ("tenants.fabrikam.connections", "is missing")]
    );
    let twice = fabrikam("[tenants.fabrikam]");
    assert_only(
        &twice,
        7,
        "fabrikam",
        "is there twice",
        "Remove one of them, or give one another name.",
    );
}

#[test]
fn an_allowed_secret_has_a_name() {
    let fix = "Write env: and the name of a variable, or file: and the path of a file.";
    for name in ["VM_KEY", "env:", "env:A=B", "file:", "vault:key", ""] {
        let message = "has an item that names no secret (item 2)";
        let text = fabrikam(&format!("secrets = [\"env:VM_KEY\", \"{name}\"]"));
        assert_only(&text, 7, "tenants.fabrikam.secrets", message, fix);
    }
}

#[test]
fn a_mistyped_key_is_told_with_the_nearest_one() {
    let limits: Vec<&str> = ROWS.iter().map(|row| row.key).collect();
    let keys = format!(
        "The keys are keys, connections, actions, secrets, {}, callback, callback-secret.",
        limits.join(", ")
    );
    for (line, key, fix) in [
        ("conections = []", "conections", "Did you mean connections?"),
        ("time_limit = 1", "time_limit", "Did you mean time-limit?"),
        ("tenant = \"s3cret-Marker\"", "tenant", &*keys),
    ] {
        let key = format!("tenants.fabrikam.{key}");
        assert_only(&fabrikam(line), 7, &key, "is not a key of a tenant", fix);
    }
    for (line, key, fix) in [
        ("adress = \"s3cret-Marker\"", "adress", "Did you mean address?"),
        (
            "port = 1",
            "port",
            "The keys are address, certificate, private-key, tls, trusted-proxies, forwarded-header, max-runs, grace, keep-alive, connections-per-address, audit-log, operator-keys, public-url, store, store-credentials, store-authorities, store-replicas, store-key.",
        ),
    ] {
        let key = format!("serve.{key}");
        assert_only(&format!("[serve]\n{line}"), 2, &key, "is not a key of the server", fix);
    }
    for (name, fix) in [
        ("tenant", "Did you mean tenants?"),
        ("server", "Did you mean serve?"),
        ("connection", "Put every connection into a table of its own: [connections.ID]."),
    ] {
        assert_only(&format!("[{name}.x]"), 1, name, "is not a part of this file", fix);
    }
}

#[test]
fn a_key_has_one_owner() {
    let one = hash("one");
    let text = fabrikam(&format!(
        "[tenants.woodgrove]\nkeys = [\"{}\", \"{one}\"]\nconnections = [\"contoso\"]",
        hash("other")
    ));
    assert_only(
        &text,
        8,
        "tenants.woodgrove.keys",
        "has a key that tenants.fabrikam has too (item 2)",
        "Remove it from one of them, and make another with o365 tenant add woodgrove --another-key.",
    );
    let text = fabrikam(&format!("[serve]\noperator-keys = [\"{one}\"]"));
    let error = error(&text);
    assert!(error["message"].as_str().unwrap().contains(" has a key that "), "{error}");
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let text = format!(
        "[serve]\naddress = \"s3cret-Marker\"\ngrace = -1\n{}cloud = \"mars\"\n[tenants.fabrikam]\nkeys = [\"s3cret-Marker\"]\nconnections = [\"contoso\", \"nowhere\"]\nbytes-in = 0\n",
        connection("contoso")
    );
    let error = error(&text);
    let problems: Vec<(u64, &str)> = error["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|problem| (problem["line"].as_u64().unwrap(), problem["key"].as_str().unwrap()))
        .collect();
    assert_eq!(
        problems,
        [
            (2, "serve.address"),
            (3, "serve.grace"),
            (7, "connections.contoso.cloud"),
            (9, "tenants.fabrikam.keys"),
            // A connection with something wrong in it is one all the same.
            (10, "tenants.fabrikam.connections"),
            (11, "tenants.fabrikam.bytes-in"),
        ]
    );
}

#[test]
fn a_large_file_is_read_or_refused_quickly() {
    let started = Instant::now();
    let items: String = (0..90_000).map(|number| format!("\"x{number}\",")).collect();
    for key in ["keys", "connections", "actions"] {
        let text = format!("[tenants.fabrikam]\n{key} = [{items}]");
        assert!(error(&text)["problems"].as_array().unwrap().len() <= 100);
    }
    let tenants: String = (0..5_000)
        .map(|number| {
            let hash = hash(&number.to_string());
            format!("[tenants.t{number}]\nkeys = [\"{hash}\"]\nconnections = [\"contoso\"]\n")
        })
        .collect();
    let place = Place::new(&format!("{}{tenants}", connection("contoso")));
    assert_eq!(place.read().tenants().count(), 5_000);
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
}
