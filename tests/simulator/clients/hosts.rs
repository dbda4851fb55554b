//! What `o365 simulate` serves under which host name.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use support::o365;
use support::simulate::{CLIENT_ID, Server, TENANT, TENANT_ID};

use super::sign_in::{ANNA, claims, refused};

const GRAPH: &str = "graph.microsoft.com";
const LOGIN: &str = "login.microsoftonline.com";
const ALIASES: [&str; 3] = ["login.windows.net", "login.microsoft.com", "sts.windows.net"];

/// Asks under a name over HTTPS.
fn asked(server: &Server, host: &str, path: &str, arguments: &[&str]) -> (u16, String) {
    server.asked_by_curl(host, path, server.certificate(), arguments)
}

#[track_caller]
fn json_of(answer: (u16, String)) -> Value {
    assert_eq!(answer.0, 200, "{}", answer.1);
    serde_json::from_str(&answer.1).unwrap()
}

#[test]
fn the_names_of_microsoft_are_refused_without_the_option() {
    let server = Server::start(&[]);
    for host in [GRAPH, LOGIN, ALIASES[0], "graph.microsoft.us"] {
        // The certificate is for others, and not even who ignores that is answered.
        assert_eq!(asked(&server, host, "/v1.0/users", &[]).0, 0, "{host}");
        let (status, body) = asked(&server, host, "/v1.0/users", &["--insecure"]);
        assert_eq!(status, 421, "{host}: {body}");
        assert!(body.contains("--as-microsoft="), "{body}");
        assert_eq!(server.asked_as(host, "/v1.0/users", "").0, 421, "{host}");
    }
}

#[test]
fn each_name_serves_what_microsofts_host_serves() {
    let server = Server::start(&["--as-microsoft"]);
    let port = server.https_port();
    let discovery = format!("/{TENANT}/v2.0/.well-known/openid-configuration");
    let (status, body) = asked(&server, GRAPH, "/v1.0/users", &[]);
    assert_eq!(status, 401, "{body}");
    let (status, body) = asked(&server, GRAPH, &discovery, &[]);
    assert_eq!(status, 400, "{body}");
    assert!(body.contains(&format!("https://{GRAPH}:{port}/v1.0")), "{body}");
    for host in [LOGIN, ALIASES[0], ALIASES[1], ALIASES[2]] {
        let found = json_of(asked(&server, host, &discovery, &[]));
        let base = format!("https://{host}:{port}");
        assert_eq!(found["token_endpoint"], format!("{base}/{TENANT_ID}/oauth2/v2.0/token"));
        assert_eq!(found["issuer"], format!("https://{LOGIN}:{port}/{TENANT_ID}/v2.0"));
        assert_eq!(found["msgraph_host"], format!("{GRAPH}:{port}"));
        let (status, body) = asked(&server, host, "/v1.0/users", &[]);
        assert_eq!(status, 400, "{body}");
    }
    // The names of this machine serve both, as ever.
    json_of(asked(&server, "localhost", &discovery, &[]));
    assert_eq!(asked(&server, "localhost", "/v1.0/users", &[]).0, 401);
    for other in ["rebound.fabrikam.com", "graph.microsoft.us", "x.graph.microsoft.com"] {
        assert_eq!(asked(&server, other, &discovery, &["--insecure"]).0, 421, "{other}");
    }
    // Microsoft's hosts have no HTTP.
    let (status, body) = server.asked_as(GRAPH, "/v1.0/users", "");
    assert_eq!(status, 421, "{body}");
    assert!(body.contains("over HTTPS alone"), "{body}");
}

#[test]
fn what_is_got_at_one_host_is_good_at_the_other() {
    let server = Server::start(&["--as-microsoft"]);
    let port = server.https_port();
    let form = format!(
        "client_id={CLIENT_ID}&client_secret=any&grant_type=client_credentials&scope=https://{GRAPH}/.default"
    );
    let path = format!("/{TENANT}/oauth2/v2.0/token");
    let token = json_of(asked(&server, LOGIN, &path, &["--data", &form]))["access_token"].take();
    let claims = claims(&token);
    assert_eq!(claims["aud"], format!("https://{GRAPH}"));
    assert_eq!(claims["iss"], format!("https://{LOGIN}:{port}/{TENANT_ID}/v2.0"));
    let header = format!("Authorization: Bearer {}", token.as_str().unwrap());
    // Names have no case.
    let page = json_of(asked(
        &server,
        "Graph.Microsoft.com",
        "/v1.0/users?$top=1",
        &["--header", &header],
    ));
    let root = format!("https://{GRAPH}:{port}/v1.0/");
    assert!(page["@odata.nextLink"].as_str().unwrap().starts_with(&root), "{page}");
    let form = format!("client_id={CLIENT_ID}&scope=User.Read");
    let device = asked(&server, LOGIN, "/common/oauth2/v2.0/devicecode", &["--data", &form]);
    assert_eq!(json_of(device)["verification_uri"], format!("https://{LOGIN}:{port}/device"));
}

