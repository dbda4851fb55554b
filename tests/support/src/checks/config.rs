//! `o365.toml`.
//!
//! An input is the text of the file.

use std::collections::BTreeSet;
use std::path::Path;

use runner::connections::config::Configured;
use runner::connections::file::{ConfigError, Connections};
use toml::{Table, Value};

/// The longest text, in bytes.
const MAX_BYTES: usize = 1 << 16;

/// What a file of the corpus has where a secret is written into it.
const MARKER: &str = "s3cret-Marker";

/// The keys under which a secret would stand.
const SECRETS: [&str; 3] = ["client-secret", "password", "authentication-code"];

/// No text makes it panic. What is accepted can be used, and what is not is told with its
/// line, its fix, and without the secret that someone wrote there.
pub fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if text.len() > MAX_BYTES {
        return;
    }
    match Connections::parse(Path::new("place/o365.toml"), text) {
        Ok(connections) => {
            assert!(text.parse::<Table>().is_ok(), "other readers do not take it");
            let ids: BTreeSet<&str> = connections.iter().map(|one| one.id.as_str()).collect();
            assert_eq!(ids.len(), connections.iter().count(), "an id is there twice");
            for connection in connections.iter() {
                usable(connection);
                assert_eq!(connections.get(&connection.id).expect("it is there").id, connection.id);
            }
            served(&connections);
            assert!(!format!("{connections:?}").contains(MARKER) || !only_a_secret(text));
        }
        Err(error) => told(&error, text),
    }
}

fn usable(connection: &Configured) {
    assert!((1..=64).contains(&connection.id.len()));
    assert!(connection.id.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c)));
    assert!(!connection.id.starts_with('.'), "a hidden file");
    let root = connection.public().graph_root().expect("Graph's root can be used");
    let own = [&connection.graph_url, &connection.login_url];
    for url in own {
        let here = matches!(url.host(), Some("localhost" | "127.0.0.1" | "[::1]"));
        assert!(url.scheme_str() == Some("https") || here, "{url} is not secure");
    }
    assert_eq!(root.authority(), connection.graph_url.authority());
    // A private address is let through only where the file itself names it.
    assert!(connection.own_addresses.iter().all(|address| own.contains(&address)));
    for (key, ..) in connection.grant.secrets() {
        assert!(SECRETS.contains(&key), "{key}");
    }
    assert!(!connection.tenant.contains(['/', '@', ' ', '\n']), "no tenant");
    assert!(connection.sender.as_ref().is_none_or(|sender| sender.contains('@')));
}

/// What a server takes from it.
fn served(connections: &Connections) {
    let serve = connections.serve();
    assert!(serve.address.ip().is_loopback() || serve.tls.is_some(), "others read along");
    assert!(serve.max_runs > 0, "nothing could run");
    let mut owners: BTreeSet<String> = BTreeSet::new();
    for key in &serve.operator_keys {
        assert!(owners.insert(key.hash.to_string()), "an operator has a key twice");
    }
    for tenant in connections.tenants() {
        assert!(!tenant.connections.is_empty());
        assert!(tenant.connections.iter().all(|id| connections.get(id).is_some()));
        assert!(tenant.actions.as_ref().is_none_or(|actions| !actions.is_empty()));
        assert!(tenant.limits.concurrent_runs > 0 && !tenant.limits.time.is_zero());
        for key in &tenant.keys {
            assert!(owners.insert(key.hash.to_string()), "two have the same key");
        }
    }
}

fn told(error: &ConfigError, text: &str) {
    let problems = error.problems();
    assert!(!problems.is_empty(), "refused without a reason");
    assert!(!error.fix().is_empty());
    // An empty last line counts as well: a text may end within a table.
    let lines = text.matches('\n').count() + 1;
    for problem in problems {
        assert!((1..=lines).contains(&problem.line), "line {} of {lines}", problem.line);
        assert!(!problem.message.is_empty() && !problem.fix.is_empty());
    }
    assert!(problems.is_sorted_by_key(|problem| problem.line));
    let words = format!("{error} {error:?} {}", error.fix());
    assert!(!words.contains(MARKER) || !only_a_secret(text), "a secret is repeated: {words}");
}

/// Whether the marker stands where a secret does, and nowhere else.
fn only_a_secret(text: &str) -> bool {
    let Ok(table) = text.parse::<Table>() else {
        // A name that is there twice is named; nothing else is known of such a text.
        return false;
    };
    text.contains(MARKER) && table.iter().all(|(key, value)| is_clean(key, value))
}

fn is_clean(key: &str, value: &Value) -> bool {
    if key.contains(MARKER) {
        return false;
    }
    if SECRETS.contains(&key) {
        return value.as_table().is_none_or(|table| !table.contains_key("env"));
    }
    match value {
        Value::Table(table) => table.iter().all(|(key, value)| is_clean(key, value)),
        Value::Array(items) => items.iter().all(|item| is_clean("", item)),
        Value::String(text) => !text.contains(MARKER),
        _ => true,
    }
}
