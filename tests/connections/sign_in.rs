//! Every grant against a real OpenID provider, and every way in which one is refused.

use std::time::Duration;

use runner::connections::config::Grant;
use runner::connections::sign_in::claims::Claims;
use runner::report::{Report, Who};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use support::provider;
use support::provider::{PASSWORD, SECRET, USER};

const GRAPH: &str = "https://graph.microsoft.com";

/// No secret in whatever an error says.
#[track_caller]
fn shows_no_secret(error: &Report) {
    let all = format!("{error:?}");
    for secret in [SECRET, PASSWORD, "wrong-s3cret"] {
        assert!(!all.contains(secret), "{all}");
    }
}

#[track_caller]
fn refused(error: &Report, code: u64, message: &str, fix: &str) {
    assert!(error.message.contains(message), "{error:?}");
    assert!(error.message.ends_with(&format!("(AADSTS{code})")), "{error:?}");
    assert!(error.fix.contains(fix), "{error:?}");
    assert_eq!(error.details.entra.as_ref().unwrap().codes, [code]);
    assert_eq!(
        error.details.entra.as_ref().unwrap().trace_id.as_deref(),
        Some("0000aaaa-11bb-cccc-dd22-eeeeee333333")
    );
    shows_no_secret(error);
}

#[tokio::test]
async fn the_application_signs_in_by_its_secret() {
    let provider = provider!(json!({}));
    let credentials = provider.credentials("confidential", provider.application());
    let token = credentials.token().await.unwrap();
    assert!(!format!("{token:?}").contains(token.secret().expose_secret()));
    let seen = provider.seen().await;
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0]["grant_type"], "client_credentials");
    assert_eq!(seen[0]["scope"], format!("{GRAPH}/.default"));

    let wrong = Grant::ClientCredentials { client_secret: provider.secret("s", "wrong-s3cret") };
    let connection = provider.connection("confidential", wrong);
    let fresh = tempfile::tempdir().unwrap();
    let cache = runner::connections::tokens::TokenCache::kept_in(fresh.path().join("state"));
    let credentials = cache.credentials(&connection, provider.client().clone()).unwrap();
    let error = credentials.token().await.unwrap_err();
    refused(&error, 7_000_215, "the application's secret is wrong", "`client-secret`");
    assert_eq!(provider.requests().await, 2, "a wrong secret is not tried twice");
}

#[tokio::test]
async fn a_user_signs_in_by_name_and_password_with_the_secret_of_a_confidential_application() {
    let provider = provider!(json!({}));
    provider.credentials("confidential", provider.user()).token().await.unwrap();
    let seen = &provider.seen().await[0];
    assert_eq!(seen["client_secret"], SECRET);
    assert_eq!(seen["password"], PASSWORD);
    assert_eq!(
        seen["scope"],
        format!(
            "offline_access {GRAPH}/User.ReadWrite.All {GRAPH}/LicenseAssignment.ReadWrite.All {GRAPH}/Organization.Read.All {GRAPH}/Mail.Send"
        )
    );
}

#[tokio::test]
async fn a_public_application_sends_no_secret() {
    let provider = provider!(json!({}));
    let grant = Grant::Password {
        username: USER.to_owned(),
        password: provider.secret("password", PASSWORD),
        client_secret: None,
    };
    provider.credentials("public", grant).token().await.unwrap();
    assert_eq!(provider.seen().await[0].get("client_secret"), None);
}

#[tokio::test]
async fn a_wrong_password_is_sent_once_and_told() {
    let provider = provider!(json!({}));
    let grant = Grant::Password {
        username: USER.to_owned(),
        password: provider.secret("password", "wrong-s3cret"),
        client_secret: None,
    };
    let error = provider.credentials("public", grant).token().await.unwrap_err();
    refused(&error, 50126, "the user name or the password is wrong", "`password`");
    assert_eq!(provider.requests().await, 1, "a wrong password locks the account");
}

