//! What comes before Graph: names, sizes, tokens; and what is said of every request.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use support::o365;
use support::simulate::{DEFAULT, Server, TENANT, TENANT_ID};

#[tokio::test]
async fn a_token_opens_graph_over_both_ports_and_links_lead_back_as_the_client_came() {
    let server = Server::start(&["--users", "300"]);
    let token = server.token().await;
    let bearer = format!("Bearer {token}");
    let port = server.http().rsplit_once(':').unwrap().1;
    let bases = [server.http().to_owned(), server.https().to_owned()];
    for base in bases {
        let url = format!("{base}/v1.0/users?$top=200");
        let page = server.send(Method::GET, &url, &[("authorization", &bearer)], "").await.json();
        assert_eq!(page["value"].as_array().unwrap().len(), 200);
        let next = page["@odata.nextLink"].as_str().unwrap();
        assert!(next.starts_with(&format!("{base}/v1.0/users?")), "{next}");
        let rest = server.send(Method::GET, next, &[("authorization", &bearer)], "").await.json();
        assert_eq!(rest["value"].as_array().unwrap().len(), 101, "and the sender's");
    }
    let named = format!("localhost:{port}");
    let (status, page) = server.asked_as(&named, "/v1.0/users?$top=1", &token);
    assert_eq!(status, 200);
    assert!(page.contains(&format!("\"http://{named}/v1.0/users?$top=1&")), "{page}");
}

