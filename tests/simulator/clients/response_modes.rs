//! How the simulated sign-in host hands a code over to an application.

use http::Method;

use support::simulate::{Answer, CLIENT_ID, Server, TENANT};

use super::sign_in::claims;

/// Signs a user in with further parameters of the authorization endpoint.
async fn signed_in(server: &Server, further: &str) -> Answer {
    let query = format!(
        "client_id={CLIENT_ID}&response_type=code&redirect_uri=http%3A%2F%2Flocalhost%3A8400%2Fback%3Fa%3D1%26b%3D2&login_hint=anna%40{TENANT}&{further}"
    );
    let url = format!("{}/{TENANT}/oauth2/v2.0/authorize?{query}", server.http());
    server.send(Method::GET, &url, &[], "").await
}

/// The value of the hidden field `name` of a page.
fn field<'a>(page: &'a str, name: &str) -> Option<&'a str> {
    let start = format!("<input type=\"hidden\" name=\"{name}\" value=\"");
    page.split_once(&start)?.1.split_once('"').map(|(value, _)| value)
}

#[tokio::test]
async fn a_page_posts_the_code_for_who_asks_for_a_form() {
    let server = Server::start(&[]);
    let answer = signed_in(
        &server,
        "scope=openid&nonce=once&response_mode=form_post&state=%22%3E%3Cb%3E%26%27x",
    )
    .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(answer.headers["content-type"].to_str().unwrap().starts_with("text/html"));
    let page = &answer.text;
    let form = "<form method=\"post\" action=\"http://localhost:8400/back?a=1&amp;b=2\">";
    assert!(page.contains(form), "{page}");
    assert_eq!(field(page, "state"), Some("&quot;&gt;&lt;b&gt;&amp;&#39;x"));
    assert!(page.contains("<button>"), "a person can go on without scripts: {page}");
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", field(page, "code").unwrap()),
        ("redirect_uri", "http://localhost:8400/back?a=1&b=2"),
    ];
    let granted = server.granted(&fields).await;
    assert_eq!(granted.status, 200, "{granted:?}");
    assert_eq!(claims(&granted.json()["id_token"])["nonce"], "once");
    let stateless = signed_in(&server, "response_mode=form_post").await;
    assert_eq!(field(&stateless.text, "state"), None);
}

#[tokio::test]
async fn a_code_comes_in_the_part_of_the_address_that_was_asked_for() {
    let server = Server::start(&[]);
    for (mode, start) in [
        ("state=s", "http://localhost:8400/back?a=1&b=2&code="),
        ("state=s&response_mode=query", "http://localhost:8400/back?a=1&b=2&code="),
        ("state=s&response_mode=fragment", "http://localhost:8400/back?a=1&b=2#code="),
    ] {
        let answer = signed_in(&server, mode).await;
        assert_eq!(answer.status, 302, "{mode}: {answer:?}");
        let back = answer.headers["location"].to_str().unwrap();
        assert!(back.starts_with(start) && back.ends_with("&state=s"), "{mode}: {back}");
    }
    let unknown = signed_in(&server, "response_mode=web_message").await;
    assert_eq!(unknown.status, 400);
    let error = unknown.json();
    assert_eq!(error["error_codes"][0], 70_007, "{error}");
    assert!(error["error_description"].as_str().unwrap().contains("form_post"), "{error}");
}