#[tokio::test]
async fn a_code_is_redeemed_once_and_then_the_refresh_token() {
    let provider = provider!(json!({ "expiresIn": 2 }));
    let code = provider.new_code().await;
    provider.credentials("confidential", provider.code(&code)).token().await.unwrap();
    tokio::time::sleep(Duration::from_millis(1500)).await;
    provider.credentials("confidential", provider.code(&code)).token().await.unwrap();
    // The code may have been taken out of its place by now.
    tokio::time::sleep(Duration::from_millis(1500)).await;
    let gone = Grant::AuthorizationCode {
        code: runner::connections::secret::SecretSource::Env("O365_TEST_UNSET".to_owned()),
        redirect_url: "http://localhost:8400/".parse().unwrap(),
        client_secret: Some(provider.secret("secret", SECRET)),
    };
    provider.credentials("confidential", gone).token().await.unwrap();
    let seen = provider.seen().await;
    let grants: Vec<&str> = seen.iter().map(|one| one["grant_type"].as_str().unwrap()).collect();
    assert_eq!(grants, ["authorization_code", "refresh_token", "refresh_token"]);
    assert_eq!(seen[0]["redirect_uri"], "http://localhost:8400/");
    assert_ne!(seen[1]["refresh_token"], seen[2]["refresh_token"], "the newest is used");
}

#[tokio::test]
async fn a_code_that_was_used_elsewhere_or_has_expired_is_told() {
    let provider = provider!(json!({}));
    let code = provider.new_code().await;
    provider.credentials("confidential", provider.code(&code)).token().await.unwrap();
    std::fs::remove_dir_all(provider.state()).unwrap();
    let credentials = provider.credentials("confidential", provider.code(&code));
    let error = credentials.token().await.unwrap_err();
    refused(&error, 54005, "was used before", "`authentication-code`");
    // The next run knows.
    let asked = provider.requests().await;
    let credentials = provider.credentials("confidential", provider.code(&code));
    let error = credentials.token().await.unwrap_err();
    assert_eq!(
        error.message,
        "the authentication code of connection contoso was used before, and there is no refresh token that works"
    );
    assert!(error.fix.contains("o365 connection login contoso"), "{}", error.fix);
    assert_eq!(provider.requests().await, asked, "a spent code is not sent again");

    provider.tell("settings", json!({ "codeLives": 1 })).await;
    let code = provider.new_code().await;
    tokio::time::sleep(Duration::from_millis(2100)).await;
    let credentials = provider.credentials("confidential", provider.code(&code));
    let error = credentials.token().await.unwrap_err();
    refused(&error, 70008, "has expired or was revoked", "`authentication-code`");
}

#[tokio::test]
async fn a_revoked_refresh_token_is_told_and_a_password_signs_in_again() {
    let provider = provider!(json!({ "expiresIn": 1 }));
    let code = provider.new_code().await;
    provider.credentials("confidential", provider.code(&code)).token().await.unwrap();
    provider.credentials("confidential", provider.user()).token().await.unwrap();
    provider.tell("revoke", json!({})).await;
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let credentials = provider.credentials("confidential", provider.code(&code));
    let error = credentials.token().await.unwrap_err();
    refused(&error, 700_082, "has expired or was revoked", "o365 connection login contoso");

    provider.credentials("confidential", provider.user()).token().await.unwrap();
    let seen = provider.seen().await;
    let grants: Vec<&str> = seen.iter().map(|one| one["grant_type"].as_str().unwrap()).collect();
    assert_eq!(
        grants,
        ["authorization_code", "password", "refresh_token", "refresh_token", "password"]
    );
}

