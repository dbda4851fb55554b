//! What an application asks the simulated sign-in host for, and learns from it.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use support::simulate::{DEFAULT, Server, TENANT, TENANT_ID};

use super::sign_in::{ANNA, claims, refused};

#[tokio::test]
async fn the_servers_own_addresses_are_graph() {
    let server = Server::start(&[]);
    let port = server.http().rsplit_once(':').unwrap().1;
    let named = format!("http://localhost:{port}");
    for own in [server.http(), server.https(), &named] {
        let scope = format!("{own}/.default");
        let fields =
            [("grant_type", "client_credentials"), ("client_secret", "any"), ("scope", &scope)];
        let granted = server.granted(&fields).await;
        assert_eq!(granted.status, 200, "{own}: {granted:?}");
        let token = granted.json()["access_token"].clone();
        assert_eq!(claims(&token)["aud"], own);
        let users = server.graph(Method::GET, "/users", token.as_str().unwrap(), Value::Null).await;
        assert_eq!(users.status, 200, "{users:?}");
    }
    let scope = format!("{}/User.Read", server.http());
    let fields =
        [("grant_type", "password"), ("username", ANNA), ("password", "any"), ("scope", &scope)];
    let granted = server.granted(&fields).await.json();
    assert_eq!(granted["scope"], scope);
    for other in ["http://127.0.0.1:1/.default", "http://fabrikam.com/.default"] {
        let fields =
            [("grant_type", "client_credentials"), ("client_secret", "any"), ("scope", other)];
        refused(&server.granted(&fields).await, 400, "invalid_resource", 500_011);
    }
}

#[tokio::test]
async fn the_token_of_an_application_names_its_service_principal() {
    let (one, other) = (Server::start(&[]), Server::start(&[]));
    let ids = |token: &str| {
        let claims = claims(&json!(token));
        assert_eq!(claims["idtyp"], "app");
        assert!(claims["app_displayname"].as_str().is_some_and(|name| !name.is_empty()));
        let oid = claims["oid"].as_str().unwrap().to_owned();
        assert_eq!((oid.len(), oid.as_str()), (36, claims["sub"].as_str().unwrap()));
        oid
    };
    let token = one.token().await;
    assert_eq!(ids(&token), ids(&other.token().await), "the same after a restart");
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_secret", "any"),
        ("scope", DEFAULT),
        ("client_id", "22222222-2222-3333-4444-555555555555"),
    ];
    let second = one.form("oauth2/v2.0/token", &fields).await.json();
    assert_ne!(ids(&token), ids(second["access_token"].as_str().unwrap()));
    // It is nobody who could be `/me`.
    let me = one.graph(Method::GET, "/me", &token, Value::Null).await;
    assert_eq!(me.status, StatusCode::BAD_REQUEST, "{me:?}");
}

#[tokio::test]
async fn a_domain_leads_to_the_id_of_its_tenant() {
    let server = Server::start(&[]);
    let base = server.http();
    for (name, id, issuer) in [
        (TENANT, TENANT_ID, TENANT_ID),
        (TENANT_ID, TENANT_ID, TENANT_ID),
        ("common", "common", "{tenantid}"),
        ("organizations", "organizations", "{tenantid}"),
    ] {
        let url = format!("{base}/{name}/v2.0/.well-known/openid-configuration");
        let found = server.send(Method::GET, &url, &[], "").await.json();
        assert_eq!(found["issuer"], format!("{base}/{issuer}/v2.0"), "{name}");
        for (endpoint, path) in [
            ("token_endpoint", "oauth2/v2.0/token"),
            ("authorization_endpoint", "oauth2/v2.0/authorize"),
            ("device_authorization_endpoint", "oauth2/v2.0/devicecode"),
            ("jwks_uri", "discovery/v2.0/keys"),
        ] {
            assert_eq!(found[endpoint], format!("{base}/{id}/{path}"), "{name}");
        }
    }
}