#[test]
fn each_cloud_has_its_names() {
    for (cloud, graph, login) in [
        ("us-gov", "graph.microsoft.us", "login.microsoftonline.us"),
        ("us-dod", "dod-graph.microsoft.us", "login.usgovcloudapi.net"),
        ("china", "microsoftgraph.chinacloudapi.cn", "login.partner.microsoftonline.cn"),
    ] {
        let server = Server::start(&[&format!("--as-microsoft={cloud}")]);
        let named = &server.started["microsoft"];
        assert_eq!(named["graph"], format!("https://{graph}:{}/v1.0", server.https_port()));
        let hosts = named["hosts"].as_array().unwrap();
        assert!(hosts.contains(&json!(graph)) && hosts.contains(&json!(login)), "{named}");
        assert_eq!(asked(&server, graph, "/v1.0/users", &[]).0, 401, "{cloud}");
        let path = "/common/v2.0/.well-known/openid-configuration";
        let found = json_of(asked(&server, login, path, &[]));
        assert!(found["msgraph_host"].as_str().unwrap().starts_with(graph), "{found}");
        assert_eq!(asked(&server, GRAPH, "/v1.0/users", &["--insecure"]).0, 421, "{cloud}");
    }
    let unknown = o365(["simulate", "--port", "0", "--as-microsoft=germany", "--json"]).run();
    assert_eq!(unknown.code, 2);
    assert!(unknown.stderr.contains("us-gov"), "{}", unknown.stderr);
    for option in ["--as-microsoft", "--beta", "--https-port=1", "--authority-key=x"] {
        let shown = o365(["simulate", "--show", "users", option, "--json"]).run();
        assert_eq!(shown.code, 2, "{option}: {}", shown.stderr);
    }
}

#[test]
fn the_port_is_that_of_https_with_the_option() {
    let free = Server::start(&[]);
    let port = free.https_port();
    assert_eq!(free.interrupt(), 0);
    let number = port.to_string();
    let command = || std::process::Command::new(support::program());
    let server = Server::spawn(command(), &["--port", &number, "--as-microsoft"]);
    assert_eq!(server.https(), format!("https://127.0.0.1:{port}"));
    assert_eq!(server.http(), format!("http://127.0.0.1:{}", port + 1));
    assert_eq!(server.interrupt(), 0);
    let arguments = ["--port", "0", "--https-port", &number, "--as-microsoft"];
    let server = Server::spawn(command(), &arguments);
    assert_eq!(server.https_port(), port);
}

#[tokio::test]
async fn instance_discovery_knows_microsofts_hosts_and_this_one() {
    let server = Server::start(&[]);
    let ask = |endpoint: String| {
        let url = format!(
            "{}/common/discovery/instance?api-version=1.1&authorization_endpoint={endpoint}",
            server.https()
        );
        let server = &server;
        async move { server.send(Method::GET, &url, &[], "").await }
    };
    let known = ask(format!("https://{}/{TENANT}/oauth2/v2.0/authorize", ALIASES[0])).await.json();
    assert_eq!(
        known["tenant_discovery_endpoint"],
        format!("https://{}/{TENANT}/v2.0/.well-known/openid-configuration", ALIASES[0])
    );
    assert_eq!(known["api-version"], "1.1");
    let metadata = known["metadata"].as_array().unwrap();
    let global = json!({
        "preferred_network": LOGIN,
        "preferred_cache": "login.windows.net",
        "aliases": [LOGIN, ALIASES[0], ALIASES[1], ALIASES[2]],
    });
    assert!(metadata.contains(&global), "{metadata:?}");
    let all: Vec<&Value> =
        metadata.iter().flat_map(|entry| entry["aliases"].as_array().unwrap()).collect();
    for (place, alias) in all.iter().enumerate() {
        assert!(!all[..place].contains(alias), "MSAL takes the first entry with an alias: {alias}");
    }
    let here = ask(format!("{}/common/oauth2/authorize", server.https())).await.json();
    let endpoint = format!("{}/common/.well-known/openid-configuration", server.https());
    assert_eq!(here["tenant_discovery_endpoint"], endpoint);
    let host = server.https().strip_prefix("https://").unwrap();
    assert_eq!(here["metadata"][0]["aliases"], json!([host]));
    for unknown in ["https://login.fabrikam.com/common", "http://login.windows.net/common", "x"] {
        refused(&ask(unknown.to_owned()).await, 400, "invalid_instance", 50_049);
    }
    refused(&ask(String::new()).await, 400, "invalid_request", 900_144);
}

#[tokio::test]
async fn a_realm_is_managed_in_a_domain_of_the_tenant() {
    let server = Server::start(&[]);
    let encoded = ANNA.replace('@', "%40");
    for (user, kind, domain) in [
        (ANNA, "Managed", json!(TENANT)),
        (&encoded, "Managed", json!(TENANT)),
        ("anna@fabrikam.com", "Unknown", Value::Null),
        ("anna", "Unknown", Value::Null),
    ] {
        let url = format!("{}/common/userrealm/{user}?api-version=1.0", server.http());
        let answer = server.send(Method::GET, &url, &[], "").await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        let realm = answer.json();
        assert_eq!((&realm["ver"], &realm["account_type"]), (&json!("1.0"), &json!(kind)));
        assert_eq!(realm["domain_name"], domain);
        assert_eq!(realm["cloud_instance_name"], "microsoftonline.com");
        assert_eq!(realm["cloud_audience_urn"], "urn:federation:MicrosoftOnline");
    }
}