#[tokio::test]
async fn every_code_of_the_contract_is_a_sentence_with_a_fix() {
    let provider = provider!(json!({}));
    let table: &[(&[u64], &str, Who)] = &[
        (&[50126, 50064], "the user name or the password is wrong", Who::Caller),
        (&[50034, 50014, 51004, 16003], "no such user", Who::Caller),
        (&[50020, 90072, 16000, 500_208], "no guest in this one", Who::Caller),
        (&[50053], "locked", Who::TenantAdmin),
        (&[50055], "has expired", Who::Caller),
        (&[50144], "on-premises Active Directory has expired", Who::Caller),
        (&[50125, 50135, 50142], "must change the password", Who::Caller),
        (&[50056], "has no password", Who::TenantAdmin),
        (&[50057], "disabled", Who::TenantAdmin),
        (&[50076, 50079, 50072, 50074, 50078, 500_121], "multi-factor", Who::Caller),
        (&[53004, 53010], "register for multi-factor", Who::TenantAdmin),
        (&[50158], "another service than Entra", Who::Caller),
        (&[50058], "not signed in any more", Who::Caller),
        (&[53003, 530_032, 530_035, 50131], "conditional access", Who::TenantAdmin),
        (&[53000, 53001, 50097, 50129], "a device that the tenant manages", Who::TenantAdmin),
        (&[530_001, 530_002, 530_003], "a device that the tenant manages", Who::TenantAdmin),
        (&[53002, 50127, 530_021], "approved applications", Who::TenantAdmin),
        (&[53011, 530_034], "a risk in its home tenant", Who::TenantAdmin),
        (&[50002, 500_021, 500_022, 500_212, 500_213], "restrictions", Who::TenantAdmin),
        (&[50105], "not assigned to the application", Who::TenantAdmin),
        (&[65001, 650_056, 90008, 90094, 90095], "consented", Who::TenantAdmin),
        (&[65004], "declined to consent", Who::Caller),
        (&[65005, 650_054, 650_057], "does not list the permissions", Who::TenantAdmin),
        (&[7_000_215, 70002], "secret is wrong", Who::Caller),
        (&[7_000_222], "secret has expired", Who::TenantAdmin),
        (&[7_000_218], "connection contoso has none", Who::Caller),
        (&[700_025], "must not send a secret", Who::Caller),
        (&[700_016, 700_011], "does not know the application", Who::Caller),
        (&[7_000_229], "no service principal", Who::TenantAdmin),
        (&[7_000_112, 70001], "the application is disabled", Who::TenantAdmin),
        (&[90002], "no such tenant", Who::Caller),
        (&[900_023], "neither a domain nor an id", Who::Caller),
        (&[50059, 50128, 90019], "which tenant is meant", Who::Caller),
        (&[9_001_023], "the tenant's own name", Who::Caller),
        (&[90010], "does not support this way to sign in", Who::Caller),
        (&[90038, 900_382, 900_432], "another of Microsoft's clouds", Who::Caller),
        (&[500_011, 50001, 650_052], "does not have the service", Who::Caller),
        (&[500_014], "Graph is disabled in the tenant", Who::TenantAdmin),
        (&[5_000_224, 5_000_225], "the tenant is blocked", Who::TenantAdmin),
        (&[80001, 80002, 80007, 80010, 80013, 80014], "the agent", Who::TenantAdmin),
        (&[80012], "at this hour", Who::TenantAdmin),
        (&[81007, 81016], "seamless single sign-on", Who::TenantAdmin),
        (&[50011, 70004, 900_971], "redirect URL", Who::Caller),
        (&[70008, 700_082, 70043, 50173], "has expired or was revoked", Who::Caller),
        (&[700_084, 50133], "has expired or was revoked", Who::Caller),
        (&[70000, 50089, 50132], "does not take the code", Who::Caller),
        (&[50196], "takes it for a loop", Who::Wait),
        (&[50000, 50086, 90036, 90092], "does not pass by itself", Who::TenantAdmin),
        (&[54005], "used before", Who::Caller),
        (&[700_005], "another tenant", Who::Caller),
        (&[70011, 28002, 28003, 700_022, 700_023, 1_002_012], "permissions", Who::Caller),
    ];
    for (codes, words, who) in table {
        for code in *codes {
            provider.tell("settings", json!({ "faults": [{ "code": code }] })).await;
            let before = provider.requests().await;
            let credentials = provider.credentials("confidential", provider.user());
            let error = credentials.token().await.unwrap_err();
            refused(&error, *code, words, "");
            assert_eq!(error.who, *who, "{code}");
            assert!(!format!("{error}{}", error.fix).contains('{'), "{error:?}");
            assert_eq!(provider.requests().await, before + 1, "{code} is not tried again");
        }
    }
    let mfa = json!({ "faults": [{ "code": 50076, "error": "interaction_required" }] });
    provider.tell("settings", mfa).await;
    let error = provider.credentials("confidential", provider.user()).token().await.unwrap_err();
    assert_eq!(error.fix, "Sign in with `o365 connection login contoso`.");
}