#[tokio::test]
async fn without_a_token_of_this_tenants_graph_answers_401() {
    let server = Server::start(&[]);
    let token = server.token().await;
    let [head, payload, sum] = token.split('.').collect::<Vec<_>>().try_into().unwrap();
    let table = [
        (None, "Access token is empty."),
        (Some("Bearer ".to_owned()), "Access token is empty."),
        (Some(format!("Basic {token}")), "Access token is empty."),
        (Some("Bearer x".to_owned()), "CompactToken parsing failed"),
        (Some(format!("Bearer {head}.{payload}.c2lnbmVk")), "CompactToken parsing failed"),
        (Some(format!("Bearer {head}.e30.{sum}")), "CompactToken parsing failed"),
    ];
    let url = format!("{}/v1.0/users", server.http());
    for (authorization, message) in table {
        let headers: Vec<(&str, &str)> =
            authorization.iter().map(|value| ("authorization", value.as_str())).collect();
        let answer = server.send(Method::GET, &url, &headers, "").await;
        assert_eq!(answer.status, 401, "{authorization:?}");
        assert!(answer.headers["www-authenticate"].to_str().unwrap().starts_with("Bearer "));
        let error = &answer.json()["error"];
        assert_eq!(error["code"], "InvalidAuthenticationToken");
        assert!(error["message"].as_str().unwrap().starts_with(message), "{error}");
        assert_eq!(
            error["innerError"]["request-id"],
            answer.headers["request-id"].to_str().unwrap()
        );
    }
    // The scheme's case does not matter.
    let lower = format!("bearer {token}");
    let answer = server.send(Method::GET, &url, &[("authorization", &lower)], "").await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn names_of_other_machines_and_other_paths_lead_nowhere() {
    let server = Server::start(&[]);
    let token = server.token().await;
    assert_eq!(server.asked_as("LOCALHOST", "/v1.0/users", &token).0, 200);
    let url = format!("{}/{TENANT}/v2.0/.well-known/openid-configuration", server.http());
    for host in ["rebound.fabrikam.com", "127.0.0.1.fabrikam.com", "10.0.0.1", "user@localhost"] {
        let (status, _) = server.asked_as(host, "/v1.0/users", &token);
        assert_eq!(status, 421, "{host}");
    }
    let discovery = server.send(Method::GET, &url, &[], "").await.json();
    assert_eq!(discovery["issuer"], format!("{}/{TENANT_ID}/v2.0", server.http()));
    for path in ["/", "/beta/users", "/v1.00/users", "/v2.0/users"] {
        let answer = server.send(Method::GET, &format!("{}{path}", server.http()), &[], "").await;
        assert_eq!(answer.status, 400, "{path}");
        assert!(answer.text.contains("Invalid version"), "{}", answer.text);
    }
}

#[tokio::test]
async fn a_body_has_at_most_four_mebibytes() {
    let server = Server::start(&[]);
    let token = server.token().await;
    let fits = json!({ "x": "y".repeat((4 << 20) - 8) });
    assert_eq!(fits.to_string().len(), 4 << 20);
    let answer = server.graph(Method::POST, "/users", &token, fits).await;
    assert_eq!(answer.status, 400, "{}", answer.text);
    let over = json!({ "x": "y".repeat((4 << 20) - 7) });
    let answer = server.graph(Method::POST, "/users", &token, over).await;
    assert_eq!(answer.status, 413);
    assert_eq!(answer.json()["error"]["code"], "BadRequest");
}

#[tokio::test]
async fn every_request_is_a_line_without_what_is_secret() {
    let server = Server::start(&[]);
    let token = server.token().await;
    let answer = server.graph(Method::GET, "/users?$top=1", &token, Value::Null).await;
    let code = "authorize?client_id=x&code=s3cret";
    let url = format!("{}/{TENANT}/oauth2/v2.0/{code}", server.http());
    server.send(Method::GET, &url, &[], "").await;
    // A line is written when the answer is there, a moment before it arrives or after.
    for _ in 0..100 {
        if server.requests().len() == 3 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let [sign_in, graph, authorize] = server.requests().try_into().unwrap();
    assert_eq!(sign_in["path"], format!("/{TENANT}/oauth2/v2.0/token"));
    assert_eq!((&sign_in["method"], &sign_in["status"]), (&json!("POST"), &json!(200)));
    assert_eq!(graph["path"], "/v1.0/users?$top=1");
    assert_eq!(graph["requestId"], answer.headers["request-id"].to_str().unwrap());
    assert_eq!(graph["throttled"], false);
    assert!(graph["ms"].as_f64().unwrap() < 10_000.0);
    assert_eq!(authorize["path"], format!("/{TENANT}/oauth2/v2.0/authorize"));
    assert_eq!(authorize["status"], 400);
}

#[tokio::test]
async fn what_cannot_be_served_is_said_before_anything_is() {
    let server = Server::start(&[]);
    let port = server.http().rsplit_once(':').unwrap().1.to_owned();
    let taken = o365(["simulate", "--port", &port, "--json"]).run();
    assert_eq!(taken.code, 4);
    let error = taken.error();
    assert!(error["message"].as_str().unwrap().contains("name another with --port"), "{error}");
    let last = o365(["simulate", "--port", "65535", "--json"]).run();
    assert_eq!(last.code, 2);
    let neither = o365(["simulate", "--json"]).run();
    assert_eq!(neither.code, 2);
    let both = o365(["simulate", "--show", "users", "--port", "0", "--json"]).run();
    assert_eq!(both.code, 2);
}

#[tokio::test]
async fn an_application_has_no_user_and_a_user_has_the_scopes_that_were_asked_for() {
    let server = Server::start(&[]);
    let token = server.token().await;
    let answer = server.graph(Method::GET, "/me", &token, Value::Null).await;
    assert_eq!(answer.status, 400, "{}", answer.text);
    let fields = |scope: &'static str| {
        [
            ("grant_type", "password"),
            ("username", "anna@contoso.onmicrosoft.com"),
            ("password", "any"),
            ("scope", scope),
        ]
    };
    let few = server.granted(&fields("https://graph.microsoft.com/User.Read")).await.json();
    let few = few["access_token"].as_str().unwrap();
    let me = server.graph(Method::GET, "/me", few, Value::Null).await;
    assert_eq!(me.json()["userPrincipalName"], "anna@contoso.onmicrosoft.com");
    let refused = server.create("allen", few).await;
    assert_eq!(refused.status, 403);
    assert_eq!(refused.json()["error"]["code"], "Authorization_RequestDenied");
    let all = server.granted(&fields(DEFAULT)).await.json();
    let created = server.create("allen", all["access_token"].as_str().unwrap()).await;
    assert_eq!(created.status, 201, "{}", created.text);
}
