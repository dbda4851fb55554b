//! The exact requests of each action: recordings depend on them.

use crate::support::*;
use serde_json::json;

const USER_QUERY: &str = "?$select=id,displayName,userPrincipalName,usageLocation,createdDateTime,assignedLicenses,assignedPlans,provisionedPlans,licenseAssignmentStates";

/// Method with path and query, headers, and body.
type Exact = (String, Vec<(&'static str, String)>, String);

/// All that was sent.
fn exact(seen: &Seen) -> Vec<Exact> {
    let of = |request: &component::graph::Request| {
        (line(request), request.headers.clone(), String::from_utf8(request.body.clone()).unwrap())
    };
    seen.requests.iter().map(of).collect()
}

fn accept() -> (&'static str, String) {
    ("accept", "application/json".to_owned())
}

fn json_body() -> (&'static str, String) {
    ("content-type", "application/json".to_owned())
}

#[test]
fn creating_a_user_sends_four_requests() {
    let run = Run::new([
        on(GET_SKUS, skus(25, 24)),
        on(CREATE, created()),
        on(ASSIGN, answer(200, json!({"id": ID}))),
        on(GET_BY_ID, shown(true)),
    ]);
    let (result, seen) = run.create_user();
    let account = result.unwrap();
    assert_eq!(exact(&seen), [
        (
            "GET /subscribedSkus?$select=skuId,skuPartNumber,appliesTo,capabilityStatus,consumedUnits,prepaidUnits".to_owned(),
            vec![accept()],
            String::new(),
        ),
        (
            "POST /users".to_owned(),
            vec![accept(), json_body()],
            r#"{"accountEnabled":true,"displayName":"Allen Allbrook","mailNickname":"allen","userPrincipalName":"allen@contoso.onmicrosoft.com","usageLocation":"AM","passwordProfile":{"forceChangePasswordNextSignIn":true,"password":"Correct horse 7"}}"#.to_owned(),
        ),
        (
            format!("POST /users/{ID}/assignLicense"),
            vec![accept(), json_body()],
            format!(r#"{{"addLicenses":[{{"skuId":"{SKU}","disabledPlans":[]}}],"removeLicenses":[]}}"#),
        ),
        (format!("GET /users/{ID}{USER_QUERY}"), vec![accept()], String::new()),
    ]);
    assert!(seen.waits.is_empty());
    assert_eq!(account.object_id, ID);
    assert_eq!(account.user_principal_name, ALLEN);
    assert_eq!(account.display_name.as_deref(), Some("Allen Allbrook"));
    assert_eq!(account.usage_location.as_deref(), Some("AM"));
    assert_eq!(account.assigned_licenses[0].sku_id, SKU);
    assert_eq!(
        account.assigned_plans[0].assigned_timestamp.as_deref(),
        Some("2025-03-04T08:00:08Z")
    );
    assert_eq!(account.assigned_plans[0].service_plan_id.as_deref(), Some(OTHER_SKU));
    assert_eq!(account.provisioned_plans[0].provisioning_status.as_deref(), Some("Success"));
}

#[test]
fn assigning_keeps_plans_that_are_switched_off() {
    let mut licensed = user(true);
    licensed["assignedLicenses"][0]["disabledPlans"] = json!([OTHER_SKU]);
    let run = Run::new([
        on(GET_BY_NAME, answer(200, licensed.clone())),
        on(GET_SKUS, skus(25, 25)),
        on(ASSIGN, assigned()),
        on(GET_BY_ID, answer(200, licensed)),
    ]);
    let (result, seen) = run.assign();
    assert_eq!(result.unwrap().assigned_licenses[0].disabled_plans, [OTHER_SKU]);
    let requests = exact(&seen);
    assert_eq!(requests[0].0, format!("GET /users/{ALLEN}{USER_QUERY}"));
    assert_eq!(
        requests[2].2,
        format!(
            r#"{{"addLicenses":[{{"skuId":"{SKU}","disabledPlans":["{OTHER_SKU}"]}}],"removeLicenses":[]}}"#
        )
    );
}

#[test]
fn a_delete_is_one_request_without_a_body() {
    let (result, seen) = Run::new([on(DELETE_BY_NAME, no_content())]).delete(ALLEN);
    result.unwrap();
    assert_eq!(exact(&seen), [(DELETE_BY_NAME.to_owned(), vec![accept()], String::new())]);
}

#[test]
fn a_user_name_is_one_path_segment() {
    let cases = [
        ("allen@contoso.onmicrosoft.com", "/users/allen@contoso.onmicrosoft.com"),
        ("o'neil@contoso.onmicrosoft.com", "/users/o%27neil@contoso.onmicrosoft.com"),
        (
            "allen_fabrikam.com#EXT#@contoso.onmicrosoft.com",
            "/users/allen_fabrikam.com%23EXT%23@contoso.onmicrosoft.com",
        ),
        ("a.b-c_d~e!f^g@contoso.com", "/users/a.b-c_d~e%21f%5Eg@contoso.com"),
        ("a&b;c=d+e@contoso.com", "/users/a%26b%3Bc%3Dd%2Be@contoso.com"),
        ("zoë@contoso.com", "/users/zo%C3%AB@contoso.com"),
        ("a$b@contoso.com", "/users/a%24b@contoso.com"),
        ("$x@contoso.com", "/users('$x@contoso.com')"),
        ("$o'x#y@contoso.com", "/users('$o%27%27x%23y@contoso.com')"),
    ];
    for (name, path) in cases {
        let (result, _) = Run::new([on(&format!("DELETE {path}"), no_content())]).delete(name);
        assert!(result.is_ok(), "{name}");
    }
}

#[test]
fn the_authorization_is_sent_when_the_host_gives_one() {
    let mut run = Run::new([on(DELETE_BY_NAME, no_content())]);
    run.authorization = Ok(Some("Bearer x".to_owned()));
    let (_, seen) = run.delete(ALLEN);
    assert!(seen.requests[0].headers.contains(&("authorization", "Bearer x".to_owned())));
}

#[test]
fn a_connection_without_a_sign_in_sends_nothing() {
    let mut run = Run::new([]);
    run.authorization = Err("the refresh token has expired".to_owned());
    let error = facts(run.delete(ALLEN).0);
    assert_eq!(error.kind, "unauthorized");
    assert!(error.message.contains("the refresh token has expired"));
}

#[test]
fn a_service_id_is_sent_in_lower_case() {
    let mut input = create_input();
    input.service_id = SKU.to_uppercase();
    let run = Run::new([
        on(GET_SKUS, skus(1, 0)),
        on(CREATE, created()),
        on(ASSIGN, assigned()),
        on(GET_BY_ID, shown(true)),
    ]);
    let (result, seen) = run.create(input);
    result.unwrap();
    assert!(exact(&seen)[2].2.contains(SKU));
}
