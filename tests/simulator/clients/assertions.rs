//! Client assertions, which certificates and federated credentials make.

use support::simulate::{Answer, CLIENT_ID, DEFAULT, Server};

use super::sign_in::{ANNA, claims, refused};

/// The type of a client assertion.
const JWT: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Signs the application in with an assertion.
async fn asserted(server: &Server, kind: Option<&str>, assertion: &str) -> Answer {
    let mut fields = vec![
        ("grant_type", "client_credentials"),
        ("scope", DEFAULT),
        ("client_assertion", assertion),
    ];
    fields.extend(kind.map(|kind| ("client_assertion_type", kind)));
    server.granted(&fields).await
}

#[tokio::test]
async fn any_assertion_is_as_right_as_any_secret() {
    let server = Server::start(&[]);
    let granted = asserted(&server, Some(JWT), "eyJhbGciOiJSUzI1NiJ9.e30.c2ln").await;
    assert_eq!(granted.status, 200, "{granted:?}");
    assert_eq!(claims(&granted.json()["access_token"])["appid"], CLIENT_ID);
    for malformed in ["a-secret", "e30.e30", "e30.e30.", "e30.e30.x y", "e30.e30.e30.e30"] {
        let answer = asserted(&server, Some(JWT), malformed).await;
        refused(&answer, 400, "invalid_request", 50_027);
    }
    let saml = "urn:ietf:params:oauth:client-assertion-type:saml2-bearer";
    refused(&asserted(&server, Some(saml), "e30.e30.e30").await, 400, "invalid_request", 90_011);
    refused(&asserted(&server, None, "e30.e30.e30").await, 400, "invalid_request", 900_144);
    // An application that signs a user in is checked alike.
    let fields = [
        ("grant_type", "password"),
        ("username", ANNA),
        ("password", "any"),
        ("client_assertion_type", JWT),
        ("client_assertion", "a-secret"),
    ];
    refused(&server.granted(&fields).await, 400, "invalid_request", 50_027);
    let neither = server.granted(&[("grant_type", "client_credentials"), ("scope", DEFAULT)]).await;
    refused(&neither, 401, "invalid_client", 7_000_218);
    assert!(neither.text.contains("assertion is right"), "{}", neither.text);
}
