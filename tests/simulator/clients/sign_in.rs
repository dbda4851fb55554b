//! Every grant of the simulated sign-in host.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use support::simulate::{Answer, CLIENT_ID, DEFAULT, Server, TENANT, TENANT_ID};

pub const ANNA: &str = "anna@contoso.onmicrosoft.com";
const SCOPES: &str = "openid offline_access https://graph.microsoft.com/User.Read";

/// The claims of a token.
pub fn claims(token: &Value) -> Value {
    let payload = token.as_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

#[track_caller]
pub fn refused(answer: &Answer, status: u16, error: &str, code: u32) {
    assert_eq!(answer.status, StatusCode::from_u16(status).unwrap(), "{answer:?}");
    let body = answer.json();
    assert_eq!(body["error"], error, "{body}");
    assert_eq!(body["error_codes"], json!([code]), "{body}");
    let text = body["error_description"].as_str().unwrap();
    assert!(text.starts_with(&format!("AADSTS{code}: ")), "{text}");
}

#[tokio::test]
async fn the_application_signs_in_by_itself() {
    let server = Server::start(&[]);
    let fields =
        [("grant_type", "client_credentials"), ("client_secret", "any"), ("scope", DEFAULT)];
    let answer = server.granted(&fields).await.json();
    assert_eq!(answer["token_type"], "Bearer");
    assert_eq!(answer["refresh_token"], Value::Null);
    let claims = claims(&answer["access_token"]);
    assert_eq!(claims["tid"], TENANT_ID);
    assert_eq!(claims["aud"], "https://graph.microsoft.com");
    assert_eq!(claims["appid"], CLIENT_ID);
    assert!(claims["roles"].as_array().unwrap().contains(&json!("User.ReadWrite.All")));
    assert_eq!(claims["scp"], Value::Null);
    // The secret may come by HTTP Basic, encoded as in a form.
    let basic = STANDARD.encode(format!("{CLIENT_ID}:s%2Bcret"));
    let header = format!("Basic {basic}");
    let url = format!("{}/{TENANT_ID}/oauth2/v2.0/token", server.http());
    let body = "grant_type=client_credentials&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default";
    let answer = server.send(Method::POST, &url, &[("authorization", &header)], body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

#[tokio::test]
async fn a_sign_in_that_is_wrong_is_refused_in_entras_words() {
    let server = Server::start(&[]);
    let app = ("grant_type", "client_credentials");
    let any = ("client_secret", "any");
    let answer = server.granted(&[app, ("scope", DEFAULT)]).await;
    refused(&answer, 401, "invalid_client", 7_000_218);
    let answer = server.granted(&[app, any]).await;
    refused(&answer, 400, "invalid_request", 900_144);
    let answer = server.granted(&[app, any, ("scope", "User.Read")]).await;
    refused(&answer, 400, "invalid_scope", 1_002_012);
    let vault = ("scope", "https://vault.contoso.com/.default");
    refused(&server.granted(&[app, any, vault]).await, 400, "invalid_resource", 500_011);
    refused(
        &server.granted(&[("grant_type", "magic")]).await,
        400,
        "unsupported_grant_type",
        70_003,
    );
    refused(&server.granted(&[]).await, 400, "invalid_request", 900_144);
    let fields = [app, any, ("client_id", "my-app"), ("scope", DEFAULT)];
    refused(&server.form("oauth2/v2.0/token", &fields).await, 400, "unauthorized_client", 700_016);
    for (user, code) in [("nobody@contoso.onmicrosoft.com", 50_034), (ANNA, 900_144)] {
        let mut fields = vec![("grant_type", "password"), ("username", user)];
        fields.extend((code != 900_144).then_some(("password", "any")));
        let error = if code == 900_144 { "invalid_request" } else { "invalid_grant" };
        refused(&server.granted(&fields).await, 400, error, code);
    }
    let url = format!("{}/fabrikam.com/oauth2/v2.0/token", server.http());
    refused(&server.send(Method::POST, &url, &[], "").await, 400, "invalid_request", 90_002);
    let url = format!("{}/common/oauth2/v2.0/token", server.http());
    let body = format!("grant_type=password&client_id={CLIENT_ID}");
    refused(&server.send(Method::POST, &url, &[], body).await, 400, "invalid_request", 9_001_023);
}

#[tokio::test]
async fn a_user_signs_in_by_password_and_the_refresh_token_goes_on() {
    let server = Server::start(&[]);
    let fields =
        [("grant_type", "password"), ("username", ANNA), ("password", "any"), ("scope", SCOPES)];
    let first = server.granted(&fields).await.json();
    let access = claims(&first["access_token"]);
    assert_eq!((&access["upn"], &access["scp"]), (&json!(ANNA), &json!("User.Read")));
    let id = claims(&first["id_token"]);
    assert_eq!(id["preferred_username"], ANNA);
    assert_eq!(
        id.get("nonce"),
        None,
        "MSAL for Node refuses null for a nonce that it did not send"
    );
    let refresh = first["refresh_token"].as_str().unwrap();
    let next = server.granted(&[("grant_type", "refresh_token"), ("refresh_token", refresh)]).await;
    assert_eq!(claims(&next.json()["access_token"])["upn"], ANNA);
    assert_ne!(next.json()["access_token"], first["access_token"]);
    // An access token is no refresh token, and another application's is not this one's.
    let access = first["access_token"].as_str().unwrap();
    let answer =
        server.granted(&[("grant_type", "refresh_token"), ("refresh_token", access)]).await;
    refused(&answer, 400, "invalid_grant", 70_008);
    let fields = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh),
        ("client_id", "22222222-2222-3333-4444-555555555555"),
    ];
    refused(&server.form("oauth2/v2.0/token", &fields).await, 400, "invalid_grant", 70_008);
    // Sessions that are revoked have ended, and who is gone cannot go on.
    let token = server.token().await;
    let path = format!("/users/{ANNA}/revokeSignInSessions");
    assert_eq!(server.graph(Method::POST, &path, &token, Value::Null).await.status, 200);
    let answer =
        server.granted(&[("grant_type", "refresh_token"), ("refresh_token", refresh)]).await;
    refused(&answer, 400, "invalid_grant", 50_173);
    let fields =
        [("grant_type", "password"), ("username", ANNA), ("password", "any"), ("scope", SCOPES)];
    let later = server.granted(&fields).await.json();
    let later = later["refresh_token"].as_str().unwrap();
    let goes_on = [("grant_type", "refresh_token"), ("refresh_token", later)];
    assert_eq!(server.granted(&goes_on).await.status, 200, "a sign-in after it");
    let reset = json!({"passwordProfile": {"password": "New-passw0rd"}});
    let path = format!("/users/{ANNA}");
    assert_eq!(server.graph(Method::PATCH, &path, &token, reset).await.status, 204);
    refused(&server.granted(&goes_on).await, 400, "invalid_grant", 50_173);
    let gone = server.graph(Method::DELETE, &format!("/users/{ANNA}"), &token, Value::Null).await;
    assert_eq!(gone.status, 204);
    let answer =
        server.granted(&[("grant_type", "refresh_token"), ("refresh_token", refresh)]).await;
    refused(&answer, 400, "invalid_grant", 50_034);
}

#[tokio::test]
async fn a_code_comes_back_through_the_browser_and_is_good_once() {
    let server = Server::start(&[]);
    let verifier = "a-verifier-that-is-long-enough-to-be-one-of-oauths";
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
    let query = format!(
        "client_id={CLIENT_ID}&response_type=code&redirect_uri=http%3A%2F%2Flocalhost%3A8400%2F&scope=User.Read&state=a%26b&code_challenge={challenge}&code_challenge_method=S256"
    );
    let url = format!("{}/{TENANT}/oauth2/v2.0/authorize?{query}", server.http());
    let page = server.send(Method::GET, &url, &[], "").await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains(ANNA), "the page lists whom one can be: {}", page.text);
    assert!(page.text.contains("&amp;login_hint=anna%40contoso"), "{}", page.text);
    let signed_in = server.send(Method::GET, &format!("{url}&login_hint={ANNA}"), &[], "").await;
    assert_eq!(signed_in.status, 302);
    let back: url::Url = signed_in.headers["location"].to_str().unwrap().parse().unwrap();
    assert_eq!((back.host_str(), back.port()), (Some("localhost"), Some(8400)));
    let pairs: std::collections::HashMap<_, _> = back.query_pairs().into_owned().collect();
    assert_eq!(pairs["state"], "a&b");
    let redeem = |redirect: &'static str, verifier: &'static str| {
        let fields = vec![
            ("grant_type", "authorization_code"),
            ("code", pairs["code"].as_str()),
            ("redirect_uri", redirect),
            ("code_verifier", verifier),
        ];
        let server = &server;
        async move { server.granted(&fields).await }
    };
    let other = redeem("http://localhost:8401/", "x").await;
    refused(&other, 400, "invalid_grant", 50_011);
    let wrong = redeem("http://localhost:8400/", "wrong").await;
    refused(&wrong, 400, "invalid_grant", 501_481);
    let granted = redeem("http://localhost:8400/", verifier).await;
    assert_eq!(claims(&granted.json()["access_token"])["upn"], ANNA);
    let again = redeem("http://localhost:8400/", verifier).await;
    refused(&again, 400, "invalid_grant", 54_005);
    let native = format!("{}/common/oauth2/nativeclient", server.http());
    let own = url.replace("http%3A%2F%2Flocalhost%3A8400%2F", &native);
    let signed_in = server.send(Method::GET, &format!("{own}&login_hint={ANNA}"), &[], "").await;
    let back = signed_in.headers["location"].to_str().unwrap();
    assert!(back.starts_with(&format!("{native}?code=")), "{back}");
    assert_eq!(server.send(Method::GET, back, &[], "").await.status, 200);
    let away = url.replace("localhost%3A8400", "fabrikam.com");
    let answer = server.send(Method::GET, &format!("{away}&login_hint={ANNA}"), &[], "").await;
    refused(&answer, 400, "invalid_request", 50_011);
}