#[tokio::test]
async fn a_code_that_nobody_knows_keeps_entras_own_words() {
    let provider = provider!(json!({}));
    let description = "AADSTS123456: Odd, said Entra. Trace ID: t\r\nsecond line";
    let body = json!({ "error": "invalid_request", "error_description": description, "trace_id": "t-1", "timestamp": "2026-01-01 00:00:00Z" });
    provider.tell("settings", json!({ "faults": [{ "body": body }] })).await;
    let error =
        provider.credentials("confidential", provider.application()).token().await.unwrap_err();
    assert!(error.message.contains("AADSTS123456: Odd, said Entra"), "{error:?}");
    assert!(!error.message.contains("second line"), "{error:?}");
    assert!(error.fix.contains("https://login.microsoftonline.com/error?code=123456"), "{error:?}");
    let entra = error.details.entra.as_ref().unwrap();
    assert_eq!((&entra.codes[..], entra.trace_id.as_deref()), (&[123_456][..], Some("t-1")));
    assert_eq!(entra.timestamp.as_deref(), Some("2026-01-01 00:00:00Z"));
    shows_no_secret(&error);
}

#[tokio::test]
async fn what_passes_is_tried_again() {
    let provider = provider!(json!({}));
    let faults: [Value; 4] = [
        json!([{ "code": 90033 }]),
        json!([{ "code": 0, "error": "temporarily_unavailable" }]),
        json!([{ "status": 503, "body": "<html>" }, { "status": 502, "body": "" }]),
        json!([{ "status": 429, "headers": { "Retry-After": "1" }, "body": "{}" }]),
    ];
    for fault in faults {
        std::fs::remove_dir_all(provider.state()).unwrap_or_default();
        provider.tell("settings", json!({ "faults": fault })).await;
        let before = provider.requests().await;
        let credentials = provider.credentials("confidential", provider.application());
        credentials.token().await.unwrap_or_else(|error| panic!("{fault}: {error:?}"));
        let tries = fault.as_array().unwrap().len() + 1;
        assert_eq!(provider.requests().await - before, tries, "{fault}");
    }
    std::fs::remove_dir_all(provider.state()).unwrap();
    let down = json!({ "status": 503, "body": "<html>" });
    provider.tell("settings", json!({ "faults": [down, down, down] })).await;
    let error =
        provider.credentials("confidential", provider.application()).token().await.unwrap_err();
    assert!(error.message.ends_with("the sign-in host answered 503 (HTML)"), "{error:?}");
    assert_eq!(error.who, Who::Wait);
    // Nobody waits an hour for a token.
    let later = json!({ "status": 429, "headers": { "Retry-After": "3600" }, "body": "{}" });
    provider.tell("settings", json!({ "faults": [later] })).await;
    let error =
        provider.credentials("confidential", provider.application()).token().await.unwrap_err();
    assert_eq!(error.who, Who::Wait);
}

