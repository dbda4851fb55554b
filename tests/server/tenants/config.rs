//! What is taken from the file.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use runner::api_key::KeyHash;
use runner::base_url::BaseUrl;
use runner::connections::allowed::AllowedSecrets;
use runner::connections::config::{
    CallbackConfig, ForwardedHeader, ProxyConfig, ServeConfig, StoreConfig, TenantConfig, TlsFiles,
};
use runner::connections::secret::SecretSource;
use runner::limits::{ROWS, Row};
use runner::platform::TenantLimits;
use runner::store::jetstream::options::Options;
use serde_json::json;

use crate::tenants::place::{Place, connection, hash};

#[test]
fn all_of_it_is_taken() {
    let (one, other, operator) = (hash("one"), hash("other"), hash("operator"));
    let place = Place::new(&format!(
        r#"[serve]
address = "0.0.0.0:443"
certificate = "server.pem"
private-key = "server.key"
max-runs = 1_000
grace = 0
keep-alive = 1
connections-per-address = 2
trusted-proxies = ["10.0.0.0/8", "192.0.2.1"]
forwarded-header = "x-forwarded-for"
public-url = "https://o365.contoso.com/graph/"
audit-log = "log/audit.jsonl"
store = "nats://one:4222, tls://two"
store-credentials = "o365.creds"
store-authorities = "authorities.pem"
store-replicas = 3
store-key = {{ env = "STORE_KEY" }}
operator-keys = ["{operator}"]

[tenants.fabrikam]
keys = ["{one}", "{other}"]
connections = ["contoso", "woodgrove"]
actions = ["delete-user", "create-user"]
secrets = ["env:VM_KEY", "file:keys/vm"]
concurrent-runs = 1
queue-length = 0
calls-per-minute = 6
time-limit = 3600
cpu-limit = 1
memory-limit = 0x40
requests-per-run = 7
bytes-in = 2
bytes-out = 3
result-limit = 4
callback = "https://contoso.com/hooks?of=fabrikam"
callback-secret = {{ env = "CALLBACK_SECRET" }}

{}{}"#,
        connection("contoso"),
        connection("woodgrove")
    ));
    let configuration = place.read();
    assert_eq!(
        *configuration.serve(),
        ServeConfig {
            address: SocketAddr::from(([0, 0, 0, 0], 443)),
            tls: Some(TlsFiles {
                certificate: place.path().join("server.pem"),
                private_key: SecretSource::File(place.path().join("server.key")),
            }),
            max_runs: 1000,
            grace: Duration::ZERO,
            keep_alive: Duration::from_secs(1),
            connections_per_address: 2,
            proxies: ProxyConfig {
                end_tls: false,
                trusted: ["10.0.0.0/8", "192.0.2.1/32"].map(|text| text.parse().unwrap()).to_vec(),
                header: ForwardedHeader::XForwardedFor,
            },
            audit_log: Some(place.path().join("log/audit.jsonl")),
            operator_keys: vec![KeyHash::of("operator").into()],
            public_url: BaseUrl::parse("https://o365.contoso.com/graph"),
            store: Some(StoreConfig {
                jetstream: Options {
                    servers: vec!["nats://one:4222".to_owned(), "tls://two".to_owned()],
                    credentials: Some(place.path().join("o365.creds")),
                    authorities: Some(place.path().join("authorities.pem")),
                    replicas: 3,
                },
                key: SecretSource::Env("STORE_KEY".to_owned()),
            }),
        }
    );
    let tenants: Vec<&TenantConfig> = configuration.tenants().collect();
    let expected = TenantConfig {
        id: "fabrikam".to_owned(),
        keys: vec![KeyHash::of("one").into(), KeyHash::of("other").into()],
        connections: vec!["contoso".to_owned(), "woodgrove".to_owned()],
        actions: Some(BTreeSet::from(["create-user".to_owned(), "delete-user".to_owned()])),
        secrets: AllowedSecrets::new(
            [SecretSource::Env("VM_KEY".to_owned()), SecretSource::File("keys/vm".into())],
            place.path(),
        ),
        limits: TenantLimits {
            concurrent_runs: 1,
            queue_length: 0,
            calls_per_minute: 6,
            time: Duration::from_secs(3600),
            cpu: Duration::from_secs(1),
            memory: 64 << 20,
            requests: 7,
            bytes_in: 2 << 20,
            bytes_out: 3 << 20,
            result: 4 << 20,
        },
        callback: Some(CallbackConfig {
            url: "https://contoso.com/hooks?of=fabrikam".parse().unwrap(),
            secret: SecretSource::Env("CALLBACK_SECRET".to_owned()),
        }),
    };
    assert_eq!(tenants, [&expected]);
    let mut listed = place.tenant(&["list"]).run().result();
    let limits = listed[0]["limits"].take();
    assert_eq!(
        listed,
        json!([{
            "id": "fabrikam",
            "connections": ["contoso", "woodgrove"],
            "actions": ["create-user", "delete-user"],
            "keys": 2,
            "keyExpiry": [null, null],
            "hasAccess": true,
            "limits": null,
        }])
    );
    for (name, value) in [
        ("concurrentRuns", 1),
        ("queueLength", 0),
        ("timeLimitSeconds", 3600),
        ("cpuLimitSeconds", 1),
        ("memoryLimitMib", 64),
        ("requestsPerRun", 7),
        ("bytesInMib", 2),
        ("bytesOutMib", 3),
        ("resultLimitMib", 4),
    ] {
        assert_eq!(limits[name], value, "{name} of {limits}");
    }
    assert_eq!(limits.as_object().unwrap().len(), ROWS.len(), "{limits}");
}