#[tokio::test]
async fn a_device_waits_until_its_user_has_typed_the_code() {
    let server = Server::start(&[]);
    let fields = [("client_id", CLIENT_ID), ("scope", SCOPES)];
    let asked = server.form("oauth2/v2.0/devicecode", &fields).await.json();
    let polled = |grant_type: &'static str| {
        [("grant_type", grant_type), ("device_code", asked["device_code"].as_str().unwrap())]
    };
    let fields = polled("urn:ietf:params:oauth:grant-type:device_code");
    // As MSAL for Node polls.
    for fields in [fields, polled("device_code")] {
        refused(&server.granted(&fields).await, 400, "authorization_pending", 70_016);
    }
    let page = asked["verification_uri"].as_str().unwrap();
    let typed = format!("{page}?user_code={}", asked["user_code"].as_str().unwrap());
    let wrong = server.send(Method::GET, &format!("{page}?user_code=AAAA"), &[], "").await;
    assert_eq!(wrong.status, 400);
    let list = server.send(Method::GET, &typed, &[], "").await;
    assert!(list.text.contains(ANNA), "{}", list.text);
    let signed_in = server.send(Method::GET, &format!("{typed}&login_hint={ANNA}"), &[], "").await;
    assert_eq!(signed_in.status, 200, "{signed_in:?}");
    let granted = server.granted(&polled("device_code")).await.json();
    assert_eq!(claims(&granted["access_token"])["upn"], ANNA);
    refused(&server.granted(&fields).await, 400, "bad_verification_code", 70_018);
}
