//! A user signs in: on another device, or with a browser on this machine.

use std::collections::HashMap;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt;
use runner::connections::config::Grant;
use runner::connections::sign_in::device_code::DeviceCode;
use runner::network::{Client, ClientOptions};
use serde_json::json;

use support::provider;
use support::provider::{PASSWORD, USER};

fn login() -> Grant {
    Grant::Login { redirect_url: None, client_secret: None }
}

#[tokio::test]
async fn a_user_signs_in_on_another_device() {
    let provider = provider!(json!({}));
    let credentials = provider.credentials("public", login());
    let error = credentials.token().await.unwrap_err();
    assert_eq!(error.fix, "Run `o365 connection login contoso`.");

    for decline in [false, true] {
        let (told, shown) = tokio::sync::oneshot::channel();
        let user = async {
            let code: String = shown.await.unwrap();
            // Once, it is asked too early.
            tokio::time::sleep(Duration::from_millis(500)).await;
            provider.tell("device", json!({ "userCode": code, "decline": decline })).await;
        };
        let show = |code: &DeviceCode| {
            assert!(code.verification_uri.starts_with("http://127.0.0.1:"));
            told.send(code.user_code.clone()).unwrap();
        };
        let (signed_in, ()) = tokio::join!(credentials.login_by_device_code(show), user);
        match decline {
            false => {
                let token = signed_in.unwrap();
                // In this process, and in the next.
                assert!(credentials.token().await.unwrap() == token);
                let next = provider.credentials("public", login());
                assert!(next.token().await.unwrap() == token);
            }
            true => {
                let error = signed_in.unwrap_err();
                assert_eq!(error.message, "the sign-in failed: the user declined it");
            }
        }
    }
}

#[tokio::test]
async fn nobody_types_the_code_in_time() {
    let provider = provider!(json!({ "codeLives": 2 }));
    let credentials = provider.credentials("public", login());
    let error = credentials.login_by_device_code(|_| ()).await.unwrap_err();
    assert_eq!(error.message, "the sign-in failed: nobody typed the code in time");
}

#[tokio::test]
async fn a_user_signs_in_with_a_browser() {
    let provider = provider!(json!({}));
    let credentials = provider.credentials("public", login());
    let (told, shown) = tokio::sync::oneshot::channel::<url::Url>();
    let browser = async {
        let page = shown.await.unwrap();
        let query: HashMap<_, _> = page.query_pairs().into_owned().collect();
        assert_eq!(query["code_challenge_method"], "S256");
        assert!(query["scope"].starts_with("offline_access "), "{page}");
        let back = provider.browse(page.as_str()).await;
        let here = |url: &str| url.replace("//localhost:", "//127.0.0.1:");
        // Others who know the port get nowhere.
        let base = here(&query["redirect_uri"]);
        assert_eq!(get(&format!("{base}/favicon.ico")).await.0, 404);
        assert_eq!(get(&format!("{base}/?code=stolen")).await.0, 400);
        assert_eq!(get(&format!("{base}/?code=stolen&state=guessed")).await.0, 400);
        get(&here(&back)).await
    };
    let show = |page: &url::Url| told.send(page.clone()).unwrap();
    let (signed_in, page) =
        tokio::join!(credentials.login_by_browser(show, Duration::from_secs(20)), browser);
    signed_in.unwrap();
    assert_eq!(page, (200, "You are signed in. You can close this window.".to_owned()));
    assert!(provider.seen().await[0]["code_verifier"].as_str().unwrap().len() >= 43);
    credentials.token().await.unwrap();
    assert_eq!(provider.requests().await, 1);
}

#[tokio::test]
async fn a_browser_that_brings_a_refusal_or_nothing_at_all() {
    let provider = provider!(json!({}));
    let credentials = provider.credentials("public", login());
    let (told, shown) = tokio::sync::oneshot::channel::<url::Url>();
    let browser = async {
        let page = shown.await.unwrap();
        let query: HashMap<_, _> = page.query_pairs().into_owned().collect();
        let back = format!(
            "{}/?error=access_denied&error_description=AADSTS65001%3A+consent+%3Cscript%3E&state={}",
            query["redirect_uri"].replace("//localhost:", "//127.0.0.1:"),
            query["state"]
        );
        get(&back).await
    };
    let show = |page: &url::Url| told.send(page.clone()).unwrap();
    let (signed_in, page) =
        tokio::join!(credentials.login_by_browser(show, Duration::from_secs(20)), browser);
    let error = signed_in.unwrap_err();
    assert!(error.message.contains("nobody has consented"), "{error:?}");
    assert!(page.1.starts_with("Not signed in: ") && page.1.contains(&error.fix), "{page:?}");
    let error = credentials.login_by_browser(|_| (), Duration::from_millis(50)).await.unwrap_err();
    assert!(error.message.starts_with("nobody came back from the browser"), "{error:?}");
    assert!(error.fix.contains("--device-code"), "{error:?}");
    assert_eq!(provider.requests().await, 0);
}

/// What a browser would show.
async fn get(url: &str) -> (u16, String) {
    let options = ClientOptions { own_addresses: vec![url.parse().unwrap()], ..Default::default() };
    let client = Client::new(&options).unwrap();
    let request = http::Request::get(url).body(Bytes::new()).unwrap();
    let response = client.send(request).await.unwrap();
    let status = response.status().as_u16();
    let body = response.collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn the_application_has_no_user_to_log_in() {
    let provider = provider!(json!({}));
    let credentials = provider.credentials("confidential", provider.application());
    let error = credentials.login_by_device_code(|_| ()).await.unwrap_err();
    assert_eq!(error.message, "connection contoso signs in as the application itself");
    assert_eq!(provider.requests().await, 0);
}

#[tokio::test]
async fn a_login_beside_a_password_is_used_before_the_password() {
    // With multi-factor authentication, that is the only way.
    let provider = provider!(json!({ "expiresIn": 1 }));
    let grant = || Grant::Password {
        username: USER.to_owned(),
        password: provider.secret("password", PASSWORD),
        client_secret: None,
    };
    let credentials = provider.credentials("public", grant());
    let (told, shown) = tokio::sync::oneshot::channel();
    let user = async {
        let code: String = shown.await.unwrap();
        provider.tell("device", json!({ "userCode": code })).await;
    };
    let show = |code: &DeviceCode| {
        told.send(code.user_code.clone()).unwrap();
    };
    let (signed_in, ()) = tokio::join!(credentials.login_by_device_code(show), user);
    signed_in.unwrap();
    tokio::time::sleep(Duration::from_millis(1100)).await;
    provider.credentials("public", grant()).token().await.unwrap();
    let seen = provider.seen().await;
    assert_eq!(seen.last().unwrap()["grant_type"], "refresh_token");
}
