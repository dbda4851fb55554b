//! What becomes of a refresh token that Entra refuses: it outlives all that can be put right.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::tenant::{ID, Seen, Settings, Tenant, json_of};
use support::Ended;

const RUN: [&str; 4] =
    ["run", "is-license-available", "--json", "serviceId=06ebc4ee-1bb5-47dd-8120-11324bc54e06"];

const BY_CODE: &str =
    "authentication-code = { env = \"CODE\" }\nredirect-url = \"https://contoso.com/\"";

/// A tenant whose access tokens are good for a moment, and what it says to a refresh token.
struct Refreshed {
    tenant: Tenant,
    says: Arc<Mutex<Option<Value>>>,
}

impl Refreshed {
    fn start(claims: Option<Value>) -> Self {
        let says: Arc<Mutex<Option<Value>>> = Arc::default();
        let token: Arc<Mutex<String>> = Arc::default();
        let (said, given) = (Arc::clone(&says), Arc::clone(&token));
        let instead = move |seen: &Seen| {
            let refusal = said.lock().unwrap().clone();
            if seen.path.ends_with("/openid-configuration") {
                return refusal.map(|refusal| json_of(400, &refusal));
            }
            if !seen.is_sign_in() {
                return None;
            }
            if let Some(refusal) = refusal.filter(|_| is_refresh(seen)) {
                return Some(json_of(400, &refusal));
            }
            let token = given.lock().unwrap().clone();
            let granted = json!({
                "token_type": "Bearer", "expires_in": 0, "access_token": token,
                "refresh_token": "R-1",
            });
            Some(json_of(200, &granted))
        };
        let tenant = Tenant::start(Settings {
            claims,
            fixture: ("is-license-available", "some-seats"),
            instead: Some(Arc::new(instead)),
            ..Settings::default()
        });
        token.lock().unwrap().push_str(tenant.token());
        Self { tenant, says }
    }

    fn says(&self, refusal: Option<Value>) {
        *self.says.lock().unwrap() = refusal;
    }

    fn run(&self, code: &str) -> Ended {
        self.tenant.o365(&RUN, BY_CODE).env("CODE", code).run()
    }

    /// How often a refresh token was sent.
    fn refreshes(&self) -> usize {
        self.tenant.seen().iter().filter(|seen| is_refresh(seen)).count()
    }
}

fn is_refresh(seen: &Seen) -> bool {
    seen.body.contains("grant_type=refresh_token") && seen.body.contains("refresh_token=R-1")
}

fn refusal(error: &str, code: u64, more: &Value) -> Value {
    let description = format!("AADSTS{code}: Said in a test.\r\nTrace ID: t");
    let mut body =
        json!({ "error": error, "error_description": description, "error_codes": [code] });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

/// The error of a run that warns that its token is opaque.
fn error_of(ended: &Ended) -> Value {
    assert_eq!(ended.code, 4, "{}", ended.stderr);
    let line = ended.stderr.lines().find(|line| line.starts_with("{\"error\"")).unwrap();
    serde_json::from_str::<Value>(line).unwrap()["error"].take()
}

#[test]
fn a_refresh_token_outlives_what_can_be_put_right() {
    let host = Refreshed::start(None);
    assert_eq!(host.run("c-1").code, 0);
    let none = json!({});
    let refusals = [
        (refusal("invalid_grant", 53003, &none), "conditional access"),
        (refusal("invalid_grant", 65001, &json!({ "suberror": "consent_required" })), "consented"),
        (refusal("invalid_grant", 50057, &none), "disabled"),
        (refusal("invalid_grant", 50076, &json!({ "suberror": "basic_action" })), "multi-factor"),
        (refusal("interaction_required", 50076, &none), "multi-factor"),
        (refusal("invalid_grant", 50196, &none), "a loop"),
        (refusal("invalid_grant", 50055, &none), "have expired"),
        (refusal("invalid_grant", 50144, &none), "have expired"),
        (refusal("invalid_grant", 50053, &none), "locked"),
        (refusal("invalid_client", 7_000_222, &none), "has expired"),
        (refusal("invalid_grant", 123_456, &none), "AADSTS123456"),
    ];
    for (number, (refusal, words)) in (1..).zip(refusals) {
        host.says(Some(refusal.clone()));
        let error = error_of(&host.run("c-1"));
        assert_eq!(error["kind"], "unauthorized", "{error}");
        assert!(error["message"].as_str().unwrap().contains(words), "{error}");
        assert!(!error.to_string().to_lowercase().contains("password"), "{error}");
        assert_eq!(host.refreshes(), number, "{refusal}: it is sent each time, and once");
    }
    host.says(None);
    assert_eq!(host.run("c-1").code, 0, "the cause is gone");
    assert_eq!(host.refreshes(), 12);
}

#[test]
fn a_refresh_token_that_entra_calls_dead_is_not_sent_again() {
    let host = Refreshed::start(None);
    let by_code =
        [70008, 70043, 700_082, 700_084, 50173, 50133].map(|code| (code, json!({}), "revoked"));
    let by_word = ["bad_token", "token_expired"]
        .map(|word| (123_456, json!({ "suberror": word }), "AADSTS123456"));
    for (number, (code, more, words)) in (1..).zip(by_code.into_iter().chain(by_word)) {
        let own_code = format!("c-{number}");
        host.says(None);
        assert_eq!(host.run(&own_code).code, 0);
        host.says(Some(refusal("invalid_grant", code, &more)));
        let error = error_of(&host.run(&own_code));
        assert!(error["message"].as_str().unwrap().contains(words), "{error}");
        assert!(!error.to_string().to_lowercase().contains("password"), "{error}");
        let error = error_of(&host.run(&own_code));
        let message = error["message"].as_str().unwrap();
        assert!(message.ends_with("there is no refresh token that works"), "{message}");
        assert_eq!(host.refreshes(), number, "{code} {more}");
    }
}

#[test]
fn a_refresh_token_outlives_a_tenant_that_cannot_be_looked_up() {
    let host = Refreshed::start(Some(json!({ "tid": ID, "aud": "https://graph.microsoft.com" })));
    host.says(Some(json!({ "message": "blocked" })));
    let error = host.run("c-1").error();
    assert_eq!(error["kind"], "transport", "{error}");
    assert_eq!(
        error["message"],
        "the id of tenant contoso.onmicrosoft.com could not be looked up: something between here and the sign-in host answered 400 (JSON without an OAuth error)"
    );
    host.says(None);
    assert_eq!(host.run("c-1").result(), true);
    assert_eq!(host.refreshes(), 1);
}