#[tokio::test]
async fn an_answer_that_is_no_token_is_refused_and_not_repeated() {
    let provider = provider!(json!({}));
    let token = |more: Value| {
        let mut token = json!({ "access_token": "wrong-s3cret", "token_type": "Bearer" });
        token.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        token
    };
    let seconds = "has an expires_in that is not a number of seconds";
    for (body, words) in [
        (json!(["wrong-s3cret"]), "is not a JSON object"),
        (json!({}), "has no access_token"),
        (json!({ "access_token": "wrong-s3cret" }), "has no token_type"),
        (token(json!({ "access_token": "" })), "has an empty access_token"),
        (token(json!({ "access_token": 7 })), "has no text as access_token"),
        (token(json!({ "access_token": "line\nbreak" })), "is not a token"),
        (token(json!({ "token_type": "mac" })), "has a token_type other than Bearer"),
        (token(json!({ "expires_in": "soon" })), seconds),
        (token(json!({ "expires_in": -1 })), seconds),
        (token(json!({ "expires_in": [3600] })), seconds),
    ] {
        let fault = json!({ "faults": [{ "status": 200, "body": body }] });
        provider.tell("settings", fault).await;
        let credentials = provider.credentials("confidential", provider.application());
        let error = credentials.token().await.unwrap_err();
        assert_eq!(error.message, format!("the sign-in host's answer {words}"), "{body}");
        shows_no_secret(&error);
    }
}

#[tokio::test]
async fn a_token_of_another_tenant_is_refused() {
    const ID: &str = "aaaabbbb-0000-cccc-1111-dddd2222eeee";
    let provider = provider!(json!({ "tid": "99998888-0000-cccc-1111-dddd2222eeee" }));
    let error = provider.credentials("confidential", provider.user()).token().await.unwrap_err();
    assert_eq!(
        error.message,
        format!(
            "the token is of tenant \"99998888-0000-cccc-1111-dddd2222eeee\", and connection contoso is for contoso.onmicrosoft.com ({ID})"
        )
    );
    provider.tell("settings", json!({ "tid": ID.to_uppercase() })).await;
    let credentials = provider.credentials("confidential", provider.user());
    let token = credentials.token().await.unwrap();
    assert_eq!(Claims::of(&token).unwrap().aud.as_deref(), Some(GRAPH));
    let grants = provider.seen().await;
    assert_eq!(grants[1]["grant_type"], "password", "the other tenant's refresh token is not kept");
}

#[tokio::test]
async fn a_token_for_somebody_else_is_refused() {
    let provider = provider!(json!({}));
    let part = |value: &Value| {
        use base64::Engine as _;
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(value.to_string())
    };
    let claims = json!({ "aud": "https://management.azure.com" });
    let body = json!({ "access_token": format!("{}.{}.x", part(&json!({})), part(&claims)), "token_type": "Bearer", "expires_in": 3600 });
    provider.tell("settings", json!({ "faults": [{ "status": 200, "body": body }] })).await;
    let error =
        provider.credentials("confidential", provider.application()).token().await.unwrap_err();
    assert!(error.message.contains("\"https://management.azure.com\" instead of"), "{error:?}");
}

#[tokio::test]
async fn a_missing_secret_is_told_before_anything_is_sent() {
    let provider = provider!(json!({}));
    let nowhere = runner::connections::secret::SecretSource::Env("O365_TEST_UNSET".to_owned());
    let grant = Grant::ClientCredentials { client_secret: nowhere };
    let error = provider.credentials("confidential", grant).token().await.unwrap_err();
    assert_eq!(error.message, "the environment variable O365_TEST_UNSET is not set");
    assert_eq!(provider.requests().await, 0);
}

#[test]
fn what_a_user_is_asked_for_is_enough_for_every_action() {
    use runner::connections::sign_in::endpoints::DELEGATED_PERMISSIONS;

    let policy = runner::contract::Policy::embedded().unwrap();
    let delegated = runner::contract::Access::Delegated;
    for action in policy.names() {
        for call in policy.action(action).unwrap().calls.iter() {
            let enough = policy.permissions(call).unwrap().of(delegated);
            assert!(
                enough.is_empty()
                    || enough.iter().any(|name| DELEGATED_PERMISSIONS.contains(&name.as_str())),
                "{action}: {call}"
            );
        }
    }
}