/// Sets each limit of the table to its most and to its least, and reads it back.
#[test]
fn each_limit_is_taken_and_listed() {
    let value = |row: &Row, most: bool| match most {
        true => *row.possible.end(),
        false => *row.possible.start(),
    };
    for most in [true, false] {
        let lines: String =
            ROWS.iter().map(|row| format!("{} = {}\n", row.key, value(row, most))).collect();
        let one = hash("one");
        let place = Place::new(&format!(
            "{}[tenants.fabrikam]\nkeys = [\"{one}\"]\nconnections = [\"contoso\"]\n{lines}",
            connection("contoso")
        ));
        let configuration = place.read();
        let limits = &configuration.tenants().next().unwrap().limits;
        let listed = place.tenant(&["list"]).run().result();
        let listed: Vec<u64> = listed[0]["limits"]
            .as_object()
            .unwrap()
            .values()
            .map(|value| value.as_u64().unwrap())
            .collect();
        let set: Vec<u64> = ROWS.iter().map(|row| value(row, most)).collect();
        assert_eq!(ROWS.iter().map(|row| row.value(limits)).collect::<Vec<_>>(), set);
        assert_eq!(listed, set);
    }
}

#[test]
fn the_documentation_shows_what_counts_where_nothing_is_said() {
    let page = include_str!("../../../docs/serve.md");
    for row in ROWS {
        let line = format!("\n{} = {}", row.key, row.value(&TenantLimits::default()));
        let after = page.split_once(&line).map(|(_, after)| after);
        let ends =
            after.is_some_and(|after| !after.starts_with(|next: char| next.is_alphanumeric()));
        assert!(ends, "docs/serve.md does not show {line:?}");
    }
}

#[test]
fn what_is_left_out_is_as_for_everybody() {
    let text = connection("contoso");
    let place = Place::new(&text);
    let configuration = place.read();
    assert_eq!(configuration.tenants().count(), 0);
    let serve = configuration.serve();
    assert_eq!(*serve, ServeConfig::default());
    assert_eq!(serve.address, SocketAddr::from(([127, 0, 0, 1], 8365)));
    assert_eq!((serve.max_runs, serve.grace), (1_000, Duration::from_secs(30)));
    assert_eq!(place.tenant(&["list"]).run().result(), json!([]));

    let one = hash("one");
    let place = Place::new(&format!(
        "{text}[tenants.\"a.b\"]\nkeys=[\"{one}\"]\nconnections=[\"contoso\"]"
    ));
    let configuration = place.read();
    let tenant = configuration.tenants().next().unwrap();
    assert_eq!(tenant.id, "a.b");
    assert_eq!(tenant.actions, None);
    assert_eq!(tenant.limits, TenantLimits::default());
    assert_eq!(place.tenant(&["list"]).run().result()[0]["actions"], json!(null));
}

#[test]
fn the_audit_log_is_beside_the_file_or_in_the_state_directory() {
    let named = ServeConfig { audit_log: Some(PathBuf::from("log")), ..ServeConfig::default() };
    assert_eq!(named.audit_log_path().unwrap(), PathBuf::from("log"));
    let own = ServeConfig::default().audit_log_path().unwrap();
    assert!(own.is_absolute() && own.ends_with("audit.jsonl"), "{}", own.display());
}

#[test]
fn any_address_of_this_machine_alone_needs_no_certificate() {
    for address in ["127.0.0.1:0", "127.9.9.9:8365", "[::1]:8365"] {
        let place = Place::new(&format!("[serve]\naddress = \"{address}\""));
        assert_eq!(place.read().serve().address, address.parse().unwrap());
    }
}

#[test]
fn a_key_has_one_owner_whatever_the_case_of_its_hash() {
    let upper = format!("sha256:{}", hash("one")["sha256:".len()..].to_uppercase());
    let place = Place::new(&format!(
        "{}[tenants.fabrikam]\nkeys=[\"{upper}\"]\nconnections=[\"contoso\"]",
        connection("contoso")
    ));
    assert!(place.read().tenants().next().unwrap().keys[0].matches("one"));
}
