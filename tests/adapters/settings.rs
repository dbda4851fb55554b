//! The settings, against the documentation and the runner.

use std::collections::BTreeMap;

use adapter::cloud::CLOUDS;
use adapter::connection::DEFAULT_TIME_LIMIT;
use adapter::settings::{self, of_variable, variable};
use adapter::{Access, Connection, Settings, address};
use runner::connections::cloud::Cloud;
use runner::contract::{DEFAULT_TIME_LIMIT_MS, secure_url};
use support::root;

/// What is read from these settings.
fn read(given: &[(&str, &str)], id: &str) -> Result<Connection, String> {
    let given: BTreeMap<&str, &str> = given.iter().copied().collect();
    let source = |name: &str| Ok(given.get(name).map(|value| (*value).to_owned()));
    Connection::read(&Settings::new(&source), id)
}

#[test]
fn the_documentation_has_every_setting_and_no_other() {
    let page = std::fs::read_to_string(root().join("docs/embed/adapters.md")).unwrap();
    let rows = page.lines().filter(|line| line.starts_with("| `") && line.contains("`O365_"));
    let rows: Vec<(String, String)> = rows
        .map(|row| {
            let mut cells = row.split('`').skip(1).step_by(2).map(str::to_owned);
            (cells.next().unwrap(), cells.next().unwrap())
        })
        .collect();
    let all: Vec<(String, String)> =
        settings::ALL.iter().map(|it| (it.name.to_owned(), variable(it.name))).collect();
    assert_eq!(rows, all);
}

#[test]
fn a_setting_and_its_variable_name_each_other() {
    for setting in settings::ALL {
        assert_eq!(of_variable(&variable(setting.name)).as_deref(), Some(setting.name));
    }
    assert_eq!(variable("client-id"), "O365_CLIENT_ID");
    assert_eq!(of_variable("PATH"), None);
}

#[test]
fn the_clouds_and_the_time_limit_are_those_of_the_runner() {
    let clouds = [Cloud::Global, Cloud::UsGov, Cloud::UsDod, Cloud::China];
    let of_the_runner: Vec<_> =
        clouds.iter().map(|it| (it.name(), it.graph(), it.login())).collect();
    let own: Vec<_> = CLOUDS.iter().map(|it| (it.name, it.graph, it.login)).collect();
    assert_eq!(own, of_the_runner);
    assert_eq!(DEFAULT_TIME_LIMIT * 1_000, DEFAULT_TIME_LIMIT_MS);
}

/// No address is good here that the runner refuses.
#[test]
fn an_address_that_the_runner_refuses_is_refused() {
    let good = [
        "https://graph.microsoft.com/v1.0",
        "https://proxy.contoso.com:8443/graph",
        "https://login.microsoftonline.us",
        "http://127.0.0.1:8400/v1.0",
        "http://localhost:8400",
        "http://[::1]:8400/v1.0",
    ];
    for url in good {
        assert!(address::parse(url).is_some() && secure_url(url).is_some(), "{url}");
    }
    let bad = [
        "http://graph.microsoft.com/v1.0",
        "http://127.0.0.1.contoso.com/v1.0",
        "http://localhost@contoso.com/v1.0",
        "http://localhost\\@contoso.com",
        "https://user:word@graph.microsoft.com",
        "https://graph.microsoft.com/v1.0/",
        "https://graph.microsoft.com/v1.0?x=1",
        "https://graph.microsoft.com/v1.0#x",
        "https://graph.microsoft.com/../v1.0",
        "https://graph.microsoft.com//v1.0",
        "https://graph.microsoft.com:/v1.0",
        "https://graph.microsoft.com:99999/v1.0",
        "https:///v1.0",
        "https://",
        "ftp://graph.microsoft.com",
        "graph.microsoft.com",
        "https://graph microsoft.com",
        "https://[::1",
        "",
    ];
    for url in bad {
        assert_eq!(address::parse(url), None, "{url}");
    }
}

#[test]
fn a_connection_is_read_with_its_defaults() {
    let connection = read(&[("tenant", "contoso.onmicrosoft.com")], "any").unwrap();
    assert_eq!(connection.graph_url, "https://graph.microsoft.com/v1.0");
    assert_eq!((connection.sender, connection.time_limit_ms), (None, 120_000));
    let gov = [("tenant", "0b5f9d1c-3a7e-4c52-9e64-8a1f2d3c4b5a"), ("cloud", "us-gov")];
    assert_eq!(read(&gov, "any").unwrap().graph_url, "https://graph.microsoft.us/v1.0");
    assert_eq!(Access::named("app-only"), Some(Access::AppOnly));
}

#[test]
fn what_is_wrong_with_a_setting_is_said_without_its_value() {
    let tenant = ("tenant", "contoso.onmicrosoft.com");
    let wrong = [
        (vec![], "the setting tenant (in the environment O365_TENANT) is missing"),
        (vec![("tenant", "")], "the setting tenant (in the environment O365_TENANT) is missing"),
        (vec![("tenant", "valueless")], "is neither a domain nor the id of a tenant"),
        (vec![("tenant", "contoso.com/valueless")], "is neither a domain nor the id of a tenant"),
        (vec![tenant, ("cloud", "valueless")], "set it to global, us-gov, us-dod or china"),
        (vec![tenant, ("graph-url", "http://valueless.com")], "https (or http on loopback)"),
        (vec![tenant, ("sender", "valueless")], "the mail address of a mailbox"),
        (vec![tenant, ("time-limit", "valueless")], "a number of seconds from 1 to 3600"),
        (vec![tenant, ("time-limit", "0")], "a number of seconds from 1 to 3600"),
        (
            vec![tenant, ("sender", "valueless@contoso.com\n")],
            "a control character or a line break",
        ),
        (vec![tenant, ("connection-id", "valueless")], "there is no connection with this id"),
    ];
    for (given, reason) in wrong {
        let refused = read(&given, "contoso").unwrap_err();
        assert!(refused.contains(reason), "{given:?}: {refused}");
        assert!(!refused.contains("valueless"), "{given:?}: {refused}");
    }
}
